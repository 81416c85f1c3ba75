"""Short feeds of which every row of another table has its own: the channels of a team, the tasks of a plan.

They are read in batches of twenty requests, as many side by side as their limit allows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.catalogue import Each
from govcheck.graph.answers import NOT_FOUND, Observer, Transport
from govcheck.graph.columns import RowDecoder, row_schema
from govcheck.graph.faults import FeedFault, first_of, missing
from govcheck.graph.feeds import read_pages, request_path
from govcheck.graph.memberships import BATCH
from govcheck.graph.parts import Parts
from govcheck.graph.plan import Errand
from govcheck.graph.staging import Reading, column_faults, decode_page
from govcheck.model import Reason

_WORKERS = 8 * BATCH


@dataclass(frozen=True, slots=True)
class Parent:
    """A row of the other table: what stands in the path, and what the rows that belong to it repeat."""

    id: str
    repeated: Mapping[str, str | None]


def parents_of(each: Each, files: Sequence[Path]) -> list[Parent]:
    """The rows of the other table in `files`, each once; one without an id has nothing to ask for."""
    found: dict[str, Parent] = {}
    place = next(iter(each.columns))
    for file in files:
        rows = pq.read_table(file, columns=list(dict.fromkeys(each.columns.values())))
        columns = [rows[theirs].to_pylist() for theirs in each.columns.values()]
        for values in zip(*columns, strict=True):
            repeated = dict(zip(each.columns, values, strict=True))
            if repeated[place] is not None:
                found[repeated[place]] = Parent(repeated[place], repeated)
    return list(found.values())


async def read_each(
    transport: Transport, errand: Errand, parents: Sequence[Parent], parts: Parts, observe: Observer
) -> Reading:
    """Read the feeds of the parents that `parts` do not say are done.

    A parent that Graph does not know has no rows and is noted, but none of them is an address that leads nowhere.
    That, as any other refusal, leaves the whole table missing, since nobody could tell which rows lack.
    """
    reader = _Reader(transport, errand, parts, observe)
    left = iter([parent for parent in parents if parts.following.get(parent.id, "") is not None])
    fault: FeedFault | None = None
    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(_WORKERS):
                workers.create_task(reader.work(left))
    except* FeedFault as faults:
        fault = first_of(faults)
    finally:
        parts.flush()
    absent = sum(parent.id in parts.absent for parent in parents)
    if fault is None and parents and absent == len(parents):
        fault = FeedFault(missing(Reason.ERROR, "none-known", path=errand.feed.path, count=absent))
    if fault is not None:
        return Reading(columns=errand.columns, requests=parts.requests, gap=fault.missing, refused=fault.status)
    notes = (f"Resources {errand.feed.path} that were not found: {absent}.",) if absent else ()
    faults_found = column_faults(reader.decoder)
    return Reading(columns=errand.columns, requests=parts.requests, faults=faults_found, notes=notes)


class _Reader:
    def __init__(self, transport: Transport, errand: Errand, parts: Parts, observe: Observer) -> None:
        read = [column for column in errand.columns if column.path is not None]
        self.decoder = RowDecoder(read)
        self.decoder.faults = parts.faults.copy()
        self._transport = transport
        self._errand = errand
        self._required = [column.name for column in read if column.name in errand.table.key]
        self._parts = parts
        self._observe = observe

    async def work(self, left: Iterator[Parent]) -> None:
        """Read the feeds of parents until there are none left; the workers share one iterator."""
        for parent in left:
            try:
                await self._read(parent)
            except FeedFault as fault:
                if fault.status != NOT_FOUND:
                    raise
                self._parts.note_absent(parent.id)

    async def _read(self, parent: Parent) -> None:
        feed = self._errand.feed
        start = self._parts.following.get(parent.id) or request_path(feed, self._errand.columns, parent.id)
        async for turn in read_pages(self._transport, feed, start, together=True):
            rows = self._with(parent, decode_page(self.decoder, feed, turn.rows, self._required))
            self._parts.append(rows, turn.following, errand=parent.id, faults=self.decoder.faults)
            self._observe(self._errand.table.name, self._parts.rows, self._parts.requests)

    def _with(self, parent: Parent, rows: pa.Table) -> pa.Table:
        """Add what rows repeat of their parent."""
        columns = [
            rows[column.name]
            if column.path is not None
            else pa.array([parent.repeated[column.name]] * rows.num_rows, pa.string())
            for column in self._errand.columns
        ]
        return pa.table(columns, schema=row_schema(self._errand.columns))
