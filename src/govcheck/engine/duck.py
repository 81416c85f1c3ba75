"""The DuckDB session of one run: snapshot tables as views over Parquet, declared and derived tables beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from govcheck.catalogue import Column, ColumnType, Table, tables
from govcheck.engine.plan import Gaps
from govcheck.snapshot import Snapshot
from govcheck.snapshot.arrow import ARROW_TYPES

WHOLE = "whole"
"""Schema of evidence with all of its rows, also those of too few people: for rates alone, which show no row."""


def connect() -> duckdb.DuckDBPyConnection:
    """A database in memory that keeps no order it is not asked to keep, and prints nothing."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false; SET TimeZone = 'UTC'")
    connection.execute(f"CREATE SCHEMA {WHOLE}")
    return connection


def add_snapshot(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """A view for every table of the snapshot that was collected, an empty table for the others of the catalogue."""
    for table in tables().values():
        if table.declared or table.derived or table.from_files:
            continue
        entry = snapshot.tables.get(table.name)
        if entry is None or entry.gap is not None:
            add_rows(connection, table, [])
            continue
        paths = [str(snapshot.path / name) for name in entry.files]
        held = entry.columns if paths else {}
        absent = [column for name, column in table.columns.items() if _absent(name, column, held)]
        nulls = [f"CAST(NULL AS {_SQL_TYPES[column.type]}) AS {quoted(column.name)}" for column in absent]
        listed = ", ".join(f"'{path.replace(chr(39), chr(39) * 2)}'" for path in paths)
        present = [quoted(name) for name in held if name in table.columns]
        # Of rows without a single column that is known, the number is all there is.
        rows = f"read_parquet([{listed}])" if present else f"range({entry.rows if paths else 0})"
        connection.execute(f"CREATE VIEW {table.name} AS SELECT {', '.join([*present, *nulls])} FROM {rows}")


def add_derived(connection: duckdb.DuckDBPyConnection, gaps: Gaps) -> None:
    """A view for every table that is a query over others; empty where what it reads is missing."""
    for table in tables().values():
        if table.sql is None:
            continue
        if gaps.of(table.name, None) is None:
            connection.execute(f"CREATE VIEW {table.name} AS {table.sql}")
        else:
            add_rows(connection, table, [])


def add_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Mapping[str, Any]], schema: str = "main"
) -> None:
    """A table holding `rows`; columns a row leaves out are NULL."""
    columns = [column for column in table.columns.values() if column.computed is None]
    typed = pa.schema([pa.field(column.name, ARROW_TYPES[column.type]) for column in columns])
    filled = [{column.name: row.get(column.name) for column in columns} for row in rows]
    add_arrow(connection, table.name, pa.Table.from_pylist(filled, schema=typed), schema)


def add_empty(connection: duckdb.DuckDBPyConnection, listed: Iterable[Table]) -> None:
    """Tables without rows, all at once."""
    for table in listed:
        columns = [column for column in table.columns.values() if column.computed is None]
        typed = ", ".join(f"{quoted(column.name)} {_SQL_TYPES[column.type]}" for column in columns)
        connection.execute(f"CREATE TABLE {quoted(table.name)} ({typed})")


def add_pairs(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, pa.DataType],
    rows: Iterable[tuple[Any, ...]],
) -> None:
    """A small table of our own, such as units by number."""
    listed = list(rows)
    arrays = [pa.array([row[at] for row in listed], type=kind) for at, kind in enumerate(columns.values())]
    add_arrow(connection, name, pa.Table.from_arrays(arrays, names=list(columns)))


def add_arrow(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table, schema: str = "main") -> None:
    """Copy an Arrow table into the database."""
    connection.register("incoming", table)
    connection.execute(f"CREATE OR REPLACE TABLE {schema}.{quoted(name)} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


_SQL_TYPES: Mapping[ColumnType, str] = {
    "bool": "BOOLEAN",
    "int": "BIGINT",
    "float": "DOUBLE",
    "text": "VARCHAR",
    "time": "TIMESTAMP",
    "list": "VARCHAR[]",
    "json": "VARCHAR",
}


def _absent(name: str, column: Column, present: Mapping[str, str]) -> bool:
    return column.computed is None and name not in present


def naive(moment: datetime | None) -> datetime | None:
    """A moment as tables hold it: in UTC, without saying so."""
    return None if moment is None else moment.replace(tzinfo=None)
