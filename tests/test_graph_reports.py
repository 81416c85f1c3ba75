"""Usage reports: read from another host without our token, by heading, and refused where they conceal names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.model import Reason
from govcheck.snapshot import Snapshot, open_snapshot
from govcheck.words import say
from scripted_graph import NO_PERMISSION, Answer, ScriptedGraph, ScriptedSource, refused, rows

PATH = "/reports/getTeamsTeamActivityDetail(period='D30')"
NEEDS: Needs = {"team_activity": {"team_id", "active_users", "last_activity_date"}}
ORGANIZATION = rows({"id": "t-1", "displayName": "Contoso"})
HEAD = "Report Refresh Date,Team Name,Team Id,Team Type,Last Activity Date,Report Period,Active Users"
LINES = ["2026-09-29,Sales,g1,Private,2026-09-28,30,12", '2026-09-29,"Marketing, NL",g2,Public,,30,0']


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshot"


@pytest.fixture
def store() -> Iterator[ScriptedGraph]:
    """The other host, where reports stand."""
    with ScriptedGraph() as server:
        yield server


def csv(*lines: str, head: str = HEAD, start: str = "\ufeff") -> Answer:
    body = start + "\r\n".join([head, *lines]) + "\r\n"
    return Answer(body=body.encode(), headers={"Content-Type": "text/csv"})


def moved(to: str) -> Answer:
    return Answer(status=302, body=b"", headers={"Location": to})


def collect(folder: Path, *answers: Answer, teams: Answer | None = None) -> tuple[Snapshot, ScriptedGraph]:
    with ScriptedGraph(organization=ORGANIZATION, groups=teams or rows({"id": "g1"}, {"id": "g2"})) as graph:
        graph.says(PATH, *answers)
        collect_snapshot(ScriptedSource(url=graph.url), needs=NEEDS, place=lambda *_: folder)
    return open_snapshot(folder), graph


def read(folder: Path, store: ScriptedGraph, *answers: Answer) -> Snapshot:
    store.says("/report", *answers)
    return collect(folder, moved(f"{store.url}/report"))[0]


def table(folder: Path) -> list[dict[str, Any]]:
    found = duckdb.read_parquet(str(folder / "team_activity.parquet"))
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def gap_of(snapshot: Snapshot) -> tuple[Reason, str]:
    gap = snapshot.tables["team_activity"].gap
    assert gap is not None
    return gap.reason, gap.detail.in_lang("en")


def test_the_wanted_columns_are_read_of_every_line(folder: Path, store: ScriptedGraph) -> None:
    read(folder, store, csv(*LINES))
    day = datetime(2026, 9, 28, tzinfo=UTC).replace(tzinfo=None)
    assert table(folder) == [
        {"team_id": "g1", "last_activity_date": day, "active_users": 12},
        {"team_id": "g2", "last_activity_date": None, "active_users": 0},
    ]


def test_the_token_stays_with_graph(folder: Path, store: ScriptedGraph) -> None:
    store.says("/report", csv(*LINES))
    _, graph = collect(folder, moved(f"{store.url}/report"))
    assert [request.authorization for request in graph.asked(PATH)] == ["Bearer token-1"]
    [request] = store.requests
    assert "Authorization" not in {name.title() for name in request.headers}


@pytest.mark.parametrize("start", ["\ufeff", ""])
def test_columns_are_found_by_their_heading_wherever_they_stand(folder: Path, store: ScriptedGraph, start: str) -> None:
    head = "Some New Column,ACTIVE  USERS,last activity date,Team Id"
    read(folder, store, csv("x,12,2026-09-28,g1", head=head, start=start))
    [row] = table(folder)
    assert (row["team_id"], row["active_users"]) == ("g1", 12)


def test_a_heading_that_is_not_there_makes_a_gap_of_its_column(folder: Path, store: ScriptedGraph) -> None:
    snapshot = read(folder, store, csv("g1,2026-09-28", head="Team Id,Last Activity Date"))
    entry = snapshot.tables["team_activity"]
    assert entry.columns.keys() == {"team_id", "last_activity_date"}
    assert entry.column_gaps["active_users"].detail.in_lang("en") == "The report has no column Active Users."


def test_a_value_of_another_type_makes_a_gap_of_its_column(folder: Path, store: ScriptedGraph) -> None:
    snapshot = read(
        folder, store, csv(LINES[0].replace(",12", ",many"), LINES[1], LINES[1].replace(",0", f",{10**20}"))
    )
    gap = snapshot.tables["team_activity"].column_gaps["active_users"]
    assert gap.detail.in_lang("en") == "Values of Active Users that are not of type int: 2."


def test_a_report_without_lines_is_an_empty_table_and_no_gap(folder: Path, store: ScriptedGraph) -> None:
    entry = read(folder, store, csv()).tables["team_activity"]
    assert (entry.rows, entry.gap) == (0, None)


@pytest.mark.parametrize("concealed", ["A5E9F1D3C2B84A7E9F0D1C2B3A4E5F60", "00000000-0000-0000-0000-000000000000"])
def test_a_report_that_conceals_which_team_is_which_leaves_judgement_to_a_person(
    folder: Path, store: ScriptedGraph, concealed: str
) -> None:
    snapshot = read(folder, store, csv(LINES[0].replace("g1", concealed), LINES[1].replace("g2", concealed)))
    reason, detail = gap_of(snapshot)
    assert reason is Reason.MANUAL
    assert "displayConcealedNames" in detail
    assert "judge the rules about it yourself" in detail
    assert say(f"report.next_{reason}", "en") == "Judge it yourself and record the answer."


def test_a_team_that_was_deleted_conceals_nothing(folder: Path, store: ScriptedGraph) -> None:
    snapshot = read(folder, store, csv(LINES[0], LINES[1].replace("g2", "deleted")))
    assert snapshot.tables["team_activity"].rows == 2


def test_a_missing_permission_is_named(folder: Path) -> None:
    snapshot, _ = collect(folder, refused(403, "S2SUnauthorized", "Invalid permission."))
    reason, detail = gap_of(snapshot)
    assert reason is Reason.NOT_PERMITTED
    assert "Reports.Read.All" in detail


def test_teams_that_are_not_known_leave_their_activity_unknown(folder: Path) -> None:
    snapshot, graph = collect(folder, moved("https://example.org/"), teams=NO_PERMISSION)
    assert snapshot.tables["team_activity"].gap == snapshot.tables["teams"].gap
    assert graph.asked(PATH) == []


@pytest.mark.parametrize("broken", [Answer(status=403, body=b"expired"), Answer(body=b"half", missing_bytes=9)])
def test_an_address_that_fails_is_asked_for_anew(folder: Path, store: ScriptedGraph, broken: Answer) -> None:
    store.says("/old", broken)
    store.says("/new", csv(*LINES))
    snapshot, _ = collect(folder, moved(f"{store.url}/old"), moved(f"{store.url}/new"))
    assert snapshot.tables["team_activity"].rows == 2


def test_a_report_that_cannot_be_had_is_a_gap(folder: Path, store: ScriptedGraph) -> None:
    snapshot = read(folder, store, Answer(status=503))
    assert gap_of(snapshot) == (Reason.ERROR, f"The report {PATH} could not be downloaded (503).")
    assert len(store.requests) == 3


@pytest.mark.parametrize(
    "address", ["", "http://reports.example.org/file", "/relative", "file:///etc/passwd", "https://[bad"]
)
def test_only_an_encrypted_address_is_followed(folder: Path, address: str) -> None:
    snapshot, _ = collect(folder, moved(address))
    assert gap_of(snapshot)[0] is Reason.ERROR


@pytest.mark.parametrize(
    "answer", [Answer(body=b""), Answer(body=b"\xff\xfe"), Answer(body=b"<html>Sign in</html>"), csv(",,,,,,5")]
)
def test_what_does_not_say_which_teams_it_is_about_is_a_gap(folder: Path, store: ScriptedGraph, answer: Answer) -> None:
    assert gap_of(read(folder, store, answer))[0] is Reason.ERROR
