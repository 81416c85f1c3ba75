"""Judge rows that come from no tenant: the examples inside policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from govcheck.catalogue import tables
from govcheck.engine.duck import add_rows
from govcheck.engine.verdicts import rule_code, subject_of
from govcheck.expr import ParameterValue
from govcheck.expr.lower import Surroundings
from govcheck.expr.scan import Scan
from govcheck.expr.sql import named, text
from govcheck.policy.types import Rule

World = Mapping[str, Sequence[Mapping[str, Any]]]
"""Table name to its rows; times are naive and in UTC."""


def nothing_missing(table: str, column: str | None) -> None:
    """Every table and column is there."""
    del table, column


def judge_rows(
    connection: duckdb.DuckDBPyConnection,
    rule: Rule,
    world: World,
    *,
    as_of: datetime,
    parameters: Mapping[str, ParameterValue],
    gap_of: Callable[[str, str | None], int | None] = nothing_missing,
) -> dict[str, int | None]:
    """The code of every row of the rule's table, by subject. Codes are those of `engine.verdicts`."""
    return judge_world(connection, codes_query(rule, as_of, parameters, gap_of), world, rule)


def judge_world(connection: duckdb.DuckDBPyConnection, query: str, world: World, rule: Rule) -> dict[str, int | None]:
    """As `judge_rows`, with the query of `codes_query` at hand: one rule, many worlds."""
    for name, rows in world.items():
        add_rows(connection, rule.checked if name == rule.table else tables()[name], rows)
    return dict(connection.execute(query).fetchall())


def codes_query(
    rule: Rule,
    as_of: datetime,
    parameters: Mapping[str, ParameterValue],
    gap_of: Callable[[str, str | None], int | None] = nothing_missing,
) -> str:
    """SQL for the subject and the code of every row of the rule's table."""
    scan = Scan(rule.checked, Surroundings(as_of=as_of, parameters=parameters, gap_of=gap_of))
    code = rule_code(rule, scan, scan.around)
    return text(scan.source().select(named(subject_of(scan, "tenant"), "subject"), named(code, "code"), copy=False))
