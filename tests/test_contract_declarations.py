"""Declarations become tables, and what is wrong in them is an error of `validate` and a warning of `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tenants import Document, Rows, Verdicts, document, judge, members, person, policy, rule, run, team, write_documents

ROLES: Document = {
    "ciso": {"title": {"nl": "Beveiliging", "en": "Security"}, "holders": ["user:ann"], "deputies": ["role:desk"]},
    "lead": {"holders": ["user:bob"]},
    "desk": {"holders": ["group:sg-desk", "role:lead"]},
    "vacant": {},
}
ORGANISATION = document(
    "Organisation",
    "org",
    owner="lead",
    effective="2026-02-01",
    roles=ROLES,
    units=[
        {"id": "support", "kind": "team", "group": "g-support"},
        {"id": "field", "kind": "team", "group": "g-field"},
    ],
)
SUPPORT = document(
    "RaciMatrix",
    "raci-support",
    owner="lead",
    unit="support",
    activities=[
        {
            "id": "requests",
            "title": "Requests",
            "assign": {"lead": "A", "vacant": "R", "desk": "C"},
            "covers": ["R1", "R2"],
        },
        {"id": "joiners", "title": "Joiners", "assign": {"lead": "A/R"}},
    ],
    escalations=[
        {
            "id": "delay",
            "trigger": "Too late",
            "levels": [
                {"role": "desk", "within": "PT30M"},
                {"role": "lead", "within": "PT4H"},
                {"role": "ciso", "within": "P1D"},
            ],
        },
        {"id": "slow", "levels": [{"role": "ciso", "within": "P2W"}]},
    ],
)
EXCEPTIONS = document(
    "Exceptions",
    "register",
    owner="ciso",
    effective="2026-09-01",
    exceptions=[
        {
            "id": "EX-1",
            "rule": "R1",
            "units": ["support"],
            "reason": "Agreed.",
            "owner": "lead",
            "approved_by": "ciso",
            "granted": "2026-09-15",
            "expires": "2026-10-31",
        },
        {
            "id": "EX-2",
            "rule": "R2",
            "subjects": ["ann"],
            "reason": "Agreed.",
            "owner": "lead",
            "approved_by": "ciso",
            "expires": "2026-10-31",
        },
    ],
)
RULES = policy(
    rule("R1", "users", "TRUE"),
    rule("R2", "users", "TRUE"),
    rule(
        "POLICIES",
        "policies",
        "kind = 'x' AND title = 'x' AND owner = 'x' AND approved_by = 'x' AND version = 'x' AND rules = 99"
        " AND unit = 'x' AND people AND effective = '2000-01-01' AND reviewed = '2000-01-01' AND review_every_days = 0",
    ),
    rule(
        "EXCEPTIONS",
        "exceptions",
        "rule = 'x' AND size(subjects) = 9 AND size(units) = 9 AND owner = 'x' AND approved_by = 'x'"
        " AND granted = '2000-01-01' AND expires = '2000-01-01'",
    ),
    rule("ROLES", "roles", "title = 'x' AND count_of(people) = 9 AND count_of(deputies) = 9"),
    rule("RACI", "raci", "letter = 'x' AND size(covers) = 9 AND count_of(people) = 9"),
    rule("ACTIVITIES", "activities", "title = 'x' AND count_of(assignments) = 9"),
    rule("ESCALATIONS", "escalations", "role = 'x' AND within_hours = 0 AND count_of(people) = 9"),
    rule("HAS-RACI", "teams", "count_of(raci) >= 1"),
    rule("HAS-ESCALATION", "teams", "count_of(escalations) >= 1"),
    rule("HAS-ACTIVITY", "teams", "count_of(activities) = 2"),
    rule("HOLDS", "users", "any_of(roles, id = 'desk')"),
    owner="ciso",
    approved_by="lead",
    version="1.10",
    reviewed="2026-06-01",
    review_every_days=365,
    people=False,
)
ROWS: Rows = {
    "users": [person(name) for name in ("ann", "bob", "cor", "dia")],
    "teams": [team("g-support"), team("g-field"), team("g-loose")],
    "memberships": [*members("g-support", ["ann"]), *members("sg-desk", ["cor", "bob"])],
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    return judge(tmp_path_factory.mktemp("declared"), [ORGANISATION, RULES, SUPPORT, EXCEPTIONS], ROWS)


def evidence(verdicts: Verdicts, name: str, subject: str) -> dict[str, Any]:
    found: dict[str, Any] = verdicts.finding(name, subject)["evidence"]
    return found


def subjects(verdicts: Verdicts, name: str) -> list[str]:
    return sorted(subject for subject, _ in verdicts.subjects(name))


def test_every_document_is_a_row_of_policies(verdicts: Verdicts) -> None:
    assert subjects(verdicts, "POLICIES") == ["house", "org", "raci-support", "register"]


def test_a_row_of_policies_holds_the_header(verdicts: Verdicts) -> None:
    assert evidence(verdicts, "POLICIES", "house") == {
        "kind": "Policy",
        "title": "Policy house",
        "owner": "ciso",
        "approved_by": "lead",
        "version": "1.10",
        "effective": "2026-01-01T00:00:00Z",
        "reviewed": "2026-06-01T00:00:00Z",
        "review_every_days": 365,
        "people": False,
        "rules": len(RULES["rules"]),
        "unit": None,
    }


def test_what_a_header_leaves_out_is_empty(verdicts: Verdicts) -> None:
    found = evidence(verdicts, "POLICIES", "raci-support")
    assert (found["kind"], found["unit"], found["effective"], found["approved_by"]) == (
        "RaciMatrix",
        "support",
        None,
        None,
    )


def test_a_document_with_a_unit_lands_there(verdicts: Verdicts) -> None:
    assert verdicts.finding("POLICIES", "raci-support")["units"] == ["support", "organisation"]


def test_exceptions_are_rows_with_their_dates(verdicts: Verdicts) -> None:
    found = evidence(verdicts, "EXCEPTIONS", "EX-1")
    plain = {name: found[name] for name in ("rule", "owner", "approved_by", "granted", "expires", "units")}
    assert plain == {
        "rule": "R1",
        "owner": "lead",
        "approved_by": "ciso",
        "granted": "2026-09-15T00:00:00Z",
        "expires": "2026-10-31T00:00:00Z",
        "units": ["support"],
    }


def test_an_exception_without_date_was_granted_when_its_register_took_effect(verdicts: Verdicts) -> None:
    assert evidence(verdicts, "EXCEPTIONS", "EX-2")["granted"] == "2026-09-01T00:00:00Z"


def test_roles_are_rows_with_their_people_and_deputies(verdicts: Verdicts) -> None:
    counts = {
        name: (found["count_of(people)"], found["count_of(deputies)"])
        for name in ROLES
        for found in [evidence(verdicts, "ROLES", name)]
    }
    assert counts == {"ciso": (1, 2), "lead": (1, 0), "desk": (2, 0), "vacant": (0, 0)}


def test_people_know_which_roles_they_hold(verdicts: Verdicts) -> None:
    assert subjects(verdicts, "HOLDS") == ["ann", "dia"]


def test_raci_has_one_row_per_unit_activity_and_role(verdicts: Verdicts) -> None:
    assert subjects(verdicts, "RACI") == [
        "support/joiners/lead",
        "support/requests/desk",
        "support/requests/lead",
        "support/requests/vacant",
    ]


def test_a_raci_row_has_its_letter_and_what_it_covers(verdicts: Verdicts) -> None:
    found = evidence(verdicts, "RACI", "support/requests/vacant")
    assert (found["letter"], found["covers"], found["count_of(people)"]) == ("R", ["R1", "R2"], 0)


def test_a_raci_row_lands_on_its_unit(verdicts: Verdicts) -> None:
    assert verdicts.finding("RACI", "support/requests/desk")["units"] == ["support", "organisation"]


def test_activities_are_rows_with_their_assignments(verdicts: Verdicts) -> None:
    assert evidence(verdicts, "ACTIVITIES", "support/requests") == {"title": "Requests", "count_of(assignments)": 3}
    assert evidence(verdicts, "ACTIVITIES", "support/joiners") == {"title": "Joiners", "count_of(assignments)": 1}


def test_levels_of_an_escalation_say_within_how_many_hours(verdicts: Verdicts) -> None:
    found = sorted(verdicts.findings("ESCALATIONS"), key=lambda row: str(row["subject"]["id"]))
    levels = [(row["subject"]["id"].rpartition("/")[0], row["evidence"]["within_hours"]) for row in found]
    assert levels == [
        ("support/delay", 0.5),
        ("support/delay", 4),
        ("support/delay", 24),
        ("support/slow", 336),
    ]


@pytest.mark.parametrize("name", ["HAS-RACI", "HAS-ESCALATION", "HAS-ACTIVITY"])
def test_teams_without_a_declaration_of_their_own_fail_for_want_of_it(verdicts: Verdicts, name: str) -> None:
    assert subjects(verdicts, name) == ["g-field", "g-loose"]


def test_a_matrix_without_a_unit_holds_for_every_team(tmp_path: Path) -> None:
    general = {key: value for key, value in SUPPORT.items() if key != "unit"}
    verdicts = judge(tmp_path, [ORGANISATION, RULES, general, EXCEPTIONS], ROWS)
    for name in ("HAS-RACI", "HAS-ESCALATION", "HAS-ACTIVITY"):
        assert verdicts.outcome(name) == ("pass", None)


def test_the_matrix_of_a_team_replaces_the_general_one_for_the_same_activity(tmp_path: Path) -> None:
    general = document(
        "RaciMatrix",
        "raci-all",
        activities=[{"id": "requests", "assign": {"ciso": "A", "desk": "R"}, "covers": ["R1"]}],
    )
    verdicts = judge(tmp_path, [ORGANISATION, RULES, SUPPORT, general], ROWS)
    mine = [subject for subject in subjects(verdicts, "RACI") if subject.startswith("support/requests/")]
    assert mine == ["support/requests/desk", "support/requests/lead", "support/requests/vacant"]


def test_without_documents_a_declared_table_is_empty_and_not_missing(tmp_path: Path) -> None:
    verdicts = judge(tmp_path, [RULES], ROWS)
    assert verdicts.report["gaps"] == []
    for name in ("EXCEPTIONS", "ROLES", "RACI", "ACTIVITIES", "ESCALATIONS"):
        assert verdicts.outcome(name) == ("not_applicable", None)
    assert subjects(verdicts, "HAS-RACI") == ["g-field", "g-loose", "g-support"]


def test_roles_whose_groups_were_not_collected_are_not_taken_for_vacant(tmp_path: Path) -> None:
    held = policy(rule("HELD", "roles", "count_of(people) >= 1", where="id = 'desk'"))
    verdicts = judge(tmp_path, [ORGANISATION, held], ROWS, gaps={"memberships": "not_permitted"})
    assert verdicts.outcome("HELD") == ("unknown", "not_permitted")


# Faults


def matrix(*activities: Document, escalations: Any = (), **header: object) -> Document:
    return document("RaciMatrix", "faulty", **header, activities=list(activities), escalations=list(escalations))


def granted(**body: object) -> Document:
    agreed = {"reason": "Agreed.", "owner": "lead", "approved_by": "ciso", "expires": "2026-10-31", "subjects": ["ann"]}
    one = {"id": "EX", "rule": "R1", **agreed, **body}
    return document(
        "Exceptions", "faulty", effective="2026-09-01", exceptions=[{k: v for k, v in one.items() if v is not None}]
    )


LOOP = [{"role": "lead", "within": "P1D"}, {"role": "ciso", "within": "P2D"}, {"role": "lead", "within": "P3D"}]
FAULTS = [
    pytest.param(matrix({"id": "a", "assign": {"lead": "A", "ciso": "A", "desk": "R"}}), id="two Accountables"),
    pytest.param(
        matrix({"id": "a", "assign": {"lead": "A", "ciso": "A/R"}}), id="two Accountables of which one does it"
    ),
    pytest.param(matrix({"id": "a", "assign": {"lead": "R"}}), id="no Accountable"),
    pytest.param(matrix({"id": "a", "assign": {"lead": "A", "desk": "C"}}), id="nobody Responsible"),
    pytest.param(matrix({"id": "a", "assign": {"lead": "A", "stranger": "R"}}), id="an unknown role"),
    pytest.param(matrix({"id": "a", "assign": {"lead": "A/R", "desk": "X"}}), id="an unknown letter"),
    pytest.param(matrix({"id": "a", "assign": {"lead": "A/R"}, "covers": ["NONE-1"]}), id="covers an unknown rule"),
    pytest.param(matrix({"id": "a", "assign": {"lead": "A/R"}}, unit="nowhere"), id="an unknown unit"),
    pytest.param(matrix(escalations=[{"id": "e", "levels": LOOP}]), id="an escalation in a circle"),
    pytest.param(
        matrix(escalations=[{"id": "e", "levels": [{"role": "stranger", "within": "P1D"}]}]),
        id="escalates to a stranger",
    ),
    pytest.param(granted(expires=None), id="an exception without expiry"),
    pytest.param(granted(rule="NONE-1"), id="an exception for an unknown rule"),
    pytest.param(granted(approved_by="lead"), id="an exception approved by its owner"),
]


@pytest.mark.parametrize("faulty", FAULTS)
def test_a_fault_in_a_declaration_is_an_error_of_validate(tmp_path: Path, faulty: Document) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", ORGANISATION, RULES)
    write_documents(tmp_path / "policies" / "faulty.yaml", faulty)
    ended = run(tmp_path, "validate")
    assert ended.code == 2
    assert "error[" in ended.stderr
    assert "  --> policies/faulty.yaml:" in ended.stderr


@pytest.mark.parametrize("faulty", FAULTS)
def test_a_fault_in_a_declaration_is_a_warning_of_check(tmp_path: Path, faulty: Document) -> None:
    write_documents(tmp_path / "policies" / "faulty.yaml", faulty)
    ended = judge(tmp_path, [ORGANISATION, policy(rule("R1", "users", "account_enabled"))], ROWS).ended
    assert ended.code == 0
    assert "warning[" in ended.stderr
    assert "  --> policies/faulty.yaml:" in ended.stderr


def test_rows_at_fault_reach_the_tables(tmp_path: Path) -> None:
    faulty = matrix({"id": "a", "assign": {"lead": "A", "ciso": "A", "stranger": "R"}}, unit="support")
    verdicts = judge(tmp_path, [ORGANISATION, RULES, faulty], ROWS)
    assert subjects(verdicts, "RACI") == ["support/a/ciso", "support/a/lead", "support/a/stranger"]


def test_without_an_organisation_role_names_are_not_checked(tmp_path: Path) -> None:
    write_documents(
        tmp_path / "policies" / "house.yaml", RULES, matrix({"id": "a", "assign": {"any": "A", "one": "R"}})
    )
    assert run(tmp_path, "validate").code == 0


def test_a_second_organisation_is_an_error(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", ORGANISATION, RULES, document("Organisation", "again"))
    assert run(tmp_path, "validate").code == 2


KINDS = ["CommunicationCharter", "RemoteWork", "WorkingAgreement", "Rhythm", "Apps", "Processing", "Evidence"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_the_same_header(tmp_path: Path, kind: str) -> None:
    header: dict[str, Any] = {
        "title": {"nl": "Titel", "en": "Title"},
        "owner": "lead",
        "approved_by": "ciso",
        "version": "1.10",
        "effective": "2026-01-01",
        "reviewed": "2026-06-01",
        "review_every_days": 365,
        "unit": "support",
    }
    rules = policy(
        rule("R1", "policies", "owner IS NOT NULL AND reviewed IS NOT NULL AND unit = 'support'"), name="own"
    )
    checked = {**rules, "unit": "support", "reviewed": "2026-06-01"}
    organisation = {**ORGANISATION, "unit": "support", "reviewed": "2026-06-01"}
    found = judge(tmp_path, [organisation, checked, document(kind, "described", **header)], ROWS)
    assert found.ended.code == 0, found.ended.stderr
    assert found.counts("R1") == (3, 0, 0, 0)


TABLES = ["charters", "remote_work", "working_agreements", "rhythms", "apps", "processing"]


@pytest.mark.parametrize("table", TABLES)
def test_the_table_of_a_kind_without_documents_is_empty_and_not_missing(tmp_path: Path, table: str) -> None:
    found = judge(tmp_path, [policy(rule("R1", table, "id IS NOT NULL"))], ROWS)
    assert found.outcome("R1") == ("not_applicable", None)


@pytest.mark.parametrize("table", ["charters", "remote_work", "working_agreements", "rhythms", "raci", "escalations"])
def test_a_team_knows_whether_it_has_a_declaration_of_each_kind(tmp_path: Path, table: str) -> None:
    found = judge(tmp_path, [ORGANISATION, policy(rule("R1", "teams", f"count_of({table}) = 0"))], ROWS)
    assert found.outcome("R1") == ("pass", None)
