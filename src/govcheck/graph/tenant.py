"""The organisation itself: the one row that every snapshot has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.catalogue import MissingColumn, tables
from govcheck.graph.answers import Observer, Source, Transport
from govcheck.graph.faults import SignInError, problem
from govcheck.graph.feeds import wanted_columns
from govcheck.graph.staging import Reading, read_feed
from govcheck.model import Reason
from govcheck.snapshot.manifest import TableEntry, file_digest

_TABLE = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Which tenant this is; `row` holds what could be read of it, its id at least."""

    id: str
    name: str
    row: pa.Table
    requests: int
    column_gaps: Mapping[str, MissingColumn]


async def read_tenant(transport: Transport, source: Source, asked: Collection[str], observe: Observer) -> Tenant:
    """Read the organisation, or fall back on what the token says it is. Raises `SignInError` where neither tells."""
    table = tables()[_TABLE]
    [feed] = table.feeds
    columns = wanted_columns(feed, {"id", "display_name", *asked})
    pages: list[pa.Table] = []
    reading = await read_feed(transport, table, feed, columns, pages.append, observe)
    rows = pa.concat_tables(pages) if pages else None
    if reading.gap is not None or rows is None or rows.num_rows == 0:
        return _unread_tenant(source, reading)
    row = rows.slice(0, 1).drop_columns(list(reading.faults))
    values = row.to_pylist()[0]
    return Tenant(
        id=values["id"],
        name=values.get("display_name") or values["id"],
        row=row,
        requests=reading.requests,
        column_gaps=reading.faults,
    )


def write_tenant(folder: Path, tenant: Tenant) -> TableEntry:
    """Write `organization.parquet`."""
    file = folder / f"{_TABLE}.parquet"
    pq.write_table(tenant.row, file, compression="zstd")
    return TableEntry(
        rows=1,
        columns={name: tables()[_TABLE].columns[name].type for name in tenant.row.column_names},
        files={file.name: file_digest(file)},
        requests=tenant.requests,
        column_gaps=tenant.column_gaps,
    )


def _unread_tenant(source: Source, reading: Reading) -> Tenant:
    if source.tenant is None:
        raise SignInError(problem("unknown-tenant"))
    gap = reading.gap or MissingColumn(Reason.ERROR, "Graph's /organization holds no row.")
    return Tenant(
        id=source.tenant,
        name=source.tenant,
        row=pa.table({"id": [source.tenant]}),
        requests=reading.requests,
        column_gaps={column.name: gap for column in reading.columns if column.name != "id"},
    )
