"""The text of one file: its bytes decoded, its lines, and the place of every offset."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass

from govcheck.diagnostics import Diagnostic, error
from govcheck.model import Span
from govcheck.words import text as words

MAX_BYTES = 1 << 20

LINE_BREAK = re.compile(r"\r\n|\n|\r")
"""What ends a line for people and editors; YAML 1.1's NEL, LS and PS do not."""

CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that YAML does not allow in a file."""

_WIDE_ENCODINGS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file's text without its BOM. `path` is as people are to see it."""

    path: str
    text: str
    line_starts: tuple[int, ...]

    @classmethod
    def of(cls, path: str, text: str) -> Source:
        """The source for a text, with its lines counted."""
        starts = (0, *(match.end() for match in LINE_BREAK.finditer(text)))
        return cls(path, text, starts)

    def span(self, start: int, end: int) -> Span:
        """The place of the characters from offset `start` up to `end`."""
        line, column = self._place(start)
        end_line, end_column = self._place(max(start, end))
        return Span(self.path, line, column, end_line, end_column)

    def line(self, number: int) -> str:
        """Line `number`, counted from 1, without its line break."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1


def read(path: str, data: bytes) -> tuple[Source, Diagnostic | None]:
    """Decode a file; the fault says why its YAML cannot even be looked at."""
    if len(data) > MAX_BYTES:
        return Source.of(path, ""), error("file-too-large", Span(path, 1, 1, 1, 1), limit=MAX_BYTES)
    if data.startswith(_WIDE_ENCODINGS):
        return Source.of(path, ""), _not_utf8(Span(path, 1, 1, 1, 1))
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        source = Source.of(path, data.decode("utf-8"))
    except UnicodeDecodeError as problem:
        source = Source.of(path, data.decode("utf-8", errors="replace"))
        start = len(data[: problem.start].decode("utf-8"))
        return source, _not_utf8(source.span(start, start + 1))
    if (found := CONTROL.search(source.text)) is not None:
        return source, control_character(source.span(*found.span()), found.group())
    return source, None


def control_character(span: Span, character: str) -> Diagnostic:
    """The fault for a character that has no business in a policy."""
    return error("control-character", span, codepoint=f"U+{ord(character):04X}")


def _not_utf8(span: Span) -> Diagnostic:
    return error("not-utf8", span, helps=(words("diagnostics.help-utf8"),))
