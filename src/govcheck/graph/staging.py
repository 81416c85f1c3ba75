"""Reads one feed into a file of its own, page after page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.catalogue import Column, Feed, MissingColumn, Table
from govcheck.graph.answers import NOT_JSON, Observer, Transport
from govcheck.graph.columns import RowDecoder
from govcheck.graph.faults import FeedFault
from govcheck.graph.feeds import read_rows, request_path
from govcheck.model import Reason

_ROWS_IN_MEMORY = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How reading one feed ended: whole, without some columns (`faults`), or not at all (`gap`)."""

    columns: tuple[Column, ...]
    requests: int
    gap: MissingColumn | None = None
    faults: Mapping[str, MissingColumn] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class RowFile:
    """A Parquet file that grows by small tables. Use it in a `with` block."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Open the file; without rows it will be a valid file that holds none."""
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0

    def append(self, rows: pa.Table) -> None:
        """Add rows, in order."""
        self._waiting.append(rows)
        self._waiting_rows += rows.num_rows
        if self._waiting_rows >= _ROWS_IN_MEMORY:
            self._flush()

    def __enter__(self) -> Self:
        """Give the open file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what waits and close."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._waiting_rows = [], 0


async def read_feed(
    transport: Transport,
    table: Table,
    feed: Feed,
    columns: Sequence[Column],
    keep: Callable[[pa.Table], None],
    observe: Observer,
) -> Reading:
    """Read a feed to its end, handing the rows of every page to `keep`. Never raises for the feed's own faults."""
    decoder = RowDecoder(columns)
    required = [column.name for column in columns if column.name in {*table.key, feed.join}]
    rows = requests = 0
    try:
        async for page in read_rows(transport, feed, request_path(feed, columns)):
            decoded = decode_page(decoder, feed, page, required)
            keep(decoded)
            requests, rows = requests + 1, rows + decoded.num_rows
            observe(table.name, rows, requests)
    except FeedFault as fault:
        return Reading(columns=decoder.columns, requests=requests, gap=fault.missing)
    return Reading(columns=decoder.columns, requests=requests, faults=column_faults(decoder))


def decode_page(decoder: RowDecoder, feed: Feed, page: bytes, required: Sequence[str]) -> pa.Table:
    """Decode a page whose rows all have the `required` columns. Raises `FeedFault`."""
    try:
        rows = decoder.decode(page)
    except (*NOT_JSON, ValueError) as fault:
        raise FeedFault(Reason.ERROR, f"A page of {feed.path} cannot be read: {fault}.") from fault
    for name in required:
        if rows[name].null_count:
            raise FeedFault(Reason.ERROR, f"A page of {feed.path} holds rows without {name}.")
    return rows


def column_faults(decoder: RowDecoder) -> Mapping[str, MissingColumn]:
    """The columns that held values of another type than the catalogue says, with how many."""
    return {
        column.name: MissingColumn(
            Reason.ERROR,
            f"Values of {column.path} that are not of type {column.type}: {decoder.faults[column.name]}.",
        )
        for column in decoder.columns
        if decoder.faults[column.name]
    }
