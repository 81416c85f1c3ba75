"""A gap is not an empty value: what could not be collected stays unknown, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenants import Rows, Verdicts, judge, members, person, policy, rule, team

RULES = policy(
    rule("PLAIN", "users", "is_mfa_capable"),
    rule("ISNULL", "users", "is_mfa_capable IS NULL"),
    rule("ISNOTNULL", "users", "is_mfa_capable IS NOT NULL"),
    rule("COALESCE", "users", "coalesce(is_mfa_capable, TRUE)"),
    rule("CASE", "users", "CASE WHEN is_mfa_capable THEN TRUE ELSE TRUE END"),
    rule("SHORT", "users", "account_enabled OR is_mfa_capable"),
    rule("DECIDED", "users", "NOT account_enabled AND is_mfa_capable"),
    rule("WHERE", "users", "account_enabled", where="is_mfa_capable"),
    rule("WHERE-OUT", "users", "account_enabled", where="is_mfa_capable AND length(id) = 9"),
    rule("WHERE-BOTH", "users", "account_enabled", where="is_mfa_capable AND country = 'NL'"),
    rule("SETTING", "sharepoint_settings", "is_legacy_auth_protocols_enabled = FALSE"),
    rule("ANY", "users", "any_of(devices, is_encrypted)"),
    rule("ALLOF", "users", "all_of(devices, is_encrypted)"),
    rule("COUNT", "users", "count_of(devices) >= 0"),
    rule("SHARE", "users", "coalesce(share_of(devices, is_encrypted), 1) >= 0"),
    rule("GAPINSIDE", "teams", "all_of(members, is_mfa_capable)"),
    rule("INSIDENULL", "teams", "any_of(members, is_mfa_capable IS NULL)"),
    rule("LEVELS", "users", "any_of(teams, visibility = 'private')"),
    rule("TWO", "users", "is_mfa_capable AND job_title = 'x' AND mail = 'y'"),
    rule("NULLGAP", "users", "coalesce(is_mfa_capable, TRUE) AND country = 'NL'"),
    rule("ABSENT", "named_locations", "is_trusted"),
    rule("MESSAGE", "users", "id <> 'ann'", message="{mail} is wrong"),
    rule("ALLTRUE", "users", "length(id) = 3 OR is_mfa_capable"),
    rule("MANAGER", "users", "any_of(manager, account_enabled)"),
    rule("REPORTS", "users", "count_of(direct_reports) = 0"),
    rule("GUESTS", "teams", "guest_count = 0"),
    rule("MISSWHERE", "users", "account_enabled", where="any_of(devices, is_encrypted)"),
)
GAPS = {
    "users.is_mfa_capable": "not_licensed",
    "users.job_title": "not_collected",
    "users.mail": "not_permitted",
    "sharepoint_settings": "not_permitted",
    "devices": "not_licensed",
    "teams.visibility": "not_permitted",
    "users.manager_id": "not_permitted",
    "users.user_type": "not_permitted",
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    rows: Rows = {
        "users": [person("ann"), person("bob", user_type="Guest"), person("cor", account_enabled=False)],
        "teams": [team("t1"), team("t2")],
        "memberships": members("t1", ["ann", "bob"]),
    }
    return judge(tmp_path_factory.mktemp("gaps"), [RULES], rows, gaps=GAPS)


@pytest.mark.parametrize("name", ["PLAIN", "ISNULL", "ISNOTNULL", "COALESCE", "CASE"])
def test_an_expectation_that_must_look_at_a_gap_is_unknown_for_every_row(verdicts: Verdicts, name: str) -> None:
    assert verdicts.counts(name) == (0, 0, 3, 0)


@pytest.mark.parametrize("name", ["PLAIN", "ISNULL", "ISNOTNULL", "COALESCE", "CASE"])
def test_a_rule_on_a_gap_gives_the_gaps_reason(verdicts: Verdicts, name: str) -> None:
    assert verdicts.outcome(name) == ("unknown", "not_licensed")


def test_a_row_that_is_true_whatever_the_gap_holds_passes(verdicts: Verdicts) -> None:
    assert verdicts.counts("SHORT") == (2, 0, 1, 0)


def test_a_row_that_is_false_whatever_the_gap_holds_fails(verdicts: Verdicts) -> None:
    assert verdicts.counts("DECIDED") == (0, 2, 1, 0)


def test_a_where_that_must_look_at_a_gap_leaves_rows_in_scope_and_unknown(verdicts: Verdicts) -> None:
    assert verdicts.rule("WHERE")["subjects"] == {"pass": 0, "fail": 0, "unknown": 3, "waived": 0, "undecided": 0}


def test_a_where_that_is_false_whatever_the_gap_holds_leaves_rows_out(verdicts: Verdicts) -> None:
    assert verdicts.outcome("WHERE-OUT") == ("not_applicable", None)


def test_a_where_left_open_by_a_gap_and_an_empty_value_together_is_unknown(verdicts: Verdicts) -> None:
    assert verdicts.rule("WHERE-BOTH")["subjects"] == {"pass": 0, "fail": 0, "unknown": 3, "waived": 0, "undecided": 0}


def test_a_missing_table_makes_the_rule_unknown_with_zero_counts(verdicts: Verdicts) -> None:
    assert verdicts.outcome("SETTING") == ("unknown", "not_permitted")
    assert verdicts.rule("SETTING")["subjects"] == {"pass": 0, "fail": 0, "unknown": 0, "waived": 0, "undecided": 0}


def test_a_table_that_the_snapshot_does_not_name_was_not_collected(verdicts: Verdicts) -> None:
    assert verdicts.outcome("ABSENT") == ("unknown", "not_collected")


@pytest.mark.parametrize("name", ["ANY", "ALLOF", "COUNT", "SHARE"])
def test_a_relation_that_was_not_collected_is_unknown_and_not_empty(verdicts: Verdicts, name: str) -> None:
    assert verdicts.counts(name) == (0, 0, 3, 0)
    assert verdicts.outcome(name) == ("unknown", "not_licensed")


def test_a_where_over_a_missing_relation_leaves_rows_in_scope_and_unknown(verdicts: Verdicts) -> None:
    assert verdicts.counts("MISSWHERE") == (0, 0, 3, 0)


def test_a_gap_inside_a_relation_matters_only_where_there_are_related_rows(verdicts: Verdicts) -> None:
    assert verdicts.counts("GAPINSIDE") == (1, 0, 1, 0)


def test_is_null_inside_a_relation_sees_no_gap_as_empty(verdicts: Verdicts) -> None:
    assert verdicts.counts("INSIDENULL") == (0, 1, 1, 0)


def test_a_gap_in_a_related_table_gives_its_own_reason(verdicts: Verdicts) -> None:
    assert verdicts.verdict("LEVELS", "t1")["reason"] == "not_permitted"
    assert verdicts.counts("LEVELS") == (0, 1, 2, 0)


def test_the_first_reason_in_the_order_of_precedence_is_given(verdicts: Verdicts) -> None:
    assert verdicts.outcome("TWO") == ("unknown", "not_permitted")


def test_a_gap_comes_before_an_empty_value(verdicts: Verdicts) -> None:
    assert verdicts.outcome("NULLGAP") == ("unknown", "not_licensed")


@pytest.mark.parametrize("name", ["PLAIN", "WHERE", "SETTING", "ANY", "TWO", "NULLGAP"])
def test_rows_unknown_because_of_a_gap_are_never_findings(verdicts: Verdicts, name: str) -> None:
    assert verdicts.findings(name) == []


@pytest.mark.parametrize("name", ["MANAGER", "REPORTS"])
def test_a_relation_whose_linking_column_is_a_gap_is_unknown(verdicts: Verdicts, name: str) -> None:
    assert verdicts.outcome(name) == ("unknown", "not_permitted")


def test_a_relation_whose_fixed_column_is_a_gap_is_unknown(verdicts: Verdicts) -> None:
    assert verdicts.verdict("GUESTS", "t1")["outcome"] == "unknown"


def test_a_column_that_only_the_message_shows_leaves_no_rule_open(verdicts: Verdicts) -> None:
    assert verdicts.counts("MESSAGE") == (2, 1, 0, 0)
    assert "MESSAGE" not in [name for gap in verdicts.report["gaps"] for name in gap["rules"]]


@pytest.mark.parametrize(("lang", "expected"), [("nl", "onbekend, leeg"), ("en", "unknown, empty")])
def test_a_message_does_not_call_a_column_empty_that_could_not_be_collected(
    tmp_path: Path, lang: str, expected: str
) -> None:
    words = rule("MESSAGE", "users", "account_enabled", message="{mail}, {country}")
    rows: Rows = {"users": [person("ann", account_enabled=False)]}
    [found] = judge(tmp_path, [policy(words)], rows, "--lang", lang, gaps=GAPS).findings("MESSAGE")
    assert found["message"] == expected


def test_what_follows_from_a_gap_is_not_called_empty_either(tmp_path: Path) -> None:
    words = rule("MESSAGE", "teams", "id = ''", message="{guest_count}")
    [found] = judge(tmp_path, [policy(words)], {"teams": [team("t1")]}, gaps=GAPS).findings("MESSAGE")
    assert found["message"] == "unknown"


def test_a_rule_that_is_decided_for_every_row_is_not_named_as_left_open(verdicts: Verdicts) -> None:
    assert verdicts.outcome("ALLTRUE") == ("pass", None)
    assert "ALLTRUE" not in [name for gap in verdicts.report["gaps"] for name in gap["rules"]]


def test_a_missing_column_is_named_once_with_the_rules_it_leaves_open(verdicts: Verdicts) -> None:
    (gap,) = [found for found in verdicts.report["gaps"] if "is_mfa_capable" in found["columns"]]
    assert (gap["table"], gap["columns"], gap["reason"]) == ("users", ["is_mfa_capable"], "not_licensed")
    assert {"PLAIN", "ISNULL", "COALESCE", "WHERE", "GAPINSIDE"} <= set(gap["rules"])
    assert not {"SETTING", "ANY", "LEVELS"} & set(gap["rules"])


def test_a_missing_table_is_named_without_columns(verdicts: Verdicts) -> None:
    (gap,) = [found for found in verdicts.report["gaps"] if found["table"] == "sharepoint_settings"]
    assert gap == {
        "table": "sharepoint_settings",
        "columns": [],
        "reason": "not_permitted",
        "rules": ["SETTING"],
        "detail": "made up",
    }


def test_gaps_stand_in_the_order_of_table_columns_and_reason(verdicts: Verdicts) -> None:
    order = [(gap["table"], gap["columns"], gap["reason"]) for gap in verdicts.report["gaps"]]
    assert order == sorted(order)


def test_gaps_alone_end_with_three(tmp_path: Path) -> None:
    rows: Rows = {"users": [person("ann")]}
    assert judge(tmp_path, [policy(rule("PLAIN", "users", "is_mfa_capable"))], rows, gaps=GAPS).ended.code == 3


def test_a_table_of_which_every_column_is_missing_is_unknown_and_not_empty(tmp_path: Path) -> None:
    rules = policy(
        rule("SELF", "security_defaults", "is_enabled"), rule("FROM", "users", "any_of(security_defaults, is_enabled)")
    )
    rows: Rows = {"users": [person("ann")], "security_defaults": [{"is_enabled": True}]}
    found = judge(tmp_path, [rules], rows, gaps={"security_defaults.is_enabled": "not_licensed"})
    assert (found.outcome("SELF"), found.counts("SELF")) == (("unknown", "not_licensed"), (0, 0, 1, 0))
    assert found.outcome("FROM") == ("unknown", "not_licensed")
