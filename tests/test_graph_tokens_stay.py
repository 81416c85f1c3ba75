"""Our token is for Graph alone: wherever an answer points, no other host ever sees it, and what lacks is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from emulated import TAKEN_AT, Emulated, read_tables, serve_everything
from emulator.faults import BATCH, DOWNLOAD, Effect, Fault, ForeignNextLink, Redirect, Refuse, Reset, Truncate
from govcheck.catalogue import MissingColumn
from govcheck.demo import Tenant, generate
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.model import Reason
from govcheck.snapshot import Snapshot
from scripted_graph import Answer, ScriptedGraph, rows

ALWAYS = 10**6
FEW = 4
EVERY_TABLE: Needs = {name: set(table.columns) for name, table in read_tables().items()}
REPORT = "/reports/getTeamsTeamActivityDetail"
CSV = "Report Refresh Date,Team Name,Team Id,Team Type,Last Activity Date,Report Period,Active Users\r\n"


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture(scope="module")
def whole(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How many rows every table has."""
    snapshot = collect(tenant, tmp_path_factory.mktemp("whole"), [])
    assert gaps(snapshot) == {}
    return {name: entry.rows for name, entry in snapshot.tables.items()}


@pytest.fixture
def stranger() -> Iterator[ScriptedGraph]:
    """Another server on this machine, ready to answer as Graph would."""
    page = rows({"id": "u1", "@odata.type": "#microsoft.graph.user"})
    with ScriptedGraph(users=page, groups=page) as server:
        yield server


def collect(tenant: Tenant, folder: Path, plan: Sequence[Fault]) -> Snapshot:
    with serve_everything(tenant, plan, page_size=FEW) as graph:
        return collect_snapshot(Emulated(graph=graph), needs=EVERY_TABLE, place=lambda *_: folder / "snapshot")


def gaps(snapshot: Snapshot) -> dict[str, list[MissingColumn]]:
    """What is missing of each table of which something is."""
    found = {name: [*filter(None, [entry.gap, *entry.column_gaps.values()])] for name, entry in snapshot.tables.items()}
    return {name: missing for name, missing in found.items() if missing}


def assert_honest(snapshot: Snapshot, whole: dict[str, int]) -> None:
    """Every table is there as a whole, or says that it is not."""
    for name, entry in snapshot.tables.items():
        assert entry.rows == (whole[name] if entry.gap is None else 0), name
    assert {gap.reason for missing in gaps(snapshot).values() for gap in missing} <= {Reason.ERROR}


def assert_saw_no_token(stranger: ScriptedGraph) -> None:
    for request in stranger.requests:
        said = f"{request.path} {request.headers}"
        assert request.authorization is None
        assert "Bearer" not in said
        assert "eyJ" not in said  # how a token begins


@pytest.mark.parametrize("status", [200, 201, 301, 302, 303, 307, 308, 401, 410])
def test_nobody_is_followed_who_sends_us_elsewhere(
    status: int, tenant: Tenant, whole: dict[str, int], stranger: ScriptedGraph, tmp_path: Path
) -> None:
    elsewhere = Redirect(f"{stranger.url}/users", status=status)
    plan = [Fault(path=r"(?!/organization|/reports/get|download:).*", effect=elsewhere, times=ALWAYS)]
    if status == 401:  # no longer signed in
        plan = [Fault(path="/devices", effect=elsewhere)]
    snapshot = collect(tenant, tmp_path, plan)
    assert stranger.requests == []
    assert_honest(snapshot, whole)
    assert {"organization", *gaps(snapshot)} == ({"organization"} if status == 401 else {*EVERY_TABLE})


@pytest.mark.parametrize(
    "place",
    ["http://127.0.0.1:{port}", "http://graph@127.0.0.1:{port}", "http://LOCALHOST:{port}", "https://127.0.0.1:{port}"],
    ids=["another port", "with a user name", "another name", "another scheme"],
)
def test_no_next_page_is_read_elsewhere(
    place: str, tenant: Tenant, whole: dict[str, int], stranger: ScriptedGraph, tmp_path: Path
) -> None:
    host = place.format(port=stranger.origin.rpartition(":")[2])
    snapshot = collect(tenant, tmp_path, [Fault(path=".*", effect=ForeignNextLink(host), times=ALWAYS)])
    assert stranger.requests == []
    missing = gaps(snapshot)
    assert {"users", "groups", "teams", "memberships", "devices", "channels", "plan_tasks"} <= {*missing}
    assert_honest(snapshot, whole)
    assert "another host" in missing["users"][0].detail.in_lang("en")


def test_a_batch_that_points_elsewhere_makes_what_it_was_for_missing_and_nothing_else(
    tenant: Tenant, stranger: ScriptedGraph, tmp_path: Path
) -> None:
    plan = [Fault(path="/groups/.*/members", effect=ForeignNextLink(stranger.origin), times=ALWAYS)]
    snapshot = collect(tenant, tmp_path, plan)
    assert stranger.requests == []
    assert [*gaps(snapshot)] == ["memberships"]


def test_changes_are_not_read_elsewhere_but_everything_anew(
    tenant: Tenant, stranger: ScriptedGraph, tmp_path: Path
) -> None:
    plan = [Fault(path=".*/delta", effect=ForeignNextLink(stranger.origin), times=ALWAYS)]
    with serve_everything(tenant, plan) as graph:
        source = Emulated(graph=graph)
        first = collect_snapshot(
            source, needs=EVERY_TABLE, place=lambda *_: tmp_path / "first", taken_at=TAKEN_AT, follow=True
        )
        later = TAKEN_AT + timedelta(days=2)
        second = collect_snapshot(
            source, needs=EVERY_TABLE, place=lambda *_: tmp_path / "second", taken_at=later, previous=first
        )
    assert stranger.requests == []
    assert gaps(second) == gaps(first) == {}
    assert {name: entry.rows for name, entry in second.tables.items()} == {
        name: entry.rows for name, entry in first.tables.items()
    }


def test_a_report_is_fetched_wherever_graph_says_but_without_the_token(
    tenant: Tenant, stranger: ScriptedGraph, tmp_path: Path
) -> None:
    team = next(iter(tenant.members))
    stranger.says("/report", Answer(body=f"{CSV}2026-09-29,Sales,{team},Private,2026-09-28,30,12\r\n".encode()))
    elsewhere = Redirect(f"{stranger.url}/report")
    snapshot = collect(tenant, tmp_path, [Fault(path=f"{re.escape(REPORT)}.*", effect=elsewhere, times=ALWAYS)])
    assert len(stranger.requests) == 1
    assert_saw_no_token(stranger)
    assert snapshot.tables["team_activity"].rows == 1


def test_the_host_of_reports_cannot_send_us_on(tenant: Tenant, stranger: ScriptedGraph, tmp_path: Path) -> None:
    onward = Redirect(f"{stranger.url}/report")
    snapshot = collect(tenant, tmp_path, [Fault(path=DOWNLOAD + REPORT, effect=onward, times=ALWAYS)])
    assert stranger.requests == []
    assert [*gaps(snapshot)] == ["team_activity"]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_goes_wrong_at_random_no_other_host_sees_the_token(
    seed: int, tenant: Tenant, whole: dict[str, int], stranger: ScriptedGraph, tmp_path: Path
) -> None:
    chance = Random(seed)  # noqa: S311 (chance, no secret)
    astray: list[Effect] = [
        *(Redirect(f"{stranger.url}/users", status=status) for status in (301, 302, 307, 308)),
        *[ForeignNextLink(stranger.origin)] * 4,
        *(Refuse(status=503), Refuse(status=429, retry_after="3"), Refuse(status=502, body="html")),
        *(Reset(), Truncate()),
    ]
    places = ["/users.*", "/groups(/.*)?", "/teams/.*", "/planner/.*", "/d.*", "/s.*", "/r.*", "/p.*", BATCH, ".*"]
    plan = [
        Fault(
            path=re.escape(BATCH) if place == BATCH else place, effect=chance.choice(astray), skip=chance.randint(1, 9)
        )
        for place in places
        for _ in range(3)
    ]
    snapshot = collect(tenant, tmp_path, plan)
    assert_saw_no_token(stranger)
    assert_honest(snapshot, whole)
