"""What a rule says of a row, of a unit and of the whole tenant, and which rows are findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenants import Rows, Verdicts, check, document, judge, members, person, policy, rule, team

ORGANISATION = document(
    "Organisation",
    "org",
    roles={"ciso": {"title": "CISO"}},
    units=[{"id": name, "kind": "team", "group": f"g-{name}"} for name in ("good", "bad", "open", "free", "empty")],
)
RULES = policy(
    rule("ALL", "users", "is_mfa_capable"),
    rule("NONE", "users", "is_mfa_capable", where="department = 'nowhere'"),
    rule("PASSES", "users", "account_enabled"),
    rule("MEMBERS", "users", "account_enabled", where="user_type = 'Member'"),
    rule("HARMLESS", "users", "country = 'NL'"),
    rule("OPEN", "users", "is_mfa_capable", where="id = 'olaf'"),
    rule("WAIVED", "users", "is_mfa_capable", where="id = 'fred'"),
    rule("MESSAGE", "users", "FALSE", where="id = 'bob'", message="{display_name} ({department}) fails."),
    rule("SETTING", "security_defaults", "is_enabled"),
    rule("TENANT", "organization", "display_name = 'x'"),
    rule("LINK", "memberships", "role = 'owner'", where="user_id = 'bob'"),
    rule("READS", "users", "coalesce(is_mfa_capable, FALSE) AND count_of(devices) >= 1", where="id = 'gina'"),
)
EXCEPTIONS = document(
    "Exceptions",
    "waivers",
    effective="2026-09-01",
    exceptions=[
        {
            "id": f"EX-{name}",
            "rule": name,
            "subjects": ["fred"],
            "reason": "Agreed.",
            "owner": "teamlead",
            "approved_by": "ciso",
            "expires": "2026-10-31",
        }
        for name in ("ALL", "WAIVED")
    ],
)
USERS = [
    person("gina", is_mfa_capable=True, user_type="Member", country="NL"),
    person("bob", is_mfa_capable=False, department="Finance", user_type=None, country="NL"),
    person("olaf", is_mfa_capable=None, user_type="Guest", country="NL"),
    person("fred", is_mfa_capable=False, country="NL"),
]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    rows: Rows = {
        "users": USERS,
        "memberships": [
            *members("g-good", ["gina"]),
            *members("g-bad", ["gina", "bob", "olaf", "fred"]),
            *members("g-open", ["gina", "olaf"]),
            *members("g-free", ["fred"]),
        ],
        "teams": [team("g-good")],
        "devices": [],
        "security_defaults": [{"is_enabled": False}],
    }
    return judge(tmp_path_factory.mktemp("outcomes"), [ORGANISATION, RULES, EXCEPTIONS], rows)


def test_a_row_passes_fails_is_unknown_or_is_waived(verdicts: Verdicts) -> None:
    assert verdicts.counts("ALL") == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("unit", "outcome"),
    [("bad", "fail"), ("open", "unknown"), ("good", "pass"), ("free", "waived"), ("empty", "not_applicable")],
)
def test_without_a_threshold_the_worst_row_decides_the_unit(verdicts: Verdicts, unit: str, outcome: str) -> None:
    assert verdicts.units_of("ALL").get(unit, "not_applicable") == outcome


def test_an_unknown_unit_says_why(verdicts: Verdicts) -> None:
    assert verdicts.verdict("ALL", "open")["reason"] == "null_value"


@pytest.mark.parametrize("unit", ["bad", "good"])
def test_a_unit_that_plainly_passes_or_fails_gives_no_reason(verdicts: Verdicts, unit: str) -> None:
    assert verdicts.verdict("ALL", unit)["reason"] is None


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("ALL", ("fail", None)),
        ("OPEN", ("unknown", "null_value")),
        ("PASSES", ("pass", None)),
        ("NONE", ("not_applicable", None)),
    ],
)
def test_the_worst_unit_decides_the_rule(verdicts: Verdicts, name: str, outcome: tuple[str, str | None]) -> None:
    assert verdicts.outcome(name) == outcome


def test_a_rule_whose_only_row_is_waived_is_waived(verdicts: Verdicts) -> None:
    assert verdicts.outcome("WAIVED")[0] == "waived"


def test_a_unit_without_threshold_has_no_share(verdicts: Verdicts) -> None:
    assert {row["share"] for row in verdicts.rule("ALL")["units"]} == {None}


def test_an_empty_value_in_where_leaves_the_row_out_and_counts_it_as_undecided(verdicts: Verdicts) -> None:
    assert verdicts.rule("MEMBERS")["subjects"] == {"pass": 2, "fail": 0, "unknown": 0, "waived": 0, "undecided": 1}


def test_undecided_rows_change_no_outcome(verdicts: Verdicts) -> None:
    assert verdicts.outcome("MEMBERS") == ("pass", None)


def test_undecided_rows_are_no_findings(verdicts: Verdicts) -> None:
    assert verdicts.findings("MEMBERS") == []


def test_undecided_rows_show_in_text(tmp_path: Path) -> None:
    users = [person("ann", department="x"), person("bob", department="x", user_type=None)]
    rules = policy(rule("MEMBERS", "users", "account_enabled", where="user_type = 'Member'"))
    judge(tmp_path, [rules], {"users": users})
    assert "MEMBERS" in check(tmp_path).text


def test_rows_in_scope_are_never_undecided(verdicts: Verdicts) -> None:
    assert verdicts.rule("ALL")["subjects"]["undecided"] == 0


def test_findings_list_failing_waived_and_empty_rows_only(verdicts: Verdicts) -> None:
    assert sorted(verdicts.subjects("ALL")) == [("bob", "fail"), ("fred", "waived"), ("olaf", "unknown")]


def test_a_finding_that_is_unknown_says_that_a_value_is_empty(verdicts: Verdicts) -> None:
    assert verdicts.finding("ALL", "olaf")["reason"] == "null_value"


def test_a_failing_finding_has_no_reason(verdicts: Verdicts) -> None:
    assert verdicts.finding("ALL", "bob")["reason"] is None


def test_a_waived_finding_gives_the_exception_as_reason(verdicts: Verdicts) -> None:
    assert verdicts.finding("ALL", "fred")["reason"] == "exception"


def test_a_failing_row_in_a_failing_unit_is_not_tolerated(verdicts: Verdicts) -> None:
    assert verdicts.finding("ALL", "bob")["tolerated"] is False


def test_a_row_is_tolerated_when_none_of_its_units_fails(verdicts: Verdicts) -> None:
    assert verdicts.finding("OPEN", "olaf")["tolerated"] is True


def test_an_unknown_row_in_a_failing_unit_is_not_tolerated(verdicts: Verdicts) -> None:
    assert verdicts.finding("ALL", "olaf")["tolerated"] is False


def test_a_message_fills_in_the_columns_of_the_row(verdicts: Verdicts) -> None:
    assert verdicts.finding("MESSAGE", "bob")["message"] == "Bob (Finance) fails."


def test_a_finding_names_its_subject_by_table_key_and_label(verdicts: Verdicts) -> None:
    assert verdicts.finding("ALL", "bob")["subject"] == {"kind": "users", "id": "bob", "label": "Bob"}


def test_a_key_of_several_columns_is_joined_with_slashes(verdicts: Verdicts) -> None:
    assert [subject for subject, _ in verdicts.subjects("LINK")] == ["g-bad/bob"]


def test_a_table_of_one_row_has_the_tenant_as_subject(verdicts: Verdicts) -> None:
    (found,) = verdicts.findings("SETTING")
    assert found["subject"]["id"] == verdicts.report["run"]["tenant"]


def test_evidence_holds_the_columns_that_expect_reads(verdicts: Verdicts) -> None:
    assert verdicts.finding("ALL", "bob")["evidence"] == {"is_mfa_capable": False}


def test_evidence_names_relation_calls_by_their_text(verdicts: Verdicts) -> None:
    assert verdicts.finding("READS", "gina")["evidence"] == {"is_mfa_capable": True, "count_of(devices)": 0}


def test_columns_of_where_and_of_the_message_are_no_evidence(verdicts: Verdicts) -> None:
    assert verdicts.finding("MESSAGE", "bob")["evidence"] == {}


def test_the_summary_counts_rules_by_outcome(verdicts: Verdicts) -> None:
    outcomes = [found["outcome"] for found in verdicts.report["rules"]]
    assert verdicts.report["summary"] == {name: outcomes.count(name) for name in verdicts.report["summary"]}


def test_the_summary_of_a_unit_counts_the_rules_outcomes_there(verdicts: Verdicts) -> None:
    found = verdicts.unit("free")["summary"]
    named = [verdicts.units_of(row["id"]).get("free") for row in verdicts.report["rules"]]
    assert {name: found[name] for name in ("pass", "fail", "unknown", "waived")} == {
        name: named.count(name) for name in ("pass", "fail", "unknown", "waived")
    }


def test_a_finding_says_where_its_rule_is_written(verdicts: Verdicts) -> None:
    source = verdicts.finding("ALL", "bob")["source"]
    assert source["file"] == "policies/house.yaml"
    assert source["line"] > 1
