"""Lines for a terminal: measured in cells, wrapped, inert, and coloured only when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from govcheck.words import visible

Tone = Literal["bold", "dim", "red", "yellow", "green", "blue"]
_SGR: dict[Tone, str] = {"bold": "1", "dim": "2", "red": "1;31", "yellow": "33", "green": "32", "blue": "34"}


def cells(text: str) -> int:
    """How many cells a terminal gives to text; wide characters take two."""
    from wcwidth import wcswidth

    measured: int = wcswidth(text)
    return measured if measured >= 0 else len(text)


def fit(text: str, width: int) -> str:
    """Make tenant text inert and cut it to at most `width` cells, the last one an ellipsis."""
    text = visible(text)
    if cells(text) <= width:
        return text
    kept = text[:width]
    while cells(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The terminal that is written for."""

    width: int
    color: bool

    def paint(self, text: str, tone: Tone) -> str:
        """Colour text that is inert already."""
        return f"\x1b[{_SGR[tone]}m{text}\x1b[0m" if self.color else text

    def wrap(self, text: str, *, indent: int = 0) -> list[str]:
        """Break text over lines, each indented; words longer than a line are cut into pieces."""
        room = self.width - indent
        lines = [""]
        for word in visible(text).split(" "):
            if lines[-1] and cells(lines[-1]) + 1 + cells(word) > room:
                lines.append("")
            lines[-1] += f" {word}" if lines[-1] else word
            while cells(lines[-1]) > room:
                lines[-1:] = _split(lines[-1], room)
        return [" " * indent + line for line in lines]


def _split(line: str, room: int) -> tuple[str, str]:
    at = room
    while cells(line[:at]) > room:
        at -= 1
    return line[:at], line[at:]
