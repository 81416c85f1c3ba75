"""The words in a cell, so that no reader depends on colour."""

from __future__ import annotations

from datetime import datetime, timedelta

from govcheck.engine.coverage import Cell, Coverage, State
from govcheck.model import Lang
from govcheck.report import wording
from govcheck.report.coverage import Tally
from govcheck.words import say

SOON = timedelta(days=90)
"""How long before a review its date is worth telling."""


def cell_words(cell: Cell, lang: Lang) -> str:
    """`own`, `general`, `missing` or a share."""
    if cell.share is not None:
        # Whole percents, rounded down: only everybody is 100%.
        return wording.percent(int(cell.share * 100 + 1e-9) / 100, lang)
    return say(f"coverage.state-{cell.state.value.replace('_', '-')}", lang)


def due_words(cell: Cell, as_of: datetime, lang: Lang) -> str | None:
    """When the review was due, or is soon for a team's own document; one that is shared is told of once, by topic."""
    if cell.due is None:
        return None
    if cell.state is State.OVERDUE:
        return say("coverage.late", lang, day=wording.day(cell.due, lang))
    if cell.state is State.OWN and cell.due - as_of <= SOON:
        return say("coverage.due", lang, day=wording.day(cell.due, lang))
    return None


def review_words(coverage: Coverage, topic: str, lang: Lang) -> str:
    """The next day on which a document about a topic must be reviewed; a dash where none has one."""
    ahead = [due for unit in coverage.units if (due := unit.cells[topic].due) is not None and due >= coverage.as_of]
    return wording.day(min(ahead), lang) if ahead else "–"


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
