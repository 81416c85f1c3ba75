from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from wcwidth import wcswidth

import reports
from govcheck.model import Lang, Outcome, Report, Summary
from govcheck.report import render
from govcheck.report.as_text import MAX_UNITS
from govcheck.report.names import with_names
from govcheck.report.terminal import Screen, fit

Golden = Callable[[str, bytes], None]
SGR = re.compile("\x1b\\[[0-9;]+m")


def written(report: Report, lang: Lang = "en", width: int | None = 80, *, color: bool = False) -> str:
    return render(report, "text", lang=lang, width=width, color=color).decode()


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("width", [80, 120])
def test_the_report_reads_as_agreed(golden: Golden, lang: Lang, width: int) -> None:
    golden(f"report.{width}.{lang}.txt", render(reports.build(), "text", lang=lang, width=width))


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_clean_report_is_short(golden: Golden, lang: Lang) -> None:
    golden(f"clean.{lang}.txt", render(reports.clean(), "text", lang=lang))
    assert len(written(reports.clean(), lang).splitlines()) <= 6


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal(lang: Lang, width: int) -> None:
    assert [line for line in written(reports.build(), lang, width).splitlines() if wcswidth(line) > width] == []


def test_colour_only_adds_to_words_that_are_there_anyway() -> None:
    coloured = written(reports.build(), color=True)
    assert SGR.search(coloured)
    assert SGR.sub("", coloured) == written(reports.build())


def test_tenant_data_brings_no_escape_sequence_of_its_own() -> None:
    assert "\x1b" not in SGR.sub("", written(reports.build(), color=True))
    assert "\\x1b[31mRood" in written(reports.build())


def test_many_subjects_are_named_in_part_and_counted() -> None:
    assert "8 findings: Anna de Vries, Björn Ólafsson, " in written(reports.build())
    assert "+3 more" in written(reports.build())


def test_a_tenant_wide_setting_shows_once() -> None:
    units, remedies = written(reports.build()).split("Why it matters, and how to fix it\n")
    assert units.count("Legacy sign-in protocols are blocked") == 1
    assert remedies.count("Legacy sign-in protocols are blocked") == 1


def test_what_could_not_be_evaluated_says_why_and_what_to_do() -> None:
    section = written(reports.build(), width=120).split("Could not be evaluated\n")[1]
    assert "Devices managed by Intune (devices): no licence" in section
    assert "Columns: is_encrypted" in section
    assert "Rules affected: ACC-03" in section
    assert "Next step: Get the licence" in section
    assert "people: works_council.decision" in section


def test_rows_that_an_empty_value_leaves_out_are_counted() -> None:
    assert "ACC-04: 2 rows left out" in written(reports.build())


def test_waivers_show_with_their_exception() -> None:
    assert "ROL-02  Rooster vaststellen (exception EX-01)" in written(reports.build())


def test_without_names_the_units_keep_their_counts() -> None:
    counted = written(with_names(reports.build(), "counts", b""))
    assert "Klantenservice  team · 12 members · 8 findings" in counted


def test_a_very_large_report_says_how_many_units_it_leaves_out() -> None:
    report = reports.build()
    unit = replace(report.units[-2], summary=Summary(fail=1))
    many = tuple(replace(unit, id=f"t{n}", name=f"Team {n}") for n in range(MAX_UNITS + 3))
    failing = tuple(reports.verdict(unit.id, Outcome.FAIL, 0, 1) for unit in many)
    rules = (replace(report.rules[1], units=failing),)
    assert "… and 3 more units" in written(replace(report, units=many, rules=rules, findings=()))


def test_a_word_that_is_wider_than_the_line_is_cut_into_lines() -> None:
    assert Screen(width=10, color=False).wrap("a " + "b" * 21, indent=2) == [
        *("  a", "  bbbbbbbb", "  bbbbbbbb", "  bbbbb"),
    ]


def test_wide_characters_count_double() -> None:
    assert fit("会議室の鍵", 7) == "会議室…"
