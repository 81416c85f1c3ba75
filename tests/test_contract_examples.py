"""`govcheck test` runs the examples inside policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tenants import Document, Ended, document, policy, rule, run, write_documents


def tried(tmp: Path, check: str, expect: str, passing: list[Any], failing: list[Any], **more: Any) -> Ended:
    as_of = more.pop("as_of", None)
    parameters: Document = more.pop("parameters", {})
    examples: Document = {"pass": passing, "fail": failing} | ({"as_of": as_of} if as_of else {})
    write_documents(
        tmp / "policies" / "house.yaml",
        policy(rule("R", check, expect, examples=examples, **more), parameters=parameters),
    )
    return run(tmp, "test")


YES, NO = {"id": "y", "is_mfa_capable": True}, {"id": "n", "is_mfa_capable": False}


def test_examples_that_are_right_end_with_0(tmp_path: Path) -> None:
    assert tried(tmp_path, "users", "is_mfa_capable", [YES], [NO]).code == 0


def test_an_example_that_should_pass_and_fails_ends_with_1(tmp_path: Path) -> None:
    ended = tried(tmp_path, "users", "is_mfa_capable", [NO], [NO])
    assert ended.code == 1
    assert "R" in ended.stdout.decode() + ended.stderr


def test_an_example_that_should_fail_and_passes_ends_with_1(tmp_path: Path) -> None:
    assert tried(tmp_path, "users", "is_mfa_capable", [YES], [YES]).code == 1


@pytest.mark.parametrize("place", ["pass", "fail"])
def test_an_example_that_is_unknown_is_wrong(tmp_path: Path, place: str) -> None:
    empty = [{"id": "e"}]
    passing, failing = (empty, [NO]) if place == "pass" else ([YES], empty)
    assert tried(tmp_path, "users", "is_mfa_capable", passing, failing).code == 1


@pytest.mark.parametrize("place", ["pass", "fail"])
def test_an_example_outside_where_is_wrong(tmp_path: Path, place: str) -> None:
    passing, failing = (YES | {"country": "BE"}, NO) if place == "pass" else (YES, NO | {"country": "BE"})
    rows = [{"country": "NL"} | row for row in (passing, failing)]
    assert tried(tmp_path, "users", "is_mfa_capable", [rows[0]], [rows[1]], where="country = 'NL'").code == 1


def test_columns_left_out_are_empty(tmp_path: Path) -> None:
    assert tried(tmp_path, "users", "country IS NULL", [{"id": "a"}], [{"id": "b", "country": "NL"}]).code == 0


def test_relations_left_out_are_empty_and_not_missing(tmp_path: Path) -> None:
    failing = {"id": "b", "devices": [{"id": "d", "is_encrypted": False}]}
    assert tried(tmp_path, "users", "all_of(devices, is_encrypted)", [{"id": "a"}], [failing]).code == 0
    assert tried(tmp_path, "users", "count_of(devices) = 0", [{"id": "a"}], [failing]).code == 0


def test_related_rows_nest_under_the_relation(tmp_path: Path) -> None:
    two = {"id": "t", "owners": [{"id": "a", "account_enabled": True}, {"id": "b", "account_enabled": True}]}
    one = {"id": "t", "owners": [{"id": "a", "account_enabled": True}, {"id": "b", "account_enabled": False}]}
    assert tried(tmp_path, "teams", "count_of(owners, account_enabled) >= 2", [two], [one]).code == 0


def test_related_rows_nest_two_deep(tmp_path: Path) -> None:
    good = {"id": "t", "owners": [{"id": "a", "devices": [{"id": "d", "is_encrypted": True}]}]}
    bad = {"id": "t", "owners": [{"id": "a", "devices": [{"id": "d", "is_encrypted": False}]}]}
    assert tried(tmp_path, "teams", "all_of(owners, any_of(devices, is_encrypted))", [good], [bad]).code == 0


def test_a_relation_to_one_row_takes_one_row(tmp_path: Path) -> None:
    good = {"id": "a", "manager": {"id": "m", "account_enabled": True}}
    bad = {"id": "a", "manager": {"id": "m", "account_enabled": False}}
    assert tried(tmp_path, "users", "any_of(manager, account_enabled)", [good], [bad]).code == 0


def test_computed_columns_follow_from_the_related_rows(tmp_path: Path) -> None:
    good = {"id": "t", "owners": [{"id": "a"}, {"id": "b"}]}
    assert tried(tmp_path, "teams", "owner_count >= 2", [good], [{"id": "t"}]).code == 0


def test_examples_run_on_the_first_of_january_2026(tmp_path: Path) -> None:
    passing = {"id": "a", "created_date_time": "2025-12-31T00:00:00Z"}
    failing = {"id": "b", "created_date_time": "2025-12-30T23:59:59Z"}
    assert tried(tmp_path, "users", "days_since(created_date_time) <= 1", [passing], [failing]).code == 0


def test_examples_may_choose_their_own_moment(tmp_path: Path) -> None:
    passing = {"id": "a", "created_date_time": "2026-06-01"}
    failing = {"id": "b", "created_date_time": "2026-01-01"}
    ended = tried(tmp_path, "users", "days_since(created_date_time) <= 1", [passing], [failing], as_of="2026-06-02")
    assert ended.code == 0


def test_a_threshold_is_ignored(tmp_path: Path) -> None:
    assert tried(tmp_path, "users", "is_mfa_capable", [YES], [NO], at_least=0.01).code == 0
    assert tried(tmp_path, "users", "is_mfa_capable", [YES], [NO], at_least=1).code == 0


def test_the_policys_own_defaults_hold_whatever_the_organisation_says(tmp_path: Path) -> None:
    write_documents(
        tmp_path / "policies" / "org.yaml", document("Organisation", "org", parameters={"house.land": "BE"})
    )
    rows = [{"id": "a", "country": "NL"}], [{"id": "b", "country": "BE"}]
    assert tried(tmp_path, "users", "country = :land", *rows, parameters={"land": "NL"}).code == 0


def test_tables_of_one_row_have_examples_too(tmp_path: Path) -> None:
    assert tried(tmp_path, "security_defaults", "is_enabled", [{"is_enabled": True}], [{"is_enabled": False}]).code == 0


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"id": "a", "is_mfa_capabel": True}, id="unknown column"),
        pytest.param({"id": "a", "is_mfa_capable": "yes"}, id="text for a boolean"),
        pytest.param({"id": "a", "methods_registered": "sms"}, id="text for a list"),
        pytest.param({"id": "a", "created_date_time": "soon"}, id="no time"),
        pytest.param({"id": "a", "devices": [{"id": "d", "nothing": 1}]}, id="unknown column of a related row"),
        pytest.param({"id": "a", "device": []}, id="unknown relation"),
    ],
)
def test_validate_checks_examples_against_the_tables_columns(tmp_path: Path, row: Document) -> None:
    tried(tmp_path, "users", "is_mfa_capable", [YES | row], [NO])
    ended = run(tmp_path, "validate")
    assert ended.code == 2
    assert "  --> policies/house.yaml:" in ended.stderr


def test_validate_does_not_run_examples(tmp_path: Path) -> None:
    tried(tmp_path, "users", "is_mfa_capable", [NO], [YES])
    assert run(tmp_path, "validate").code == 0


def test_a_policy_that_cannot_be_read_is_2(tmp_path: Path) -> None:
    assert tried(tmp_path, "users", "nothing_like_it", [YES], [NO]).code == 2


def test_the_shipped_packs_pass_their_own_examples(tmp_path: Path) -> None:
    assert run(tmp_path, "test").code == 0


def test_the_shipped_packs_are_valid_without_a_warning(tmp_path: Path) -> None:
    ended = run(tmp_path, "validate", "--format", "json")
    assert (ended.code, ended.json) == (0, [])
