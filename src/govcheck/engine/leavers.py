"""Leavers counted per unit: the one kind of evidence that says who, for as long as the counting takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb
import pyarrow as pa

from govcheck.catalogue import UNIT_NAME, tables
from govcheck.engine.duck import add_pairs, add_rows, naive
from govcheck.engine.plan import Gaps
from govcheck.engine.units import UnitTree
from govcheck.evidence import Row
from govcheck.model import ORGANISATION, UNASSIGNED, Lang

LEAVERS = "leavers"
_COUNTED = """
    WITH gone AS (
        SELECT u.id, any_value(u.account_enabled) AS enabled, min(d.left_on) AS left_on
        FROM leave_dates d JOIN users u ON lower(u.user_principal_name) = d.person OR lower(u.id) = d.person
        WHERE d.left_on <= $now GROUP BY u.id
    ), placed AS (
        SELECT g.*, coalesce(l.unit, $nowhere) AS unit FROM gone g LEFT JOIN user_units l ON l.id = g.id
        UNION ALL SELECT g.*, $everywhere FROM gone g
    )
    SELECT unit, count(*), count(*) FILTER (WHERE enabled),
           max(epoch($now::TIMESTAMP - left_on) / 86400) FILTER (WHERE enabled)
    FROM placed GROUP BY unit ORDER BY unit
"""


def count_leavers(
    connection: duckdb.DuckDBPyConnection,
    people: Iterable[Row],
    tree: UnitTree,
    gaps: Gaps,
    as_of: datetime,
    lang: Lang,
) -> None:
    """Counts per unit of people who left. Who they are stays in the database until they are counted, no longer."""
    table = tables()[LEAVERS]
    if gaps.of(LEAVERS, None) is not None:
        add_rows(connection, table, [])
        return
    keys = [(row["person"].lower(), row["leave_date"]) for row in people]
    add_pairs(connection, "leave_dates", {"person": pa.string(), "left_on": pa.timestamp("us")}, keys)
    at = {"now": naive(as_of), "nowhere": tree.numbers[UNASSIGNED], "everywhere": tree.numbers[ORGANISATION]}
    counted = connection.execute(_COUNTED, at).fetchall()
    connection.execute("DROP TABLE leave_dates")
    rows = [
        {
            "unit": tree.ids[unit],
            UNIT_NAME: tree.name_of(tree.ids[unit], lang),
            "group_id": tree.places[tree.ids[unit]].group,
            "left_count": left,
            "still_enabled": enabled,
            "longest_enabled_days": days,
        }
        for unit, left, enabled, days in counted
    ]
    add_rows(connection, table, rows)
