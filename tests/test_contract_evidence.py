"""`kind: Evidence`: files declare their own tables, and small groups are hidden where a rate is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tenants import (
    Document,
    Ended,
    Verdicts,
    check,
    document,
    person,
    policy,
    rule,
    run,
    write_documents,
    write_snapshot,
)

UNITS: list[Document] = [
    {"id": "ops", "name": "Operatie", "kind": "department", "department": "Ops"},
    *({"id": unit, "name": f"Team {unit}", "kind": "team", "parent": "ops", "group": f"g-{unit}"} for unit in "abc"),
]
ORGANISATION = document("Organisation", "org", units=UNITS, roles={"ciso": {}})
COLUMNS: Document = {"due": {"from": "Doelgroep", "type": "int"}, "done": {"from": "Klaar", "type": "int"}}
RATE = rule("RATE", "lessons", "done >= due", at_least=0.8)


def lessons(**more: object) -> Document:
    return {"table": "lessons", "path": "l.csv", "unit": "Team", "group_size": "due", "columns": COLUMNS, **more}


def checked(folder: Path, content: str | None, rules: list[Document], *arguments: str, **entry: Any) -> Ended:
    evidence = document("Evidence", "ev", files=[lessons(**entry)])
    write_documents(folder / "policies" / "house.yaml", ORGANISATION, evidence, policy(*rules))
    if content is not None:
        (folder / "policies" / "l.csv").write_text(content, "utf-8")
    if not (folder / "snapshot").exists():
        write_snapshot(folder / "snapshot", {"users": [person("ann", department="Ops")]})
    return check(folder, "--format", "json", *arguments)


def rows(**units: tuple[int, int]) -> str:
    lines = (f"{unit},{due},{done}\n" for unit, (due, done) in units.items())
    return f"Team,Doelgroep,Klaar\n{''.join(lines)}"


# Tables of one's own


def test_the_columns_of_an_entry_are_the_columns_of_its_table(tmp_path: Path) -> None:
    found = Verdicts(checked(tmp_path, rows(a=(12, 11), b=(9, 9)), [rule("DONE", "lessons", "done >= due")]))
    assert found.units_of("DONE") == {"organisation": "fail", "ops": "fail", "a": "fail", "b": "pass"}
    assert found.finding("DONE", "a")["evidence"] == {"done": 11, "due": 12}


def test_a_unit_in_a_file_goes_by_its_name_too(tmp_path: Path) -> None:
    content = rows(a=(12, 12)).replace("\na,", "\nTeam a,")
    assert Verdicts(checked(tmp_path, content, [RATE])).verdict("RATE", "a")["outcome"] == "pass"


@pytest.mark.parametrize("table", ["enps", "training"])
def test_a_shipped_name_takes_the_columns_that_a_document_gives_it(tmp_path: Path, table: str) -> None:
    done = rule("DONE", table, "done >= due")
    found = Verdicts(checked(tmp_path, rows(a=(12, 11), b=(9, 9)), [done], table=table))
    assert found.subjects("DONE") == [("a", "fail")]


def test_shipped_columns_that_a_document_leaves_out_are_missing_and_not_unknown_names(tmp_path: Path) -> None:
    found = Verdicts(checked(tmp_path, rows(a=(12, 11)), [rule("OLD", "training", "completed > 0")], table="training"))
    assert found.outcome("OLD") == ("unknown", "evidence_missing")


def test_the_shipped_packs_run_beside_a_table_that_a_document_redefines(tmp_path: Path) -> None:
    evidence = document("Evidence", "ev", files=[lessons(table="enps")])
    write_documents(tmp_path / "policies" / "house.yaml", ORGANISATION, evidence)
    assert run(tmp_path, "validate").code == 0


def test_a_column_without_a_type_that_a_shipped_table_does_not_have_is_a_slip(tmp_path: Path) -> None:
    entry: Document = {"table": "training", "path": "l.csv", "columns": {"complete": {"from": "Klaar"}}}
    write_documents(tmp_path / "policies" / "house.yaml", document("Evidence", "ev", files=[entry]), policy(RATE))
    ended = run(tmp_path, "validate")
    assert ended.code == 2
    assert "did you mean `completed`" in ended.stderr


def test_whole_numbers_of_a_table_of_ones_own_may_be_below_zero(tmp_path: Path) -> None:
    content = "Team,score,n\na,-5,12\nb,20,9\n"
    columns = {"score": {"from": "score", "type": "int"}, "n": {"from": "n", "type": "int"}}
    low = rule("LOW", "lessons", "score >= 0")
    found = Verdicts(checked(tmp_path, content, [low], columns=columns, group_size="n"))
    assert found.finding("LOW", "a")["evidence"] == {"score": -5}


def test_people_are_never_fewer_than_none(tmp_path: Path) -> None:
    ended = checked(tmp_path, rows(a=(-3, 1)), [RATE])
    assert (ended.code, ended.stdout) == (2, b"")


@pytest.mark.parametrize(
    ("named", "columns"),
    [
        ("due", COLUMNS),
        ("Doelgroep", COLUMNS),
        ("Doelgroep", {"done": COLUMNS["done"]}),
        ("due", COLUMNS | {"due": {"from": "Doelgroep"}}),
    ],
    ids=["column", "its heading", "a heading alone", "column without a type"],
)
def test_the_column_that_counts_people_goes_by_its_name_or_its_heading(
    tmp_path: Path, named: str, columns: Document
) -> None:
    some = rule("SOME", "lessons", "done > 0", at_least=0.5)
    found = Verdicts(checked(tmp_path, rows(a=(12, 1), b=(3, 1)), [some], group_size=named, columns=columns))
    assert found.verdict("SOME", "b")["reason"] == "suppressed"


# What cannot be used


def test_a_file_that_is_not_there_leaves_a_rate_unknown(tmp_path: Path) -> None:
    ended = checked(tmp_path, None, [RATE])
    assert (Verdicts(ended).outcome("RATE"), ended.code) == (("unknown", "evidence_missing"), 3)
    assert Verdicts(ended).counts("RATE") == (0, 0, 0, 0)
    assert [gap["table"] for gap in ended.json["gaps"]] == ["lessons"]


@pytest.mark.parametrize(
    "heading", ["email", "Naam", "userPrincipalName", "employee_id", "User", "Collega", "last_name", "bsn", "Salaris"]
)
def test_a_file_with_a_column_about_people_is_refused_with_2_whatever_is_in_it(tmp_path: Path, heading: str) -> None:
    ended = checked(tmp_path, f"Team,Doelgroep,Klaar,{heading}\na,12,12,Zwanenburg\n", [RATE])
    assert (ended.code, ended.stdout) == (2, b"")
    assert "evidence-personal-data" in ended.stderr
    assert "Zwanenburg" not in ended.stderr


# Small groups and rates


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    folder = tmp_path_factory.mktemp("small")
    return Verdicts(checked(folder, rows(a=(10, 10), b=(12, 12), c=(3, 0)), [RATE]))


def test_a_unit_of_too_few_people_is_not_shown_as_a_rate(small: Verdicts) -> None:
    found = small.verdict("RATE", "c")
    assert (found["outcome"], found["reason"]) == ("not_applicable", "suppressed")
    assert {found[name] for name in ("pass", "fail", "unknown", "waived", "share")} == {None}


def test_its_rows_count_for_the_units_above_it(small: Verdicts) -> None:
    assert small.counts("RATE", "ops") == small.counts("RATE", "organisation") == (2, 1, 0, 0)
    assert small.verdict("RATE", "ops")["share"] == 0.6667
    assert small.outcome("RATE") == ("fail", None)


def test_the_smallest_sibling_is_hidden_so_that_it_cannot_be_computed(small: Verdicts) -> None:
    assert small.verdict("RATE", "a")["reason"] == "suppressed"
    assert small.verdict("RATE", "b")["outcome"] == "pass"


def test_no_finding_shows_a_row_of_a_hidden_unit_and_the_unit_above_stands_for_it(small: Verdicts) -> None:
    [found] = small.findings("RATE")
    assert (found["subject"]["kind"], found["subject"]["id"], found["tolerated"]) == ("units", "ops", False)
    assert small.ended.code == 1


def test_two_hidden_siblings_that_are_enough_people_together_need_no_third(tmp_path: Path) -> None:
    found = Verdicts(checked(tmp_path, rows(a=(10, 10), b=(2, 2), c=(3, 3)), [RATE]))
    assert found.units_of("RATE")["a"] == "pass"


def test_the_same_people_in_two_rounds_are_counted_once(tmp_path: Path) -> None:
    columns = COLUMNS | {"course": {"from": "Cursus", "type": "text"}}
    content = "Team,Cursus,Doelgroep,Klaar\na,x,3,3\na,y,3,3\nb,x,12,12\nb,y,12,12\n"
    found = Verdicts(checked(tmp_path, content, [RATE], columns=columns))
    assert found.verdict("RATE", "a")["reason"] == "suppressed"


def test_rows_out_of_scope_hide_nothing(tmp_path: Path) -> None:
    scoped = rule("RATE", "lessons", "done >= due", where="due >= 10", at_least=0.8)
    found = Verdicts(checked(tmp_path, rows(a=(10, 10), b=(12, 12), c=(3, 0)), [scoped]))
    assert found.units_of("RATE") == dict.fromkeys(("organisation", "ops", "a", "b"), "pass")


def test_where_every_unit_is_too_small_the_rule_is_unknown_and_ends_with_3(tmp_path: Path) -> None:
    ended = checked(tmp_path, rows(c=(3, 0)), [RATE])
    assert (Verdicts(ended).outcome("RATE"), ended.code) == (("unknown", "suppressed"), 3)


# The same again


def test_the_same_evidence_gives_the_same_bytes_in_another_home(tmp_path: Path) -> None:
    rules = [RATE, rule("DONE", "lessons", "done >= due"), rule("ON", "users", "account_enabled")]
    first = checked(tmp_path, rows(a=(12, 11), b=(9, 9), c=(3, 0)), rules)
    again = check(tmp_path, "--format", "json", GOVCHECK_HOME=str(tmp_path / "elsewhere"))
    assert first.json["run"]["id"] != again.json["run"]["id"]
    assert _without_id(first) == _without_id(again)


def _without_id(ended: Ended) -> str:
    return re.sub(r'"id": "[^"]*"', "", ended.text, count=1)
