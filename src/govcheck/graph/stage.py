"""Brings the rows of every feed together: from Graph whole, from its changes, or from the snapshot before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from govcheck.catalogue import tables
from govcheck.graph.after import read_after
from govcheck.graph.answers import BAD_REQUEST, Observer, Transport
from govcheck.graph.assembly import Staged
from govcheck.graph.checkpoint import Tell
from govcheck.graph.columns import row_schema
from govcheck.graph.counts import count_of, distinct, drift
from govcheck.graph.delta import (
    CHANGE_SCHEMA,
    DeltaLink,
    DeltaLinks,
    apply_changes,
    delta_path,
    link_from_now,
    read_changes,
)
from govcheck.graph.faults import FeedFault, missing
from govcheck.graph.licences import Licences
from govcheck.graph.member_changes import MEMBERS_PATH, apply_member_changes
from govcheck.graph.memberships import (
    BATCH,
    MEMBERSHIP_SCHEMA,
    errands_of,
    owners_that_came_along,
    read_memberships,
    unknown_groups,
    write_empty,
)
from govcheck.graph.named_groups import CONDITIONS, groups_in_policies, ids_in, principals_in
from govcheck.graph.parts import Parts
from govcheck.graph.plan import ACCESS_MEMBERSHIPS, MEMBERSHIPS, Errand
from govcheck.graph.rests import Watcher
from govcheck.graph.staging import Reading, column_faults, read_feed
from govcheck.model import Reason
from govcheck.snapshot.manifest import Snapshot, TableEntry
from govcheck.words import text

LINKS, MEMBERS = ".delta.json", ".members.parquet"
"""Beside a snapshot: where its changes will be found, and who was a direct member of which team."""

_CHANGES = "-changes"
_ATTEMPTS_LICENCE = 3


@dataclass(frozen=True, slots=True)
class Previous:
    """The snapshot before, and the links to what has changed since."""

    snapshot: Snapshot
    links: Mapping[str, DeltaLink]

    def rows(self, errand: Errand) -> tuple[TableEntry, tuple[Path, ...]] | None:
        """The table that holds all columns of an errand, and its files; None where it lacks some."""
        entry = self.snapshot.tables.get(errand.table.name)
        if entry is None or entry.gap is not None or not {c.name for c in errand.columns} <= entry.columns.keys():
            return None
        return entry, tuple(self.snapshot.path / name for name in entry.files)

    def since(self, errand: Errand, entry: TableEntry) -> datetime:
        """Since when the rows of an errand are known."""
        said = next((each.read_at for each in entry.feeds if each.number == errand.number), None)
        return said or entry.read_at or self.snapshot.taken_at


def previous_of(snapshot: Snapshot) -> Previous:
    """A snapshot as the one before."""
    return Previous(snapshot, DeltaLinks(snapshot.path / LINKS).known)


class Stage:
    """Where the rows of one collection gather. `began` is since when those of an earlier attempt are known."""

    def __init__(
        self,
        transport: Transport,
        folder: Path,
        began: datetime,
        previous: Previous | None,
        observe: Observer,
        watch: Watcher,
        tell: Tell,
        *,
        follow: bool,
    ) -> None:
        """Gather in `folder`, as an earlier attempt left it; with `follow`, find out where changes will be found."""
        self._transport = transport
        self._folder = folder
        self._began = began
        self._previous = previous
        self._observe = observe
        self._watch = watch
        self._tell = tell
        self._follow = follow
        self._links = DeltaLinks(folder / "delta.json")
        self._licences = Licences(transport)

    @property
    def links(self) -> Mapping[str, DeltaLink]:
        """Where the changes of each feed will be found next time."""
        return self._links.known

    async def feed(self, errand: Errand) -> Staged:
        """Bring the rows of a feed, in the cheapest way that is good enough."""
        staged = self._earlier(errand) or await self._changed(errand) or await self._whole(errand)
        return self._kept(errand, staged)

    async def teams(self, errand: Errand) -> Staged:
        """Read the teams with their owners, and without where Graph will not bring them along."""
        whole = self._members_before() is None and not (self._folder / MEMBERSHIPS).exists()
        staged, _ = await asyncio.gather(
            self._whole(errand.with_owners()),
            self._look_ahead(MEMBERSHIPS, _memberships(), MEMBERS_PATH if whole else None),
        )
        return await self._whole(errand) if staged.reading.refused == BAD_REQUEST else staged

    async def memberships(self, teams: Staged, groups: Sequence[str]) -> Staged:
        """Bring the people in every team, and in every other group with those of the groups inside it."""
        table = tables()[MEMBERSHIPS]
        feed = table.feeds[0]
        if teams.reading.gap is not None:  # which teams there are is unknown, so who is in them is too
            reading = Reading(columns=tuple(table.columns.values()), requests=0, gap=teams.reading.gap)
            return Staged(feed=feed, reading=reading, files=(), read_at=self._began)
        owners, members = self._folder / "owners.parquet", self._folder / "members.parquet"
        asked = owners_that_came_along(teams.files, owners)
        known = team_ids(teams.files)
        covered, requests = await self._changed_members(known, members)
        others = [group for group in dict.fromkeys(groups) if group not in known]
        links = [(team, "members") for team in known if team not in covered]
        links += [(group, "transitiveMembers") for group in others]
        # Who owns a group that is no team is not in it by that.
        links += [(team, "owners") for team in asked]
        parts = Parts(self._folder / MEMBERSHIPS, MEMBERSHIP_SCHEMA, pages_per_file=BATCH)
        errands = errands_of(table, links, others)
        self._watch.expect(MEMBERSHIPS, requests=len(errands))
        reading = await read_memberships(self._transport, table, errands, parts, self._observe)
        if unknown := unknown_groups(parts, errands):
            self._tell(text("graph.unknown-groups", count=len(unknown), names=", ".join(unknown)))
        reading = replace(reading, requests=reading.requests + requests)
        files = (owners, *([members] if covered else ()), *parts.files)
        return Staged(feed=feed, reading=reading, files=files, read_at=self._began)

    async def access_memberships(self, policies: Staged, assignments: Staged, users: Staged) -> Staged:
        """Bring the people in every group that policies name or that holds a role, and in the groups inside it."""
        table = tables()[ACCESS_MEMBERSHIPS]
        gap = policies.reading.gap or policies.reading.faults.get(CONDITIONS)
        # Which groups they name is unknown; without a licence for policies there are none to name any.
        if gap is not None and gap.reason is not Reason.NOT_LICENSED:
            reading = Reading(columns=tuple(table.columns.values()), requests=0, gap=gap)
            return Staged(feed=table.feeds[0], reading=reading, files=(), read_at=self._began)
        named = groups_in_policies(policies.files)
        known = ids_in(users.files) if users.reading.gap is None else set()
        others = principals_in(assignments.files) if assignments.reading.gap is None else []
        groups = dict.fromkeys([*named, *(other for other in others if other not in known)])
        # A policy may name a group that is gone, and who holds a role may be an application: neither has anybody.
        errands = errands_of(table, ((group, "transitiveMembers") for group in groups), groups)
        parts = Parts(self._folder / ACCESS_MEMBERSHIPS, MEMBERSHIP_SCHEMA, pages_per_file=BATCH)
        reading = await read_memberships(self._transport, table, errands, parts, self._observe)
        gone = {errand.group for errand in errands if errand.name in parts.absent}.intersection(named)
        notes = (f"Groups that policies name and that do not exist: {len(gone)}.",) if gone else ()
        files = parts.files or (write_empty(self._folder / f"{ACCESS_MEMBERSHIPS}.parquet"),)
        return Staged(feed=table.feeds[0], reading=replace(reading, notes=notes), files=files, read_at=self._began)

    async def after(self, errand: Errand, others: Staged) -> Staged:
        """Bring the rows of a feed that needs to know those of another table."""
        earlier = self._earlier(errand)
        if earlier is not None:
            return earlier
        reading, files = await read_after(self._transport, errand, others, self._folder, self._observe, self._watch)
        return self._kept(errand, self._staged(errand, reading, files))

    def _earlier(self, errand: Errand) -> Staged | None:
        """The rows of the snapshot before, while they are young enough."""
        known = self._previous.rows(errand) if self._previous is not None else None
        if self._previous is None or known is None:
            return None
        entry, files = known
        read_at = self._previous.since(errand, entry)
        if not timedelta(0) <= self._began - read_at < timedelta(hours=errand.feed.every_hours):
            return None
        reading = Reading(columns=errand.columns, requests=0)
        return replace(self._staged(errand, reading, files), read_at=read_at, reused=True)

    def _kept(self, errand: Errand, staged: Staged) -> Staged:
        """The rows of the snapshot before in the place of a reading that failed, where Graph tracks no changes.

        A feed that Graph tracks is not worth that: its old rows would hide whoever came and went since.
        """
        known = self._previous.rows(errand) if self._previous is not None else None
        failure = staged.reading.gap
        if failure is None or known is None or self._previous is None or errand.feed.delta:
            return staged
        entry, files = known
        return replace(
            staged,
            reading=Reading(columns=errand.columns, requests=staged.reading.requests),
            files=files,
            read_at=self._previous.since(errand, entry),
            reused=True,
            failure=failure,
        )

    async def _changed(self, errand: Errand) -> Staged | None:
        """The rows of the snapshot before, with the changes since; None where that is not to be had."""
        known = self._previous.rows(errand) if self._previous is not None else None
        path = delta_path(errand.feed, errand.columns)
        if known is None or path is None or errand.number:
            return None
        parts = await self._changes(errand.name, path, errand)
        if parts is None:
            return None
        file = self._folder / f"{errand.name}.parquet"
        try:
            decoder = apply_changes(known[1], parts.files, errand.feed, errand.columns, file)
        except FeedFault:
            return None
        rows, counted = distinct([file]), await count_of(self._transport, errand.feed)
        if counted is not None and abs(counted - rows) > drift(counted):
            return None  # something of the changes went past us; a whole reading tells
        reading = Reading(columns=errand.columns, requests=parts.requests, faults=column_faults(decoder))
        return self._staged(errand, reading, (file,))

    async def _changes(self, name: str, path: str, errand: Errand) -> Parts | None:
        """What has changed since the snapshot before; None where Graph has lost track, or we ask for other things."""
        since = self._previous.links.get(name) if self._previous is not None else None
        if since is None or since.path != path:
            return None
        parts = Parts(self._folder / f"{name}{_CHANGES}", CHANGE_SCHEMA)
        try:
            link = await read_changes(self._transport, errand.table.name, errand.feed, since, parts, self._observe)
        except FeedFault:
            return None
        self._links.keep({**self.links, name: link})
        return parts

    def _members_before(self) -> Path | None:
        """Who was a member of which team, where that was kept with a link to what has changed since."""
        if self._previous is None or MEMBERSHIPS not in self._previous.links:
            return None
        file = self._previous.snapshot.path / MEMBERS
        return file if file.exists() else None

    async def _changed_members(self, teams: Mapping[str, None], file: Path) -> tuple[set[str], int]:
        """Write the members that follow from the changes; gives the teams that are done, and the requests it took."""
        before = self._members_before()
        if before is None:
            return set(), 0
        parts = await self._changes(MEMBERSHIPS, MEMBERS_PATH, _memberships())
        if parts is not None:
            with suppress(FeedFault):
                return apply_member_changes(before, parts.files, teams, file), parts.requests
        await self._look_ahead(MEMBERSHIPS, _memberships(), MEMBERS_PATH)
        return set(), 0

    async def _whole(self, errand: Errand) -> Staged:
        """All rows of a feed from Graph, counted."""
        path = delta_path(errand.feed, errand.columns)
        parts = Parts(self._folder / errand.name, row_schema(errand.columns))
        if not parts.requests:
            parts.counted, _ = await asyncio.gather(
                count_of(self._transport, errand.feed), self._look_ahead(errand.name, errand, path)
            )
        if parts.counted is not None and not errand.number:
            self._watch.expect(errand.table.name, rows=parts.counted)
        reading = await self._licensed(errand, parts)
        if reading.gap is None and parts.counted is not None:
            reading = await self._complete(errand, reading, parts, parts.counted)
        return self._staged(errand, reading, parts.files)

    def _staged(self, errand: Errand, reading: Reading, files: tuple[Path, ...]) -> Staged:
        """What was read now."""
        return Staged(feed=errand.feed, reading=reading, files=files, read_at=self._began, number=errand.number)

    async def _look_ahead(self, name: str, errand: Errand, path: str | None) -> None:
        """Before a whole reading: find out where the changes since will be, if anywhere."""
        if path is None or not self._follow:
            return
        link = await link_from_now(self._transport, errand.feed, path)
        others = {known: kept for known, kept in self.links.items() if known != name}
        self._links.keep({**others, name: link} if link is not None else others)

    async def _licensed(self, errand: Errand, parts: Parts) -> Reading:
        """Read a feed; a refusal for want of a licence that the tenant has is not believed at once, nor at all."""
        for left in reversed(range(_ATTEMPTS_LICENCE)):
            reading = await read_feed(self._transport, errand, parts, self._observe)
            gap = reading.gap
            if gap is None or gap.reason is not Reason.NOT_LICENSED:
                break
            if not await self._licences.holds(errand.feed.licence):
                break
            if not left:
                licensed = missing(Reason.ERROR, "licence-is-there", gap=gap.detail, licence=errand.feed.licence)
                reading = replace(reading, gap=licensed)
        return reading

    async def _complete(self, errand: Errand, reading: Reading, parts: Parts, before: int) -> Reading:
        """Turn a reading with fewer rows than Graph counted, before and after, into a gap."""
        rows = distinct(parts.files)
        if rows >= before - drift(before):
            return reading
        after = await count_of(self._transport, errand.feed)
        counted = before if after is None else min(before, after)
        if rows >= counted - drift(counted):
            return reading
        gap = missing(Reason.ERROR, "too-few", path=errand.feed.path, counted=counted, rows=rows)
        return replace(reading, gap=gap)


def _memberships() -> Errand:
    table = tables()[MEMBERSHIPS]
    return Errand(table=table, feed=table.feeds[0], columns=())


def team_ids(files: Sequence[Path]) -> dict[str, None]:
    """The teams that were read, each once."""
    return dict.fromkeys(team for part in files for team in pq.read_table(part, columns=["id"])["id"].to_pylist())
