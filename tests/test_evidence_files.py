"""Files as Dutch and English programs write them: encodings, headings, numbers, dates, periods."""

from __future__ import annotations

import codecs
import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_files import csv_of, declared, naive, parquet_of, refused, rows, taken, xlsx
from govcheck.evidence import read_evidence
from govcheck.evidence.values import NotAValue, read_period, read_value

ENPS = "table: enps"
HEAD = "Eenheid;Ronde;Uitgenodigd;Ingevuld;Promotors;Passieven;Criticasters"
LINE = "Klantenservice;15-09-2026;1.234;800;300;300;200"
TRAINING = "Eenheid;Cursus;Peildatum;Doelgroep;Afgerond"


@pytest.mark.parametrize(
    "content",
    [
        csv_of(HEAD, LINE).encode(),
        codecs.BOM_UTF8 + csv_of(HEAD, LINE).encode(),
        csv_of(HEAD, LINE).encode("utf-16"),
        csv_of(HEAD, LINE).encode("utf-16-le"),
        csv_of(HEAD, LINE).replace("\n", "\r\n").encode(),
        csv_of(HEAD, LINE, delimiter="\t").encode(),
        csv_of(HEAD, LINE, delimiter="|").encode(),
        b"sep=;\n" + csv_of(HEAD, LINE).encode(),
        csv_of("Uitdraai van HR, juli tot september", "", HEAD, LINE).encode(),
        csv_of(HEAD, LINE, ";;;;;;", "").encode(),
        csv_of(HEAD.upper(), LINE).encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-le", "crlf", "tabs", "pipes", "sep", "title", "empty-rows", "capitals"],
)
def test_a_dutch_export_is_read_whatever_wrote_it(tmp_path: Path, content: bytes) -> None:
    [row] = rows(tmp_path, ENPS, "f.csv", content)
    assert (row["unit"], row["invited"], row["responded"]) == ("support", 1234, 800)
    assert row["round_date"] == naive(2026, 9, 15)


def test_old_windows_text_keeps_its_accents(tmp_path: Path) -> None:
    content = csv_of(TRAINING, "Financiën;Privacy-één;30-06-2026;12;12").encode("cp1252")
    assert rows(tmp_path, "table: training", "f.csv", content)[0]["course"] == "Privacy-één"


def test_columns_are_found_by_name_and_not_by_place(tmp_path: Path) -> None:
    content = csv_of("Afgerond;Doelgroep;Peildatum;Cursus;Eenheid", "11;12;30-06-2026;security;Planning")
    [row] = rows(tmp_path, "table: training", "f.csv", content)
    assert (row["unit"], row["due"], row["completed"]) == ("planning", 12, 11)


def test_two_headings_for_one_column_are_refused(tmp_path: Path) -> None:
    content = csv_of(f"{TRAINING};Doelgroep", "support;security;30-06-2026;12;12;13")
    assert refused(tmp_path, "table: training", "f.csv", content).code == "evidence-ambiguous-column"


def test_a_column_that_tells_rows_apart_must_be_there(tmp_path: Path) -> None:
    fault = refused(tmp_path, "table: training", "f.csv", csv_of("Eenheid;Cursus;Doelgroep", "a;b;12"))
    assert fault.code == "evidence-column-missing"
    assert "`period_end`" in fault.message.in_lang("en")


def test_a_heading_that_the_document_names_must_be_there(tmp_path: Path) -> None:
    entry = "table: training, columns: {due: {from: Te doen}}"
    fault = refused(tmp_path, entry, "f.csv", csv_of(TRAINING, "support;security;30-06-2026;12;12"))
    assert fault.code == "evidence-column-missing"
    assert "`Te doen`" in fault.message.in_lang("en")


def test_a_repeated_row_is_refused_with_both_numbers(tmp_path: Path) -> None:
    line = "support;security;30-06-2026;12;12"
    fault = refused(
        tmp_path, "table: training", "f.csv", csv_of(TRAINING, line, line.replace("support", "Klantenservice"))
    )
    assert fault.code == "evidence-repeated-row"
    assert "row 3" in fault.message.in_lang("en")
    assert "row 2" in fault.message.in_lang("en")


def test_wrong_values_are_counted_and_the_first_is_placed(tmp_path: Path) -> None:
    lines = [f"support;cursus {at};30-06-2026;{value};12" for at, value in enumerate(["12", "twaalf", "-3", "1,5"])]
    fault = refused(tmp_path, "table: training", "f.csv", csv_of(TRAINING, *lines))
    assert fault.code == "evidence-bad-value"
    assert "column 4" in fault.message.in_lang("en")
    assert "3 values" in fault.message.in_lang("en")
    assert "row 3" in fault.message.in_lang("en")
    assert "twaalf" not in fault.message.in_lang("nl")


@pytest.mark.parametrize("unit", ["support", "KLANTENSERVICE", "11111111-0000-0000-0000-000000000000"])
def test_a_unit_goes_by_its_id_its_name_or_its_group(tmp_path: Path, unit: str) -> None:
    content = csv_of(TRAINING, f"{unit};security;30-06-2026;12;12")
    assert rows(tmp_path, "table: training", "f.csv", content)[0]["unit"] == "support"


@pytest.mark.parametrize("unit", ["Totaal", "total", "organisation", "Hele organisatie"])
def test_a_total_is_the_organisation(tmp_path: Path, unit: str) -> None:
    content = csv_of(TRAINING, f"{unit};security;30-06-2026;12;12")
    assert rows(tmp_path, "table: training", "f.csv", content)[0]["unit"] == "organisation"


def test_a_unit_that_is_no_heading_holds_for_every_row(tmp_path: Path) -> None:
    content = csv_of("Cursus;Peildatum;Doelgroep;Afgerond", "security;30-06-2026;12;12")
    assert rows(tmp_path, "table: training, unit: planning", "f.csv", content)[0]["unit"] == "planning"


def test_a_unit_that_is_a_heading_is_read_from_that_column(tmp_path: Path) -> None:
    content = csv_of("Filiaal;Team;Cursus;Peildatum;Doelgroep;Afgerond", "Planning;x;security;30-06-2026;12;12")
    assert rows(tmp_path, "table: training, unit: Filiaal", "f.csv", content)[0]["unit"] == "planning"


@pytest.mark.parametrize("unit", ["team", "Afdeling", "afdeling"])
def test_a_unit_may_be_a_column_of_the_table_itself(tmp_path: Path, unit: str) -> None:
    entry = f"table: mine, unit: {unit}, columns: {{team: {{from: Afdeling}}, count: {{type: int}}}}"
    [row] = rows(tmp_path, entry, "f.csv", csv_of("Afdeling;count", "Planning;3"))
    assert (row["unit"], row["team"], row["count"]) == ("planning", "Planning", 3)


def test_without_a_unit_a_row_is_about_the_organisation(tmp_path: Path) -> None:
    content = csv_of("Cursus;Peildatum;Doelgroep;Afgerond", "security;30-06-2026;12;12")
    assert rows(tmp_path, "table: training", "f.csv", content)[0]["unit"] == "organisation"


def test_american_dates_are_read_where_the_document_says_so(tmp_path: Path) -> None:
    content = csv_of(TRAINING, "support;security;06/30/2026;12;12")
    assert refused(tmp_path / "a", "table: training", "f.csv", content).code == "evidence-bad-value"
    read = rows(tmp_path / "b", "table: training, dates: month-first", "f.csv", content)
    assert read[0]["period_end"] == naive(2026, 6, 30)


def test_a_spreadsheet_is_read_below_its_title_and_from_the_sheet_that_is_named(tmp_path: Path) -> None:
    sheet = [["Gesprekken, alleen aantallen"], [], ["Team", "Kwartaal", "Medewerkers", "Gesprekken gevoerd"]]
    data = xlsx([*sheet, ["Planning", "2026-Q3", 13, 12]], "Uitdraai")
    [row] = rows(tmp_path, "table: one_on_ones, sheet: Uitdraai", "f.xlsx", data)
    assert (row["quarter"], row["eligible"], row["held"]) == ("2026-Q3", 13, 12)
    assert refused(tmp_path, "table: one_on_ones, sheet: Blad9", "g.xlsx", data).code == "evidence-no-sheet"


def test_json_lines_and_parquet_are_read_as_they_are_typed(tmp_path: Path) -> None:
    lines = '{"unit": "planning", "question_id": "q1", "round_date": "2026-06-08", "responded": 9, "mean": 7.4}\n' * 1
    [row] = rows(tmp_path, "table: pulse", "f.jsonl", lines)
    assert (row["mean"], row["round_date"]) == (7.4, naive(2026, 6, 8))
    data = parquet_of(unit=["planning"], course=["a"], period_end=[naive(2026, 6, 30)], due=[12], completed=[11])
    [row] = rows(tmp_path, "table: training", "f.parquet", data)
    assert (row["period_end"], row["completed"]) == (naive(2026, 6, 30), 11)


def test_rows_of_too_few_people_are_set_apart(tmp_path: Path) -> None:
    read = taken(tmp_path, ENPS, "f.csv", csv_of(HEAD, LINE, "Planning;15-09-2026;9;4;1;1;2"))
    assert [row["unit"] for row in read.rows] == ["support"]
    assert [row["unit"] for row in read.small] == ["planning"]


def test_a_row_without_a_group_size_is_about_too_few(tmp_path: Path) -> None:
    assert not taken(tmp_path, ENPS, "f.csv", csv_of(HEAD, "Planning;15-09-2026;9;;1;1;2")).rows


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("f.docx", b"x", "evidence-format"),
        ("f.xlsx", b"PK\x03\x04 no workbook", "evidence-unreadable"),
        ("f.parquet", b"PAR1", "evidence-unreadable"),
        ("f.json", b"{", "evidence-unreadable"),
        ("f.json", b"[" * 100_000, "evidence-unreadable"),
        ("f.json", b"[1, 2]", "evidence-not-a-list"),
        ("f.json", b"[]", "evidence-empty"),
        ("f.csv", b"", "evidence-empty"),
        ("f.csv", b"\x00\x01\x02\x03", "evidence-unreadable"),
        ("f.csv", b"a;" * 600, "evidence-too-many-columns"),
        ("f.csv", b'"' + b"x" * 200_000, "evidence-unreadable"),
    ],
)
def test_what_is_no_such_file_is_refused_with_something_to_do(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    fault = refused(tmp_path, ENPS, name, content)
    assert fault.code == code
    assert fault.helps


def test_a_workbook_that_unpacks_to_far_more_is_not_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        for at in range(6):
            book.writestr(f"xl/{at}.xml", b"\0" * 100_000_000)
    assert refused(tmp_path, ENPS, "f.xlsx", packed.getvalue()).code == "evidence-too-large"


def test_a_file_that_is_not_there_is_absent_and_no_fault(tmp_path: Path) -> None:
    policies = declared(tmp_path, ENPS, "f.csv", csv_of(HEAD, LINE))
    (tmp_path / "f.csv").unlink()
    assert [file.shown for file in read_evidence(policies).absent] == ["f.csv"]


def test_a_file_that_no_rule_needs_is_not_opened(tmp_path: Path) -> None:
    policies = declared(tmp_path, ENPS, "f.csv", b"\0")
    assert [file.shown for file in read_evidence(policies, {"training"}).unopened] == ["f.csv"]


@pytest.mark.parametrize(
    ("column", "written", "text", "first", "last"),
    [
        ("month", "2026-09", "2026-09", (9, 1), (9, 30)),
        ("month", "09-2026", "2026-09", (9, 1), (9, 30)),
        ("month", "sep 2026", "2026-09", (9, 1), (9, 30)),
        ("month", "maart 2026", "2026-03", (3, 1), (3, 31)),
        ("month", "01-09-2026", "2026-09", (9, 1), (9, 30)),
        ("quarter", "2026-Q3", "2026-Q3", (7, 1), (9, 30)),
        ("quarter", "Q3 2026", "2026-Q3", (7, 1), (9, 30)),
        ("quarter", "K3-2026", "2026-Q3", (7, 1), (9, 30)),
        ("quarter", "3e kwartaal 2026", "2026-Q3", (7, 1), (9, 30)),
        ("iso_week", "2026-W38", "2026-W38", (9, 14), (9, 20)),
        ("iso_week", "38-2026", "2026-W38", (9, 14), (9, 20)),
        ("iso_week", "week 38 2026", "2026-W38", (9, 14), (9, 20)),
        ("period", "2026-Q1", "2026-Q1", (1, 1), (3, 31)),
        ("period", "2026-H2", "2026-H2", (7, 1), (12, 31)),
        ("period", "2026", "2026", (1, 1), (12, 31)),
        ("period", "3-2026", "2026-03", (3, 1), (3, 31)),
    ],
)
def test_a_period_is_its_text_in_one_form_with_its_first_and_last_day(
    column: str, written: str, text: str, first: tuple[int, int], last: tuple[int, int]
) -> None:
    assert read_period(written, column) == (text, naive(2026, *first), naive(2026, *last))


@pytest.mark.parametrize(("column", "written"), [("quarter", "3-2026"), ("month", "13-2026"), ("iso_week", "2026-W60")])
def test_what_could_be_something_else_is_no_period(column: str, written: str) -> None:
    with pytest.raises(NotAValue):
        read_period(written, column)


@pytest.mark.parametrize(
    ("written", "number"),
    [("7,5", 7.5), ("7.5", 7.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("82%", 82.0), ("1 234,5", 1234.5)],
)
def test_a_number_may_have_a_comma_or_a_point(written: str, number: float) -> None:
    assert read_value(written, "float", month_first=False) == number


@given(st.integers(0, 10**9))
def test_a_count_is_the_same_with_and_without_marks_between_thousands(number: int) -> None:
    for mark in (".", ",", " ", "'", ""):
        assert read_value(f"{number:,}".replace(",", mark), "int", month_first=False) == number


@given(st.datetimes(naive(2012, 1, 1), naive(2099, 12, 31)))
def test_a_date_is_the_same_in_every_form(moment: datetime) -> None:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    for form in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d %B %Y", "%Y-%m-%dT00:00:00Z", "%Y-%m-%d 00:00:00+00:00"):
        assert read_value(day.strftime(form), "time", month_first=False) == day
    assert read_value(day.strftime("%m/%d/%Y"), "time", month_first=True) == day
