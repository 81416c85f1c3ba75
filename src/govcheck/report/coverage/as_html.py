"""The matrix as one self-contained page, in the clothes of the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from govcheck.engine.coverage import Coverage
from govcheck.report import Page, wording
from govcheck.report.coverage import tallies
from govcheck.report.coverage.words import cell_words, due_words, people_words, review_words, tally_words
from govcheck.report.html import fill_page
from govcheck.words import say

_STYLES = ("report.css", "coverage/coverage.css")
_CLASSES = {
    "missing": "fail",
    "overdue": "unknown",
    "partial": "unknown",
    "unknown": "not_applicable",
    "covered": "pass",
    "own": "pass",
    "not_applicable": "not_applicable",
}
"""State to the report's colour; the words in the cell say the same."""


def render(coverage: Coverage, page: Page, previous: Mapping[str, Any] | None) -> bytes:
    """Write the page in `page.lang`."""
    lang = page.lang
    words = {
        "lang": lang,
        "coverage": coverage,
        "tallies": tallies(coverage, previous),
        "since": wording.clock(datetime.fromisoformat(previous["as_of"]), lang) if previous is not None else None,
        "classes": _CLASSES,
        "say": lambda key, **params: say(f"coverage.{key}", lang, **params),
        "taken": say("report.snapshot_of", lang, moment=wording.clock(coverage.taken_at, lang)),
        "people": people_words(coverage, lang),
        "cell_words": lambda cell: cell_words(cell, lang),
        "tally_words": lambda tally: tally_words(tally, lang),
        "number": lambda value: wording.number(value, lang),
        "due_words": lambda cell: due_words(cell, coverage.as_of, lang),
        "review_words": lambda topic: review_words(coverage, topic, lang),
    }
    return fill_page("coverage/coverage.html.jinja", _STYLES, words)
