"""A collection that is killed at whatever moment: the snapshot before stays, and the next one goes on with the rest."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from emulated import BOUGHT, EVERYTHING
from emulator import Running, serve
from govcheck.demo import Tenant, generate
from govcheck.snapshot import Snapshot, open_snapshot
from govcheck.snapshot.store import list_snapshots

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals work differently on Windows")

PAGE = 5
PAGE_AND_COUNT = 2
FEEDS = {"/groups": 2, "/users": 2}
"""Paths at which more than one feed is read: teams and groups, accounts and when they last signed in."""
IN_ALL = 100
"""Fewer than a whole collection asks for."""


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture(scope="module")
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant, granted=EVERYTHING, licences=BOUGHT, page_size=PAGE) as running:
        yield running


@pytest.fixture(scope="module")
def taken(graph: Running, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Counter[str]]:
    """A home with a snapshot, and how many requests for each path it took."""
    home = tmp_path_factory.mktemp("taken")
    collect(graph, home)
    return home, pages(graph)


@pytest.fixture
def home(taken: tuple[Path, Counter[str]], tmp_path: Path) -> Path:
    """A home that has a snapshot already."""
    return Path(shutil.copytree(taken[0], tmp_path / "home"))


def start(graph: Running, home: Path) -> subprocess.Popen[str]:
    """Start `govcheck collect` in a process of its own."""
    environment = os.environ | {
        "GOVCHECK_GRAPH_URL": graph.url,
        "GOVCHECK_ACCESS_TOKEN": graph.token(),
        "GOVCHECK_HOME": str(home),
        "GOVCHECK_PACE": "0",
    }
    command = [sys.executable, "-m", "govcheck", "collect", "-q", "--lang", "en"]
    return subprocess.Popen(command, env=environment, cwd=home, stdout=-1, stderr=-1, text=True)  # noqa: S603


def collect(graph: Running, home: Path) -> Snapshot:
    """Run a collection to its end and open what it took."""
    said, complaint = start(graph, home).communicate(timeout=60)
    assert said, complaint
    return open_snapshot(Path(said.strip()))


def rows(snapshot: Snapshot) -> dict[str, list[object]]:
    return {
        name: [row for file in entry.files for row in pq.read_table(snapshot.path / file).to_pylist()]
        for name, entry in snapshot.tables.items()
    }


def pages(graph: Running, since: int = 0) -> Counter[str]:
    """How many requests for each path were answered."""
    return Counter(access.path for access in graph.log[since:] if access.status == 200)


@pytest.mark.parametrize("moment", [2, 50, IN_ALL])
def test_what_arrived_before_it_was_killed_is_not_read_again(
    moment: int, graph: Running, taken: tuple[Path, Counter[str]], home: Path
) -> None:
    older, before = only_snapshot(home), len(graph.log)
    killed = start(graph, home)
    kill_when(killed, lambda: len(graph.log) >= before + moment)
    assert only_snapshot(home) == older
    newer = collect(graph, home)
    assert rows(newer) == rows(older)
    for path, times in (pages(graph, before) - taken[1]).items():
        assert times <= PAGE_AND_COUNT * FEEDS.get(path, 1), path


@pytest.mark.parametrize("where", ["work", "result"])
def test_killed_while_it_writes_it_leaves_what_there_was(where: str, graph: Running, home: Path) -> None:
    older = only_snapshot(home)
    killed = start(graph, home)
    kill_when(killed, lambda: any(home.glob(f"snapshots/*/.*.partial/{where}/*")))
    assert only_snapshot(home) == older
    newer = collect(graph, home)
    assert rows(newer) == rows(older)
    assert {found.path for found in list_snapshots(home)} == {older.path, newer.path}
    assert not [*home.glob("snapshots/*/.*.partial")]


def kill_when(process: subprocess.Popen[str], ready: Callable[[], bool]) -> None:
    """Kill a process as soon as something is so, which must be before it ends."""
    while not ready():
        assert process.poll() is None
        time.sleep(0.0005)
    process.kill()
    process.communicate()


def only_snapshot(home: Path) -> Snapshot:
    """The one snapshot in a home, whole."""
    [found] = list_snapshots(home)
    return open_snapshot(found.path)


def test_a_second_collector_of_the_same_home_says_so_and_stops(graph: Running, tmp_path: Path) -> None:
    first = start(graph, tmp_path)
    while not any(tmp_path.glob("snapshots/*/.*.partial/work/*/*")):  # by then it holds the lock
        assert first.poll() is None
        time.sleep(0.0005)
    first.send_signal(signal.SIGSTOP)
    second = start(graph, tmp_path)
    said, complaint = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "another collection" in complaint
    assert said == ""
    first.send_signal(signal.SIGCONT)
    said, complaint = first.communicate(timeout=60)
    assert open_snapshot(Path(said.strip())).tables["users"].rows > 0
