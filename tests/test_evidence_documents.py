"""Evidence documents: which tables they may fill, which they may define, and where their faults are."""

from __future__ import annotations

from pathlib import Path

import pytest

from govcheck.catalogue import SUPPRESSED, tables
from govcheck.evidence.headings import aliases
from govcheck.policy.evidence import file_columns
from policies import codes, document, faults, load, policy, rule, write

ENPS = "{table: enps, path: enps.csv}"
DESKS = (
    "{table: desks, path: desks.csv, unit: Team,"
    " columns: {location: {from: Vestiging}, desks: {from: Bureaus, type: int}, used: {type: int}}}"
)


def evidence(*entries: str) -> str:
    return document("Evidence", "files:\n" + "".join(f"  - {entry}\n" for entry in entries))


def checking(table: str, expect: str) -> str:
    return policy(rules=f"  - {{id: R-1, title: T, severity: low, check: {table}, expect: {expect}}}\n")


def test_a_path_is_relative_to_its_document(tmp_path: Path) -> None:
    [file] = load(write(tmp_path, evidence(ENPS), policy(), name="deep/set.yaml")).evidence
    assert file.path == tmp_path / "deep" / "enps.csv"
    assert file.shown == "enps.csv"


def test_a_known_table_brings_its_own_group_size(tmp_path: Path) -> None:
    [file] = load(write(tmp_path, evidence(ENPS), policy())).evidence
    assert file.group_size == "responded"


def test_a_rule_may_check_a_table_that_a_document_defines(tmp_path: Path) -> None:
    loaded = load(write(tmp_path, evidence(DESKS), checking("desks", "used <= desks")))
    assert loaded.rules[0].checked.columns["desks"].type == "int"


def test_a_rule_may_check_an_own_table_that_is_defined_in_another_file(tmp_path: Path) -> None:
    first = write(tmp_path, checking("desks", "used <= desks"), name="rules.yaml")
    assert [rule.table for rule in load(first, write(tmp_path, evidence(DESKS), name="z.yaml")).rules] == ["desks"]


def test_an_own_table_lives_no_longer_than_its_policy_set(tmp_path: Path) -> None:
    load(write(tmp_path, evidence(DESKS), policy(), name="one.yaml"))
    assert "unknown-table" in codes(write(tmp_path, checking("desks", "used <= desks"), name="two.yaml"))


def test_an_own_table_is_told_apart_by_its_texts_and_times_unless_the_document_says_otherwise(tmp_path: Path) -> None:
    keyed = DESKS.replace("unit: Team,", "unit: Team, key: [desks],")
    plain, said = (
        load(write(tmp_path, evidence(entry), policy(), name=f"{at}.yaml")).evidence[0].table.key
        for at, entry in enumerate((DESKS, keyed))
    )
    assert (plain, said) == (("unit", "location"), ("unit", "desks"))


def test_an_own_table_with_a_group_size_is_about_people_and_marks_what_it_hides(tmp_path: Path) -> None:
    entry = DESKS.replace("unit: Team,", "unit: Team, group_size: used,")
    [file] = load(write(tmp_path, evidence(entry), policy())).evidence
    assert file.table.people
    assert SUPPRESSED in file.table.columns
    assert file.group_size == "used"


@pytest.mark.parametrize(
    ("entry", "code", "said"),
    [
        ("{table: users, path: x.csv}", "evidence-not-from-files", "users"),
        ("{table: raci, path: x.csv}", "evidence-not-from-files", "raci"),
        ("{table: evidence_files, path: x.csv}", "evidence-not-from-files", "evidence_files"),
        ("{table: trainig, path: x.csv}", "unknown-table", "`training`"),
        ("{table: Training, path: x.csv}", "bad-table-name", "Training"),
        ("{table: training, path: x.csv, columns: {compleet: {from: x}}}", "evidence-unknown-column", "compleet"),
        ("{table: training, path: x.csv, columns: {due: {type: text}}}", "evidence-column-type", "int"),
        ("{table: training, path: x.csv, group_size: course}", "evidence-group-size", "course"),
        ("{table: projects, path: x.csv, group_size: project}", "evidence-group-size", "project"),
        ("{table: mine, path: x.csv, columns: {end: {type: time}}}", "evidence-reserved-column", "end"),
        ("{table: mine, path: x.csv, columns: {group_id: {type: text}}}", "evidence-reserved-column", "group_id"),
        ("{table: mine, path: x.csv, columns: {unit_name: {type: text}}}", "evidence-reserved-column", "unit_name"),
        ("{table: mine, path: x.csv, key: [other], columns: {a: {}}}", "evidence-unknown-column", "other"),
        ("{table: mine, path: x.csv, columns: {a: {type: number}}}", "unknown-value", "number"),
        ("{table: mine, path: x.csv, columns: {Naam: {}}}", "bad-column-name", "Naam"),
        ("{table: enps}", "missing-key", "path"),
        ("{table: enps, path: x.csv, stale_after: 3}", "unknown-key", "stale_after_days"),
        ("{table: enps, path: x.csv, dates: dmy}", "unknown-value", "day-first"),
    ],
)
def test_an_entry_at_fault_is_told_at_its_place(tmp_path: Path, entry: str, code: str, said: str) -> None:
    file = write(tmp_path, evidence(entry), policy())
    [fault] = [fault for fault in faults(file) if fault.level == "error"]
    assert fault.code == code
    assert fault.span is not None
    assert file.read_text("utf-8").split("\n")[fault.span.line - 1] == f"  - {entry}"
    assert said in fault.message.in_lang("en") + "".join(help_.in_lang("en") for help_ in fault.helps)


def test_two_files_may_fill_one_own_table_when_they_agree(tmp_path: Path) -> None:
    again = "{table: desks, path: more.csv}"
    assert len(load(write(tmp_path, evidence(DESKS, again), policy())).evidence) == 2


def test_two_definitions_that_differ_are_an_error_that_shows_both(tmp_path: Path) -> None:
    other = "{table: desks, path: more.csv, columns: {desks: {type: float}}}"
    [fault] = faults(write(tmp_path, evidence(DESKS, other), policy()))
    assert fault.code == "evidence-redefined"
    assert len(fault.related) == 1


def test_an_unknown_table_in_a_rule_gets_the_nearest_name_own_tables_included(tmp_path: Path) -> None:
    file = write(tmp_path, evidence(DESKS), checking("desk", "used <= desks"))
    [fault] = [fault for fault in faults(file) if fault.level == "error"]
    assert fault.code == "unknown-table"
    assert "`desks`" in fault.helps[0].in_lang("en")


def test_a_rule_over_a_table_that_is_itself_at_fault_is_not_blamed_besides(tmp_path: Path) -> None:
    entry = "{table: mine, path: x.csv, columns: {end: {type: time}}}"
    assert codes(write(tmp_path, evidence(entry), checking("mine", "1 = 1"))) == ["evidence-reserved-column"]


def test_examples_of_a_rule_over_an_own_table_are_checked_against_its_columns(tmp_path: Path) -> None:
    text = rule(expect="used <= desks").replace("check: users", "check: desks").replace("{display_name}", "{location}")
    wrong = text.replace("{id: u1, is_mfa_capable: true}", "{desk: 3}").replace(
        "{id: u2, is_mfa_capable: false}", "{location: Zwolle, desks: 1, used: 2}"
    )
    assert codes(write(tmp_path, evidence(DESKS), policy(rules=wrong))) == ["example-unknown"]


@pytest.mark.parametrize("table", [table for table in tables().values() if table.from_files], ids=lambda it: it.name)
def test_every_layout_has_a_key_columns_and_a_whole_group_size(table: object) -> None:
    from govcheck.catalogue import Table

    assert isinstance(table, Table)
    columns = file_columns(table)
    assert columns
    assert table.group_size is None or columns[table.group_size] == "int"
    assert table.group_size is not None or not table.people
    assert not any(column.personal for column in table.columns.values())


@pytest.mark.parametrize("name", ["units", "teams", "organization"])
def test_rules_may_ask_a_unit_a_team_and_the_organisation_for_evidence(name: str) -> None:
    asked = {relation.table for relation in tables()[name].relations.values()}
    wanted = {table.name for table in tables().values() if table.from_files and table.lands == "declared"}
    assert wanted <= asked


def test_no_alias_is_for_a_column_that_no_table_has() -> None:
    known = {name for table in tables().values() if table.from_files for name in file_columns(table)}
    assert set(aliases()) - known == {"organisation"}
