"""Rows per rule, code and unit: one join from subjects to units, one GROUP BY."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from govcheck.engine.landing import landing_of
from govcheck.engine.units import UnitTree
from govcheck.engine.verdicts import EMPTY, FAIL, GAP, PASS, UNDECIDED, WAIVED, VerdictTable
from govcheck.model import ORGANISATION, REASON_PRECEDENCE

Codes = Mapping[int, int]
"""Code to number of rows."""

_ALL_CODES = (UNDECIDED, PASS, FAIL, EMPTY, WAIVED, *(GAP + rank for rank in range(len(REASON_PRECEDENCE))))


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """Rows of one rule per code: over the tenant and per unit that has rows in scope."""

    total: Codes
    units: Mapping[str, Codes]


def count_rows(connection: duckdb.DuckDBPyConnection, verdict: VerdictTable, tree: UnitTree) -> dict[str, RuleCounts]:
    """Counts per rule id. Only codes that occur are counted per unit, so plain rules cost two sums each."""
    totals = _totals(connection, verdict)
    present = [(number, code) for number, codes in enumerate(totals) for code in codes if code != UNDECIDED]
    units: list[dict[str, dict[int, int]]] = [{ORGANISATION: dict(codes)} for codes in totals]
    for unit, *counts in _per_unit(connection, verdict, tree, present):
        for (number, code), count in zip(present, counts, strict=True):
            if count:
                units[number].setdefault(tree.ids[unit], {})[code] = count
    return {rule.id: RuleCounts(total=totals[number], units=units[number]) for number, rule in enumerate(verdict.rules)}


def _totals(connection: duckdb.DuckDBPyConnection, verdict: VerdictTable) -> list[dict[int, int]]:
    sums = ", ".join(
        f"count(*) FILTER (WHERE r{number} = {code})" for number in range(len(verdict.rules)) for code in _ALL_CODES
    )
    row = connection.execute(f"SELECT {sums} FROM {verdict.name}").fetchone()
    assert row is not None
    width = len(_ALL_CODES)
    return [
        {code: count for code, count in zip(_ALL_CODES, row[number * width :], strict=False) if count}
        for number in range(len(verdict.rules))
    ]


def _per_unit(
    connection: duckdb.DuckDBPyConnection,
    verdict: VerdictTable,
    tree: UnitTree,
    present: list[tuple[int, int]],
) -> list[tuple[int, ...]]:
    landing = landing_of(verdict.table, tree)
    if landing is None or not present:
        return []
    view, otherwise = landing
    sums = ", ".join(f"count(*) FILTER (WHERE v.r{number} = {code})" for number, code in present)
    unit, join = ("l.unit", "JOIN") if otherwise is None else (f"coalesce(l.unit, {otherwise})", "LEFT JOIN")
    organisation = tree.numbers[ORGANISATION]
    return connection.execute(f"""
        SELECT {unit} AS unit, {sums} FROM {verdict.name} v {join} {view} l ON l.id = v.land
        GROUP BY 1 HAVING unit <> {organisation}
    """).fetchall()
