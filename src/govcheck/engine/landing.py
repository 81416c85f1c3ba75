"""Which units a row belongs to, as tables of (subject, unit number); the organisation is never listed."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from govcheck.catalogue import Table
from govcheck.engine.duck import add_pairs, add_snapshot, connect
from govcheck.engine.units import Place, UnitTree, build_units
from govcheck.model import UNASSIGNED
from govcheck.policy.types import Organisation
from govcheck.snapshot import Snapshot


def discover_units(
    connection: duckdb.DuckDBPyConnection, organisation: Organisation | None, tenant_name: str
) -> UnitTree:
    """The units of this run, from the declarations and from the tenant's Teams and departments."""
    teams = connection.execute("SELECT id, coalesce(display_name, id) FROM teams ORDER BY id").fetchall()
    departments = connection.execute(
        "SELECT DISTINCT department FROM users WHERE department IS NOT NULL AND trim(department) <> '' ORDER BY 1"
    ).fetchall()
    return build_units(organisation, tenant_name, dict(teams), [name for (name,) in departments])


def add_landing(connection: duckdb.DuckDBPyConnection, tree: UnitTree) -> None:
    """Create the views `user_units`, `group_units` and `declared_units`: (id, unit)."""
    number, text = pa.int32(), pa.string()
    places = tree.places.values()
    add_pairs(
        connection,
        "unit_groups",
        {"group_id": text, "unit": number},
        ((place.group, tree.numbers[place.id]) for place in places if place.group),
    )
    add_pairs(
        connection,
        "unit_departments",
        {"department": text, "unit": number},
        ((place.department, tree.numbers[place.id]) for place in places if place.department),
    )
    add_pairs(
        connection,
        "unit_ids",
        {"id": text, "unit": number},
        ((place.id, tree.numbers[place.id]) for place in places),
    )
    ancestors = tree.ancestors()
    add_pairs(connection, "unit_ancestors", {"unit": number, "above": number}, ancestors)
    own_users = """
        SELECT m.user_id AS id, g.unit FROM memberships m JOIN unit_groups g USING (group_id)
        UNION ALL
        SELECT u.id, d.unit FROM users u JOIN unit_departments d USING (department)
    """
    shared = any(place.group and place.department for place in places)
    _add_view(connection, "user_units", own_users, ancestors=bool(ancestors), overlapping=shared)
    _add_view(connection, "group_units", "SELECT group_id AS id, unit FROM unit_groups", ancestors=bool(ancestors))
    _add_view(connection, "declared_units", "SELECT id, unit FROM unit_ids", ancestors=bool(ancestors))


def _add_view(
    connection: duckdb.DuckDBPyConnection, name: str, own: str, *, ancestors: bool, overlapping: bool = False
) -> None:
    """A unit's rows are its own and those of the units below it, each once.

    Without units above units the plain union has no doubles, and a tenant with 50,000 undeclared Teams need not
    pay for removing them.
    """
    if not ancestors and not overlapping:
        connection.execute(f"CREATE VIEW {name} AS {own}")
        return
    connection.execute(f"""
        CREATE TABLE {name} AS
        WITH own AS ({own})
        SELECT DISTINCT id, unit FROM (
            SELECT id, unit FROM own
            UNION ALL SELECT o.id, a.above FROM own o JOIN unit_ancestors a ON a.unit = o.unit
        )
    """)


def landing_of(table: Table, tree: UnitTree) -> tuple[str, int | None] | None:
    """The view by which rows of a table find their units, and the unit of rows that find none.

    None means that every row belongs to the organisation alone.
    """
    match table.lands:
        case "user":
            return "user_units", tree.numbers[UNASSIGNED]
        case "group":
            return "group_units", None
        case "declared":
            return "declared_units", None
    return None


def count_members(connection: duckdb.DuckDBPyConnection, tree: UnitTree) -> dict[str, int]:
    """Accounts per unit, the organisation included."""
    rows = connection.execute(f"""
        SELECT coalesce(l.unit, {tree.numbers[UNASSIGNED]}), count(*)
        FROM users u LEFT JOIN user_units l ON l.id = u.id GROUP BY 1
    """).fetchall()
    [(total,)] = connection.execute("SELECT count(*) FROM users").fetchall()
    counts = {tree.ids[unit]: count for unit, count in rows}
    return counts | {tree.ids[0]: total}


def unassigned_share(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Enabled members in no team and no department, and enabled members in all."""
    row = connection.execute("""
        SELECT count(*) FILTER (WHERE id NOT IN (SELECT id FROM user_units WHERE id IS NOT NULL)), count(*) FROM users
        WHERE account_enabled AND coalesce(user_type, 'Member') = 'Member'
    """).fetchone()
    return row or (0, 0)


def list_units(organisation: Organisation | None, snapshot: Snapshot) -> list[tuple[Place, int]]:
    """Every unit with its number of accounts."""
    connection = connect()
    add_snapshot(connection, snapshot)
    tree = discover_units(connection, organisation, snapshot.tenant_name)
    add_landing(connection, tree)
    members = count_members(connection, tree)
    return [(place, members.get(place.id, 0)) for place in tree.places.values()]
