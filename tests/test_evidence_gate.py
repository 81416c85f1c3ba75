"""The privacy gate: what does not get in, what is said about it, and what is never said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_files import csv_of, parquet_of, refused, rows, said, taken, xlsx
from govcheck.evidence.gate import forbidden, is_bsn
from govcheck.model import LANGS
from govcheck.words import text

ENPS = "table: enps"
HEAD = "Eenheid;Ronde;Uitgenodigd;Ingevuld;Promotors;Passieven;Criticasters"
LINE = "support;15-09-2026;12;9;4;3;2"
MARK = "Zwanenburg"


def with_column(heading: str, value: str) -> str:
    return csv_of(f"{HEAD};{heading}", f"{LINE};{value}")


@pytest.mark.parametrize(
    ("heading", "word"),
    [
        ("Naam medewerker", "naam medewerker"),
        ("Voornaam", "voornaam"),
        ("ACHTERNAAM", "achternaam"),
        ("naam", "naam"),
        ("FirstName", "first name"),
        ("employee_name", "employee name"),
        ("Personeelsnummer", "personeelsnummer"),
        ("EmployeeID", "employee id"),
        ("E-mailadres werk", "e-mailadres"),
        ("e-mail", "e-mail"),
        ("userPrincipalName", "user principal name"),
        ("BSN", "bsn"),
        ("Burgerservicenummer", "burgerservicenummer"),
        ("Geboortedatum", "geboortedatum"),
        ("Date of birth", "date of birth"),
        ("Aantal ziektedagen", "ziektedagen"),
        ("Verzuim %", "verzuim"),
        ("sick_leave", "sick leave"),
        ("Geslacht", "geslacht"),
        ("Salaris", "salaris"),
        ("Opmerkingen", "opmerkingen"),
        ("Open antwoord", "open antwoord"),
        ("Manager", "manager"),
        ("Assignee", "assignee"),
    ],
)
def test_a_heading_about_single_people_closes_the_gate_and_its_word_is_named(
    tmp_path: Path, heading: str, word: str
) -> None:
    fault = refused(tmp_path, ENPS, "f.csv", with_column(heading, "1"))
    assert fault.code == "evidence-personal-data"
    assert f"column 8 of `f.csv` (`{word}`)" in fault.message.in_lang("en")
    assert f"kolom 8 van `f.csv` (`{word}`)" in fault.message.in_lang("nl")
    assert fault.helps


@pytest.mark.parametrize(
    ("value", "about"),
    [
        ("jan.jansen@noorderlicht.example", "e-mail"),
        ("Jan <jan@noorderlicht.example>", "e-mail"),
        ("111222333", "eleven-test"),
        ("1112.22.333", "eleven-test"),
        ("bsn 123456782", "eleven-test"),
        ("Zwanger", "sickness"),
        ("Burn-out", "sickness"),
        (f"Ik vond {MARK} een bijzonder vervelende leidinggevende", "free text"),
        ("14-02-1987", "dates of birth"),
        ("1987-02-14", "dates of birth"),
    ],
)
def test_a_value_about_single_people_closes_the_gate_and_is_not_repeated(
    tmp_path: Path, value: str, about: str
) -> None:
    fault = refused(tmp_path, ENPS, "f.csv", with_column("Kolom", value))
    assert fault.code == "evidence-personal-data"
    assert about in fault.message.in_lang("en")
    assert "column 8" in fault.message.in_lang("en")
    assert value not in said(fault)


@pytest.mark.parametrize("number", [111222333, 111222333.0, 10000008])
def test_a_bsn_is_seen_as_a_number_too(tmp_path: Path, number: float) -> None:
    head, line = HEAD.split(";"), ["support", "2026-09-15", 12, 9, 4, 3, 2]
    assert (
        refused(tmp_path / "x", ENPS, "f.xlsx", xlsx([[*head, "K"], [*line, number]])).code == "evidence-personal-data"
    )
    data = parquet_of(unit=["a"], round_date=["2026-09-15"], responded=[9], K=[number])
    assert refused(tmp_path / "p", ENPS, "f.parquet", data).code == "evidence-personal-data"


@given(st.integers(0, 99_999_999))
def test_of_nine_digits_that_differ_in_the_last_one_passes_at_most(start: int) -> None:
    passing = [digit for digit in range(10) if is_bsn(f"{start:08d}{digit}")]
    assert len(passing) <= 1


def test_digits_inside_a_digest_or_a_guid_are_no_bsn(tmp_path: Path) -> None:
    head = "Policy;digest;merged"
    content = csv_of(head, "access;9f3c111222333a7e;2026-09-01", "apps;12345672-aaaa-4bbb-8ccc-dddddddddddd;2026-09-02")
    assert len(rows(tmp_path, "table: policy_changes", "f.csv", content)) == 2


def test_a_compact_date_is_no_bsn() -> None:
    assert not any(is_bsn(f"2026{month:02d}{day:02d}") for month in range(1, 13) for day in range(1, 29))


def test_a_key_of_a_json_object_is_a_heading(tmp_path: Path) -> None:
    fault = refused(
        tmp_path, ENPS, "f.json", '[{"unit": "a", "round_date": "2026-09-15", "responded": 9, "email": null}]'
    )
    assert fault.code == "evidence-personal-data"


def test_the_gate_comes_before_missing_columns(tmp_path: Path) -> None:
    assert refused(tmp_path, ENPS, "f.csv", "Naam;Score\nJan;9\n").code == "evidence-personal-data"


def test_a_file_without_headings_is_refused_without_its_first_row(tmp_path: Path) -> None:
    fault = refused(tmp_path, ENPS, "f.csv", f"{MARK};15-09-2026;12;9\n{MARK};15-09-2026;12;9\n")
    assert fault.code == "evidence-column-missing"
    assert MARK not in said(fault)


@pytest.mark.parametrize(
    ("name", "content", "product"),
    [
        ("f.json", '[{"accountEmail": "a@b.nl", "answerId": 1, "answerScore": 7}]', "Workday Peakon Employee Voice"),
        ("f.json", '[{"answerComment": "tekst", "answerScore": 7}]', "Workday Peakon Employee Voice"),
        ("f.csv", "Response ID,Respondent ID,Q1\n1,2,3\n", "Culture Amp"),
        ("f.csv", "Name,Email,Days active,Messages posted\nJan,a@b.nl,3,4\n", "Slack"),
        ("f.csv", "User Principal Name,Team Chat Message Count\na@b.nl,4\n", "Microsoft Teams"),
    ],
)
def test_a_raw_export_about_people_is_known_by_its_product(
    tmp_path: Path, name: str, content: str, product: str
) -> None:
    fault = refused(tmp_path, "table: pulse", name, content)
    assert fault.code == "evidence-raw-export"
    assert product in fault.message.in_lang("en")


def test_a_column_that_nobody_asked_for_and_that_is_harmless_is_left_out_by_its_place(tmp_path: Path) -> None:
    read = taken(tmp_path, ENPS, "f.csv", with_column("Kostenplaats", "4410"))
    assert read.dropped == ("#8",)
    assert "4410" not in str(read.rows)


def test_a_known_column_may_have_a_heading_that_is_forbidden_elsewhere(tmp_path: Path) -> None:
    entry = "table: training, columns: {course: {from: Naam}}"
    content = csv_of("Eenheid;Naam;Peildatum;Doelgroep;Afgerond", "support;security;30-06-2026;12;12")
    assert rows(tmp_path, entry, "f.csv", content)[0]["course"] == "security"


@pytest.mark.parametrize("heading", ["Personeelsnummer", "E-mail", "BSN", "Assignee"])
def test_no_mapping_lets_a_column_about_single_people_in(tmp_path: Path, heading: str) -> None:
    entry = f"table: training, columns: {{course: {{from: '{heading}'}}}}"
    content = csv_of(f"Eenheid;{heading};Peildatum;Doelgroep;Afgerond", "support;x;30-06-2026;12;12")
    assert refused(tmp_path, entry, "f.csv", content).code == "evidence-personal-data"


def test_a_table_of_ones_own_gets_no_names_in_either(tmp_path: Path) -> None:
    entry = "table: mine, columns: {label: {from: Naam}, count: {type: int}}"
    assert refused(tmp_path, entry, "f.csv", "Naam;count\nx;1\n").code == "evidence-personal-data"


def test_a_label_may_be_longer_than_other_text(tmp_path: Path) -> None:
    course = "Veilig omgaan met gegevens van klanten en collega's"
    content = csv_of("Eenheid;Cursus;Peildatum;Doelgroep;Afgerond", f"support;{course};30-06-2026;12;12")
    assert rows(tmp_path, "table: training", "f.csv", content)[0]["course"] == course


def test_a_course_about_sickness_is_no_sickness(tmp_path: Path) -> None:
    content = csv_of("Eenheid;Cursus;Peildatum;Doelgroep;Afgerond", "support;Burn-out;30-06-2026;12;12")
    assert len(rows(tmp_path, "table: training", "f.csv", content)) == 1


def test_the_list_of_leavers_alone_may_say_who(tmp_path: Path) -> None:
    content = csv_of("E-mail;Datum uit dienst", "jan@noorderlicht.example;01-09-2026")
    entry = "table: leavers, columns: {person: {from: E-mail}}"
    assert rows(tmp_path, entry, "f.csv", content)[0]["person"] == "jan@noorderlicht.example"


def test_the_list_of_leavers_may_say_nothing_else(tmp_path: Path) -> None:
    content = csv_of("Account;Datum uit dienst;Reden", "jan@noorderlicht.example;01-09-2026;x")
    assert refused(tmp_path, "table: leavers", "f.csv", content).code == "evidence-personal-data"


def test_every_kind_of_forbidden_heading_has_its_words() -> None:
    kinds = {phrase.kind for phrase in forbidden().exact.values()}
    for kind in kinds:
        words = text(f"evidence.evidence-heading-{kind}", column=1, word="w", path="p")
        assert all(words.in_lang(lang) for lang in LANGS)
    assert kinds == {"name", "person", "contact", "bsn", "birth", "health", "special", "text"}
