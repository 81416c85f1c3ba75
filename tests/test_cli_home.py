"""Where GOVCHECK_HOME cannot be written: the work is done all the same, and one warning says what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import Running, serve
from govcheck.demo import generate
from tenants import run


@pytest.fixture(scope="module")
def graph() -> Iterator[Running]:
    with serve(generate(people=60)) as running:
        yield running


@pytest.fixture
def nowhere(tmp_path: Path) -> str:
    """A home inside a file, where nobody at all can write."""
    (tmp_path / "file").touch()
    return str(tmp_path / "file" / "home")


def test_a_check_of_the_demo_warns_once(tmp_path: Path, nowhere: str) -> None:
    ended = run(tmp_path, "check", "--tenant", "demo", "--select", "ACC-02", "-f", "json", GOVCHECK_HOME=nowhere)
    assert ended.stderr.count(nowhere) == 1
    lost = "no snapshot, no run, no line in the audit log"
    assert f"warning: {nowhere} cannot be written, so nothing is kept there: {lost}\n" in ended.stderr
    assert ended.json["rules"]


def test_a_check_of_a_tenant_warns_once(tmp_path: Path, nowhere: str, graph: Running) -> None:
    settings = {"GOVCHECK_GRAPH_URL": graph.url, "GOVCHECK_ACCESS_TOKEN": graph.token(), "GOVCHECK_PACE": "0"}
    ended = run(tmp_path, "check", "--select", "ACC-02", "-f", "json", GOVCHECK_HOME=nowhere, **settings)
    assert ended.stderr.count(nowhere) == 1
    assert ended.json["rules"]


def test_quiet_warns_of_nothing(tmp_path: Path, nowhere: str) -> None:
    ended = run(tmp_path, "check", "--tenant", "demo", "--select", "ACC-02", "-q", GOVCHECK_HOME=nowhere)
    assert ended.stderr == ""


def test_an_audit_log_alone_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "home" / "audit.jsonl").mkdir(parents=True)
    ended = run(tmp_path, "check", "--tenant", "demo", "--select", "ACC-02", "-f", "json")
    assert "not in the audit log" in ended.stderr
    assert "nothing is kept" not in ended.stderr
