"""The matrix on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from govcheck.engine.coverage import Coverage, State
from govcheck.report import Page
from govcheck.report.coverage import tallies
from govcheck.report.coverage.words import cell_words, people_words, tally_words
from govcheck.report.terminal import Screen, Tone, fit
from govcheck.report.wording import clock
from govcheck.words import say

_NAME = 28
_TONES: Mapping[State, Tone] = {
    State.MISSING: "red",
    State.OVERDUE: "yellow",
    State.PARTIAL: "yellow",
    State.UNKNOWN: "dim",
    State.NOT_APPLICABLE: "dim",
}


def render(coverage: Coverage, page: Page, previous: Mapping[str, Any] | None) -> bytes:
    """Write a row per team and a column per topic, numbered where the titles would not fit."""
    from tabulate import tabulate

    screen = Screen(width=page.width or 120, color=page.color)
    lang = page.lang
    taken = say("report.snapshot_of", lang, moment=clock(coverage.taken_at, lang))
    lines = [f"{screen.paint(say('coverage.title', lang), 'bold')} · {coverage.tenant_name} · {taken}", ""]
    heads = [say("coverage.team", lang), *(str(number) for number, _ in enumerate(coverage.topics, start=1))]
    rows = [
        [
            fit(unit.name, _NAME),
            *(
                _painted(unit.cells[topic.id].state, cell_words(unit.cells[topic.id], lang), screen)
                for topic in coverage.topics
            ),
        ]
        for unit in coverage.units
    ]
    lines += tabulate(rows, heads, tablefmt="plain", disable_numparse=True).splitlines()
    lines += ["", screen.paint(say("coverage.topics", lang), "bold")]
    tallied = tallies(coverage, previous)
    listed = [
        [f"{number}", topic.title.in_lang(lang), tally_words(tallied[topic.id], lang)]
        for number, topic in enumerate(coverage.topics, start=1)
    ]
    lines += ["  " + line for line in tabulate(listed, tablefmt="plain", disable_numparse=True).splitlines()]
    told = (people_words(coverage, lang), say("coverage.next", lang), say("coverage.legend", lang))
    lines += ["", *(line for words in told for line in screen.wrap(words))]
    if previous is not None:
        then = datetime.fromisoformat(previous["as_of"])
        lines += screen.wrap(say("coverage.since", lang, moment=clock(then, lang)))
    return ("\n".join(lines) + "\n").encode()


def _painted(state: State, words: str, screen: Screen) -> str:
    return screen.paint(words, _TONES[state]) if state in _TONES else words
