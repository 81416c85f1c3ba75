"""The grid of people and conditions on a terminal; words say everything, colour only helps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from govcheck.model import Lang, SignInGrid, Standing
from govcheck.report.terminal import Screen, Tone, cells, fit
from govcheck.words import say

_PEOPLE = 44
_LEAST = 24
_TONES: dict[Standing, Tone] = {"never": "red", "conditional": "yellow", "blocked": "dim"}


def table(
    grid: SignInGrid, screen: Screen, lang: Lang, *, head: str = "access.grid-people", columns: int | None = None
) -> Iterator[str]:
    """Write a row per group of people and the first `columns`, by default all; `head` are the words above the people.

    Those that do not fit on the terminal come in a table of their own below.
    """
    titles = [fit(title.in_lang(lang), _PEOPLE) for title in grid.columns[:columns]]
    words = [[say(f"access.cell-{cell}", lang) for cell in row[:columns]] for _, row in grid.rows]
    widths = [max(map(cells, column)) for column in zip(titles, *words, strict=True)]
    heads = [say(head, lang), *(who.in_lang(lang) for who, _ in grid.rows)]
    room = min(_PEOPLE, max(_LEAST, *map(cells, heads)))
    for number, chosen in enumerate(_fitting(widths, screen.width - room)):
        if number:
            yield ""
        above = [_padded(titles[at], widths[at]) for at in chosen]
        yield screen.paint("  ".join([_padded(heads[0], room), *above]).rstrip(), "bold")
        for who, (_, row), told in zip(heads[1:], grid.rows, words, strict=True):
            line = [_padded(who, room)]
            for at in chosen:
                tone = _TONES.get(row[at])
                word = screen.paint(told[at], tone) if tone else told[at]
                line.append(word + " " * (widths[at] - cells(told[at])))
            yield "  ".join(line).rstrip()


def _padded(text: str, width: int) -> str:
    shown = fit(text, width)
    return shown + " " * (width - cells(shown))


def _fitting(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Columns in groups that fit beside the people, at least one in each."""
    group: list[int] = []
    taken = 0
    for at, width in enumerate(widths):
        if group and taken + width + 2 > room:
            yield group
            group, taken = [], 0
        group.append(at)
        taken += width + 2
    if group:
        yield group
