"""Documents become tables: typed columns, in the language of the report, for every unit where they hold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from declared import PEOPLE, Tables
from govcheck.catalogue import shipped_rows, tables
from govcheck.policy import KINDS
from govcheck.snapshot.arrow import ARROW_TYPES
from tenants import Document, document, judge, policy, rule, team

CHARTER: Document = document(
    "CommunicationCharter",
    "general",
    title={"nl": "Zo praten wij", "en": "How we talk"},
    owner="lead",
    reviewed="2026-05-04",
    review_every_days=180,
    channels=[
        {"id": "chat", "purpose": {"nl": "Vragen", "en": "Questions"}, "respond": {"within": "PT90M"}, "urgent": False},
        {"id": "mail", "respond": {"within": "P1D", "basis": "working_hours"}},
    ],
    meetings={"notes_within": "P1DT12H", "agenda_ahead": True},
)


def test_a_document_is_a_row_with_its_header_and_what_it_says(tmp_path: Path) -> None:
    found = Tables(tmp_path, CHARTER)
    [row] = set(
        found.rows(
            "charters",
            "id",
            "title",
            "owner",
            "reviewed",
            "review_every_days",
            "meetings_notes_within_hours",
            "meetings_agenda_ahead",
            "video_camera",
        )
    )
    assert row == ("general", "How we talk", "lead", datetime(2026, 5, 4), 180, 36.0, True, None)  # noqa: DTZ001


def test_the_items_of_a_list_are_rows_with_their_document_and_number(tmp_path: Path) -> None:
    columns = ("unit", "document", "number", "id", "respond_within_hours", "respond_basis", "urgent")
    assert Tables(tmp_path, CHARTER).rows("charter_channels", *columns) == [
        (unit, "general", number, *item)
        for unit in ("field", "g-new", "support")
        for number, item in ((1, ("chat", 1.5, None, False)), (2, ("mail", 24.0, "working_hours", None)))
    ]


def test_text_is_in_the_language_of_the_report(tmp_path: Path) -> None:
    assert set(Tables(tmp_path / "nl", CHARTER, lang="nl").rows("charters", "title")) == {("Zo praten wij",)}
    purposes = Tables(tmp_path / "en", CHARTER).rows("charter_channels", "purpose")
    assert {text for (text,) in purposes} == {"Questions", None}


def test_items_inside_items_name_the_item_around_them(tmp_path: Path) -> None:
    results: list[dict[str, Any]] = [{"id": "K1", "metric": "Waiting", "start": 9, "target": 3.5}]
    goals = document(
        "Goals", "goals", unit="support", objectives=[{"id": "O1", "key_results": results}, {"id": "O2", "title": "x"}]
    )
    found = Tables(tmp_path, goals)
    assert found.rows("objectives", "unit", "id", "number") == [("support", "O1", 1), ("support", "O2", 2)]
    columns = ("unit", "document", "objective", "number", "id", "start", "target", "current")
    assert found.rows("key_results", *columns) == [("support", "goals", "O1", 1, "K1", 9.0, 3.5, None)]


# Where a document holds


def charter(name: str, unit: str | None = None) -> Document:
    return document("CommunicationCharter", name, **({"unit": unit} if unit else {}))


def held(tmp_path: Path, *documents: Document) -> dict[str, str]:
    return dict(Tables(tmp_path, *documents).rows("charters", "unit", "id"))


def test_a_document_without_a_unit_holds_for_every_team(tmp_path: Path) -> None:
    assert held(tmp_path, charter("all")) == {"support": "all", "field": "all", "g-new": "all"}


def test_the_nearest_document_goes_before_that_of_the_department_and_that_before_the_general_one(
    tmp_path: Path,
) -> None:
    documents = [charter("all"), charter("ours", "operations"), charter("mine", "field")]
    assert held(tmp_path, *documents) == {
        "operations": "ours",
        "support": "ours",
        "field": "mine",
        "g-new": "all",
    }


@pytest.mark.parametrize("named", ["field", "g-field"])
def test_a_unit_is_named_by_its_id_or_by_its_group(tmp_path: Path, named: str) -> None:
    assert held(tmp_path, charter("mine", named)) == {"field": "mine"}


def test_a_department_is_named_by_its_id_or_by_its_name(tmp_path: Path) -> None:
    assert held(tmp_path, charter("ours", "Operations")) == {"operations": "ours", "support": "ours"}


def test_a_document_of_the_organisation_holds_for_its_teams_and_goes_before_the_general_one(tmp_path: Path) -> None:
    documents = [charter("all"), charter("ours", "organisation")]
    assert set(held(tmp_path, *documents).values()) == {"ours"}


def test_without_teams_a_general_document_is_the_organisations(tmp_path: Path) -> None:
    ended = judge(tmp_path, [charter("all"), policy(rule("R", "charters", "FALSE"))], {})
    assert [found["units"] for found in ended.findings("R")] == [["organisation"]]


def test_rows_carry_the_group_of_the_team_so_that_teams_find_them(tmp_path: Path) -> None:
    assert Tables(tmp_path, charter("mine", "field")).rows("charters", "unit", "group_id") == [("field", "g-field")]
    found = judge(
        tmp_path / "judged",
        [charter("mine", "g-field"), policy(rule("R", "teams", "count_of(charters) = 1"))],
        PEOPLE,
    )
    assert found.counts("R") == (1, 2, 0, 0)
    assert sorted(found.subjects("R")) == [("g-new", "fail"), ("g-support", "fail")]


def test_rows_carry_the_name_of_the_unit_as_people_know_it(tmp_path: Path) -> None:
    register = document("Register", "all", decisions=[{"id": "D1"}])
    matrix = document(
        "RaciMatrix",
        "matrix",
        unit="support",
        activities=[{"id": "leave", "title": "Leave", "assign": {"lead": "A/R"}}],
        escalations=[{"id": "delay", "trigger": "blocked", "levels": [{"role": "lead", "within": "P1D"}]}],
    )
    found = Tables(tmp_path, charter("mine", "support"), charter("lost", "nowhere"), matrix, register)
    assert found.rows("charters", "unit", "unit_name") == [("nowhere", "nowhere"), ("support", "Support")]
    assert found.rows("decisions", "unit", "unit_name") == [("organisation", "De Linde")]
    for table in ("raci", "activities", "escalations"):
        assert found.rows(table, "unit", "unit_name") == [("support", "Support")]


def test_documents_that_are_not_per_team_belong_to_their_unit_or_the_organisation(tmp_path: Path) -> None:
    found = Tables(
        tmp_path,
        document("Register", "ours", unit="support", decisions=[{"id": "D1", "date": "2026-09-01"}]),
        document("Register", "all", decisions=[{"id": "D1"}]),
    )
    assert found.rows("decisions", "unit", "group_id", "document", "date") == [
        ("organisation", None, "all", None),
        ("support", "g-support", "ours", datetime(2026, 9, 1)),  # noqa: DTZ001
    ]


def test_a_document_for_a_unit_that_does_not_exist_is_a_row_all_the_same(tmp_path: Path) -> None:
    found = judge(tmp_path, [charter("lost", "nowhere"), policy(rule("R", "charters", "FALSE"))], PEOPLE)
    assert found.subjects("R") == [("nowhere/lost", "fail")]
    assert found.finding("R", "nowhere/lost")["units"] == ["organisation"]


# Tables of another origin


def test_units_are_the_teams_departments_and_the_organisation_with_what_is_declared_of_them(tmp_path: Path) -> None:
    columns = ("id", "name", "kind", "parent", "group_id", "work_mode", "countries", "time_zones", "members")
    assert Tables(tmp_path).rows("units", *columns) == [
        ("field", "field", "team", "organisation", "g-field", None, [], [], 1),
        ("g-new", "G-new", "team", "organisation", "g-new", None, None, None, 0),
        ("operations", "operations", "department", "organisation", None, None, [], [], 2),
        ("organisation", "De Linde", "organisation", None, None, None, None, None, 3),
        ("support", "Support", "team", "operations", "g-support", "hybrid", ["NL", "BE"], ["Europe/Amsterdam"], 2),
    ]


def test_units_are_unknown_where_teams_could_not_be_read_and_their_members_where_people_could_not(
    tmp_path: Path,
) -> None:
    rules = policy(rule("R1", "units", "kind <> 'circle'"), rule("R2", "units", "members >= 0"))
    lost = judge(tmp_path / "teams", [rules], {"users": PEOPLE["users"]}, gaps={"teams": "not_permitted"})
    assert lost.outcome("R1") == ("unknown", "not_permitted")
    few = judge(tmp_path / "users", [rules], {"teams": [team("g")]}, gaps={"users": "not_licensed"})
    assert (few.outcome("R1"), few.outcome("R2")) == (("pass", None), ("unknown", "not_licensed"))


def test_an_app_leads_to_the_service_principals_that_it_lists(tmp_path: Path) -> None:
    apps = document("Apps", "apps", apps=[{"id": "miro", "app_ids": ["a-1", "a-2"]}, {"id": "pen"}])
    found = Tables(tmp_path, apps)
    assert found.rows("apps", "id", "app_ids") == [("miro", ["a-1", "a-2"]), ("pen", None)]
    assert found.rows("app_ids", "app", "app_id") == [("miro", "a-1"), ("miro", "a-2")]
    rows = {**PEOPLE, "service_principals": [{"id": "s1", "app_id": "a-2"}, {"id": "s2", "app_id": "zzz"}]}
    judged = judge(tmp_path / "judged", [apps, policy(rule("R", "apps", "count_of(service_principals) = 1"))], rows)
    assert judged.subjects("R") == [("pen", "fail")]


def test_an_allowance_meets_the_norm_of_its_year_and_a_year_without_one_meets_nothing(tmp_path: Path) -> None:
    documents = [
        document("RemoteWork", "a", unit="support", allowance={"per_day": 2.45, "year": 2026}),
        document("RemoteWork", "b", unit="field", allowance={"per_day": 2.5, "year": 2026}),
        document("RemoteWork", "c", unit="g-new", allowance={"per_day": 9, "year": 2099}),
        policy(
            rule("R1", "remote_work", "any_of(norm, per_day >= parent.allowance_per_day)"),
            rule("R2", "remote_work", "count_of(norm) = 1"),
        ),
    ]
    found = judge(tmp_path, documents, PEOPLE)
    assert [subject for subject, _ in found.subjects("R1")] == ["field/b", "g-new/c"]
    assert [subject for subject, _ in found.subjects("R2")] == ["g-new/c"]


def test_the_norms_of_each_year_are_those_of_dutch_payroll_tax() -> None:
    norms = {row["year"]: row["per_day"] for row in shipped_rows("allowance_norms")}
    assert norms == {2022: 2.00, 2023: 2.15, 2024: 2.35, 2025: 2.40, 2026: 2.45}


def test_a_policy_has_a_digest_that_changes_with_what_it_says_alone(tmp_path: Path) -> None:
    first = Tables(tmp_path / "a", document("Rhythm", "r", method="scrum")).rows("policies", "id", "digest")
    same = Tables(tmp_path / "b", document("Rhythm", "r", method="scrum")).rows("policies", "id", "digest")
    other = Tables(tmp_path / "c", document("Rhythm", "r", method="kanban")).rows("policies", "id", "digest")
    assert first == same
    assert {name for (name, digest), (_, changed) in zip(first, other, strict=True) if digest != changed} == {"r"}


# What follows from working agreements


def test_a_working_agreement_tells_what_its_windows_leave(tmp_path: Path) -> None:
    windows = [
        {"days": ["monday", "tuesday"], "from": "08:30", "until": "17:00", "break_minutes": 45},
        {"days": ["monday"], "from": "13:00", "until": "21:30", "break_minutes": 30, "time_zone": "Asia/Kolkata"},
    ]
    agreement = document(
        "WorkingAgreement",
        "hours",
        unit="support",
        windows=windows,
        core_hours={"from": "10:00", "until": "15:30"},
    )
    found = Tables(tmp_path, agreement)
    columns = ("time_zones", "core_hours", "week_hours", "overlap_hours", "earliest_hour", "latest_hour")
    # In winter the windows are the same hours of the day; in summer Amsterdam begins an hour earlier.
    assert found.rows("working_agreements", *columns) == [
        (["Asia/Kolkata", "Europe/Amsterdam"], 5.5, 15.5, 7.5, 8.5, 21.5)
    ]
    assert found.rows("working_windows", "number", "time_zone", "days") == [
        (1, "Europe/Amsterdam", ["monday", "tuesday"]),
        (2, "Asia/Kolkata", ["monday"]),
    ]


def test_an_agreement_without_windows_leaves_its_columns_empty(tmp_path: Path) -> None:
    found = Tables(tmp_path, document("WorkingAgreement", "hours", unit="field"))
    assert found.rows("working_agreements", "week_hours", "time_zones", "core_hours") == [(None, None, None)]


# The catalogue and the schemas agree


def test_every_declared_kind_has_a_schema_and_every_path_of_its_tables_is_a_key_there() -> None:
    from govcheck.policy import bundled

    kinds = set()
    for table in tables().values():
        declaration = table.declaration
        if declaration is None:
            continue
        kinds.add(declaration.kind)
        schema = bundled(declaration.kind)
        part: dict[str, Any] = schema
        for key in declaration.rows:
            part = part["properties"][key]["items"]
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
        for column in declaration.columns.values():
            if column.path is not None:
                assert _type_at(part, column.path, schema) in _FITS[column.type], f"{table.name}.{column.name}"
        assert set(table.columns) >= set(declaration.columns)
    assert kinds == set(KINDS) - {"Policy", "Organisation", "RaciMatrix", "Exceptions", "Evidence"}


_FITS = {
    "bool": {"boolean"},
    "int": {"integer"},
    "float": {"number", "duration"},
    "text": {"string", "words", "enum"},
    "time": {"date"},
    "list": {"array"},
}


def _type_at(part: dict[str, Any], path: str, schema: dict[str, Any]) -> str:
    for key in path.split("/"):
        part = part["properties"][key]
        name = part.get("$ref", "").rpartition("/")[2]
        if name in ("words", "duration", "date"):
            return str(name)
        part = {**schema["$defs"].get(name, {}), **part}
    return "enum" if "enum" in part else str(part["type"])


@pytest.mark.parametrize(("host", "match"), [("teams", ("id", "group_id")), ("units", ("id", "unit"))])
def test_teams_and_units_lead_to_every_table_that_is_per_team(host: str, match: tuple[str, str]) -> None:
    led = {relation.table for relation in tables()[host].relations.values() if relation.match == (match,)}
    per_team = {name for name, table in tables().items() if table.declaration and table.declaration.per_team}
    assert per_team | {"raci", "activities", "escalations"} <= led


def test_columns_of_declared_tables_have_types_that_the_engine_can_hold() -> None:
    declared = [table for table in tables().values() if table.declaration is not None]
    assert {column.type for table in declared for column in table.columns.values()} <= set(ARROW_TYPES)
