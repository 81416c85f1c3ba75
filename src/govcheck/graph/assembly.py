"""From the files of single feeds to the tables of a snapshot: joined, each row once, in order of its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from govcheck.catalogue import Feed, MissingColumn, Table
from govcheck.graph.staging import Reading
from govcheck.snapshot.manifest import TableEntry, file_digest


@dataclass(frozen=True, slots=True)
class Staged:
    """A feed that was read, and the file that holds its rows."""

    feed: Feed
    reading: Reading
    file: Path


def assemble(folder: Path, table: Table, staged: Sequence[Staged]) -> TableEntry:
    """Write `<table>.parquet` from the table's first feed and those that join it.

    The same key on two pages is one row: the one that was read last, as the fresher. Rows of a joined feed
    without a partner are left out, and rows without a joined one get nulls.
    """
    first, *joined = staged
    requests = sum(each.reading.requests for each in staged)
    if first.reading.gap is not None:
        return missing_table(first.reading.gap, requests)
    present = [first, *(each for each in joined if each.reading.gap is None)]
    names = {name: each for each in present for name in _sound_columns(table, each)}
    columns = [name for name in table.columns if name in names]
    selected = ", ".join(f"{_alias(present.index(names[name]))}.{_quoted(name)}" for name in columns)
    sources = _latest(first, table.key) + " AS feed_0"
    for index, each in enumerate(present[1:], start=1):
        on = _quoted(each.feed.join or "")
        sources += f" LEFT JOIN {_latest(each, (each.feed.join or '',))} AS {_alias(index)}"
        sources += f" ON feed_0.{on} = {_alias(index)}.{on}"
    return _write(
        folder,
        table,
        columns,
        f"SELECT {selected} FROM {sources}{_order(table, 'feed_0')}",
        requests=requests,
        column_gaps=_column_gaps(table, staged),
    )


def assemble_memberships(folder: Path, table: Table, reading: Reading, file: Path) -> TableEntry:
    """Write `memberships.parquet`: one row per group and person, owner where they are one, else member."""
    if reading.gap is not None:
        return missing_table(reading.gap, reading.requests)
    query = (
        "SELECT group_id, user_id, CASE WHEN bool_or(role = 'owner') THEN 'owner' ELSE 'member' END AS role"
        f" FROM {_file(file)} GROUP BY group_id, user_id ORDER BY group_id, user_id"
    )
    return _write(folder, table, list(table.columns), query, requests=reading.requests, notes=reading.notes)


def missing_table(gap: MissingColumn, requests: int) -> TableEntry:
    """The entry of a table that could not be read at all."""
    return TableEntry(rows=0, columns={}, files={}, requests=requests, gap=gap)


def _write(
    folder: Path,
    table: Table,
    columns: Sequence[str],
    query: str,
    *,
    requests: int,
    column_gaps: Mapping[str, MissingColumn] | None = None,
    notes: tuple[str, ...] = (),
) -> TableEntry:
    file = folder / f"{table.name}.parquet"
    with duckdb.connect(config={"temp_directory": str(folder)}) as connection:
        result = connection.execute(f"COPY ({query}) TO {_literal(file)} (FORMAT parquet, COMPRESSION zstd)")
        row = result.fetchone()
    return TableEntry(
        rows=int(row[0]) if row is not None else 0,
        columns={name: table.columns[name].type for name in columns},
        files={file.name: file_digest(file)},
        requests=requests,
        column_gaps=column_gaps or {},
        notes=notes,
    )


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
    if not key:
        return _file(staged.file)
    parts = ", ".join(map(_quoted, key))
    return (
        f"(SELECT * FROM read_parquet({_literal(staged.file)}, file_row_number = true)"
        f" QUALIFY row_number() OVER (PARTITION BY {parts} ORDER BY file_row_number DESC) = 1)"
    )


def _order(table: Table, alias: str) -> str:
    return " ORDER BY " + ", ".join(f"{alias}.{_quoted(name)}" for name in table.key) if table.key else ""


def _alias(index: int) -> str:
    return f"feed_{index}"


def _file(path: Path) -> str:
    return f"read_parquet({_literal(path)})"


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return f'"{name}"'
