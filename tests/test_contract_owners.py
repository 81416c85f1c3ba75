"""Who must act on a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenants import Document, Rows, Verdicts, document, judge, members, person, policy, rule, team

PEOPLE = ("ann", "bob", "cor", "dia", "eve", "fay", "gus", "hal")
USERS = [person(name, department="Operations" if name == "gus" else None) for name in PEOPLE] + [
    person("left", account_enabled=False),
    person("guest", user_type="Guest"),
]
ROLES: Document = {
    "ciso": {"title": "CISO", "holders": ["user:hal@delinde.example"]},
    "lead": {"holders": ["user:ann"]},
    "engineer": {"holders": ["user:bob@delinde.example", "user:left", "user:guest"], "deputies": ["user:cor"]},
    "desk": {"holders": ["group:sg-desk"]},
    "relay": {"holders": ["role:desk", "role:lead"]},
    "gone": {"holders": ["user:left"]},
    "vacant": {},
}
UNITS = [
    {"id": "operations", "kind": "department", "department": "Operations"},
    {"id": "support", "kind": "team", "parent": "operations", "group": "g-support"},
    {"id": "night", "kind": "team", "parent": "operations", "group": "g-night"},
    {"id": "field", "kind": "team", "group": "g-field"},
]
MATRICES = [
    document(
        "RaciMatrix",
        "everybody",
        activities=[
            {"id": "near", "assign": {"ciso": "A", "engineer": "R"}, "covers": ["NEAR"]},
            {"id": "general", "assign": {"ciso": "A", "desk": "R"}, "covers": ["GENERAL"]},
            {"id": "first", "assign": {"ciso": "A", "lead": "C", "desk": "R", "engineer": "R"}, "covers": ["FIRST"]},
            {"id": "both", "assign": {"lead": "A/R", "engineer": "R"}, "covers": ["BOTH"]},
            {"id": "gone", "assign": {"ciso": "A", "gone": "R"}, "covers": ["GONE"]},
            {"id": "vacant", "assign": {"ciso": "A", "vacant": "R"}, "covers": ["VACANT"]},
            {"id": "relay", "assign": {"ciso": "A", "relay": "R"}, "covers": ["RELAY"]},
        ],
    ),
    document(
        "RaciMatrix",
        "operations",
        unit="operations",
        activities=[{"id": "near", "assign": {"ciso": "A", "desk": "R"}, "covers": ["NEAR"]}],
    ),
    document(
        "RaciMatrix",
        "support",
        unit="support",
        activities=[{"id": "near", "assign": {"ciso": "A", "lead": "R"}, "covers": ["NEAR"]}],
    ),
]
COVERED = ("NEAR", "GENERAL", "FIRST", "BOTH", "GONE", "VACANT", "RELAY")
RULES = policy(
    *(rule(name, "users", "FALSE") for name in (*COVERED, "BARE")), rule("BARE-SETTING", "security_defaults", "FALSE")
)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    rows: Rows = {
        "users": USERS,
        "teams": [team(name) for name in ("g-support", "g-night", "g-field", "g-loose", "g-orphan")],
        "memberships": [
            *members("g-support", ["dia"]),
            *members("g-night", ["eve"]),
            *members("g-field", ["fay"]),
            *members("g-field", ["cor", "left", "guest"], "owner"),
            *members("g-orphan", ["bob"]),
            *members("g-orphan", ["left"], "owner"),
            *members("sg-desk", ["ann", "fay", "left"]),
        ],
        "security_defaults": [{"is_enabled": False}],
    }
    organisation = document("Organisation", "org", roles=ROLES, units=UNITS)
    return judge(tmp_path_factory.mktemp("owners"), [organisation, RULES, *MATRICES], rows)


def owner(verdicts: Verdicts, name: str, subject: str) -> tuple[str, list[str]]:
    found = verdicts.finding(name, subject)["owner"]
    return found["role"], sorted(upn.partition("@")[0] for upn in found["people"])


def test_the_teams_own_matrix_comes_first(verdicts: Verdicts) -> None:
    assert owner(verdicts, "NEAR", "dia") == ("lead", ["ann"])


def test_without_one_the_matrix_of_the_parent_holds(verdicts: Verdicts) -> None:
    assert owner(verdicts, "NEAR", "eve") == ("desk", ["ann", "fay"])


def test_without_either_the_general_matrix_holds(verdicts: Verdicts) -> None:
    assert owner(verdicts, "NEAR", "fay") == ("engineer", ["bob"])


def test_of_several_responsible_roles_the_first_in_the_file_acts(verdicts: Verdicts) -> None:
    assert owner(verdicts, "FIRST", "fay")[0] == "desk"


def test_accountable_and_responsible_in_one_is_responsible(verdicts: Verdicts) -> None:
    assert owner(verdicts, "BOTH", "fay") == ("lead", ["ann"])


def test_disabled_accounts_guests_and_deputies_do_not_act(verdicts: Verdicts) -> None:
    assert owner(verdicts, "NEAR", "fay")[1] == ["bob"]


def test_holders_are_found_in_groups(verdicts: Verdicts) -> None:
    assert owner(verdicts, "GENERAL", "fay") == ("desk", ["ann", "fay"])


def test_holders_are_found_through_other_roles_each_once(verdicts: Verdicts) -> None:
    assert owner(verdicts, "RELAY", "fay") == ("relay", ["ann", "fay"])


@pytest.mark.parametrize(("name", "role"), [("GONE", "gone"), ("VACANT", "vacant")])
def test_a_role_with_nobody_left_is_still_named(verdicts: Verdicts, name: str, role: str) -> None:
    assert owner(verdicts, name, "fay") == (role, [])


def test_where_no_matrix_covers_the_rule_the_teams_owners_act(verdicts: Verdicts) -> None:
    assert owner(verdicts, "BARE", "fay")[1] == ["cor"]


def test_a_team_without_active_owners_leaves_it_to_the_policys_owner(verdicts: Verdicts) -> None:
    assert owner(verdicts, "BARE", "bob") == ("ciso", ["hal"])


def test_outside_teams_the_policys_owner_acts(verdicts: Verdicts) -> None:
    assert owner(verdicts, "BARE", "gus") == ("ciso", ["hal"])


def test_a_setting_of_the_tenant_is_for_the_policys_owner(verdicts: Verdicts) -> None:
    (found,) = verdicts.findings("BARE-SETTING")
    assert found["owner"] == {"role": "ciso", "people": ["hal@delinde.example"]}


def test_the_owner_comes_from_the_first_unit_of_the_finding(verdicts: Verdicts) -> None:
    assert verdicts.finding("NEAR", "dia")["units"][0] == "support"


def test_without_an_organisation_the_owner_is_a_role_with_nobody(tmp_path: Path) -> None:
    verdicts = judge(tmp_path, [policy(rule("R", "users", "FALSE"))], {"users": [person("ann", department="x")]})
    assert verdicts.finding("R", "ann")["owner"] == {"role": "ciso", "people": []}
