"""The organisation itself: the one row that every snapshot has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.catalogue import Column, MissingColumn, tables
from govcheck.graph.answers import Observer, Source, Transport
from govcheck.graph.assembly import state_of
from govcheck.graph.columns import RowDecoder
from govcheck.graph.faults import FeedFault, SignInError, missing, problem
from govcheck.graph.feeds import request_path, wanted_columns
from govcheck.graph.plan import Errand
from govcheck.graph.staging import column_faults, decoded_pages
from govcheck.model import Reason
from govcheck.snapshot.manifest import FeedEntry, TableEntry, file_digest

_TABLE = "organization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Which tenant this is; `row` holds what could be read of it, its id at least."""

    id: str
    name: str
    row: pa.Table
    requests: int
    column_gaps: Mapping[str, MissingColumn]
    gap: MissingColumn | None = None
    """Why nothing could be read of it."""


async def read_tenant(transport: Transport, source: Source, asked: Collection[str], observe: Observer) -> Tenant:
    """Read the organisation, or fall back on what the token says it is. Raises `SignInError` where neither tells."""
    table = tables()[_TABLE]
    [feed] = table.feeds
    columns = wanted_columns(feed, {"id", "display_name", *asked})
    errand, decoder = Errand(table=table, feed=feed, columns=columns), RowDecoder(columns)
    pages: list[pa.Table] = []
    gap = missing(Reason.ERROR, "no-organization")
    try:
        async for page, _ in decoded_pages(transport, errand, decoder, request_path(feed, columns)):
            pages.append(page)
            observe(table.name, sum(each.num_rows for each in pages), len(pages))
    except FeedFault as fault:
        pages, gap = [], fault.missing
    rows = pa.concat_tables(pages) if pages else decoder.schema.empty_table()
    return _tenant(rows, decoder, len(pages)) if rows.num_rows else _unread_tenant(source, columns, gap)


def write_tenant(folder: Path, tenant: Tenant, read_at: datetime) -> TableEntry:
    """Write `organization.parquet`."""
    file = folder / f"{_TABLE}.parquet"
    pq.write_table(tenant.row, file, compression="zstd")
    return TableEntry(
        rows=1,
        columns={name: tables()[_TABLE].columns[name].type for name in tenant.row.column_names},
        files={file.name: file_digest(file)},
        requests=tenant.requests,
        column_gaps=tenant.column_gaps,
        read_at=read_at,
        feeds=(
            FeedEntry(
                number=0,
                path=tables()[_TABLE].feeds[0].path,
                state=state_of(tenant.gap),
                read_at=read_at,
                detail=tenant.gap.detail if tenant.gap is not None else None,
            ),
        ),
    )


def _tenant(rows: pa.Table, decoder: RowDecoder, requests: int) -> Tenant:
    faults = column_faults(decoder)
    row = rows.slice(0, 1).drop_columns(list(faults))
    values = row.to_pylist()[0]
    return Tenant(
        id=values["id"],
        name=values.get("display_name") or values["id"],
        row=row,
        requests=requests,
        column_gaps=faults,
    )


def _unread_tenant(source: Source, columns: Sequence[Column], gap: MissingColumn) -> Tenant:
    if source.tenant is None:
        raise SignInError(problem("unknown-tenant"))
    return Tenant(
        id=source.tenant,
        name=source.tenant,
        row=pa.table({"id": [source.tenant]}),
        requests=1,
        column_gaps={column.name: gap for column in columns if column.name != "id"},
        gap=gap,
    )
