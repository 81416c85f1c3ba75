"""Reads a tenant once, as far as the rules need it, into a snapshot.

Feeds run side by side. What one feed cannot give becomes a gap with its reason; the others go on. Only a sign-in
that fails, or a Graph that cannot be reached, ends the whole collection. However it ends, the pages that have
arrived are kept beside the snapshots, and the next collection with the same needs goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from govcheck.catalogue import tables
from govcheck.graph.answers import Observer, Source
from govcheck.graph.assembly import Staged, assemble, assemble_memberships, missing_table
from govcheck.graph.checkpoint import Tell, digest_of, open_checkpoint
from govcheck.graph.delta import DeltaLinks
from govcheck.graph.faults import first_of, missing
from govcheck.graph.feeds import request_path
from govcheck.graph.member_changes import keep_members
from govcheck.graph.named_groups import ASSIGNMENTS, POLICIES
from govcheck.graph.plan import (
    ACCESS_MEMBERSHIPS,
    MEMBERSHIPS,
    ORGANIZATION,
    TEAMS,
    Errand,
    Needs,
    Plan,
    beta_tables,
    plan_of,
)
from govcheck.graph.rests import Nobody, Watcher, telling_rests
from govcheck.graph.stage import LINKS, MEMBERS, Previous, Stage, previous_of, team_ids
from govcheck.graph.tenant import read_tenant, write_tenant
from govcheck.model import Reason
from govcheck.snapshot.folders import resumable_folder
from govcheck.snapshot.manifest import Snapshot, TableEntry, write_manifest

_Place = Callable[[str, datetime], Path]


def collect_snapshot(  # noqa: PLR0913 (each turns one thing)
    source: Source,
    *,
    needs: Needs,
    place: _Place,
    groups: Collection[str] = (),
    taken_at: datetime | None = None,
    observe: Observer = lambda *_: None,
    watch: Watcher = Nobody(),  # noqa: B008 (it has no state)
    tell: Tell = lambda _: None,
    previous: Snapshot | None = None,
    follow: bool = False,
    allow_beta: bool = False,
) -> Snapshot:
    """Read what `needs` asks for, and who is in the extra `groups`, into the folder that `place` names.

    `place` gets the tenant's id and the moment, which defaults to now. With a `previous` snapshot of the same tenant
    only what has changed since is read, where Graph tells. With `follow` Graph is asked where the changes from now on
    will be found, for the collection after this one. Unless `allow_beta`, tables that Graph has in its test version
    alone are not read. `observe` and `watch` hear how it goes, `tell` what a person should know.

    Raises `SignInError` and `UnreachableError` (exit 4), and `GovcheckError` (exit 2) where the folder is taken or
    cannot be written, or where another collection of the tenant is under way there.
    """
    moment = (taken_at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    collection = _Collection(
        needs=needs,
        groups=tuple(groups),
        moment=moment,
        observe=observe,
        watch=watch,
        tell=tell,
        earlier=previous,
        follow=follow or previous is not None,
        allow_beta=allow_beta,
    )
    return asyncio.run(collection.run(source, place))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collection:
    """What is asked of one collection."""

    needs: Needs
    groups: tuple[str, ...]
    moment: datetime
    observe: Observer
    watch: Watcher
    tell: Tell
    earlier: Snapshot | None
    follow: bool
    allow_beta: bool

    async def run(self, source: Source, place: _Place) -> Snapshot:
        plan = plan_of(self.needs, beta=self.allow_beta)
        async with source.open() as transport, telling_rests(transport, self.watch):
            # The organisation comes first and alone: it proves the sign-in and says which tenant this is.
            tenant = await read_tenant(transport, source, self.needs.get(ORGANIZATION, ()), self.observe)
            target = place(tenant.id, self.moment)
            with resumable_folder(target, tenant.id) as draft:
                previous = self._previous(tenant.id)
                digest = _digest(tenant.id, plan, self.groups, previous)
                began = open_checkpoint(draft.work, digest, self.moment, self.tell)
                stage = Stage(
                    transport, draft.work, began, previous, self.observe, self.watch, self.tell, follow=self.follow
                )
                staged = await _read_all(stage, plan, self.groups)
                entries = {ORGANIZATION: write_tenant(draft.result, tenant, self.moment)}
                entries |= {name: _assemble(draft.result, name, feeds, self.moment) for name, feeds in staged.items()}
                if not self.allow_beta:
                    entries |= {name: _closed(self.moment) for name in beta_tables(self.needs)}
                _keep_for_next_time(draft.result, stage, staged)
                snapshot = write_manifest(
                    draft.result, tenant=tenant.id, tenant_name=tenant.name, taken_at=self.moment, tables=entries
                )
        return replace(snapshot, path=target)

    def _previous(self, tenant: str) -> Previous | None:
        """The snapshot before, unless it is of another tenant."""
        return previous_of(self.earlier) if self.earlier is not None and self.earlier.tenant == tenant else None


def _digest(tenant: str, plan: Plan, groups: Sequence[str], previous: Previous | None) -> str:
    asked = [(errand.name, request_path(errand.feed, errand.columns)) for each in plan.values() for errand in each]
    return digest_of(tenant, asked, sorted(groups), previous and previous.snapshot.taken_at)


async def _read_all(stage: Stage, plan: Plan, groups: Sequence[str]) -> Mapping[str, Sequence[Staged]]:
    """Read all feeds side by side; the memberships as soon as the teams are known."""
    running: dict[str, list[asyncio.Task[Staged]]] = {}
    try:
        async with asyncio.TaskGroup() as tasks:
            for name in (name for name in plan if name not in {MEMBERSHIPS, ACCESS_MEMBERSHIPS}):
                read = stage.teams if name == TEAMS and MEMBERSHIPS in plan else stage.feed
                running[name] = [
                    tasks.create_task(_after(stage, errand, running) if errand.feed.after else read(errand))
                    for errand in plan[name]
                ]
            if MEMBERSHIPS in plan:
                [teams] = running[TEAMS]
                running[MEMBERSHIPS] = [tasks.create_task(_memberships(stage, teams, groups))]
            if ACCESS_MEMBERSHIPS in plan:
                known = [running[name][0] for name in (POLICIES, ASSIGNMENTS, "users")]
                running[ACCESS_MEMBERSHIPS] = [tasks.create_task(_access_memberships(stage, known))]
    except ExceptionGroup as faults:
        raise first_of(faults) from None
    return {name: [task.result() for task in running[name]] for name in plan}


async def _memberships(stage: Stage, teams: asyncio.Task[Staged], groups: Sequence[str]) -> Staged:
    return await stage.memberships(await teams, groups)


async def _access_memberships(stage: Stage, known: Sequence[asyncio.Task[Staged]]) -> Staged:
    policies, assignments, users = [await task for task in known]
    return await stage.access_memberships(policies, assignments, users)


async def _after(stage: Stage, errand: Errand, running: Mapping[str, Sequence[asyncio.Task[Staged]]]) -> Staged:
    """Read a feed as soon as the rows of the table are known that it needs to know."""
    others, *_ = running[errand.feed.after or ""]
    return await stage.after(errand, await others)


def _closed(moment: datetime) -> TableEntry:
    """The entry of a table that was not read, since nobody allowed beta."""
    return missing_table(missing(Reason.NOT_COLLECTED, "beta"), 0, moment)


def _assemble(folder: Path, name: str, staged: Sequence[Staged], moment: datetime) -> TableEntry:
    table = tables()[name]
    if name in {MEMBERSHIPS, ACCESS_MEMBERSHIPS}:
        return assemble_memberships(folder, table, staged[0], moment)
    return assemble(folder, table, staged, moment)


def _keep_for_next_time(folder: Path, stage: Stage, staged: Mapping[str, Sequence[Staged]]) -> None:
    """Keep beside the snapshot what an incremental collection needs, of the feeds that were read."""
    whole = {f"{name}-{number}" for name, each in staged.items() for number, feed in enumerate(each) if _is_whole(feed)}
    if MEMBERSHIPS in staged and _is_whole(staged[MEMBERSHIPS][0]):
        whole.add(MEMBERSHIPS)
    links = {name: link for name, link in stage.links.items() if name in whole}
    if MEMBERSHIPS in links:
        keep_members(staged[MEMBERSHIPS][0].files, team_ids(staged[TEAMS][0].files), folder / MEMBERS)
    if links:
        DeltaLinks(folder / LINKS).keep(links)


def _is_whole(staged: Staged) -> bool:
    return staged.reading.gap is None
