"""How far the reading of a tenant is: a line per table and per limit that is waited for, on stderr, never on stdout."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TextIO

from govcheck.model import Lang
from govcheck.words import say

_REDRAWS_PER_SECOND = 10
_SECONDS_BETWEEN_LINES = 10
_LONGEST_IN_SECONDS = 90


@dataclass(slots=True)
class _Read:
    began: float
    rows: int = 0
    pages: int = 0
    all_rows: int | None = None
    all_pages: int | None = None

    def seconds_left(self, now: float) -> float | None:
        """For how long it goes on at the pace so far; None where the end is not known, or the pace."""
        passed = now - self.began
        for done, whole in ((self.rows, self.all_rows), (self.pages, self.all_pages)):
            if whole is not None and 0 < done < whole and passed > 0:
                return passed * (whole - done) / done
        return None


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
        self._resting: Mapping[str, float] = {}
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
            read = (table for table, found in self._tables.items() if found.pages)
            self._stream.writelines(f"{self._line(table)}\n" for table in read)
        self._stream.flush()

    def __call__(self, table: str, rows: int, requests: int) -> None:
        """Take in one more answer about `table`.

        Several feeds of one table each count their own `rows` and `requests`: the most rows are those of the
        table, and as many requests were made as answers came.
        """
        del requests
        read = self._read(table)
        read.rows = max(read.rows, rows)
        read.pages += 1
        self._show([table])

    def expect(self, table: str, *, rows: int | None = None, requests: int | None = None) -> None:
        """Take in how many rows, or how many answers, there will be about `table`."""
        read = self._read(table)
        read.all_rows, read.all_pages = rows, requests

    def rest(self, lanes: Mapping[str, float]) -> None:
        """Take in for which of Microsoft Graph's limits is waited, and for how many seconds more."""
        before, self._resting = self._resting, lanes
        if before or lanes:
            self._show([])

    def _read(self, table: str) -> _Read:
        return self._tables.setdefault(table, _Read(self._now()))

    def _show(self, news: Sequence[str]) -> None:
        """Draw what there is, or write the news and what is waited for, unless that was done just now."""
        passed = self._now() - self._last
        if self._live and (passed >= 1 / _REDRAWS_PER_SECOND or not self._drawn):
            self._draw()
        elif not self._live and self._verbose and passed >= _SECONDS_BETWEEN_LINES:
            self._stream.writelines(f"{line}\n" for line in [*map(self._line, news), *self._waits()])
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
        told = [*(self._line(table) for table, read in self._tables.items() if read.pages), *self._waits()]
        shown = [line[: columns - 1] for line in told][-(lines - 1) :]
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
        if read.all_rows is not None and read.rows < read.all_rows:
            rows = say("cli.rows-of", self._lang, rows=read.rows, all=read.all_rows)
        pages = say("cli.pages", self._lang, count=read.pages)
        line = say("cli.progress", self._lang, table=table, rows=rows, pages=pages)
        left = read.seconds_left(self._now())
        return line if left is None else say("cli.time-left", self._lang, line=line, time=self._time(left))

    def _waits(self) -> list[str]:
        """A line per limit that is waited for."""
        waits = sorted(self._resting.items())
        return [say("cli.waiting", self._lang, lane=lane, time=self._time(left)) for lane, left in waits]

    def _time(self, seconds: float) -> str:
        if seconds < _LONGEST_IN_SECONDS:
            return say("cli.seconds", self._lang, count=max(round(seconds), 1))
        return say("cli.minutes", self._lang, count=round(seconds / 60))


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
