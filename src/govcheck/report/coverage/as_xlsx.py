"""The matrix as a workbook: one sheet with the teams, one with the topics."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from govcheck.engine.coverage import Coverage, State
from govcheck.report import Page
from govcheck.report.coverage import tallies
from govcheck.report.coverage.words import cell_words, due_words, people_words, review_words
from govcheck.words import say, visible

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_FILLS: Mapping[State, str] = {
    State.MISSING: "FBECEB",
    State.OVERDUE: "FDF3DB",
    State.PARTIAL: "FDF3DB",
    State.UNKNOWN: "F1EFEA",
    State.COVERED: "E6F3EA",
    State.OWN: "E6F3EA",
}


def render(coverage: Coverage, page: Page, previous: Mapping[str, Any] | None) -> bytes:
    """Write the workbook; every cell holds text or a number, never a formula."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    _teams(workbook.create_sheet(say("coverage.teams-sheet", page.lang)), coverage, page)
    _topics(workbook.create_sheet(say("coverage.topics-sheet", page.lang)), coverage, page, previous)
    workbook.properties.creator = "govcheck"
    written = BytesIO()
    workbook.save(written)
    return written.getvalue()


def _teams(sheet: Worksheet, coverage: Coverage, page: Page) -> None:
    from openpyxl.styles import PatternFill

    heads = [say("coverage.team", page.lang), say("coverage.members", page.lang)]
    _head(sheet, [*heads, *(topic.title.in_lang(page.lang) for topic in coverage.topics)])
    for row, unit in enumerate(coverage.units, start=2):
        _put(sheet, row, 1, unit.name)
        _put(sheet, row, 2, unit.members)
        for column, topic in enumerate(coverage.topics, start=3):
            cell = unit.cells[topic.id]
            words = (cell_words(cell, page.lang), due_words(cell, coverage.as_of, page.lang))
            written = _put(sheet, row, column, " ".join(filter(None, words)))
            if cell.state in _FILLS:
                written.fill = PatternFill("solid", start_color=_FILLS[cell.state])


def _topics(sheet: Worksheet, coverage: Coverage, page: Page, previous: Mapping[str, Any] | None) -> None:
    names = ("topic", "covered", "overdue", "missing", "of-teams", "change", "next-review")
    _head(sheet, [say(f"coverage.{name}", page.lang) for name in names])
    tallied = tallies(coverage, previous)
    for row, topic in enumerate(coverage.topics, start=2):
        tally = tallied[topic.id]
        values = (
            topic.title.in_lang(page.lang),
            tally.covered,
            tally.overdue,
            tally.missing,
            tally.teams,
            tally.change,
            review_words(coverage, topic.id, page.lang),
        )
        for column, value in enumerate(values, start=1):
            _put(sheet, row, column, value)
    _put(sheet, len(coverage.topics) + 3, 1, people_words(coverage, page.lang))


def _head(sheet: Worksheet, titles: list[str]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    for column, title in enumerate(titles, start=1):
        cell = _put(sheet, 1, column, title)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = 30 if column == 1 else 16
    sheet.freeze_panes = "B2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _put(sheet: Worksheet, row: int, column: int, value: str | int | None) -> Any:
    """A cell; text stays text, whatever character it begins with."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, str):
        cell.value = visible(value)
        cell.data_type = "s"
    elif value is not None:
        cell.value = value
    return cell
