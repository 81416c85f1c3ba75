"""From Graph over HTTP to a report, through the command line: what a user's machine does, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Running, serve
from emulator.permissions import DEMO_ROLES
from govcheck.demo import generate
from govcheck.shipped import shipped
from tenants import policy, rule, run, write_documents

AS_OF = "2026-10-01T08:00:00Z"
PACKS = shipped("policies")


@pytest.fixture(scope="module")
def graph() -> Iterator[Running]:
    with serve(generate()) as running:
        yield running


def settings(graph: Running, token: str | None = None) -> dict[str, str]:
    return {
        "GOVCHECK_GRAPH_URL": graph.url,
        "GOVCHECK_ACCESS_TOKEN": graph.token() if token is None else token,
        "GOVCHECK_PACE": "0",
    }


def without_run(report: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key != "run"}


def test_graph_over_http_gives_the_report_of_the_embedded_tenant(graph: Running, tmp_path: Path) -> None:
    live = run(tmp_path, "check", PACKS, PACKS / "examples", "--as-of", AS_OF, "-f", "json", **settings(graph))
    demo = run(tmp_path, "check", "--tenant", "demo", "-f", "json")
    assert live.code == demo.code == 1
    assert without_run(live.json) == without_run(demo.json)


def test_a_usage_report_gives_the_same_rows_over_http_as_from_the_embedded_tenant(tmp_path: Path) -> None:
    active = rule("USE", "team_activity", "active_users > 0 AND days_since(last_activity_date) < 30")
    write_documents(tmp_path / "policies" / "use.yaml", policy(active))
    with serve(generate(), granted=DEMO_ROLES | {"Reports.Read.All"}) as graph:
        live = run(tmp_path, "check", "policies", "--as-of", AS_OF, "-f", "json", **settings(graph))
    demo = run(tmp_path, "check", "policies", "--tenant", "demo", "-f", "json")
    assert without_run(live.json) == without_run(demo.json)
    [found] = demo.json["rules"]
    assert found["outcome"] == "fail"
    assert found["subjects"]["pass"] > 0
    assert demo.json["gaps"] == []


def test_a_snapshot_gives_the_same_bytes_again_apart_from_the_run_id(graph: Running, tmp_path: Path) -> None:
    collected = run(tmp_path, "collect", PACKS, PACKS / "examples", "-o", "snapshot", **settings(graph))
    assert collected.code == 3
    first, second = (
        run(tmp_path, "check", PACKS, PACKS / "examples", "--snapshot", "snapshot", "--as-of", AS_OF, "-f", "json")
        for _ in range(2)
    )
    assert first.stdout.replace(first.json["run"]["id"].encode(), second.json["run"]["id"].encode()) == second.stdout


def test_only_what_the_chosen_rules_read_is_asked_for(graph: Running, tmp_path: Path) -> None:
    start = len(graph.log)
    run(tmp_path, "check", "--select", "COM-12", **settings(graph))
    asked = {access.path for access in graph.log[start:] if not access.path.startswith("/groups/")}
    assert asked <= {"/organization", "/users", "/groups", "/$batch"}


def test_a_missing_permission_is_unknown_and_exits_3_when_nothing_failed(graph: Running, tmp_path: Path) -> None:
    token = graph.token(graph.graph.granted - {"AuditLog.Read.All"})
    ended = run(tmp_path, "check", "--select", "ACC-02", "-f", "json", **settings(graph, token))
    assert ended.code == 3
    [gap] = ended.json["gaps"]
    assert (gap["table"], gap["columns"], gap["reason"]) == ("users", ["is_mfa_capable"], "not_permitted")
    assert ended.json["summary"]["unknown"] == 1


def test_a_token_that_graph_does_not_know_exits_4_and_writes_nothing(graph: Running, tmp_path: Path) -> None:
    ended = run(tmp_path, "check", "-o", "json=report.json", **settings(graph, "nonsense"))
    assert ended.code == 4
    assert not (tmp_path / "report.json").exists()
    assert "Traceback" not in ended.stderr


def test_a_tenant_that_cannot_be_reached_exits_4(tmp_path: Path) -> None:
    nowhere = {"GOVCHECK_GRAPH_URL": "http://127.0.0.1:9/v1.0", "GOVCHECK_ACCESS_TOKEN": "a.b.c", "GOVCHECK_PACE": "0"}
    assert run(tmp_path, "check", **nowhere).code == 4


def test_plain_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    ended = run(tmp_path, "check", GOVCHECK_GRAPH_URL="http://graph.example/v1.0", GOVCHECK_ACCESS_TOKEN="a.b.c")
    assert ended.code == 2
