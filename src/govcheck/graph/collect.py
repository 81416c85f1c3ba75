"""Reads a tenant once, as far as the rules need it, into a snapshot.

Feeds run side by side. What one feed cannot give becomes a gap with its reason; the others go on. Only a sign-in
that fails, or a Graph that cannot be reached, ends the whole collection, and then nothing is left behind.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from govcheck.catalogue import Column, Feed, Table, tables
from govcheck.graph.answers import Observer, Source, Transport
from govcheck.graph.assembly import Staged, assemble, assemble_memberships
from govcheck.graph.columns import row_schema
from govcheck.graph.faults import first_of
from govcheck.graph.feeds import wanted_columns
from govcheck.graph.memberships import MEMBERSHIP_SCHEMA, read_memberships
from govcheck.graph.staging import Reading, RowFile, read_feed
from govcheck.graph.tenant import read_tenant, write_tenant
from govcheck.snapshot.folders import new_folder
from govcheck.snapshot.manifest import Snapshot, TableEntry, write_manifest

Needs = Mapping[str, Collection[str]]
"""Table names to the columns that rules read. Tables without feeds are made elsewhere and ignored here."""

_Plan = Mapping[str, Sequence[tuple[Feed, tuple[Column, ...]]]]
"""For every table to read, its feeds with the columns to read from them."""

_ORGANIZATION = "organization"
_MEMBERSHIPS = "memberships"
_TEAMS = "teams"


def collect_snapshot(
    source: Source,
    *,
    needs: Needs,
    place: Callable[[str, datetime], Path],
    groups: Collection[str] = (),
    taken_at: datetime | None = None,
    observe: Observer = lambda *_: None,
) -> Snapshot:
    """Read what `needs` asks for, and who is in the extra `groups`, into the folder that `place` names.

    `place` gets the tenant's id and the moment, which defaults to now. Raises `SignInError` and
    `UnreachableError` (exit 4), and `GovcheckError` (exit 2) where the folder is taken or cannot be written.
    """
    moment = (taken_at or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    return asyncio.run(collect(source, needs=needs, place=place, groups=groups, taken_at=moment, observe=observe))


async def collect(
    source: Source,
    *,
    needs: Needs,
    place: Callable[[str, datetime], Path],
    groups: Collection[str],
    taken_at: datetime,
    observe: Observer,
) -> Snapshot:
    """Do the work of `collect_snapshot` inside a running event loop."""
    plan = _plan(needs)
    async with source.open() as transport:
        # The organisation comes first and alone: it proves the sign-in and says which tenant this is.
        tenant = await read_tenant(transport, source, needs.get(_ORGANIZATION, ()), observe)
        target = place(tenant.id, taken_at)
        with new_folder(target) as folder:
            pages = folder / ".pages"
            pages.mkdir(mode=0o700)
            try:
                staged = await _read_all(transport, plan, groups, pages, observe)
            except ExceptionGroup as faults:
                raise first_of(faults) from None
            entries = {_ORGANIZATION: write_tenant(folder, tenant)}
            entries |= {name: _assemble(folder, tables()[name], feeds) for name, feeds in staged.items()}
            shutil.rmtree(pages)
            snapshot = write_manifest(
                folder, tenant=tenant.id, tenant_name=tenant.name, taken_at=taken_at, tables=entries
            )
    return replace(snapshot, path=target)


def _plan(needs: Needs) -> _Plan:
    wanted = {name: set(columns) for name, columns in needs.items() if name != _ORGANIZATION}
    if _MEMBERSHIPS in wanted:
        wanted.setdefault(_TEAMS, set())
    return {name: _feeds(tables()[name], columns) for name, columns in wanted.items() if tables()[name].feeds}


def _feeds(table: Table, asked: Collection[str]) -> list[tuple[Feed, tuple[Column, ...]]]:
    """The table's feeds that are needed; the first always is, for it says which rows there are."""
    first, *others = table.feeds
    own = wanted_columns(first, {*asked, *table.key}) or tuple(first.columns.values())
    joined = ((feed, wanted_columns(feed, asked)) for feed in others)
    return [(first, own), *((feed, columns) for feed, columns in joined if columns)]


async def _read_all(
    transport: Transport, plan: _Plan, groups: Collection[str], pages: Path, observe: Observer
) -> dict[str, list[Staged]]:
    """Read all feeds side by side; the memberships as soon as the teams are known."""
    running: dict[str, list[asyncio.Task[Staged]]] = {}
    async with asyncio.TaskGroup() as tasks:
        for name in [name for name in plan if name != _MEMBERSHIPS]:
            table = tables()[name]
            running[name] = [
                tasks.create_task(_stage(transport, table, feed, columns, pages / f"{name}-{index}", observe))
                for index, (feed, columns) in enumerate(plan[name])
            ]
        if _MEMBERSHIPS in plan:
            [teams] = running[_TEAMS]
            reading = _stage_memberships(transport, await teams, groups, pages / _MEMBERSHIPS, observe)
            running[_MEMBERSHIPS] = [tasks.create_task(reading)]
    return {name: [task.result() for task in running[name]] for name in plan}


async def _stage(
    transport: Transport,
    table: Table,
    feed: Feed,
    columns: Sequence[Column],
    file: Path,
    observe: Observer,
) -> Staged:
    with RowFile(file, row_schema(columns)) as rows:
        reading = await read_feed(transport, table, feed, columns, rows.append, observe)
    return Staged(feed, reading, file)


async def _stage_memberships(
    transport: Transport, teams: Staged, groups: Collection[str], file: Path, observe: Observer
) -> Staged:
    table = tables()[_MEMBERSHIPS]
    if teams.reading.gap is not None:  # which teams there are is unknown, so who is in them is too
        reading = Reading(columns=tuple(table.columns.values()), requests=0, gap=teams.reading.gap)
        return Staged(table.feeds[0], reading, file)
    known = pq.read_table(teams.file, columns=["id"])["id"].to_pylist()
    with RowFile(file, MEMBERSHIP_SCHEMA) as rows:
        reading = await read_memberships(transport, table, known, groups, rows.append, observe)
    return Staged(table.feeds[0], reading, file)


def _assemble(folder: Path, table: Table, staged: Sequence[Staged]) -> TableEntry:
    if table.name == _MEMBERSHIPS:
        return assemble_memberships(folder, table, staged[0].reading, staged[0].file)
    return assemble(folder, table, staged)
