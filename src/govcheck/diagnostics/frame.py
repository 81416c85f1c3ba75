"""Diagnostics as people read them: the line at fault with carets below it, and as JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from govcheck.diagnostics.faults import Diagnostic
from govcheck.model import Lang, Span
from govcheck.words import say, visible

ReadLine = Callable[[str, int], str | None]
"""Gives line `number` (from 1) of the file at `path` without its break, or None where there is none."""

_TAB = 4
_WIDEST = 120
_FAR = 300
_BEFORE = 40
"""Columns kept before the carets when a long line is cut."""
_CUT = "…"


def render(diagnostics: Iterable[Diagnostic], lang: Lang, read_line: ReadLine) -> str:
    """One block per fault in order of place, then how many there are; empty text for none.

    Nothing in it can steer a terminal: control characters and direction overrides are shown escaped.
    """
    ordered = in_order(diagnostics)
    if not ordered:
        return ""
    blocks = [_block(diagnostic, lang, read_line) for diagnostic in ordered]
    return "\n\n".join([*blocks, _total(ordered, lang)]) + "\n"


def to_json(diagnostics: Iterable[Diagnostic], lang: Lang) -> list[dict[str, Any]]:
    """The faults in order of place, as plain values; the place is null where a fault has none."""
    return [_plain(diagnostic, lang) for diagnostic in in_order(diagnostics)]


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The faults by path, line and column, each once."""
    return sorted(dict.fromkeys(diagnostics), key=_place)


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    span = diagnostic.span
    return (span.path, span.line, span.column, diagnostic.code) if span else ("", 0, 0, diagnostic.code)


def _block(diagnostic: Diagnostic, lang: Lang, read_line: ReadLine) -> str:
    lines = [f"{diagnostic.level}[{diagnostic.code}]: {visible(diagnostic.message.in_lang(lang))}"]
    if diagnostic.span is not None:
        lines += _excerpt(diagnostic.span, "^", read_line)
    for span, words in diagnostic.related:
        lines += [f"note: {visible(words.in_lang(lang))}", *_excerpt(span, "-", read_line)]
    lines += [f"help: {visible(help_.in_lang(lang))}" for help_ in diagnostic.helps]
    return "\n".join(lines)


def _excerpt(span: Span, mark: str, read_line: ReadLine) -> list[str]:
    """The place, its first line, and marks below the stretch that the place covers."""
    lines = [f"  --> {visible(span.path)}:{span.line}:{span.column}"]
    line = read_line(span.path, span.line)
    if line is None:
        return lines
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    far = max(start - _FAR, 0)  # a line may be a megabyte long: what is far from the span is never looked at
    shown, before, marked = _window(_cells(line[far : start + _FAR]), start - far, max(end, start + 1) - far)
    gutter = str(span.line)
    lines.append(f"{gutter} | {shown}".rstrip())
    lines.append(f"{' ' * len(gutter)} | {' ' * before}{mark * marked}")
    return lines


def _window(cells: list[str], start: int, end: int) -> tuple[str, int, int]:
    """The text to show, the columns before the marked cells and the columns they take."""
    widths = [_width(cell) for cell in cells]
    first, prefix = 0, ""
    if sum(widths) > _WIDEST:
        before = sum(widths[:start])
        while first < start and before > _BEFORE:
            before -= widths[first]
            first += 1
        prefix = _CUT if first else ""
    last, room = first, _WIDEST - len(prefix)
    while last < len(cells) and widths[last] <= room:
        room -= widths[last]
        last += 1
    shown = prefix + "".join(cells[first:last]) + (_CUT if last < len(cells) else "")
    return shown, len(prefix) + sum(widths[first:start]), max(sum(widths[start : min(end, last)]), 1)


def _cells(line: str) -> list[str]:
    """What each character of a line looks like: tabs as spaces, control characters escaped."""
    if line.isascii() and line.isprintable():
        return list(line)
    cells: list[str] = []
    column = 0
    for character in line:
        cell = " " * (_TAB - column % _TAB) if character == "\t" else visible(character)
        cells.append(cell)
        column += _width(cell)
    return cells


def _width(cell: str) -> int:
    """Columns that a terminal needs for a cell."""
    if cell.isascii():
        return len(cell)
    return sum(_character_width(character) for character in cell)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _total(diagnostics: list[Diagnostic], lang: Lang) -> str:
    errors = sum(diagnostic.level == "error" for diagnostic in diagnostics)
    warnings = len(diagnostics) - errors
    counts = {"errors": errors, "warnings": warnings}
    said = {key: say(f"diagnostics.count-{key}", lang, count=count) for key, count in counts.items() if count}
    faults = say("diagnostics.count-and", lang, **said) if len(said) > 1 else next(iter(said.values()))
    files = len({diagnostic.span.path for diagnostic in diagnostics if diagnostic.span})
    if not files:
        return faults
    return say("diagnostics.count-in", lang, faults=faults, files=say("diagnostics.count-files", lang, count=files))


def _plain(diagnostic: Diagnostic, lang: Lang) -> dict[str, Any]:
    span = diagnostic.span
    return {
        "level": diagnostic.level,
        "code": diagnostic.code,
        "message": diagnostic.message.in_lang(lang),
        "path": span.path if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "help": [words.in_lang(lang) for words in diagnostic.helps],
    }
