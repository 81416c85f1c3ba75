"""Rows per rule, code and unit: one join from subjects to units, one GROUP BY."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from govcheck.engine.landing import landing_of
from govcheck.engine.units import UnitTree
from govcheck.engine.verdicts import UNDECIDED, VerdictTable
from govcheck.model import ORGANISATION
from govcheck.policy.types import Rule

Codes = Mapping[int, int]
"""Code to number of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCounts:
    """Rows of one rule per code, over the tenant and per unit."""

    total: Codes
    rows: Sequence[tuple[int, ...]]
    """Counts of all rules of the table: the unit's number, then a count for every rule and code that occurs."""
    positions: Mapping[int, int]
    """Code to its place in such a row."""
    unit_ids: Sequence[str]

    @property
    def units(self) -> dict[str, Codes]:
        """Codes per unit that has rows, the organisation always among them."""
        found: dict[str, Codes] = {ORGANISATION: {code: self.total[code] for code in self.positions}}
        for row in self.rows:
            codes = {code: row[place] for code, place in self.positions.items() if row[place]}
            if codes:
                found[self.unit_ids[row[0]]] = codes
        return found


def count_rows(connection: duckdb.DuckDBPyConnection, verdict: VerdictTable, tree: UnitTree) -> dict[str, RuleCounts]:
    """Counts per rule id. Only codes that occur are counted per unit, so plain rules cost two sums each."""
    totals = _totals(connection, verdict)
    present = [(number, code) for number, codes in enumerate(totals) for code in sorted(codes) if code != UNDECIDED]
    rows = _per_unit(connection, verdict, tree, present)
    return {
        rule.id: RuleCounts(
            total=totals[number],
            rows=rows,
            positions={code: place for place, (owner, code) in enumerate(present, start=1) if owner == number},
            unit_ids=tree.ids,
        )
        for number, rule in enumerate(verdict.rules)
    }


def _totals(connection: duckdb.DuckDBPyConnection, verdict: VerdictTable) -> list[dict[int, int]]:
    """Rows per code, for every rule. Grouping by one small column beats a filtered sum per code by far."""
    grouped = " UNION ALL ".join(
        f"SELECT {number}, r{number}, count(*) FROM {verdict.name} WHERE r{number} IS NOT NULL GROUP BY r{number}"
        for number in range(len(verdict.rules))
    )
    totals: list[dict[int, int]] = [{} for _ in verdict.rules]
    for number, code, count in connection.execute(grouped).fetchall():
        totals[number][code] = count
    return totals


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


def people_per_unit(
    connection: duckdb.DuckDBPyConnection, verdict: VerdictTable, rule: Rule, tree: UnitTree
) -> dict[str, int]:
    """How many people the rows in scope of a rate over evidence are about; the same people in two rounds count once."""
    landing = landing_of(verdict.table, tree)
    view = landing[0] if landing is not None else "(SELECT NULL AS id, NULL AS unit LIMIT 0)"
    rows = connection.execute(f"""
        WITH counted AS (
            SELECT land, round, greatest(coalesce(people, 0), 1) AS people
            FROM {verdict.name} WHERE {verdict.column(rule)} > {UNDECIDED}
        ), listed AS (
            SELECT l.unit, c.round, c.people FROM counted c JOIN {view} l ON l.id = c.land
            UNION ALL SELECT {tree.numbers[ORGANISATION]}, round, people FROM counted
        )
        SELECT unit, max(people) FROM (SELECT unit, round, sum(people) AS people FROM listed GROUP BY 1, 2) GROUP BY 1
    """).fetchall()
    return {tree.ids[unit]: int(people) for unit, people in rows}


def overlapping_units(
    connection: duckdb.DuckDBPyConnection, verdict: VerdictTable, rule: Rule, tree: UnitTree
) -> set[frozenset[str]]:
    """Pairs of units that share a row in scope of the rule."""
    landing = landing_of(verdict.table, tree)
    if landing is None:
        return set()
    view, _ = landing
    pairs = connection.execute(f"""
        SELECT DISTINCT a.unit, b.unit FROM {verdict.name} v
        JOIN {view} a ON a.id = v.land JOIN {view} b ON b.id = v.land AND a.unit < b.unit
        WHERE v.{verdict.column(rule)} > {UNDECIDED}
    """).fetchall()
    return {frozenset((tree.ids[one], tree.ids[other])) for one, other in pairs}
