"""The words in a cell, so that no reader depends on colour."""

from __future__ import annotations

from govcheck.engine.coverage import Cell, Coverage
from govcheck.model import Lang
from govcheck.report import wording
from govcheck.report.coverage import Tally
from govcheck.words import say


def cell_words(cell: Cell, lang: Lang) -> str:
    """`own`, `general`, `missing` or a share."""
    if cell.share is not None:
        return wording.percent(cell.share, lang)
    return say(f"coverage.state-{cell.state.value.replace('_', '-')}", lang)


def people_words(coverage: Coverage, lang: Lang) -> str:
    """How many people no agreement holds for, without naming anybody."""
    members = wording.number(coverage.people, lang)
    if coverage.uncovered is None:
        return say("coverage.uncovered-few", lang, members=members)
    n = wording.number(coverage.uncovered, lang)
    return say("coverage.uncovered", lang, count=coverage.uncovered, n=n, members=members)


def tally_words(tally: Tally, lang: Lang) -> str:
    """`12 of 16`, with the change since the previous run where there was one."""
    words = say("coverage.tally", lang, n=wording.number(tally.covered, lang), teams=wording.number(tally.teams, lang))
    return f"{words} ({tally.change:+d})" if tally.change else words
