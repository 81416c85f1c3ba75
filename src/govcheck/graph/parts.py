"""What has been read of a feed so far, on disk: a file per page, with where to go on from there.

Rows and the way on are in one file that appears whole or not at all, so a run that is killed at any moment is
continued after the last page that arrived.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.graph.answers import NOT_JSON

_PROGRESS = b"govcheck.progress"
_ROWS_IN_MEMORY = 20_000


class DamagedPart(Exception):  # noqa: N818 — what is on disk is not what we wrote
    """A file of an earlier attempt cannot be relied on."""


class _Progress(msgspec.Struct, kw_only=True):
    """What one file adds: the way on per errand, and the counts up to and including it."""

    following: dict[str, str | None]
    absent: list[str]
    requests: int
    rows: int
    faults: dict[str, int]
    delta_link: str | None
    counted: int | None


class Parts:
    """The rows of one feed, page after page. `errand` tells apart what is read side by side into the same rows."""

    rows: int
    following: dict[str, str | None]
    """Where each errand goes on; None where it is at its end."""
    absent: set[str]
    faults: Counter[str]
    delta_link: str | None
    counted: int | None = None
    """How many rows Graph counted before the reading; whoever reads knows whether it did."""
    _number: int
    _waiting: list[pa.Table]
    _news: dict[str, str | None]
    _news_absent: list[str]

    def __init__(self, folder: Path, schema: pa.Schema, *, pages_per_file: int = 1) -> None:
        """Go on where an earlier attempt stopped. Raises `DamagedPart`."""
        self._folder = folder
        self._schema = schema
        self._pages_per_file = pages_per_file
        self.requests = 0
        self._forget()
        folder.mkdir(mode=0o700, exist_ok=True)
        for file in self.files:
            self._recall(file)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files so far, in the order they were read."""
        return tuple(sorted(self._folder.glob("*.parquet")))

    @property
    def finished(self) -> bool:
        """Whether the only errand is at its end."""
        return self.following.get("", "") is None

    def append(
        self,
        rows: pa.Table,
        following: str | None,
        *,
        errand: str = "",
        faults: Counter[str] | None = None,
        delta_link: str | None = None,
    ) -> None:
        """Keep a page; `following` is where the next one begins, None at the end."""
        if errand and errand in self._news:
            # Of one group among thousands no more than its last page may be lost.
            self.flush()
        self._waiting.append(rows)
        self._news[errand] = self.following[errand] = following
        self.requests += 1
        self.rows += rows.num_rows
        self.faults = Counter(faults)
        self.delta_link = delta_link
        waiting_rows = sum(each.num_rows for each in self._waiting)
        if len(self._waiting) >= self._pages_per_file or waiting_rows >= _ROWS_IN_MEMORY:
            self.flush()

    def note_absent(self, errand: str) -> None:
        """Take note that what an errand asks for is not there."""
        self.following[errand] = self._news[errand] = None
        self.absent.add(errand)
        self._news_absent.append(errand)

    def flush(self) -> None:
        """Write what waits."""
        if not self._news:
            return
        progress = _Progress(
            following=self._news,
            absent=self._news_absent,
            requests=self.requests,
            rows=self.rows,
            faults=dict(self.faults),
            delta_link=self.delta_link,
            counted=self.counted,
        )
        schema = self._schema.with_metadata({_PROGRESS: msgspec.json.encode(progress)})
        file = self._folder / f"{self._number:07}.parquet"
        draft = file.with_suffix(".new")
        with pq.ParquetWriter(draft, schema, compression="zstd", write_page_checksum=True) as writer:
            writer.write_table(pa.concat_tables(self._waiting or [self._schema.empty_table()]).cast(schema))
        draft.replace(file)
        self._number += 1
        self._waiting, self._news, self._news_absent = [], {}, []

    def restart(self) -> None:
        """Forget the rows; the requests were made all the same."""
        shutil.rmtree(self._folder)
        self._folder.mkdir(mode=0o700)
        self._forget()

    def _forget(self) -> None:
        self._number = 0
        self._waiting, self._news, self._news_absent = [], {}, []
        self.rows = 0
        self.following = {}
        self.absent = set()
        self.faults = Counter()
        self.delta_link = None

    def _recall(self, file: Path) -> None:
        progress = read_progress(file)
        self.following |= progress.following
        self.absent |= {*progress.absent}
        self.requests, self.rows = progress.requests, progress.rows
        self.faults = Counter(progress.faults)
        self.delta_link, self.counted = progress.delta_link, progress.counted
        self._number = int(file.stem) + 1


def read_progress(file: Path) -> _Progress:
    """Read a part to its end and give what it says of the progress. Raises `DamagedPart`."""
    try:
        rows = pq.ParquetFile(file, page_checksum_verification=True).read()
        return msgspec.json.decode((rows.schema.metadata or {})[_PROGRESS], type=_Progress)
    except (pa.ArrowException, OSError, KeyError, *NOT_JSON) as fault:
        raise DamagedPart(str(fault)) from fault
