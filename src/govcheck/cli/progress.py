"""How far the reading of a tenant is: a line per table on stderr, never on stdout."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TextIO

from govcheck.model import Lang
from govcheck.words import say

_REDRAWS_PER_SECOND = 10
_SECONDS_BETWEEN_LINES = 10


@dataclass(slots=True)
class _Read:
    rows: int = 0
    requests: int = 0


class Progress:
    """Follows the reading table by table. Use it in a `with` block and call it as the collector's observer.

    On a terminal (`live`) the lines are drawn over each other and gone when the block ends. Elsewhere nothing
    is written, unless `verbose`: then a line now and again. `verbose` ends with a line per table, everywhere.
    """

    def __init__(
        self,
        stream: TextIO,
        lang: Lang,
        *,
        live: bool,
        verbose: bool,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Write to `stream`; nothing is written yet."""
        self._stream = stream
        self._lang = lang
        self._live = live
        self._verbose = verbose
        self._now = now
        self._tables: dict[str, _Read] = {}
        self._drawn = 0
        self._last = now()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe what was drawn; say what was read where that was asked for."""
        self._wipe()
        if self._verbose:
            self._stream.writelines(f"{self._line(table)}\n" for table in self._tables)
        self._stream.flush()

    def __call__(self, table: str, rows: int, requests: int) -> None:
        """Take in one more answer about `table`.

        Several feeds of one table each count their own `rows` and `requests`: the most rows are those of the
        table, and as many requests were made as answers came.
        """
        del requests
        read = self._tables.setdefault(table, _Read())
        read.rows = max(read.rows, rows)
        read.requests += 1
        passed = self._now() - self._last
        if self._live and (passed >= 1 / _REDRAWS_PER_SECOND or not self._drawn):
            self._draw()
        elif not self._live and self._verbose and passed >= _SECONDS_BETWEEN_LINES:
            self._stream.write(f"{self._line(table)}\n")
            self._stream.flush()
        else:
            return
        self._last = self._now()

    def make_way(self) -> None:
        """Wipe what is drawn, so that somebody else can write a line; the next answer draws again."""
        self._wipe()
        self._stream.flush()

    def _draw(self) -> None:
        columns, lines = _size(self._stream)
        shown = [self._line(table)[: columns - 1] for table in self._tables][-(lines - 1) :]
        self._wipe()
        self._stream.writelines(f"{line}\n" for line in shown)
        self._stream.flush()
        self._drawn = len(shown)

    def _wipe(self) -> None:
        if self._drawn:
            self._stream.write(f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = 0

    def _line(self, table: str) -> str:
        read = self._tables[table]
        rows = say("cli.rows", self._lang, count=read.rows)
        requests = say("cli.requests", self._lang, count=read.requests)
        return say("cli.progress", self._lang, table=table, rows=rows, requests=requests)


def progress(lang: Lang, *, quiet: bool, verbose: bool) -> Progress:
    """The progress that suits stderr: live on a terminal that can draw, and none at all where quiet was asked for."""
    live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return Progress(sys.stderr, lang, live=live and not quiet, verbose=verbose and not quiet)


def _size(stream: TextIO) -> tuple[int, int]:
    """Columns and lines of the terminal behind a stream."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return 80, 24
    return size.columns or 80, size.lines or 24
