from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

import reports
from govcheck.model import LANGS, Lang
from govcheck.report import render
from govcheck.report.as_csv import COLUMNS, inert


def rows(lang: Lang) -> list[list[str]]:
    text = render(reports.build(), "csv", lang=lang).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if lang == "nl" else ","))


def column(lang: Lang, name: str) -> list[str]:
    return [row[COLUMNS.index(name)] for row in rows(lang)[1:]]


@pytest.mark.parametrize("lang", LANGS)
def test_the_file_reads_as_agreed(golden: Callable[[str, bytes], None], lang: Lang) -> None:
    golden(f"report.{lang}.csv", render(reports.build(), "csv", lang=lang))


@pytest.mark.parametrize("lang", LANGS)
def test_every_finding_is_one_row_of_full_width(lang: Lang) -> None:
    assert {len(row) for row in rows(lang)} == {len(COLUMNS)}
    assert len(rows(lang)) == 1 + len(reports.build().findings)


@pytest.mark.parametrize("lang", LANGS)
def test_lines_end_in_crlf_and_no_cell_holds_a_line_break(lang: Lang) -> None:
    written = render(reports.build(), "csv", lang=lang)
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.count(b"\r\n") == written.count(b"\n") == written.count(b"\r") == len(rows(lang))


def test_heads_are_in_the_language_of_the_reader() -> None:
    assert rows("nl")[0][:4] == ["Regel", "Titel", "Ernst", "Uitkomst"]
    assert rows("en")[0][:4] == ["Rule", "Title", "Severity", "Outcome"]


@pytest.mark.parametrize("lang", LANGS)
def test_no_cell_can_start_a_formula(lang: Lang) -> None:
    assert [cell for row in rows(lang) for cell in row if cell[:1] in tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")] == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_cell_that_would_start_a_formula_gets_an_apostrophe(start: str) -> None:
    assert inert(f"{start}1").startswith("'")


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert inert("Jan-Willem = lid") == "Jan-Willem = lid"


def test_opening_the_file_with_the_other_separator_cuts_no_formula_free() -> None:
    text = render(reports.build(), "csv", lang="nl").decode("utf-8-sig")
    cells = (cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=",") for cell in row)
    assert [cell for cell in cells if cell.startswith(("=", "+", "@"))] == []


def test_units_are_named_and_dates_sort() -> None:
    assert "Klantenservice | Operatie | Stichting De Linde" in column("nl", "units")
    assert column("en", "line") == ["21"] * len(column("en", "line"))
