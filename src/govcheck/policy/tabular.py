"""Tables that people already have, in CSV or Markdown, with the place of every cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from govcheck.diagnostics import Diagnostic, error
from govcheck.source import LINE_BREAK, Node, Source

_SEPARATORS = (";", "\t", ",")
_SEP_LINE = re.compile(r"sep=(.)(?:\r\n|\n|\r)", re.IGNORECASE)
_RULE_CELL = re.compile(r":?-+:?")
_DECORATION = "*`"

Row = list[Node]
"""The cells of one line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and where it begins."""

    start: int
    text: str


def csv_rows(source: Source) -> tuple[list[Row], list[Diagnostic]]:
    """The rows of a CSV file that hold anything.

    Cells are separated by `;` where the first line has one, else by tabs, else by commas; a line `sep=` decides
    otherwise.
    """
    text = source.text
    told = _SEP_LINE.match(text)
    at = told.end() if told else 0
    first = LINE_BREAK.split(text[at:], maxsplit=1)[0]
    separator = told[1] if told else next((sign for sign in _SEPARATORS if sign in first), ",")
    rows: list[Row] = [[]]
    while at < len(text):
        found = _quoted_cell(source, at) if text[at] == '"' else _plain_cell(source, at, separator)
        if found is None:
            return [], [error("csv-quote", source.span(at, at + 1))]
        cell, at = found
        rows[-1].append(cell)
        ended = LINE_BREAK.match(text, at)
        if ended:
            rows.append([])
            at = ended.end()
        elif at < len(text) and text[at] != separator:
            return [], [error("csv-quote", source.span(at, at + 1))]
        else:
            at += 1
    return [row for row in rows if any(str(cell.value) for cell in row)], []


def _quoted_cell(source: Source, at: int) -> tuple[Node, int] | None:
    """The cell between quotes at `at` and where it ends; two quotes in it are one."""
    end = at + 1
    while True:
        end = source.text.find('"', end)
        if end < 0:
            return None
        if source.text[end + 1 : end + 2] != '"':
            break
        end += 2
    value = source.text[at + 1 : end].replace('""', '"')
    return Node(" ".join(value.split()), source, at, end + 1, '"'), end + 1


def _plain_cell(source: Source, at: int, separator: str) -> tuple[Node, int]:
    ends = re.compile(f"{re.escape(separator)}|\r\n|\n|\r").search(source.text, at)
    end = ends.start() if ends else len(source.text)
    return _trimmed(source, at, source.text[at:end]), end


def markdown_tables(lines: list[Line], source: Source) -> Iterator[list[Row]]:
    """The tables in Markdown text: a line of headings, a line of dashes, and the lines below that begin with `|`."""
    at = 0
    while at + 1 < len(lines):
        heads, rule = (_markdown_cells(line, source) for line in lines[at : at + 2])
        if not heads or len(heads) != len(rule) or not all(_RULE_CELL.fullmatch(str(cell.value)) for cell in rule):
            at += 1
            continue
        table = [heads]
        at += 2
        while at < len(lines) and (row := _markdown_cells(lines[at], source)):
            table.append(row)
            at += 1
        yield [row for row in table if any(str(cell.value) for cell in row)]


def text_lines(source: Source) -> list[Line]:
    """The lines of a file."""
    return [Line(start, source.line(number)) for number, start in enumerate(source.line_starts, start=1)]


def block_lines(node: Node) -> list[Line]:
    """The lines of a text inside YAML, each where it stands in the file."""
    lines: list[Line] = []
    offset = 0
    for text in str(node.value).split("\n"):
        span = node.spot(offset)
        lines.append(Line(node.source.line_starts[span.line - 1] + span.column - 1, text))
        offset += len(text) + 1
    return lines


def _markdown_cells(line: Line, source: Source) -> Row:
    """The cells of a line that begins with `|`; none for another line."""
    text = line.text.rstrip()
    indent = len(text) - len(text.lstrip())
    if not text[indent:].startswith("|"):
        return []
    bars = [found.start() for found in re.finditer(r"(?<!\\)\|", text)]
    ends = bars[1:] if len(bars) > 1 and bars[-1] == len(text) - 1 else [*bars[1:], len(text)]
    return [
        _trimmed(source, line.start + begin + 1, text[begin + 1 : end], marks=_DECORATION)
        for begin, end in zip(bars, ends, strict=False)
    ]


def _trimmed(source: Source, start: int, text: str, marks: str = "") -> Node:
    """A cell without the blanks and marks around its text."""
    plain = text.strip()
    shift = len(text) - len(text.lstrip())
    bare = plain.strip(marks).strip() if marks else plain
    value = bare.replace("\\|", "|") if marks else bare
    return Node(value, source, start + shift, start + shift + len(plain), "'")
