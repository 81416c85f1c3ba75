"""Where rows land: teams, departments, the organisation, and whoever belongs nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenants import Document, Rows, Verdicts, document, judge, members, person, policy, rule, run, team, write_snapshot

ORGANISATION = document(
    "Organisation",
    "org",
    units=[
        {"id": "division", "name": "Divisie", "kind": "department"},
        {
            "id": "operations",
            "name": "Operatie",
            "kind": "department",
            "department": "Operations",
            "parent": "division",
        },
        {"id": "support", "name": "Klantenservice", "kind": "team", "parent": "operations", "group": "g-support"},
        {"id": "night", "name": "Nachtdienst", "kind": "team", "parent": "support", "group": "g-night"},
        {"id": "nobody", "name": "Niemand", "kind": "team", "group": "g-nobody"},
        {"id": "security", "kind": "team", "group": "sg-security"},
    ],
)
RULES = policy(
    rule("USERS", "users", "FALSE"),
    rule("DEVICES", "devices", "FALSE"),
    rule("TEAMS", "teams", "FALSE"),
    rule("LINKS", "memberships", "FALSE", where="user_id = 'ann'"),
    rule("SETTING", "security_defaults", "FALSE"),
    rule("APPS", "service_principals", "FALSE"),
    rule("POLICIES", "policies", "FALSE"),
)
USERS = [
    person("ann", department="Operations"),
    person("bob", department="Operations"),
    person("cor", department="Sales"),
    person("dia", department="OPERATIONS"),
    person("eve"),
    person("fay"),
]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    rows: Rows = {
        "users": USERS,
        "teams": [team("g-support"), team("g-project", display_name="Project")],
        "memberships": [
            *members("g-support", ["ann"], "owner"),
            *members("g-support", ["ann", "eve"]),
            *members("g-night", ["ann", "fay"]),
            *members("g-project", ["ann", "cor"]),
            *members("sg-security", ["bob"]),
            *members("sg-other", ["bob"]),
        ],
        "devices": [
            {"id": "d-ann", "user_id": "ann", "device_name": "Laptop"},
            {"id": "d-nobody", "user_id": None, "device_name": "Kiosk"},
        ],
        "security_defaults": [{"is_enabled": False}],
        "service_principals": [{"id": "app", "display_name": "App"}],
    }
    return judge(tmp_path_factory.mktemp("units"), [ORGANISATION, RULES], rows)


def kinds(verdicts: Verdicts) -> dict[str, tuple[str, str | None]]:
    return {unit["id"]: (unit["kind"], unit["parent"]) for unit in verdicts.report["units"]}


def test_the_organisation_is_a_unit_without_parent(verdicts: Verdicts) -> None:
    assert kinds(verdicts)["organisation"] == ("organisation", None)


@pytest.mark.parametrize(
    ("unit", "kind", "parent"),
    [
        ("division", "department", "organisation"),
        ("operations", "department", "division"),
        ("support", "team", "operations"),
        ("night", "team", "support"),
        ("security", "team", "organisation"),
    ],
)
def test_declared_units_stand_under_their_parent(verdicts: Verdicts, unit: str, kind: str, parent: str) -> None:
    assert kinds(verdicts)[unit] == (kind, parent)


def test_a_team_that_nobody_declared_is_a_unit_by_its_group(verdicts: Verdicts) -> None:
    assert kinds(verdicts)["g-project"] == ("team", "organisation")
    assert verdicts.unit("g-project")["name"] == "Project"


def test_a_declared_team_is_no_second_unit_by_its_group(verdicts: Verdicts) -> None:
    assert "g-support" not in kinds(verdicts)


def test_a_department_that_nobody_declared_is_a_unit_by_its_name(verdicts: Verdicts) -> None:
    assert kinds(verdicts)["Sales"] == ("department", "organisation")


def test_departments_are_told_apart_exactly(verdicts: Verdicts) -> None:
    assert verdicts.finding("USERS", "dia")["units"] == ["OPERATIONS", "organisation"]


def _in(verdicts: Verdicts, unit: str) -> list[str]:
    return sorted(found["subject"]["id"] for found in verdicts.findings("USERS") if unit in found["units"])


def test_a_group_that_is_neither_team_nor_declared_is_no_unit(verdicts: Verdicts) -> None:
    assert "sg-other" not in kinds(verdicts)


def test_units_stand_by_kind_and_then_by_id(verdicts: Verdicts) -> None:
    rank = ["organisation", "department", "team", "unassigned"]
    order = [(rank.index(unit["kind"]), unit["id"]) for unit in verdicts.report["units"]]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("night", ["ann", "fay"]),
        ("support", ["ann", "eve", "fay"]),
        ("division", ["ann", "bob", "eve", "fay"]),
        ("security", ["bob"]),
        ("Sales", ["cor"]),
        ("g-project", ["ann", "cor"]),
    ],
)
def test_a_unit_holds_its_own_rows_and_those_of_the_units_below_each_once(
    verdicts: Verdicts, unit: str, expected: list[str]
) -> None:
    assert _in(verdicts, unit) == expected
    assert verdicts.counts("USERS", unit) == (0, len(expected), 0, 0)


def test_somebody_in_several_teams_counts_once_in_the_organisation(verdicts: Verdicts) -> None:
    assert verdicts.counts("USERS", "organisation") == (0, len(USERS), 0, 0)


def test_members_of_a_unit_are_counted_each_once(verdicts: Verdicts) -> None:
    members_of = {unit["id"]: unit["members"] for unit in verdicts.report["units"]}
    assert (members_of["support"], members_of["organisation"], members_of["g-project"]) == (3, len(USERS), 2)


def test_a_finding_lists_all_units_of_its_row_teams_first(verdicts: Verdicts) -> None:
    units = verdicts.finding("USERS", "ann")["units"]
    assert set(units) == {"g-project", "night", "support", "operations", "division", "organisation"}
    assert set(units[:3]) == {"g-project", "night", "support"}
    assert len(units) == len(set(units))


def test_a_device_lands_where_its_user_does(verdicts: Verdicts) -> None:
    assert set(verdicts.finding("DEVICES", "d-ann")["units"]) == set(verdicts.finding("USERS", "ann")["units"])


def test_a_device_without_user_belongs_to_no_team(verdicts: Verdicts) -> None:
    assert set(verdicts.finding("DEVICES", "d-nobody")["units"]) == {"unassigned", "organisation"}


def test_a_team_lands_on_its_own_unit_and_those_above(verdicts: Verdicts) -> None:
    assert set(verdicts.finding("TEAMS", "g-support")["units"]) == {"support", "operations", "division", "organisation"}


def test_a_membership_lands_on_its_group(verdicts: Verdicts) -> None:
    assert set(verdicts.finding("LINKS", "g-project/ann")["units"]) == {"g-project", "organisation"}


@pytest.mark.parametrize("name", ["SETTING", "APPS"])
def test_what_holds_for_the_whole_tenant_belongs_to_the_organisation_alone(verdicts: Verdicts, name: str) -> None:
    assert [found["units"] for found in verdicts.findings(name)] == [["organisation"]]
    assert verdicts.units_of(name) == {"organisation": "fail"}


def test_a_document_without_a_unit_belongs_to_the_organisation(verdicts: Verdicts) -> None:
    assert {tuple(found["units"]) for found in verdicts.findings("POLICIES")} == {("organisation",)}


# Belonging nowhere


def unassigned(tmp: Path, *users: dict[str, object], organisation: Document | None = None) -> Verdicts:
    documents = [policy(rule("USERS", "users", "FALSE"))] + ([organisation] if organisation else [])
    return judge(tmp, documents, {"users": list(users)})


def crowd(size: int) -> list[dict[str, object]]:
    return [person(f"p{at:03d}", department="Sales") for at in range(size)]


def warned(verdicts: Verdicts) -> bool:
    return any(
        line.startswith("warning") and "no team and no department" in line
        for line in verdicts.ended.stderr.splitlines()
    )


def test_whoever_has_neither_team_nor_department_is_unassigned(tmp_path: Path) -> None:
    verdicts = unassigned(tmp_path, *crowd(1), person("lost"))
    assert kinds(verdicts)["unassigned"] == ("unassigned", "organisation")
    assert verdicts.finding("USERS", "lost")["units"] == ["unassigned", "organisation"]


def test_above_five_percent_unassigned_the_run_warns(tmp_path: Path) -> None:
    assert warned(unassigned(tmp_path, *crowd(17), person("lost")))


def test_at_five_percent_unassigned_the_run_does_not_warn(tmp_path: Path) -> None:
    assert not warned(unassigned(tmp_path, *crowd(19), person("lost")))


def test_guests_and_disabled_accounts_do_not_count_as_unassigned(tmp_path: Path) -> None:
    guest, left = person("guest", user_type="Guest"), person("left", account_enabled=False)
    assert not warned(unassigned(tmp_path, *crowd(3), guest, left))


def test_guests_and_disabled_accounts_do_not_water_the_percentage_down(tmp_path: Path) -> None:
    left = [person(f"left{at:02d}", account_enabled=False, department="Sales") for at in range(40)]
    assert warned(unassigned(tmp_path, *crowd(10), *left, person("lost")))


def test_an_empty_department_is_no_department(tmp_path: Path) -> None:
    verdicts = unassigned(tmp_path, *crowd(1), person("lost", department=""))
    assert "" not in kinds(verdicts)
    assert verdicts.finding("USERS", "lost")["units"] == ["unassigned", "organisation"]


def test_a_member_of_a_declared_group_that_is_no_team_is_assigned(tmp_path: Path) -> None:
    organisation = document("Organisation", "org", units=[{"id": "night", "kind": "team", "group": "sg"}])
    rows: Rows = {"users": [person("ann")], "memberships": members("sg", ["ann"])}
    verdicts = judge(tmp_path, [organisation, policy(rule("USERS", "users", "FALSE"))], rows)
    assert verdicts.finding("USERS", "ann")["units"] == ["night", "organisation"]


def test_list_teams_gives_every_unit(tmp_path: Path) -> None:
    write_snapshot(
        tmp_path / "snapshot",
        {"users": USERS, "teams": [team("g-project")], "memberships": members("g-project", ["ann"])},
    )
    listed = run(tmp_path, "list", "teams", "--snapshot", "snapshot", "--format", "json").json
    assert {unit["id"] for unit in listed} >= {"organisation", "Sales", "Operations", "g-project"}
