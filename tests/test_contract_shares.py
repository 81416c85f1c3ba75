"""Thresholds: when a unit passes for certain, which share it shows, and whose threshold holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tenants import (
    Document,
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
)

Counts = tuple[int, int, int]


def people(unit: str, passing: int, failing: int, unknown: int = 0, **columns: object) -> list[dict[str, object]]:
    marks = [True] * passing + [False] * failing + [None] * unknown
    return [person(f"{unit}{at:02d}", is_mfa_capable=mark, **columns) for at, mark in enumerate(marks)]


def threshold(name: str, at_least: object, **more: object) -> Document:
    return rule(name, "users", "is_mfa_capable", at_least=at_least, **more)


def departments(tmp: Path, sizes: dict[str, Counts], *rules: Document, arguments: tuple[str, ...] = ()) -> Verdicts:
    users = [user for name, counts in sizes.items() for user in people(name, *counts, department=name)]
    return judge(tmp, [policy(*rules)], {"users": users}, *arguments)


def row(verdicts: Verdicts, name: str, unit: str) -> tuple[str, str | None]:
    found = verdicts.verdict(name, unit)
    return found["outcome"], found["reason"]


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    rules = [
        threshold("LOW", 0.8),
        threshold("MIDDLE", 0.9),
        threshold("HIGH", 0.95),
        threshold("THIRD", 0.3, where="department = 'thirds'"),
        threshold("ALL-PASS", 0.8, where="department = 'whole'"),
        threshold("NOBODY", 0.8, where="department = 'nowhere'"),
    ]
    sizes = {"mixed": (8, 1, 1), "whole": (10, 0, 0), "thirds": (2, 4, 0), "exact": (19, 1, 0), "open": (0, 0, 6)}
    return departments(tmp_path_factory.mktemp("decided"), sizes, *rules)


def test_a_unit_passes_when_it_would_even_if_every_unknown_failed(decided: Verdicts) -> None:
    assert row(decided, "LOW", "mixed") == ("pass", None)


def test_a_unit_fails_when_it_would_even_if_every_unknown_passed(decided: Verdicts) -> None:
    assert row(decided, "HIGH", "mixed") == ("fail", None)


def test_a_unit_is_unknown_when_the_unknown_rows_decide(decided: Verdicts) -> None:
    assert row(decided, "MIDDLE", "mixed") == ("unknown", "null_value")


def test_a_share_equal_to_the_threshold_passes(decided: Verdicts) -> None:
    assert row(decided, "HIGH", "exact") == ("pass", None)


def test_a_unit_with_nothing_but_unknown_rows_is_unknown(decided: Verdicts) -> None:
    assert row(decided, "LOW", "open") == ("unknown", "null_value")


def test_a_share_is_passing_over_passing_and_failing_rows(decided: Verdicts) -> None:
    assert decided.verdict("LOW", "mixed")["share"] == 0.8889


def test_a_share_is_rounded_to_four_decimals(decided: Verdicts) -> None:
    assert decided.verdict("THIRD", "thirds")["share"] == 0.3333


def test_a_share_without_decided_rows_is_null(decided: Verdicts) -> None:
    assert decided.verdict("LOW", "open")["share"] is None


def test_a_rule_without_rows_in_scope_does_not_apply(decided: Verdicts) -> None:
    assert decided.outcome("NOBODY") == ("not_applicable", None)


def test_failing_rows_in_a_unit_that_passes_are_tolerated_findings(decided: Verdicts) -> None:
    assert [found["tolerated"] for found in decided.findings("LOW") if found["subject"]["id"] == "mixed08"] == [True]


def test_failing_rows_in_a_unit_that_fails_are_not_tolerated(decided: Verdicts) -> None:
    assert [found["tolerated"] for found in decided.findings("HIGH") if found["subject"]["id"] == "mixed08"] == [False]


def test_a_row_is_not_tolerated_when_one_of_its_other_units_fails(tmp_path: Path) -> None:
    users = people("big", 18, 1, department="big") + people("poor", 0, 6, department="poor")
    organisation = document("Organisation", "org", units=[{"id": "squad", "kind": "team", "group": "g"}])
    rows: Rows = {"users": users, "memberships": members("g", ["big18", "poor00", "poor01", "poor02", "poor03"])}
    verdicts = judge(tmp_path, [organisation, policy(threshold("R", 0.5))], rows)
    assert row(verdicts, "R", "big") == ("pass", None)
    assert verdicts.finding("R", "big18")["tolerated"] is False


def test_a_threshold_compares_the_exact_share_and_not_the_rounded_one(tmp_path: Path) -> None:
    sizes = {"big": (19999, 1, 0)}
    verdicts = departments(tmp_path, sizes, threshold("R", 0.99996))
    assert row(verdicts, "R", "big") == ("fail", None)


def test_tolerated_findings_do_not_count_for_the_exit_code(tmp_path: Path) -> None:
    assert departments(tmp_path, {"d": (9, 1, 0)}, threshold("R", 0.9)).ended.code == 0


def test_waived_rows_are_in_neither_side_of_a_share(tmp_path: Path) -> None:
    exception = {"id": "EX", "rule": "R", "subjects": ["d08", "d09"], "reason": "Agreed.", "owner": "teamlead"}
    waivers = document(
        "Exceptions",
        "waivers",
        effective="2026-09-01",
        exceptions=[exception | {"approved_by": "ciso", "expires": "2026-10-31"}],
    )
    rows: Rows = {"users": people("d", 7, 2, 1, department="d")}
    verdicts = judge(tmp_path, [policy(threshold("R", 0.8)), waivers], rows)
    assert verdicts.counts("R", "d") == (7, 1, 0, 2)
    assert verdicts.verdict("R", "d")["share"] == 0.875
    assert row(verdicts, "R", "d") == ("pass", None)


# Small groups


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    folder = tmp_path_factory.mktemp("small")
    rules = [
        threshold("R", 0.9),
        rule("PLAIN", "users", "is_mfa_capable"),
        threshold("FEW", 0.9, where="department = 'four'"),
        rule("DEVICES", "devices", "is_encrypted", at_least=0.9),
        rule("TEAMS", "teams", "visibility = 'Private'", at_least=0.9),
    ]
    users = [
        *people("four", 0, 4, department="four"),
        *people("five", 5, 0, department="five"),
        *people("many", 50, 0, department="many"),
    ]
    devices = [{"id": f"d{at}", "user_id": "many00", "is_encrypted": False} for at in range(4)]
    rows: Rows = {
        "users": users,
        "devices": devices,
        "teams": [team(name, visibility="Public") for name in ("t1", "t2")],
    }
    return judge(folder, [policy(*rules)], rows)


def test_a_unit_with_fewer_than_five_people_in_scope_is_suppressed(small: Verdicts) -> None:
    assert row(small, "R", "four") == ("not_applicable", "suppressed")


def test_a_suppressed_unit_has_neither_share_nor_counts(small: Verdicts) -> None:
    found = small.verdict("R", "four")
    assert [found[key] for key in ("pass", "fail", "unknown", "waived", "share")] == [None] * 5


def test_a_unit_with_five_people_is_shown(small: Verdicts) -> None:
    assert small.verdict("R", "five")["share"] == 1


def test_a_suppressed_unit_rolls_up_into_its_parent(small: Verdicts) -> None:
    assert small.counts("R", "organisation") == (55, 4, 0, 0)


def test_rules_without_a_threshold_are_never_suppressed(small: Verdicts) -> None:
    assert small.counts("PLAIN", "four") == (0, 4, 0, 0)


def test_a_rule_with_every_unit_suppressed_is_unknown(small: Verdicts) -> None:
    assert small.outcome("FEW") == ("unknown", "suppressed")


def test_rows_about_people_in_other_tables_count_too(small: Verdicts) -> None:
    assert row(small, "DEVICES", "many") == ("not_applicable", "suppressed")


def test_tables_that_are_not_about_people_are_never_suppressed(small: Verdicts) -> None:
    assert row(small, "TEAMS", "organisation") == ("fail", None)


def test_without_names_counts_no_other_unit_is_hidden(small: Verdicts) -> None:
    assert small.counts("R", "five") == (5, 0, 0, 0)


def test_a_suppressed_unit_never_affects_the_exit_code(tmp_path: Path) -> None:
    sizes = {"four": (0, 4, 0), "many": (50, 0, 0)}
    assert departments(tmp_path, sizes, threshold("R", 0.9)).ended.code == 0


def test_the_organisation_chooses_its_own_smallest_group(tmp_path: Path) -> None:
    organisation = document("Organisation", "org", privacy={"min_group": 3})
    rows: Rows = {"users": people("three", 3, 0, department="three") + people("two", 2, 0, department="two")}
    verdicts = judge(tmp_path, [organisation, policy(threshold("R", 0.5))], rows)
    assert row(verdicts, "R", "three") == ("pass", None)
    assert row(verdicts, "R", "two") == ("not_applicable", "suppressed")


# Complementary suppression


def hidden(verdicts: Verdicts, name: str = "R") -> list[str]:
    return sorted(found["unit"] for found in verdicts.rule(name)["units"] if found["reason"] == "suppressed")


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param({"a": 20, "b": 10, "c": 3}, ["b", "c"], id="one hidden, so the smallest visible one too"),
        pytest.param({"b": 10, "a": 10, "c": 3}, ["a", "c"], id="of equal ones the first by id"),
        pytest.param({"a": 20, "b": 10, "c": 2, "d": 2}, ["b", "c", "d"], id="too few together"),
        pytest.param({"a": 20, "b": 10, "c": 3, "d": 3}, ["c", "d"], id="enough together"),
        pytest.param({"a": 20, "b": 10}, [], id="nothing to hide"),
    ],
)
def test_with_names_counts_a_hidden_unit_cannot_be_computed_from_its_siblings(
    tmp_path: Path, sizes: dict[str, int], expected: list[str]
) -> None:
    counts = {name: (size, 0, 0) for name, size in sizes.items()}
    verdicts = departments(tmp_path, counts, threshold("R", 0.5), arguments=("--names", "counts"))
    assert hidden(verdicts) == expected


def test_people_without_a_department_are_hidden_as_a_department_is(tmp_path: Path) -> None:
    rows: Rows = {
        "users": people("c", 3, 0, department="c") + people("none", 7, 0) + people("a", 20, 0, department="a")
    }
    verdicts = judge(tmp_path, [policy(threshold("R", 0.5))], rows, "--names", "counts")
    assert hidden(verdicts) == ["c", "unassigned"]


def test_a_threshold_rule_alone_is_hidden_by_siblings(tmp_path: Path) -> None:
    sizes = {"a": (20, 0, 0), "b": (10, 0, 0), "c": (3, 0, 0)}
    rules = (rule("PLAIN", "users", "is_mfa_capable"), threshold("R", 0.5))
    verdicts = departments(tmp_path, sizes, *rules, arguments=("--names", "counts"))
    assert hidden(verdicts, "PLAIN") == []


def house(*teams: tuple[str, int, int]) -> tuple[Document, dict[str, list[Any]]]:
    """A department `p` of 20 with `teams` (first and last person), beside departments `q` and `r`."""
    units: list[Any] = [{"id": "p", "kind": "department", "department": "p"}]
    units += [{"id": name, "kind": "team", "parent": "p", "group": name} for name, _, _ in teams]
    users = [
        user for name, size in (("p", 20), ("q", 30), ("r", 40)) for user in people(name, size, 0, department=name)
    ]
    memberships = [
        link for name, first, last in teams for link in members(name, [f"p{at:02d}" for at in range(first, last)])
    ]
    return document("Organisation", "org", units=units), {"users": users, "memberships": memberships}


def test_where_no_sibling_is_left_the_parent_is_hidden(tmp_path: Path) -> None:
    organisation, rows = house(("t1", 0, 3))
    verdicts = judge(tmp_path, [organisation, policy(threshold("R", 0.5))], rows, "--names", "counts")
    assert {"t1", "p"} <= set(hidden(verdicts))


def test_a_hidden_parent_cannot_be_computed_from_its_siblings_either(tmp_path: Path) -> None:
    organisation, rows = house(("t1", 0, 3))
    verdicts = judge(tmp_path, [organisation, policy(threshold("R", 0.5))], rows, "--names", "counts")
    assert hidden(verdicts) == ["p", "q", "t1"]


def test_of_visible_teams_the_smallest_is_hidden_beside_a_small_one(tmp_path: Path) -> None:
    organisation, rows = house(("t1", 0, 3), ("t2", 3, 9), ("t3", 9, 20))
    verdicts = judge(tmp_path, [organisation, policy(threshold("R", 0.5))], rows, "--names", "counts")
    assert hidden(verdicts) == ["t1", "t2"]


def test_a_team_that_overlaps_a_visible_sibling_is_never_picked(tmp_path: Path) -> None:
    organisation, rows = house(("t1", 0, 3), ("t2", 3, 8), ("t3", 7, 12), ("t4", 12, 20))
    verdicts = judge(tmp_path, [organisation, policy(threshold("R", 0.5))], rows, "--names", "counts")
    assert hidden(verdicts) == ["t1", "t4"]


def test_where_every_visible_sibling_overlaps_the_parent_is_hidden(tmp_path: Path) -> None:
    organisation, rows = house(("t1", 0, 3), ("t2", 3, 12), ("t3", 8, 20))
    verdicts = judge(tmp_path, [organisation, policy(threshold("R", 0.5))], rows, "--names", "counts")
    assert {"t1", "p"} <= set(hidden(verdicts))
    assert not {"t2", "t3"} & set(hidden(verdicts))


def test_under_the_organisation_teams_are_no_candidates(tmp_path: Path) -> None:
    users = people("a", 20, 0, department="a") + people("b", 10, 0, department="b") + people("c", 3, 0, department="c")
    rows: Rows = {"users": users, "teams": [team("t")], "memberships": members("t", [f"a{at:02d}" for at in range(6)])}
    verdicts = judge(tmp_path, [policy(threshold("R", 0.5))], rows, "--names", "counts")
    assert hidden(verdicts) == ["b", "c"]


# Whose threshold holds

ORGANISATION: Document = document(
    "Organisation",
    "org",
    parameters={"house.low": 0.7},
    units=[
        {"id": "ops", "kind": "department", "department": "ops", "parameters": {"house.low": 0.9}},
        {"id": "near", "kind": "team", "parent": "ops", "group": "near", "parameters": {"house.low": 0.8}},
        {"id": "under", "kind": "team", "parent": "ops", "group": "under"},
        {"id": "apart", "kind": "team", "group": "apart"},
    ],
)
WITH_PARAMETERS = policy(threshold("R", ":low"), threshold("FILE", ":file"), parameters={"low": 0.99, "file": 0.99})


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("levels")
    users = people("u", 8, 2, department="ops")
    rows: Rows = {
        "users": users,
        "memberships": [
            link for name in ("near", "under", "apart") for link in members(name, [str(user["id"]) for user in users])
        ],
    }
    judge(folder, [ORGANISATION, WITH_PARAMETERS], rows)
    return folder


@pytest.mark.parametrize(
    ("unit", "outcome"),
    [("near", "pass"), ("under", "fail"), ("ops", "fail"), ("apart", "pass"), ("organisation", "pass")],
)
def test_the_nearest_threshold_wins(levels: Path, unit: str, outcome: str) -> None:
    assert Verdicts(check(levels, "-f", "json")).units_of("R")[unit] == outcome


def test_without_an_override_the_policys_own_threshold_holds(levels: Path) -> None:
    assert set(Verdicts(check(levels, "-f", "json")).units_of("FILE").values()) == {"fail"}


@pytest.mark.parametrize(("value", "outcome"), [("0.99", "fail"), ("0.5", "pass")])
def test_a_threshold_on_the_command_line_beats_all_others(levels: Path, value: str, outcome: str) -> None:
    verdicts = Verdicts(check(levels, "-f", "json", "--set", f"house.low={value}"))
    assert set(verdicts.units_of("R").values()) == {outcome}


def test_an_override_per_unit_of_a_parameter_used_elsewhere_is_an_error_that_names_the_use(tmp_path: Path) -> None:
    unit = {"id": "ops", "kind": "department", "department": "ops", "parameters": {"house.days": 3}}
    rules = policy(rule("USES", "users", "days_since(created_date_time) <= :days"), parameters={"days": 30})
    write_documents(tmp_path / "policies" / "house.yaml", document("Organisation", "org", units=[unit]), rules)
    ended = run(tmp_path, "validate")
    assert ended.code == 2
    assert "USES" in ended.stderr
