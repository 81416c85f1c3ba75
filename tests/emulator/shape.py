"""What of a resource goes into an answer: `$select`, `$expand`, and what the token may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator import faults
from emulator.odata import Options
from emulator.routes import KINDS, Kind, Router, Row

_EXPANDED_AT_MOST = 20
"""Graph cuts an expanded collection here and does not say so."""


def project(row: Row, kind: Kind, options: Options, router: Router) -> dict[str, Any]:
    """Leave what `$select` asks for, else what Graph gives by default, and add what `$expand` asks for."""
    expanded = {expansion.name for expansion in options.expand}
    chosen = options.select or kind.default or _default_of(row)
    keep = {*chosen, *expanded} if chosen else row.keys()
    shaped = {key: value for key, value in row.items() if key in keep or "@" in key}
    for expansion in options.expand:
        if expansion.name not in row:
            shaped |= _expand(row["id"], expansion.name, expansion.select, router)
    return shaped


def withhold(row: Row) -> Row:
    """Show of a member whom the token may not read its type and id, and null for the rest."""
    return {key: value if key in ("@odata.type", "id") else None for key, value in row.items()}


def show_licences(rows: Sequence[Row], licences: frozenset[str]) -> Sequence[Row]:
    """Show of `/subscribedSkus` only these service plans; other rows are left alone."""
    if not rows or "servicePlans" not in rows[0]:
        return rows
    return [
        {**row, "servicePlans": [plan for plan in row["servicePlans"] if plan["servicePlanName"] in licences]}
        for row in rows
    ]


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


def _expand(source: str, name: str, select: tuple[str, ...], router: Router) -> dict[str, Any]:
    if name == "manager":
        manager = router.manager(source)
        return {name: _choose(manager, select)} if manager else {}
    linked = router.linked(source, name)[:_EXPANDED_AT_MOST]
    return {name: [_choose(row, select) for row in linked]}


def _choose(row: Row, select: tuple[str, ...]) -> dict[str, Any]:
    keys = select or _default_of(row) or tuple(row)
    return {"@odata.type": row["@odata.type"]} | {key: row[key] for key in keys if key in row}


def _default_of(row: Row) -> tuple[str, ...]:
    return KINDS["/users"].default if row.get("@odata.type") == "#microsoft.graph.user" else ()
