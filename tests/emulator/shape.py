"""What of a resource goes into an answer: `$select`, `$expand`, and what the token may read."""

from __future__ import annotations

from typing import Any

from emulator import faults
from emulator.odata import Expansion, Options
from emulator.routes import KINDS, Router, Target
from emulator.rows import Row

_EXPANDED_AT_MOST = 20
"""Graph cuts an expanded collection here and does not say so."""


def project(row: Row, target: Target, options: Options, router: Router) -> dict[str, Any]:
    """Leave what `$select` asks for, else what Graph gives by default, and add what `$expand` asks for."""
    expanded = {expansion.name for expansion in options.expand}
    chosen = options.select or target.kind.default or _default_of(row)
    keep = {*chosen, *expanded} if chosen else row.keys()
    shaped = {key: value for key, value in row.items() if key in keep or "@" in key}
    for expansion in options.expand:
        if expansion.name not in row:
            shaped |= _expand(target.path, row["id"], expansion, router)
    return shaped


def withhold(row: Row) -> Row:
    """Show of a member whom the token may not read its type and id, and null for the rest."""
    return {key: value if key in ("@odata.type", "id") else None for key, value in row.items()}


def show_licences(row: Row, licences: frozenset[str]) -> Row:
    """Show of one of `/subscribedSkus` only these service plans; other rows are left alone."""
    if "servicePlans" not in row:
        return row
    plans = [plan for plan in row["servicePlans"] if plan["servicePlanName"] in licences]
    return {**row, "servicePlans": plans}


def spoil(rows: list[dict[str, Any]], effect: faults.Effect | None) -> list[dict[str, Any]]:
    """Do to a page's rows what a fault says."""
    match effect:
        case faults.EmptyPage():
            return []
        case faults.DuplicateRow():
            return [*rows, *rows[:1]]
        case faults.MissingRow():
            return rows[1:]
        case _:
            return rows


def _expand(collection: str, source: str, expansion: Expansion, router: Router) -> dict[str, Any]:
    rows = [_choose(row, expansion.select) for row in router.linked(collection, source, expansion.name)]
    if expansion.name == "manager":
        return {expansion.name: rows[0]} if rows else {}
    return {expansion.name: rows[:_EXPANDED_AT_MOST]}


def _choose(row: Row, select: tuple[str, ...]) -> dict[str, Any]:
    keys = select or _default_of(row) or tuple(row)
    return {"@odata.type": row["@odata.type"]} | {key: row[key] for key in keys if key in row}


def _default_of(row: Row) -> tuple[str, ...]:
    return KINDS["/users"].default if row.get("@odata.type") == "#microsoft.graph.user" else ()
