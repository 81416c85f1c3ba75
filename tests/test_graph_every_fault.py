"""Whatever goes wrong on the way to Graph, the report is the same: it may take longer, and loses nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from emulated import Emulated, check, read_tables, report, serve_everything
from emulator.faults import (
    BATCH,
    DOWNLOAD,
    Delay,
    DuplicateRow,
    Effect,
    EmptyPage,
    Expire,
    Fault,
    ForeignNextLink,
    MissingRow,
    Redirect,
    Refuse,
    Replay,
    Reset,
    Truncate,
    Until,
)
from govcheck.demo import Tenant, generate
from tenants import Ended

PAGE = 20
FINDINGS = 1
TRACKED = tuple(
    f"/{name}/delta"
    for name in ("users", "groups", "servicePrincipals", "oauth2PermissionGrants", "applications", "devices")
)
USAGE = "/reports/getTeamsTeamActivityDetail"
UNLICENSED = Refuse(
    status=403,
    code="Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    message="Neither tenant is B2C or tenant doesn't have premium license",
)
BUSY: Mapping[str, Sequence[Effect]] = {
    "busy for whole seconds": [Refuse(status=429, retry_after="7")],
    "busy for a fraction of a second": [Refuse(status=429, retry_after="2.128")],
    "busy until a date": [Refuse(status=429, retry_after=Until(90))],
    "busy without saying for how long": [Refuse(status=429)] * 3,
    "busy for twenty minutes": [Refuse(status=429, retry_after="1200")],
    "out of service for a while": [Refuse(status=503, retry_after="30")],
    "out of service": [Refuse(status=503)] * 2,
    "too slow for the gateway": [Refuse(status=504, body="empty")] * 2,
}
BROKEN: Mapping[str, Sequence[Effect]] = {
    "an error inside": [Refuse(status=500)] * 2,
    "a gateway's web page": [Refuse(status=502, body="html")] * 2,
    "a web page that passes for an answer": [Refuse(status=200, body="html")],
    "an empty answer": [Refuse(status=200, body="empty")],
    "half an answer": [Truncate()] * 2,
    "a broken connection": [Reset()] * 2,
}
AWRY: Mapping[str, Sequence[Effect]] = {
    "a licence that is overlooked": [UNLICENSED] * 2,
    "a slow answer": [Delay(0.01)],
    "an empty page": [EmptyPage()],
    "a row that comes twice": [DuplicateRow()],
}
KINDS = {**BUSY, **BROKEN, **AWRY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """A run in which nothing goes wrong: what it reports, and the paths that it asks for."""

    report: bytes
    paths: tuple[str, ...]


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture(scope="module")
def undisturbed(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    with serve_everything(tenant, page_size=PAGE) as graph:
        ended = check(tmp_path_factory.mktemp("undisturbed"), Emulated(graph=graph))
        asked = sorted({access.path for access in graph.log})
    assert ended.code == FINDINGS
    assert unread(ended) == []
    return Undisturbed(report=report(ended), paths=(*asked, BATCH, DOWNLOAD + USAGE))


def in_turn(path: str, effects: Sequence[Effect], skip: int = 0) -> list[Fault]:
    """The effects on the requests for one path, one after the other; a report is fetched three times at most."""
    most = 2 if path.startswith(DOWNLOAD) else len(effects)
    return [
        Fault(path=re.escape(path), effect=effect, skip=turn) for turn, effect in enumerate(effects[:most], start=skip)
    ]


def assert_disturbs_nothing(plan: Sequence[Fault], tenant: Tenant, undisturbed: Undisturbed, folder: Path) -> None:
    with serve_everything(tenant, plan, page_size=PAGE) as graph:
        ended = check(folder, Emulated(graph=graph))
    assert ended.code == FINDINGS
    assert unread(ended) == []
    assert report(ended) == undisturbed.report


def unread(ended: Ended) -> list[str]:
    """The tables of which something could not be read."""
    return [gap["table"] for gap in ended.json["gaps"] if gap["table"] in read_tables()]


@pytest.mark.parametrize("kinds", [*zip(cycle(BROKEN), BUSY, cycle(AWRY))], ids=", ".join)
def test_faults_on_every_path_leave_the_report_as_it_is(
    kinds: Sequence[str], tenant: Tenant, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    plan = [
        fault
        for path in undisturbed.paths
        for fault in in_turn(path, [effect for kind in kinds if kind in kinds_on(path) for effect in KINDS[kind]])
    ]
    assert_disturbs_nothing(plan, tenant, undisturbed, tmp_path)


@pytest.mark.parametrize(
    ("path", "claims"),
    [("/organization", None), ("/users", "eyJhIjoxfQ=="), ("/planner/plans/.*/tasks", None), (re.escape(BATCH), None)],
)
def test_a_token_that_ends_during_the_run_leaves_the_report_as_it_is(
    path: str, claims: str | None, tenant: Tenant, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    plan = [Fault(path=path, effect=Expire(claims=claims))]
    assert_disturbs_nothing(plan, tenant, undisturbed, tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_faults_at_random_leave_the_report_as_it_is(
    seed: int, tenant: Tenant, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    chance = Random(seed)  # noqa: S311 (chance, no secret)
    plan = [fault for path in undisturbed.paths for fault in some_faults(chance, path)]
    plan.append(Fault(path=".*", effect=Expire(), skip=chance.randint(0, 200)))
    assert_disturbs_nothing(plan, tenant, undisturbed, tmp_path)


def kinds_on(path: str) -> list[str]:
    """The kinds of fault that can befall a path."""
    return [*BUSY, *BROKEN] if path == BATCH or path.startswith(DOWNLOAD) else [*KINDS]


def some_faults(chance: Random, path: str) -> list[Fault]:
    """Up to three kinds in a row, of which one at most tries the patience with what is broken."""
    broken = chance.choice([kind for kind in kinds_on(path) if kind in BROKEN])
    others = chance.sample([kind for kind in kinds_on(path) if kind not in BROKEN], 3)
    kinds = chance.sample([broken, *others], chance.randint(0, 3))
    return in_turn(path, [effect for kind in kinds for effect in KINDS[kind]], skip=chance.randint(0, 1))


CHANGES: Mapping[str, Sequence[Effect]] = {
    "links that are too old": [Refuse(status=400, code="syncStateNotFound")],
    "a reset": [Refuse(status=410, code="resyncRequired")],
    "changes that come again": [Replay()],
    "errors that stay": [Refuse(status=500)] * 9,
    "what goes wrong elsewhere too": [EmptyPage(), Truncate(), Refuse(status=429, retry_after=Until(90))],
}


@pytest.fixture(scope="module")
def smooth(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return report(changed(tenant, tmp_path_factory.mktemp("smooth")))


@pytest.mark.parametrize("kind", CHANGES)
def test_a_fault_in_reading_changes_leaves_the_report_as_it_is(
    kind: str, tenant: Tenant, smooth: bytes, tmp_path: Path
) -> None:
    # The first request asks where the changes will be.
    plan = [fault for path in TRACKED for fault in in_turn(path, CHANGES[kind], skip=1)]
    rough = changed(tenant, tmp_path, plan)
    assert unread(rough) == []
    assert report(rough) == smooth


def test_links_of_a_week_ago_leave_the_report_as_it_is(tenant: Tenant, smooth: bytes, tmp_path: Path) -> None:
    assert report(changed(tenant, tmp_path, days=8)) == smooth


def changed(tenant: Tenant, folder: Path, plan: Sequence[Fault] = (), *, days: float = 0) -> Ended:
    """Check, change the tenant, let so many days go by for Graph, and check again by what has changed since."""
    with serve_everything(tenant, plan, page_size=PAGE) as graph:
        assert check(folder, Emulated(graph=graph), "--incremental").code == FINDINGS
        first, second, third, *_ = (row["id"] for row in tenant.collections["/users"][20:])
        team = next(iter(tenant.members))
        graph.edit.update("/users", first, {"department": "Elders", "accountEnabled": False})
        graph.edit.remove("/users", second)
        graph.edit.set_manager(third, first)
        graph.edit.set_owner(team, third)
        graph.edit.add_member(team, first)
        graph.clock.advance(days=days)
        return check(folder, Emulated(graph=graph), "--incremental", hour=30)


def test_no_kind_of_fault_is_left_out() -> None:
    tried = {type(effect) for effects in [*KINDS.values(), *CHANGES.values()] for effect in effects} | {Expire}
    changes_what_there_is, leads_astray = MissingRow, {ForeignNextLink, Redirect}
    assert {*get_args(Effect)} - tried == {changes_what_there_is, *leads_astray}
