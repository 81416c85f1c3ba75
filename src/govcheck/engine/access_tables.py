"""What Conditional Access comes to, as tables: made for the rules that look at it, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
import pyarrow as pa

from govcheck.catalogue import MADE, tables
from govcheck.engine.duck import add_arrow, add_rows, quoted
from govcheck.engine.plan import Gaps, rule_reads
from govcheck.policy.types import Rule
from govcheck.snapshot import Snapshot
from govcheck.snapshot.arrow import ARROW_TYPES

if TYPE_CHECKING:
    from govcheck.access import Directory

USERS, POLICIES = "users", "conditional_access_policies"
_BATCH = 10_000


def add_access(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, gaps: Gaps, rules: Iterable[Rule]
) -> Directory | None:
    """Make `sign_in_paths`, and the columns of other tables that come along with it, where a rule reads them.

    What is missing stays empty, and a gap. Gives the model that they were made of; None where nothing was made.
    """
    reads = [rule_reads(rule) for rule in rules]

    def is_read(table: str) -> bool:
        return any(not read.get(table, set()).isdisjoint(_made(table)) for read in reads)

    paths = any(MADE in read for read in reads)
    if gaps.of(MADE, None) is not None or not (paths or is_read(USERS) or is_read(POLICIES)):
        add_rows(connection, tables()[MADE], [])
        return None
    from govcheck.access import directory_of, sign_in_paths

    directory = directory_of(snapshot)
    if is_read(USERS):
        _add_beside(connection, USERS, _people(directory))
    if is_read(POLICIES) and gaps.of(POLICIES, None) is None:
        _add_beside(connection, POLICIES, _trials(directory))
    _add_paths(connection, sign_in_paths(directory) if paths else ())
    return directory


def _made(table: str) -> Sequence[str]:
    return [column.name for column in tables()[table].columns.values() if column.made]


def _people(directory: Directory) -> pa.Table:
    from govcheck.access import Effective, effective
    from govcheck.access.ways import OpenWays, open_ways

    answers, ways = effective(directory), open_ways(directory)
    sources = (Effective, answers), (OpenWays, ways)
    columns = {
        field.name: [getattr(found[person], field.name) for person in answers]
        for kind, found in sources
        for field in fields(kind)
    }
    return pa.table({"id": list(answers), **columns})


def _trials(directory: Directory) -> pa.Table:
    from govcheck.access.trials import people_better_protected

    found = people_better_protected(directory)
    counts = pa.array(found.values(), type=pa.int64())
    return pa.table({"id": pa.array(found, type=pa.string()), "people_better_protected": counts})


def _add_beside(connection: duckdb.DuckDBPyConnection, table: str, made: pa.Table) -> None:
    """Put columns that were made beside those that were collected."""
    add_arrow(connection, f"{table}_made", made)
    replaced = ", ".join(f"m.{quoted(name)} AS {quoted(name)}" for name in _made(table))
    connection.execute(f"ALTER VIEW {table} RENAME TO {table}_collected")
    connection.execute(
        f"CREATE VIEW {table} AS SELECT c.* REPLACE ({replaced})"
        f" FROM {table}_collected c LEFT JOIN {table}_made m ON m.id = c.id"
    )


def _add_paths(connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> None:
    table = tables()[MADE]
    schema = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in table.columns.values()])
    add_rows(connection, table, [])
    for batch in _batches(rows):
        lines = [{**row, "requires": msgspec.json.encode(row["requires"]).decode()} for row in batch]
        connection.register("incoming", pa.Table.from_pylist(lines, schema=schema))
        connection.execute(f"INSERT INTO {MADE} SELECT * FROM incoming")
        connection.unregister("incoming")


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch
