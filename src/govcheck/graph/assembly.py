"""From the files of single feeds to the tables of a snapshot: joined, each row once, in order of its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from govcheck.catalogue import Feed, MissingColumn, Table
from govcheck.graph.staging import Reading
from govcheck.model import Reason
from govcheck.snapshot.ages import is_over
from govcheck.snapshot.manifest import FeedEntry, FeedState, TableEntry, file_digest

_MEMORY = "96MB"
_SORTED_ROWS = 100_000
_STATES: Mapping[Reason, FeedState] = {
    Reason.NOT_PERMITTED: "not_permitted",
    Reason.NOT_LICENSED: "not_licensed",
    Reason.NOT_COLLECTED: "not_collected",
    Reason.MANUAL: "not_permitted",  # the tenant's own setting keeps it from us
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A feed that was read, the files that hold its rows in the order of reading, and since when they are known."""

    feed: Feed
    reading: Reading
    files: tuple[Path, ...]
    read_at: datetime
    number: int = 0
    """Which of the table's feeds it is."""
    reused: bool = False
    """The rows are those of the snapshot before."""
    failure: MissingColumn | None = None
    """Why they could not be read again."""


def assemble(folder: Path, table: Table, staged: Sequence[Staged], moment: datetime) -> TableEntry:
    """Write `<table>.parquet` from the table's first feed and those that join it; `moment` is now.

    The same key on two pages is one row: the one that was read last, as the fresher. Rows of a joined feed
    without a partner are left out, and rows without a joined one get nulls.
    """
    first, *joined = staged
    requests = sum(each.reading.requests for each in staged)
    feeds = tuple(feed_entry(each, moment) for each in staged)
    if first.reading.gap is not None:
        return missing_table(first.reading.gap, requests, first.read_at, feeds)
    present = [first, *(each for each in joined if each.reading.gap is None)]
    names = {name: each for each in present for name in _sound_columns(table, each)}
    columns = [name for name in table.columns if name in names]
    selected = ", ".join(f"{_alias(present.index(names[name]))}.{_quoted(name)}" for name in columns)
    sources = _latest(first, table.key) + " AS feed_0"
    for index, each in enumerate(present[1:], start=1):
        on = _quoted(each.feed.join or "")
        sources += f" LEFT JOIN {_latest(each, (each.feed.join or '',))} AS {_alias(index)}"
        sources += f" ON feed_0.{on} = {_alias(index)}.{on}"
    entry = _write(
        folder,
        table,
        columns,
        f"SELECT {selected} FROM {sources}{_order(table.key, 'feed_0', first.files)}",
        read_at=min(each.read_at for each in present),
        requests=requests,
        column_gaps=_column_gaps(table, staged),
        notes=tuple(note for each in staged for note in each.reading.notes),
    )
    return replace(entry, feeds=feeds)


def assemble_memberships(folder: Path, table: Table, staged: Staged, moment: datetime) -> TableEntry:
    """Write `memberships.parquet`: one row per group and person, owner where they are one, else member."""
    reading, feeds = staged.reading, (feed_entry(staged, moment),)
    if reading.gap is not None:
        return missing_table(reading.gap, reading.requests, staged.read_at, feeds)
    query = (
        "SELECT group_id, user_id, CASE WHEN bool_or(role = 'owner') THEN 'owner' ELSE 'member' END AS role"
        f" FROM {rows_of(staged.files)} AS rows GROUP BY group_id, user_id{_order(table.key, 'rows', staged.files)}"
    )
    entry = _write(
        folder,
        table,
        list(table.columns),
        query,
        read_at=staged.read_at,
        requests=reading.requests,
        notes=reading.notes,
    )
    return replace(entry, feeds=feeds)


def missing_table(
    gap: MissingColumn, requests: int, read_at: datetime, feeds: tuple[FeedEntry, ...] = ()
) -> TableEntry:
    """The entry of a table that could not be read at all."""
    return TableEntry(rows=0, columns={}, files={}, requests=requests, gap=gap, read_at=read_at, feeds=feeds)


def feed_entry(staged: Staged, moment: datetime) -> FeedEntry:
    """What the manifest says of one feed."""
    gap = staged.reading.gap or staged.failure
    return FeedEntry(
        number=staged.number,
        path=staged.feed.path,
        state=_state(staged, moment),
        read_at=staged.read_at,
        reused=staged.reused,
        detail=gap.detail if gap is not None else None,
    )


def state_of(gap: MissingColumn | None) -> FeedState:
    """What a gap makes of a feed."""
    return "complete" if gap is None else _STATES.get(gap.reason, "failed")


def _state(staged: Staged, moment: datetime) -> FeedState:
    """What Graph no longer lets us read is stale at once; what failed for another reason when its time is over."""
    if staged.reading.gap is not None:
        return state_of(staged.reading.gap)
    if staged.failure is not None:
        withdrawn = staged.failure.reason in {Reason.NOT_PERMITTED, Reason.NOT_LICENSED}
        return "stale" if withdrawn or is_over(staged.feed, staged.read_at, moment) else "complete"
    return "complete" if staged.reading.applicable else "not_applicable"


def _write(
    folder: Path,
    table: Table,
    columns: Sequence[str],
    query: str,
    *,
    read_at: datetime,
    requests: int,
    column_gaps: Mapping[str, MissingColumn] | None = None,
    notes: tuple[str, ...] = (),
) -> TableEntry:
    file = folder / f"{table.name}.parquet"
    return TableEntry(
        rows=write_query(query, file),
        columns={name: table.columns[name].type for name in columns},
        files={file.name: file_digest(file)},
        requests=requests,
        column_gaps=column_gaps or {},
        notes=notes,
        read_at=read_at,
    )


def write_query(query: str, file: Path) -> int:
    """Write what a query over Parquet files gives into another, and give the number of rows."""
    return query_number(f"COPY ({query}) TO {_literal(file)} (FORMAT parquet, COMPRESSION zstd)", file.parent)


def query_number(query: str, folder: Path) -> int:
    """The number that a query over Parquet files gives.

    Memory is bounded: what does not fit goes through the disk, in `folder`. A query that cannot do with that takes
    what it needs.
    """
    bounded: Mapping[str, str | int] = {"memory_limit": _MEMORY, "threads": 1}
    try:
        return _execute(query, folder, bounded)
    except duckdb.OutOfMemoryException:
        return _execute(query, folder, {})


def _execute(query: str, folder: Path, settings: Mapping[str, str | int]) -> int:
    with duckdb.connect(config={"temp_directory": str(folder), **settings}) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row is not None else 0


def rows_of(files: Sequence[Path], **options: bool) -> str:
    """The rows of Parquet files, as a table of a query."""
    settings = "".join(f", {name} = {str(value).lower()}" for name, value in options.items())
    return f"read_parquet([{', '.join(map(_literal, files))}]{settings})"


def _sound_columns(table: Table, staged: Staged) -> list[str]:
    """The columns of the table that a feed fills, but for those whose values could not be trusted."""
    return [
        column.name
        for column in staged.reading.columns
        if column.name in staged.feed.columns
        and column.name in table.columns
        and column.name not in staged.reading.faults
    ]


def _column_gaps(table: Table, staged: Sequence[Staged]) -> Mapping[str, MissingColumn]:
    gaps: dict[str, MissingColumn] = {}
    for each in staged:
        own = [column.name for column in each.reading.columns if column.name in each.feed.columns]
        gap = each.reading.gap
        gaps |= each.reading.faults if gap is None else dict.fromkeys(own, gap)
    return {name: gaps[name] for name in table.columns if name in gaps}


def _latest(staged: Staged, key: Sequence[str]) -> str:
    """The rows of a feed, each once; only those that came more than once are sorted by when."""
    if not key:
        return rows_of(staged.files)
    parts = ", ".join(map(_quoted, key))
    repeated = f"SELECT {parts} FROM {rows_of(staged.files)} GROUP BY {parts} HAVING count(*) > 1"
    rows = rows_of(staged.files, filename=True, file_row_number=True)
    return (
        f"(SELECT * FROM {rows} ANTI JOIN ({repeated}) USING ({parts}) UNION ALL"
        f" SELECT * FROM (SELECT * FROM {rows} SEMI JOIN ({repeated}) USING ({parts}))"
        f" QUALIFY row_number() OVER (PARTITION BY {parts} ORDER BY filename DESC, file_row_number DESC) = 1)"
    )


def _order(key: Sequence[str], alias: str, files: Sequence[Path]) -> str:
    """The order of a table that is small enough to be sorted for the asking; large ones keep Graph's own."""
    if not key or sum(pq.read_metadata(file).num_rows for file in files) > _SORTED_ROWS:
        return ""
    return " ORDER BY " + ", ".join(f"{alias}.{_quoted(name)}" for name in key)


def _alias(index: int) -> str:
    return f"feed_{index}"


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return f'"{name}"'
