"""A collection that stops, however it stops, is gone on with; and two never work on one tenant at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from govcheck.diagnostics import GovcheckError
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.faults import SignInError
from govcheck.graph.plan import Needs
from govcheck.model import Text
from govcheck.snapshot import Snapshot, open_snapshot
from scripted_graph import EXPIRED, NOT_FOUND, Answer, ScriptedGraph, ScriptedSource, refused, rows

TAKEN_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
ORGANIZATION = rows({"id": "t-1", "displayName": "Contoso"})
LOST_PAGE = refused(400, "Directory_ExpiredPageToken", "The specified page token value has expired.")
NEEDS: Needs = {"users": {"department"}, "devices": {"compliance_state"}}
PARTIAL = ".t-1.partial"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshot"


def scripted() -> ScriptedGraph:
    """Three pages of people, and devices on one page."""
    graph = ScriptedGraph(organization=ORGANIZATION)
    for number in (1, 2, 3):
        following = f"{graph.url}/users-{number + 1}" if number < 3 else None
        path = f"/users-{number}" if number > 1 else "/users"
        graph.says(path, rows({"id": f"u{number}", "department": "Sales"}, following=following))
    graph.says("/deviceManagement/managedDevices", rows({"id": "d1", "complianceState": "compliant"}))
    return graph


def collect(
    graph: ScriptedGraph,
    folder: Path,
    *,
    needs: Needs = NEEDS,
    taken_at: datetime = TAKEN_AT,
    tell: Callable[[Text], None] = lambda _: None,
) -> Snapshot:
    source = ScriptedSource(url=graph.url)
    collect_snapshot(source, needs=needs, place=lambda *_: folder, taken_at=taken_at, tell=tell)
    return open_snapshot(folder)


def interrupt(graph: ScriptedGraph, folder: Path) -> None:
    """Let a collection end after two pages of people, as when the token runs out."""
    page = graph.script["/users-3"]
    graph.says("/users-3", EXPIRED)
    with pytest.raises(SignInError):
        collect(graph, folder)
    graph.script["/users-3"] = page
    graph.requests.clear()


def people(folder: Path) -> list[str]:
    return [row[0] for row in duckdb.read_parquet(f"{folder}/users.parquet").order("id").fetchall()]


def test_what_was_read_before_is_not_read_again(folder: Path) -> None:
    with scripted() as graph:
        interrupt(graph, folder)
        snapshot = collect(graph, folder)
    assert people(folder) == ["u1", "u2", "u3"]
    asked = [request.path.partition("?")[0] for request in graph.requests]
    assert asked.count("/users-3") == 1
    assert not {"/users", "/users-2", "/deviceManagement/managedDevices"} & {*asked}
    assert snapshot.tables["users"].requests == 3


def test_nothing_remains_beside_the_snapshot(folder: Path) -> None:
    with scripted() as graph:
        interrupt(graph, folder)
        assert [entry.name for entry in folder.parent.iterdir()] == [PARTIAL]
        collect(graph, folder)
    assert [entry.name for entry in folder.parent.iterdir()] == ["snapshot"]


def test_what_is_older_than_the_snapshot_says_so(folder: Path) -> None:
    later = TAKEN_AT + timedelta(hours=1)
    with scripted() as graph:
        interrupt(graph, folder)
        snapshot = collect(graph, folder, taken_at=later)
    assert snapshot.taken_at == later
    assert snapshot.tables["users"].read_at == TAKEN_AT
    assert snapshot.tables["organization"].read_at == later


def test_going_on_is_told_in_both_languages(folder: Path) -> None:
    told: list[Text] = []
    with scripted() as graph:
        interrupt(graph, folder)
        collect(graph, folder, tell=told.append)
    [words] = told
    assert "2026-10-01 08:00" in words.in_lang("nl")
    assert "2026-10-01 08:00" in words.in_lang("en")


@pytest.mark.parametrize(
    ("needs", "hours", "word"),
    [
        (NEEDS, 7, "too old"),
        (NEEDS, -7, "too old"),
        ({"users": {"job_title"}}, 0, "other things"),
        ({**NEEDS, "groups": {"id"}}, 0, "other things"),
    ],
)
def test_what_is_too_old_or_of_another_plan_is_thrown_away(folder: Path, needs: Needs, hours: int, word: str) -> None:
    told: list[Text] = []
    with scripted() as graph:
        interrupt(graph, folder)
        collect(graph, folder, needs=needs, taken_at=TAKEN_AT + timedelta(hours=hours), tell=told.append)
    assert len(graph.asked("/users")) >= 1
    assert [word in words.in_lang("en") for words in told] == [True]


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[40] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, flip_a_byte, lambda file: file.write_bytes(b"")])
@pytest.mark.parametrize("name", ["users-0/0000000.parquet", "users-0/0000001.parquet", "checkpoint.json"])
def test_what_is_damaged_is_thrown_away(folder: Path, name: str, damage: Callable[[Path], None]) -> None:
    told: list[Text] = []
    with scripted() as graph:
        interrupt(graph, folder)
        damage(folder.parent / PARTIAL / "work" / name)
        collect(graph, folder, tell=told.append)
    assert people(folder) == ["u1", "u2", "u3"]
    assert len(graph.asked("/users")) >= 1
    assert len(told) == 1


def test_a_page_whose_address_graph_no_longer_keeps_starts_that_feed_afresh(folder: Path) -> None:
    with scripted() as graph:
        interrupt(graph, folder)
        graph.script["/users-3"].insert(0, LOST_PAGE)
        collect(graph, folder)
    assert people(folder) == ["u1", "u2", "u3"]
    assert len(graph.asked("/users")) == 1
    assert graph.asked("/deviceManagement/managedDevices") == []


def test_a_feed_starts_afresh_once_and_no_more(folder: Path) -> None:
    with scripted() as graph:
        graph.says("/users-3", LOST_PAGE)
        snapshot = collect(graph, folder)
    gap = snapshot.tables["users"].gap
    assert gap is not None
    assert "Directory_ExpiredPageToken" in gap.detail.in_lang("en")
    assert len(graph.asked("/users-3")) == 2


def test_the_faults_of_earlier_pages_are_not_forgotten(folder: Path) -> None:
    with scripted() as graph:
        graph.script["/users"][0].body["value"][0]["department"] = 5
        interrupt(graph, folder)
        snapshot = collect(graph, folder)
    assert set(snapshot.tables["users"].column_gaps) == {"department"}


def user(name: str) -> dict[str, str]:
    return {"@odata.type": "#microsoft.graph.user", "id": name}


def test_memberships_go_on_in_the_middle_of_a_group(folder: Path) -> None:
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        teams = [{"id": f"g{number}", "owners": []} for number in range(1, 60)]
        graph.says("/groups", rows(*teams))
        for team in teams:
            graph.says(f"/groups/{team['id']}/members", rows(user("u1")))
        graph.says("/groups/g59/members", rows(user("u1"), following=f"{graph.url}/groups/g59/members-2"))
        graph.says("/groups/g59/members-2", EXPIRED)
        with pytest.raises(SignInError):
            collect(graph, folder, needs={"memberships": {"role"}})
        graph.says("/groups/g59/members-2", rows(user("u2")))
        graph.requests.clear()
        snapshot = collect(graph, folder, needs={"memberships": {"role"}})
    assert snapshot.tables["memberships"].rows == 60
    assert [request.path for request in graph.requests if "/members" in request.path] == ["/groups/g59/members-2"]


COLLECTING = """
import sys
from pathlib import Path
from govcheck.graph.auth import sign_in
from govcheck.graph.collect import collect_snapshot
source = sign_in({"GOVCHECK_ACCESS_TOKEN": "opaque", "GOVCHECK_GRAPH_URL": sys.argv[1]})
needs = {"users": {"department"}, "devices": {"compliance_state"}}
collect_snapshot(source, needs=needs, place=lambda *_: Path(sys.argv[2]))
"""


class Resting:
    """A collection in a process of its own, waiting for Graph before its third page."""

    def __init__(self, graph: ScriptedGraph, folder: Path) -> None:
        graph.requests.clear()
        self._page = graph.script["/users-3"]
        graph.says("/users-3", Answer(status=429, headers={"Retry-After": "60"}))
        command = [sys.executable, "-c", COLLECTING, graph.url, str(folder)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603 — our own interpreter
        deadline = time.monotonic() + 30
        while not (graph.asked("/users-3") and graph.asked("/deviceManagement/managedDevices")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        self._graph = graph

    def stop(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        assert self._process.wait(30) != 0
        self._graph.script["/users-3"] = self._page
        self._graph.requests.clear()


@pytest.mark.skipif(os.name == "nt", reason="signals work differently on Windows")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_collection_that_is_killed_leaves_no_snapshot_and_is_gone_on_with(folder: Path, how: signal.Signals) -> None:
    with scripted() as graph:
        older = collect(graph, folder.with_name("older"))
        Resting(graph, folder).stop(how)
        assert not folder.exists()
        assert open_snapshot(older.path) == older
        source = ScriptedSource(url=graph.url)
        collect_snapshot(source, needs=NEEDS, place=lambda *_: folder)
    assert people(folder) == ["u1", "u2", "u3"]
    assert graph.asked("/users") == graph.asked("/users-2") == []


@pytest.mark.skipif(os.name == "nt", reason="signals work differently on Windows")
def test_a_second_collection_of_the_same_tenant_says_so_and_stops(folder: Path) -> None:
    with scripted() as graph:
        first = Resting(graph, folder)
        with pytest.raises(GovcheckError, match="another collection") as caught:
            collect(graph, folder.with_name("other"))
        first.stop(signal.SIGKILL)
        assert caught.value.exit_code == 2
        collect_snapshot(ScriptedSource(url=graph.url), needs=NEEDS, place=lambda *_: folder)
    assert people(folder) == ["u1", "u2", "u3"]


def test_tenants_beside_each_other_do_not_wait_for_each_other(folder: Path) -> None:
    with scripted() as graph:
        interrupt(graph, folder)
        graph.says("/organization", rows({"id": "t-2"}))
        collect(graph, folder)
    assert sorted(entry.name for entry in folder.parent.iterdir()) == [PARTIAL, "snapshot"]


def test_a_tenant_that_cannot_be_read_at_all_leaves_nothing_to_go_on_with(folder: Path) -> None:
    with ScriptedGraph(organization=ORGANIZATION, users=NOT_FOUND) as graph:
        graph.says("/deviceManagement/managedDevices", EXPIRED)
        with pytest.raises(SignInError):
            collect(graph, folder)
    assert list(folder.parent.iterdir()) == []
