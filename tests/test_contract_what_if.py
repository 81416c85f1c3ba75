"""`what-if`: one answer per scenario in the same order, from a snapshot or from Graph, and nothing guessed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from access_tenants import MFA, policy, sign_in
from emulator import Running, serve
from govcheck.demo import generate
from tenants import Ended, rule, run, write_documents, write_snapshot
from tenants import policy as rules
from test_access_rules import rows

LOST = policy("lost", MFA, locations={"includeLocations": ["gone"]})


def ask(
    folder: Path, *lines: object, policies: tuple[dict[str, Any], ...] = (), options: tuple[str, ...] = ()
) -> Ended:
    if not (folder / "snapshot").exists():
        write_snapshot(folder / "snapshot", rows(*policies))
    written = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    (folder / "s.jsonl").write_text(written, "utf-8")
    return run(folder, "what-if", "--snapshot", "snapshot", "--scenarios", "s.jsonl", *options)


def answers(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.text.splitlines()]


FULL = {
    "id": "s1",
    "userId": "ann",
    "applicationId": "00000002-0000-0ff1-ce00-000000000000",
    "userAction": None,
    "authenticationContext": None,
    "clientAppType": "browser",
    "devicePlatform": "windows",
    "ipAddress": "203.0.113.7",
    "country": "NL",
    "signInRiskLevel": "none",
    "userRiskLevel": "none",
    "device": {"isCompliant": False, "trustType": None},
    "authenticationFlow": None,
}
"""A scenario as the design writes it."""


def test_a_scenario_as_the_design_writes_it_is_answered_with_its_seven_properties(tmp_path: Path) -> None:
    ended = ask(tmp_path, FULL, policies=(policy("p", MFA),), options=("--format", "jsonl"))
    [found] = answers(ended)
    assert list(found) == ["id", "outcome", "mfa", "requires", "applied", "reportOnly", "undecided"]
    assert (ended.code, ended.stderr) == (0, "")


def test_no_scenarios_give_no_answers_and_0(tmp_path: Path) -> None:
    ended = ask(tmp_path, options=("--format", "jsonl"))
    assert (ended.code, ended.stdout) == (0, b"")


def test_a_wrong_line_weighs_more_than_an_undecided_one_and_stops_nothing(tmp_path: Path) -> None:
    lines = (sign_in(id=1), sign_in(id=2, userId="nobody"), sign_in(id=3))
    ended = ask(tmp_path, *lines, policies=(LOST,), options=("--format", "jsonl"))
    assert ended.code == 2
    assert [each["id"] for each in answers(ended)] == [1, 2, 3]
    assert ["error" in each for each in answers(ended)] == [False, True, False]


@pytest.mark.parametrize(
    "change",
    [
        {"userAction": "registerSecurityInformation"},
        {"applicationId": None},
        {"clientAppType": "telnet"},
        {"ipAddress": "nowhere"},
        {"signInRiskLevel": "huge"},
    ],
)
def test_a_scenario_that_says_what_nobody_knows_is_an_error_of_its_line(
    tmp_path: Path, change: dict[str, object]
) -> None:
    ended = ask(tmp_path, FULL | change, FULL, policies=(policy("p", MFA),), options=("--format", "jsonl"))
    wrong, right = answers(ended)
    assert (ended.code, set(wrong), right["outcome"]) == (2, {"id", "error"}, "grant")


def test_a_snapshot_without_what_it_takes_says_so_on_every_line_and_ends_with_3(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", rules(rule("R", "teams", "owner_count >= 2")))
    assert run(tmp_path, "collect", "policies", "--tenant", "demo", "-o", "snapshot").code == 0
    ended = ask(tmp_path, sign_in(id=1), sign_in(id=2), options=("--format", "jsonl"))
    assert ended.code == 3
    assert [each["id"] for each in answers(ended)] == [1, 2]
    assert all("not_collected" in each["error"] for each in answers(ended))
    assert "conditional_access_policies" in ended.stderr


def test_a_line_that_cannot_be_read_is_2_whatever_the_snapshot_lacks(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "snapshot", {})
    ended = ask(tmp_path, sign_in(id=1), "{", {"id": 3}, options=("--format", "jsonl"))
    refused, broken, incomplete = answers(ended)
    assert ended.code == 2
    assert "not_collected" in refused["error"]
    assert "not_collected" not in broken["error"] + incomplete["error"]


def test_rules_over_effective_access_are_unknown_where_it_could_not_be_collected(tmp_path: Path) -> None:
    held = {name: listed for name, listed in rows(policy("p", MFA)).items() if name != "conditional_access_policies"}
    write_snapshot(tmp_path / "snapshot", held, gaps={"conditional_access_policies": "not_permitted"})
    expressions = {
        "MFA": "effective_mfa = 'always'",
        "STRONG": "effective_phishing_resistant = 'always'",
        "DEVICE": "device_required = 'always'",
        "LEGACY": "NOT legacy_auth_possible",
    }
    asked = [rule(name, "users", expect) for name, expect in expressions.items()]
    write_documents(
        tmp_path / "policies" / "house.yaml", rules(*asked, rule("PATHS", "sign_in_paths", "mfa = 'always'"))
    )
    ended = run(tmp_path, "check", "--snapshot", "snapshot", "--format", "json")
    assert ended.code == 3
    assert {found["id"]: (found["outcome"], found["reason"]) for found in ended.json["rules"]} == dict.fromkeys(
        [*expressions, "PATHS"], ("unknown", "not_permitted")
    )


# From Graph


@pytest.fixture(scope="module")
def graph() -> Iterator[Running]:
    with serve(generate(people=60)) as running:
        yield running


def test_graph_is_read_where_no_snapshot_is_given_and_says_the_same(graph: Running, tmp_path: Path) -> None:
    users = [user["id"] for user in generate(people=60).collections["/users"]][:5]
    lines = [json.dumps(FULL | {"id": name, "userId": name}) for name in users]
    (tmp_path / "s.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    settings = {
        "GOVCHECK_GRAPH_URL": graph.url,
        "GOVCHECK_ACCESS_TOKEN": graph.token(),
        "GOVCHECK_PACE": "0",
    }
    asked = ("what-if", "--scenarios", "s.jsonl", "--format", "jsonl")
    live = run(tmp_path, *asked, **settings)
    assert live.code == 0, live.stderr
    assert [each["id"] for each in answers(live)] == users
    assert not any("evaluate" in request.path for request in graph.log)
    write_documents(tmp_path / "policies" / "house.yaml", rules(rule("R", "users", "effective_mfa = 'always'")))
    assert run(tmp_path, "collect", "policies", "-o", "snapshot", **settings).code == 0
    assert run(tmp_path, *asked, "--snapshot", "snapshot").stdout == live.stdout
