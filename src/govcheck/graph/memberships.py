"""Who is in which group: short feeds per group, in batches of twenty requests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from govcheck.catalogue import Column, Feed, Table
from govcheck.graph.answers import BAD_REQUEST, NOT_FOUND, NOT_JSON, Observer, Transport
from govcheck.graph.columns import RowDecoder
from govcheck.graph.faults import FeedFault, first_of
from govcheck.graph.feeds import ODATA_TYPE, read_pages, request_path
from govcheck.graph.parts import Parts
from govcheck.graph.plan import OWNERS
from govcheck.graph.staging import Reading, decode_page
from govcheck.snapshot.arrow import ARROW_TYPES

BATCH = 20
_WORKERS = 8 * BATCH
USER = "#microsoft.graph.user"
_ID = Column(name="id", type="text", path="id")
_EXPANDED_AT_MOST = 20
"""Graph cuts an expanded collection here and does not say so."""

MEMBERSHIP_SCHEMA = pa.schema([(name, ARROW_TYPES["text"]) for name in ("group_id", "user_id", "role")])


@dataclass(frozen=True, slots=True)
class GroupErrand:
    """One link of one group, to be read to its end."""

    group: str
    feed: Feed
    declared: bool = False
    """Somebody wrote the group's id down, so it may be none at all."""

    @property
    def name(self) -> str:
        """Tells the errands apart."""
        return f"{self.group}/{link_of(self.feed)}"


class _Person(msgspec.Struct):
    id: str
    kind: str = msgspec.field(name="@odata.type", default=USER)


def link_of(feed: Feed) -> str:
    """The last part of a feed's path, by which the links of a group are told apart."""
    return feed.path.rpartition("/")[2]


def errands_of(table: Table, links: Iterable[tuple[str, str]], declared: Collection[str]) -> list[GroupErrand]:
    """The errands for pairs of a group and a link; the `declared` groups do not come from Graph."""
    feeds = {link_of(feed): feed for feed in table.feeds}
    return [GroupErrand(group, feeds[link], group in declared) for group, link in links]


def owners_that_came_along(teams: Sequence[Path], file: Path) -> list[str]:
    """Write the owners that came with the teams as memberships, and give the teams that must be asked for theirs.

    Those are the teams with as many owners as Graph brings along at most, and those that came without the property.
    """
    asked: list[str] = []
    with pq.ParquetWriter(file, MEMBERSHIP_SCHEMA, compression="zstd") as writer:
        for part in teams:
            page = pq.read_table(part)
            if OWNERS.name not in page.column_names:
                asked += page["id"].to_pylist()
                continue
            for team, text in zip(page["id"].to_pylist(), page[OWNERS.name].to_pylist(), strict=True):
                people = _expanded(text)
                if people is None or len(people) >= _EXPANDED_AT_MOST:
                    asked.append(team)
                else:
                    owners = pa.array([each.id for each in people if each.kind == USER], pa.string())
                    writer.write_table(membership_rows(team, owners, "owner")) if len(owners) else None
    return asked


async def read_memberships(
    transport: Transport, table: Table, errands: Sequence[GroupErrand], parts: Parts, observe: Observer
) -> Reading:
    """Do the errands that `parts` do not say are done.

    A person may come more than once, as a member and as an owner. A group that Graph does not know, or a declared one
    whose id it will not even read, has no rows and is noted; any other refusal leaves the whole table missing, since
    nobody could tell which rows lack.
    """
    reader = _Reader(transport, table, parts, observe)
    left = iter([errand for errand in errands if parts.following.get(errand.name, "") is not None])
    columns = tuple(table.columns.values())
    fault: FeedFault | None = None
    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(_WORKERS):
                workers.create_task(reader.work(left))
    except* FeedFault as faults:
        fault = first_of(faults)
    finally:
        parts.flush()
    if fault is not None:
        return Reading(columns=columns, requests=parts.requests, gap=fault.missing, refused=fault.status)
    return Reading(columns=columns, requests=parts.requests, notes=_notes(parts, errands))


def unknown_groups(parts: Parts, errands: Iterable[GroupErrand]) -> list[str]:
    """The declared groups that Graph does not know."""
    return sorted({errand.group for errand in errands if errand.declared and errand.name in parts.absent})


def _notes(parts: Parts, errands: Sequence[GroupErrand]) -> tuple[str, ...]:
    unknown = unknown_groups(parts, errands)
    deleted = {name.rpartition("/")[0] for name in parts.absent} - {*unknown}
    notes = [f"Groups that were not found: {len(deleted)}."] if deleted else []
    notes += [f"Declared groups that are none of this tenant's: {', '.join(unknown)}."] if unknown else []
    return tuple(notes)


def write_empty(file: Path) -> Path:
    """A file of memberships with nobody in it."""
    pq.write_table(MEMBERSHIP_SCHEMA.empty_table(), file, compression="zstd")
    return file


def membership_rows(group: str, people: pa.Array | pa.ChunkedArray, role: str) -> pa.Table:
    """Rows of `memberships` for people of one group."""
    return pa.table([[group] * len(people), people, [role] * len(people)], schema=MEMBERSHIP_SCHEMA)


class _Reader:
    def __init__(self, transport: Transport, table: Table, parts: Parts, observe: Observer) -> None:
        self._transport = transport
        self._table = table
        self._parts = parts
        self._observe = observe

    async def work(self, errands: Iterator[GroupErrand]) -> None:
        """Do errands until there are none left; the workers share one iterator."""
        for errand in errands:
            try:
                await self._read(errand)
            except FeedFault as fault:
                if fault.status != NOT_FOUND and not (errand.declared and fault.status == BAD_REQUEST):
                    raise
                self._parts.note_absent(errand.name)

    async def _read(self, errand: GroupErrand) -> None:
        decoder = RowDecoder([_ID, ODATA_TYPE])
        start = self._parts.following.get(errand.name) or request_path(errand.feed, [_ID], errand.group)
        async for turn in read_pages(self._transport, errand.feed, start, together=True):
            people = _people(decode_page(decoder, errand.feed, turn.rows, [_ID.name]))
            rows = membership_rows(errand.group, people, errand.feed.role or "member")
            self._parts.append(rows, turn.following, errand=errand.name)
            self._observe(self._table.name, self._parts.rows, self._parts.requests)


def _expanded(text: str | None) -> list[_Person] | None:
    """The people in an expanded property; None where it is absent or cannot be read."""
    try:
        return msgspec.json.decode(text, type=list[_Person]) if text is not None else None
    except NOT_JSON:
        return None


def _people(objects: pa.Table) -> pa.ChunkedArray:
    """The ids of the users among directory objects; what does not say its type was asked for as a user."""
    kind = objects[ODATA_TYPE.name]
    return objects.filter(pc.or_kleene(pc.is_null(kind), pc.equal(kind, USER)))[_ID.name]
