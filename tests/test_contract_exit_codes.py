"""Exit codes: one test per row of the table, and which code wins over which."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenants import (
    Ended,
    Rows,
    Verdicts,
    check,
    document,
    judge,
    members,
    person,
    policy,
    rule,
    run,
    team,
    write_documents,
    write_snapshot,
)

RULES = policy(
    rule("PASS", "users", "account_enabled", tags=["calm"]),
    rule("FAIL-HIGH", "users", "id <> 'bob'"),
    rule("FAIL-LOW", "users", "id <> 'ann'", severity="low"),
    rule("FAIL-INFO", "users", "id <> 'ann'", severity="info"),
    rule("GAP", "users", "is_mfa_capable", severity="medium"),
    rule("OPEN-ANN", "users", "id <> 'ann' OR is_mfa_capable"),
    rule("PARTLY", "users", "coalesce(office_location = 'x', TRUE) AND (id = 'x' OR country = 'NL')", at_least=0.5),
)
ORGANISATION = document(
    "Organisation",
    "org",
    units=[
        {"id": "support", "name": "Klantenservice", "kind": "team", "group": "g-support"},
        {"id": "sales", "name": "Verkoop", "kind": "team", "group": "g-sales"},
    ],
)
PEOPLE_PACK = policy(rule("PEOPLE", "users", "account_enabled"), name="pulse", people=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("codes")
    write_documents(found / "policies" / "house.yaml", ORGANISATION, RULES)
    names = ("ann", "bob", "cor", "dia", "eve", "fay")
    rows: Rows = {
        "users": [person(name, country=None if name == "fay" else "NL") for name in names],
        "teams": [team("g-twin-1", display_name="Twin"), team("g-twin-2", display_name="twin")],
        "memberships": [*members("g-support", ["ann", "bob"]), *members("g-sales", ["cor"])],
    }
    write_snapshot(found / "snapshot", rows, gaps={"users.is_mfa_capable": "not_licensed"})
    return found


def code(folder: Path, *arguments: str | Path) -> int:
    return check(folder, *arguments).code


def test_nothing_wrong_is_0(folder: Path) -> None:
    assert code(folder, "--select", "PASS") == 0


def test_findings_are_1(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-HIGH") == 1


def test_something_that_could_not_be_evaluated_is_3(folder: Path) -> None:
    assert code(folder, "--select", "GAP") == 3


def test_findings_win_over_what_could_not_be_evaluated(folder: Path) -> None:
    assert code(folder, "--select", "GAP", "--select", "FAIL-HIGH") == 1


def test_unknown_rows_in_a_rule_that_passes_do_not_count(folder: Path) -> None:
    ended = check(folder, "--select", "PARTLY", "-f", "json")
    assert Verdicts(ended).counts("PARTLY") == (5, 0, 1, 0)
    assert ended.code == 0


def test_by_default_findings_from_low_on_count(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-LOW") == 1
    assert code(folder, "--select", "FAIL-INFO") == 0


@pytest.mark.parametrize(("severity", "expected"), [("medium", 0), ("low", 1), ("info", 1)])
def test_fail_on_says_from_which_severity_findings_count(folder: Path, severity: str, expected: int) -> None:
    assert code(folder, "--select", "FAIL-LOW", "--fail-on", severity) == expected


@pytest.mark.parametrize(("severity", "expected"), [("high", 0), ("medium", 3)])
def test_fail_on_says_from_which_severity_unknown_counts(folder: Path, severity: str, expected: int) -> None:
    assert code(folder, "--select", "GAP", "--fail-on", severity) == expected


def test_exit_zero_turns_1_into_0(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-HIGH", "--exit-zero") == 0


def test_exit_zero_leaves_3_as_it_is(folder: Path) -> None:
    assert code(folder, "--select", "GAP", "--exit-zero") == 3


def test_exit_zero_leaves_2_as_it_is(folder: Path) -> None:
    assert code(folder, "--select", "NOTHING", "--exit-zero") == 2


def test_allow_unknown_turns_3_into_0(folder: Path) -> None:
    assert code(folder, "--select", "GAP", "--allow-unknown") == 0


def test_allow_unknown_leaves_1_as_it_is(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-HIGH", "--allow-unknown") == 1


def test_with_findings_forgiven_by_exit_zero_the_run_is_clean_whatever_is_unknown(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-HIGH", "--select", "GAP", "--exit-zero") == 0


# The baseline


def baseline(folder: Path, name: str, *arguments: str) -> Path:
    file = folder / f"{name}.json"
    file.write_bytes(check(folder, "-f", "json", *arguments).stdout)
    return file


def test_findings_of_the_baseline_do_not_count(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-HIGH", "--baseline", baseline(folder, "same", "--select", "FAIL-HIGH")) == 0


def test_a_baseline_without_names_will_do(folder: Path) -> None:
    known = baseline(folder, "nameless", "--select", "FAIL-HIGH", "--names", "pseudonymous")
    assert code(folder, "--select", "FAIL-HIGH", "--baseline", known) == 0


def test_findings_beside_the_baseline_count(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-HIGH", "--baseline", baseline(folder, "other", "--select", "FAIL-LOW")) == 1


def test_a_baseline_says_nothing_of_what_is_unknown(folder: Path) -> None:
    known = baseline(folder, "unknown", "--select", "FAIL-HIGH", "--select", "GAP")
    assert code(folder, "--select", "FAIL-HIGH", "--select", "GAP", "--baseline", known) == 3


@pytest.mark.parametrize("content", [None, "no JSON", "[]", '{"schema": "something/v1"}'])
def test_a_baseline_that_is_no_report_is_2(folder: Path, content: str | None) -> None:
    file = folder / "no-report.json"
    file.unlink(missing_ok=True)
    if content is not None:
        file.write_text(content, "utf-8")
    ended = check(folder, "--select", "FAIL-HIGH", "--baseline", file)
    assert (ended.code, ended.stdout) == (2, b"")
    assert "no-report.json" in ended.stderr


# One team


def test_a_team_narrows_the_exit_code(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-HIGH", "--team", "support") == 1
    assert code(folder, "--select", "FAIL-HIGH", "--team", "sales") == 0


def test_a_team_narrows_findings_and_units(folder: Path) -> None:
    verdicts = Verdicts(check(folder, "-f", "json", "--select", "FAIL-HIGH,FAIL-LOW", "--team", "support"))
    assert [found["subject"]["id"] for found in verdicts.report["findings"]] == ["bob", "ann"]
    assert [unit["id"] for unit in verdicts.report["units"]] == ["support"]


def test_a_team_leaves_the_evaluation_of_rules_tenant_wide(folder: Path) -> None:
    verdicts = Verdicts(check(folder, "-f", "json", "--select", "FAIL-HIGH", "--team", "sales"))
    assert verdicts.outcome("FAIL-HIGH") == ("fail", None)
    assert verdicts.counts("FAIL-HIGH") == (5, 1, 0, 0)


def test_a_team_narrows_what_is_unknown_too(folder: Path) -> None:
    assert code(folder, "--select", "OPEN-ANN", "--team", "support") == 3
    assert code(folder, "--select", "OPEN-ANN", "--team", "sales") == 0


@pytest.mark.parametrize("name", ["support", "SUPPORT", "Klantenservice", "klantenSERVICE"])
def test_a_team_is_found_by_id_or_exact_name_whatever_the_case(folder: Path, name: str) -> None:
    assert code(folder, "--select", "FAIL-HIGH", "--team", name) == 1


@pytest.mark.parametrize("name", ["Klanten", "nowhere", "g-support"])
def test_an_unknown_team_is_2(folder: Path, name: str) -> None:
    ended = check(folder, "--select", "FAIL-HIGH", "--team", name)
    assert (ended.code, ended.stdout) == (2, b"")
    assert name in ended.stderr


def test_a_name_that_several_teams_have_is_2_and_lists_their_ids(folder: Path) -> None:
    ended = check(folder, "--select", "FAIL-HIGH", "--team", "Twin")
    assert (ended.code, ended.stdout) == (2, b"")
    assert "g-twin-1" in ended.stderr
    assert "g-twin-2" in ended.stderr


# People packs


@pytest.fixture(scope="module")
def with_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("people")
    calm = policy(rule("PASS", "users", "account_enabled"))
    judge(found, [calm, PEOPLE_PACK], {"users": [person(f"p{at}", department="x") for at in range(9)]})
    return found


def test_a_closed_people_pack_is_unknown_and_not_permitted(with_people: Path) -> None:
    verdicts = Verdicts(check(with_people, "-f", "json"))
    assert verdicts.outcome("PEOPLE") == ("unknown", "not_permitted")
    assert verdicts.findings("PEOPLE") == []


def test_a_closed_people_pack_that_nobody_named_does_not_count(with_people: Path) -> None:
    assert code(with_people) == 0


@pytest.mark.parametrize("name", ["pulse", "PEOPLE"])
def test_a_closed_people_pack_that_was_selected_is_3(with_people: Path, name: str) -> None:
    assert code(with_people, "--select", name) == 3


def test_a_closed_people_pack_named_by_path_is_3(with_people: Path) -> None:
    assert code(with_people, "policies/house.yaml") == 3


# Signing in


def test_a_tenant_that_cannot_be_reached_is_4(folder: Path) -> None:
    ended = run(
        folder,
        "check",
        "--select",
        "FAIL-HIGH",
        GOVCHECK_GRAPH_URL="http://127.0.0.1:9/v1.0",
        GOVCHECK_ACCESS_TOKEN="made-up",
    )
    assert (ended.code, ended.stdout) == (4, b"")
    assert ended.stderr


def test_plain_http_off_loopback_is_2(folder: Path) -> None:
    ended = run(
        folder,
        "check",
        "--select",
        "FAIL-HIGH",
        GOVCHECK_GRAPH_URL="http://graph.example/v1.0",
        GOVCHECK_ACCESS_TOKEN="x",
    )
    assert (ended.code, ended.stdout) == (2, b"")


def test_wrong_usage_wins_over_findings(folder: Path) -> None:
    assert code(folder, "--select", "FAIL-HIGH", "--team", "nowhere") == 2


# Other commands


@pytest.mark.parametrize(
    "arguments",
    [
        *(["list", what] for what in ("rules", "tables", "formats", "snapshots", "runs")),
        ["explain", "PASS"],
        ["validate"],
        ["schema", "policy"],
    ],
)
def test_looking_things_up_is_0(folder: Path, arguments: list[str]) -> None:
    assert run(folder, *arguments).code == 0


def test_collecting_with_gaps_is_3(tmp_path: Path) -> None:
    ended: Ended = run(tmp_path, "collect", "--tenant", "demo", "-o", "whole")
    manifest = json.loads((tmp_path / "whole" / "manifest.json").read_text("utf-8"))
    gaps = any(table["gap"] or table["column_gaps"] for table in manifest["tables"].values())
    assert ended.code == (3 if gaps else 0)


def test_collecting_everything_asked_for_is_0(tmp_path: Path) -> None:
    assert run(tmp_path, "collect", "--tenant", "demo", "--select", "ROL-01", "-o", "whole").code == 0
