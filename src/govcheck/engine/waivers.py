"""Exceptions at work: failing and unknown rows that somebody accepted for a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from govcheck.engine.duck import add_pairs
from govcheck.engine.landing import landing_of
from govcheck.engine.units import UnitTree
from govcheck.engine.verdicts import EMPTY, FAIL, GAP, WAIVED, VerdictTable
from govcheck.model import ORGANISATION
from govcheck.policy.types import Rule, Waiver


def in_force(waiver: Waiver, as_of: datetime) -> bool:
    """Whether an exception holds: without a fault, granted, and not past the end of its last day (UTC)."""
    if not waiver.valid or waiver.expires is None:
        return False
    granted = waiver.granted is None or waiver.granted <= as_of
    return granted and as_of < waiver.expires + timedelta(days=1)


def apply_waivers(
    connection: duckdb.DuckDBPyConnection,
    verdicts: Iterable[VerdictTable],
    waivers: Iterable[Waiver],
    tree: UnitTree,
    as_of: datetime,
) -> set[str]:
    """Mark rows as waived; gives the ids of the exceptions that waived something.

    Fills the table `waived` (rule, subject, exception); the first exception by id that covers a row names it.
    """
    connection.execute("CREATE TABLE waived (rule VARCHAR, subject VARCHAR, exception VARCHAR)")
    active = sorted((waiver for waiver in waivers if in_force(waiver, as_of)), key=lambda waiver: waiver.id)
    for verdict in verdicts:
        for rule in verdict.rules:
            for waiver in active:
                if waiver.rule == rule.id:
                    _waive(connection, verdict, rule, waiver, tree)
    rows = connection.execute("SELECT DISTINCT exception FROM waived").fetchall()
    return {exception for (exception,) in rows}


def _waive(
    connection: duckdb.DuckDBPyConnection, verdict: VerdictTable, rule: Rule, waiver: Waiver, tree: UnitTree
) -> None:
    column = verdict.column(rule)
    covered = _covered(connection, verdict, waiver, tree)
    connection.execute(
        f"""
        INSERT INTO waived SELECT ?, subject, ? FROM {verdict.name} v
        WHERE ({column} IN ({FAIL}, {EMPTY}) OR {column} >= {GAP}) AND ({covered})
        """,
        [rule.id, waiver.id],
    )
    connection.execute(
        f"""
        UPDATE {verdict.name} SET {column} = {WAIVED} WHERE EXISTS (
            SELECT 1 FROM waived w WHERE w.rule = ? AND w.exception = ? AND w.subject = {verdict.name}.subject
        )
        """,
        [rule.id, waiver.id],
    )


def _covered(connection: duckdb.DuckDBPyConnection, verdict: VerdictTable, waiver: Waiver, tree: UnitTree) -> str:
    """SQL for "this exception is about row v"."""
    text = pa.string()
    add_pairs(connection, "waiver_subjects", {"subject": text}, ((subject,) for subject in waiver.subjects))
    conditions = ["subject IN (SELECT subject FROM waiver_subjects)"]
    if verdict.table.name == "users":
        conditions.append("""subject IN (
            SELECT u.id FROM users u JOIN waiver_subjects s ON lower(u.user_principal_name) = lower(s.subject))""")
    if ORGANISATION in waiver.units:
        conditions.append("TRUE")
    numbers = [tree.numbers[unit] for unit in waiver.units if unit in tree.numbers]
    landing = landing_of(verdict.table, tree)
    if numbers and landing is not None:
        view, otherwise = landing
        listed = ", ".join(map(str, numbers))
        conditions.append(f"land IN (SELECT id FROM {view} WHERE unit IN ({listed}) AND id IS NOT NULL)")
        if otherwise in numbers:
            conditions.append(f"NOT EXISTS (SELECT 1 FROM {view} l WHERE l.id = v.land)")
    return " OR ".join(conditions)
