"""Who is in which group: two short feeds per group, many groups at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from govcheck.catalogue import Column, Feed, Table
from govcheck.graph.answers import NOT_FOUND, Observer, Transport
from govcheck.graph.columns import ARROW, RowDecoder
from govcheck.graph.faults import FeedFault, first_of
from govcheck.graph.feeds import ODATA_TYPE, read_rows, request_path
from govcheck.graph.staging import Reading, decode_page

_WORKERS = 16
_USER = "#microsoft.graph.user"
_ID = Column(name="id", type="text", path="id")

MEMBERSHIP_SCHEMA = pa.schema([(name, ARROW["text"]) for name in ("group_id", "user_id", "role")])


async def read_memberships(
    transport: Transport,
    table: Table,
    teams: Iterable[str],
    others: Iterable[str],
    keep: Callable[[pa.Table], None],
    observe: Observer,
) -> Reading:
    """Read the people in every team, and the people in every other group with those of the groups inside it.

    A person may come more than once, as a member and as an owner. A group that Graph does not know has no rows
    and is noted; any other refusal leaves the whole table missing, since nobody could tell which rows lack.
    """
    reader = _Reader(transport, table, keep, observe)
    errands = _errands(table, dict.fromkeys(teams), dict.fromkeys(others))
    columns = tuple(table.columns.values())
    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(_WORKERS):
                workers.create_task(reader.work(errands))
    except* FeedFault as faults:
        reader.fault = first_of(faults)
    if reader.fault is not None:
        return Reading(columns=columns, requests=reader.requests, gap=reader.fault.missing)
    notes = (f"Groups that were not found: {len(reader.unknown)}.",) if reader.unknown else ()
    return Reading(columns=columns, requests=reader.requests, notes=notes)


def _errands(table: Table, teams: Iterable[str], others: Iterable[str]) -> Iterator[tuple[str, Feed]]:
    """Each group with each feed to read of it; the feeds are told apart by the last part of their path."""
    feeds = {feed.path.rpartition("/")[2]: feed for feed in table.feeds}
    known = set(teams)
    for group in teams:
        yield group, feeds["members"]
        yield group, feeds["owners"]
    for group in others:
        if group not in known:
            yield group, feeds["transitiveMembers"]
            yield group, feeds["owners"]


class _Reader:
    def __init__(self, transport: Transport, table: Table, keep: Callable[[pa.Table], None], observe: Observer) -> None:
        self._transport = transport
        self._table = table
        self._keep = keep
        self._observe = observe
        self._rows = 0
        self.requests = 0
        self.unknown: set[str] = set()
        self.fault: FeedFault | None = None

    async def work(self, errands: Iterator[tuple[str, Feed]]) -> None:
        """Do errands until there are none left; the workers share one iterator."""
        for group, feed in errands:
            try:
                await self._read(group, feed)
            except FeedFault as fault:
                if fault.status != NOT_FOUND:
                    raise
                self.unknown.add(group)

    async def _read(self, group: str, feed: Feed) -> None:
        decoder = RowDecoder([_ID, ODATA_TYPE])
        async for page in read_rows(self._transport, feed, request_path(feed, [_ID], group)):
            people = _people(decode_page(decoder, feed, page, [_ID.name]))
            self._keep(_membership_rows(group, people, feed.role or "member"))
            self.requests, self._rows = self.requests + 1, self._rows + len(people)
            self._observe(self._table.name, self._rows, self.requests)


def _people(objects: pa.Table) -> pa.ChunkedArray:
    """The ids of the users among directory objects; what does not say its type was asked for as a user."""
    kind = objects[ODATA_TYPE.name]
    return objects.filter(pc.or_kleene(pc.is_null(kind), pc.equal(kind, _USER)))[_ID.name]


def _membership_rows(group: str, people: pa.ChunkedArray, role: str) -> pa.Table:
    return pa.table([[group] * len(people), people, [role] * len(people)], schema=MEMBERSHIP_SCHEMA)
