"""Evidence in a run: missing, stale, refused, hidden for small groups, and what rules may ask of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from evidence_files import csv_of
from tenants import (
    Document,
    Ended,
    Verdicts,
    check,
    document,
    judge,
    person,
    policy,
    rule,
    run,
    write_documents,
    write_snapshot,
)

HEAD = "Team;Cursus;Peildatum;Doelgroep;Afgerond"
GROUPS = {unit: f"{at}0000000-0000-0000-0000-000000000000" for at, unit in enumerate(("a", "b", "c", "d"), start=1)}
MARK = "Zwanenburg"


def organisation(**more: object) -> Document:
    units: list[Document] = [{"id": "dep", "name": "Operatie", "kind": "department", "department": "Ops"}]
    units += [
        {"id": unit, "name": unit, "kind": "team", "parent": "dep", "group": group} for unit, group in GROUPS.items()
    ]
    return document("Organisation", "org", units=units, roles={"ciso": {}}, **more)


def evidence(*files: Document) -> Document:
    return document("Evidence", "ev", files=list(files))


def training(**more: object) -> Document:
    return {"table": "training", "path": "training.csv", **more}


def run_check(folder: Path, documents: Iterable[Document], files: dict[str, str], *arguments: str) -> Ended:
    write_documents(folder / "policies" / "house.yaml", *documents)
    for name, content in files.items():
        (folder / "policies" / name).write_text(content, "utf-8")
    write_snapshot(folder / "snapshot", {"users": [person("ann"), person("bob", account_enabled=False)]})
    return check(folder, "--format", "json", *arguments)


def verdicts(
    folder: Path, rules: Iterable[Document], files: dict[str, str], *entries: Document, **more: Any
) -> Verdicts:
    documents = [organisation(**more), evidence(*entries), policy(*rules)]
    return Verdicts(run_check(folder, documents, files))


SIZES = {"dep": 40, "a": 12, "b": 12, "c": 12, "d": 4}


def sizes(**people: int) -> str:
    lines = [f"{unit};avg;30-09-2026;{number};{number}" for unit, number in people.items()]
    return csv_of(HEAD, *lines)


DONE = rule("DONE", "training", "completed >= due")
HELD = rule("HELD", "units", "count_of(training, course = 'avg') >= 1", where="kind = 'team'")
HIGH = rule("HIGH", "units", "any_of(training, completed >= due)", where="kind = 'team'")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    folder = tmp_path_factory.mktemp("small")
    return verdicts(
        folder,
        [DONE, HELD, HIGH, rule("FILES", "evidence_files", "rows_suppressed = 0")],
        {"training.csv": sizes(**SIZES)},
        training(),
    )


def test_a_row_of_too_few_people_is_not_shown_and_its_unit_says_why(small: Verdicts) -> None:
    found = small.verdict("DONE", "d")
    assert (found["outcome"], found["reason"], found["pass"]) == ("not_applicable", "suppressed", None)


def test_the_smallest_sibling_is_hidden_too_where_a_total_would_give_the_small_one_away(small: Verdicts) -> None:
    assert small.verdict("DONE", "a")["reason"] == "suppressed"
    assert {unit: small.verdict("DONE", unit)["outcome"] for unit in ("b", "c", "dep")} == dict.fromkeys(
        ("b", "c", "dep"), "pass"
    )


def test_without_a_total_no_sibling_is_hidden(tmp_path: Path) -> None:
    without = {unit: number for unit, number in SIZES.items() if unit != "dep"}
    read = verdicts(tmp_path, [DONE], {"training.csv": sizes(**without)}, training())
    assert read.units_of("DONE")["a"] == "pass"
    assert read.verdict("DONE", "d")["reason"] == "suppressed"


def test_a_total_of_the_organisation_counts_teams_without_a_department_row(tmp_path: Path) -> None:
    content = sizes(organisation=40, a=12, b=12, c=12, d=4)
    read = verdicts(tmp_path, [DONE], {"training.csv": content}, training())
    assert {unit for unit in "abcd" if read.verdict("DONE", unit)["reason"] == "suppressed"} == {"a", "d"}


def test_that_there_was_a_row_is_known_and_what_it_said_is_not(small: Verdicts) -> None:
    assert small.outcome("HELD") == ("pass", None)
    assert small.counts("HIGH") == (2, 0, 2, 0)


def test_the_files_table_counts_what_was_left_out(small: Verdicts) -> None:
    assert small.findings("FILES")[0]["evidence"] == {"rows_suppressed": 2}
    assert "2 rows of `training.csv` are left out" in small.ended.stderr


def test_nothing_of_a_hidden_row_stands_in_the_report(tmp_path: Path) -> None:
    content = csv_of(HEAD, "d;avg;30-09-2026;4;3", "a;avg;30-09-2026;12;12")
    read = verdicts(tmp_path, [DONE, rule("ANY", "training", "completed > 100")], {"training.csv": content}, training())
    assert all("d" not in found["units"] for found in read.report["findings"])


def test_when_every_row_is_too_small_the_rule_is_unknown(tmp_path: Path) -> None:
    read = verdicts(tmp_path, [DONE], {"training.csv": sizes(a=4, b=3)}, training())
    assert read.outcome("DONE") == ("unknown", "suppressed")


def test_the_floor_is_that_of_the_organisation(tmp_path: Path) -> None:
    read = verdicts(tmp_path, [DONE], {"training.csv": sizes(a=12, b=20)}, training(), privacy={"min_group": 15})
    assert read.verdict("DONE", "a")["reason"] == "suppressed"


def test_a_rate_over_rows_of_groups_is_not_hidden_for_having_few_rows(tmp_path: Path) -> None:
    rate = rule("RATE", "training", "completed >= due", at_least=0.9)
    read = verdicts(tmp_path, [rate], {"training.csv": sizes(a=12)}, training())
    assert read.verdict("RATE", "a")["share"] == 1.0


# Missing, stale, refused


def test_evidence_that_nobody_declared_is_missing(tmp_path: Path) -> None:
    read = verdicts(tmp_path, [DONE, HELD], {"other.csv": "a;b\n"}, {"table": "pulse", "path": "other.csv"})
    assert read.outcome("DONE") == read.outcome("HELD") == ("unknown", "evidence_missing")
    assert read.ended.code == 3


def test_a_declared_file_that_is_not_there_is_missing_by_its_path(tmp_path: Path) -> None:
    read = verdicts(tmp_path, [DONE], {}, training())
    assert read.outcome("DONE") == ("unknown", "evidence_missing")
    assert "training.csv" in read.report["gaps"][0]["detail"]


def test_a_table_with_one_of_its_files_missing_is_missing(tmp_path: Path) -> None:
    read = verdicts(tmp_path, [DONE], {"training.csv": sizes(a=12)}, training(), training(path="more.csv"))
    assert read.outcome("DONE") == ("unknown", "evidence_missing")


def test_a_column_that_a_file_does_not_have_is_missing_and_the_rest_is_there(tmp_path: Path) -> None:
    content = csv_of("Team;Cursus;Peildatum;Doelgroep", "a;avg;30-09-2026;12")
    rules = [DONE, rule("DUE", "training", "due > 0")]
    read = verdicts(tmp_path, rules, {"training.csv": content}, training())
    assert (read.outcome("DONE"), read.outcome("DUE")) == (("unknown", "evidence_missing"), ("pass", None))
    assert read.report["gaps"][0]["columns"] == ["completed"]


def test_a_file_is_good_through_the_last_of_its_days(tmp_path: Path) -> None:
    read = verdicts(tmp_path, [DONE], {"training.csv": sizes(a=12)}, training(stale_after_days=1))
    assert read.outcome("DONE") == ("pass", None)


def test_a_file_past_its_days_is_stale_and_says_how_old_it_is(tmp_path: Path) -> None:
    content = sizes(a=12).replace("30-09-2026", "15-09-2026")
    read = verdicts(tmp_path, [DONE], {"training.csv": content}, training(stale_after_days=15))
    assert read.outcome("DONE") == ("unknown", "evidence_stale")
    assert "2026-09-15" in read.report["gaps"][0]["detail"]


def test_a_file_with_a_limit_and_without_a_date_is_stale(tmp_path: Path) -> None:
    content = '{"UnifiedAuditLogIngestionEnabled": true}'
    rules = [rule("LOG", "audit_log_config", "unified_audit_log_ingestion_enabled")]
    entry: Document = {"table": "audit_log_config", "path": "log.json", "stale_after_days": 10}
    assert verdicts(tmp_path, rules, {"log.json": content}, entry).outcome("LOG") == ("unknown", "evidence_stale")


def test_refused_evidence_ends_the_run_with_2_and_no_report(tmp_path: Path) -> None:
    content = csv_of(f"{HEAD};Naam", f"a;avg;30-09-2026;12;12;{MARK}")
    ended = run_check(tmp_path, [organisation(), evidence(training()), policy(DONE)], {"training.csv": content})
    assert (ended.code, ended.stdout) == (2, b"")
    assert "evidence-personal-data" in ended.stderr
    assert "policies/house.yaml:" in ended.stderr
    assert MARK not in ended.stderr


def test_a_file_that_no_selected_rule_needs_is_not_even_opened(tmp_path: Path) -> None:
    documents = [organisation(), evidence(training()), policy(rule("R", "users", "account_enabled"))]
    assert run_check(tmp_path, documents, {"training.csv": f"Naam\n{MARK}\n"}).code == 1


def test_a_closed_people_pack_opens_no_file(tmp_path: Path) -> None:
    documents = [organisation(), evidence(training()), policy(DONE, people=True)]
    ended = run_check(tmp_path, documents, {"training.csv": f"Naam\n{MARK}\n"})
    assert Verdicts(ended).outcome("DONE") == ("unknown", "not_permitted")


# What rules may ask


def test_rows_land_with_their_unit_and_those_above(tmp_path: Path) -> None:
    content = csv_of(HEAD, "a;avg;30-09-2026;12;11", "b;avg;30-09-2026;12;12")
    read = verdicts(tmp_path, [DONE], {"training.csv": content}, training())
    assert read.units_of("DONE") == {"organisation": "fail", "dep": "fail", "a": "fail", "b": "pass"}
    assert read.findings("DONE")[0]["units"] == ["a", "dep", "organisation"]


def test_a_row_of_a_unit_that_nobody_knows_counts_for_the_organisation_and_is_told(tmp_path: Path) -> None:
    read = verdicts(tmp_path, [DONE], {"training.csv": sizes(nergens=12)}, training())
    assert read.units_of("DONE") == {"organisation": "pass"}
    assert "names a unit that is not known" in read.ended.stderr
    assert "nergens" not in read.ended.stderr


def test_a_rule_checks_a_table_of_ones_own(tmp_path: Path) -> None:
    columns = {"location": {"from": "Vestiging"}, "desks": {"from": "Bureaus", "type": "int"}, "used": {"type": "int"}}
    entry: Document = {"table": "desks", "path": "desks.csv", "unit": "Team", "columns": columns}
    content = csv_of("Team;Vestiging;Bureaus;used", "a;Utrecht;12;13", "b;Zwolle;12;3")
    rules = [
        rule("ROOM", "desks", "used <= desks", message="{location} is full"),
        rule("TEAMS", "desks", "any_of(units, kind = 'team')"),
    ]
    read = verdicts(tmp_path, rules, {"desks.csv": content}, entry)
    assert read.outcome("TEAMS") == ("pass", None)
    [found] = read.findings("ROOM")
    assert (found["subject"]["id"], found["message"]) == ("a/Utrecht", "Utrecht is full")
    assert found["evidence"] == {"desks": 12, "used": 13}


def test_rows_without_a_unit_are_about_the_unit_of_their_document(tmp_path: Path) -> None:
    content = csv_of("Cursus;Peildatum;Doelgroep;Afgerond", "avg;30-09-2026;12;12")
    documents = [organisation(), evidence(training()) | {"unit": "b"}, policy(DONE)]
    read = Verdicts(run_check(tmp_path, documents, {"training.csv": content}))
    assert read.units_of("DONE") == {"organisation": "pass", "dep": "pass", "b": "pass"}


def test_one_file_named_twice_is_refused(tmp_path: Path) -> None:
    documents = [organisation(), evidence(training(), training()), policy(DONE)]
    ended = run_check(tmp_path, documents, {"training.csv": sizes(a=12)})
    assert ended.code == 2
    assert "evidence-repeated-row" in ended.stderr


def test_examples_of_a_rule_over_a_table_of_ones_own_are_run(tmp_path: Path) -> None:
    columns = {"location": {}, "seen": {"type": "time"}, "desks": {"type": "int"}, "used": {"type": "int"}}
    entry: Document = {"table": "desks", "path": "desks.csv", "columns": columns}
    rows = {"pass": [{"desks": 3, "used": 2}], "fail": [{"desks": 3, "used": 4}]}
    documents = [evidence(entry), policy(rule("ROOM", "desks", "used <= desks", examples=rows))]
    write_documents(tmp_path / "policies" / "house.yaml", *documents)
    assert run(tmp_path, "test").code == 0


def test_a_table_of_ones_own_with_a_group_size_hides_small_groups(tmp_path: Path) -> None:
    columns = {"course": {}, "due": {"type": "int"}, "done": {"type": "int"}}
    entry: Document = {"table": "mine", "path": "m.csv", "unit": "Team", "group_size": "due", "columns": columns}
    content = csv_of("Team;course;due;done", "a;x;12;12", "b;x;3;0")
    read = verdicts(tmp_path, [rule("OWN", "mine", "done = due")], {"m.csv": content}, entry)
    assert read.verdict("OWN", "b")["reason"] == "suppressed"
    assert read.outcome("OWN") == ("pass", None)


def test_leavers_are_counted_per_unit_and_nobody_is_named(tmp_path: Path) -> None:
    content = csv_of(
        "Account;Uit dienst",
        "ANN@delinde.example;01-09-2026",
        "bob@delinde.example;01-09-2026",
        f"{MARK}@x.nl;01-09-2026",
        "cas;01-12-2026",
    )
    late = rule(
        "LATE", "leavers", "still_enabled = 0 OR longest_enabled_days <= 1", message="{still_enabled} of {left_count}"
    )
    ended = run_check(
        tmp_path, [organisation(), evidence({"table": "leavers", "path": "l.csv"}), policy(late)], {"l.csv": content}
    )
    [*_, found] = Verdicts(ended).findings("LATE")
    assert found["message"] == "1 of 2"
    assert found["evidence"]["longest_enabled_days"] == pytest.approx(30 + 8 / 24)
    assert not any(name in ended.text + ended.stderr for name in (MARK, "ann", "bob"))


def test_findings_name_the_unit_as_people_know_it(tmp_path: Path) -> None:
    rules = [rule("DONE", "training", "completed < 0", message="{completed} in {unit_name}")]
    read = verdicts(tmp_path, rules, {"training.csv": sizes(dep=12, organisation=12)}, training())
    told = {found["subject"]["label"]: found["message"] for found in read.findings("DONE")}
    assert told == {"Operatie": "12 in Operatie", "De Linde": "12 in De Linde"}


@pytest.mark.parametrize(("lang", "name"), [("nl", "Zonder team"), ("en", "Without a team")])
def test_leavers_without_a_unit_are_counted_under_its_words(tmp_path: Path, lang: str, name: str) -> None:
    late = rule("LATE", "leavers", "still_enabled = 0", where="unit = 'unassigned'", message="{unit_name}")
    content = csv_of("person;leave_date", "ann@delinde.example;2026-09-01")
    documents = [organisation(), evidence({"table": "leavers", "path": "l.csv"}), policy(late)]
    [found] = Verdicts(run_check(tmp_path, documents, {"l.csv": content}, "--lang", lang)).findings("LATE")
    assert found["message"] == found["subject"]["label"] == name


def test_counting_leavers_needs_to_know_which_accounts_work(tmp_path: Path) -> None:
    documents = [evidence({"table": "leavers", "path": "l.csv"}), policy(rule("LATE", "leavers", "still_enabled = 0"))]
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "l.csv").write_text(csv_of("Account;Uit dienst", "ann;01-09-2026"), "utf-8")
    read = judge(tmp_path, documents, {"users": [person("ann")]}, gaps={"users.account_enabled": "not_permitted"})
    assert read.outcome("LATE") == ("unknown", "not_permitted")
