"""What of a resource goes into an answer: `$select`, `$expand`, and what the token may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator import faults
from emulator.kinds import KINDS
from emulator.odata import Expansion, Options
from emulator.routes import Router, Target
from emulator.rows import Row

_EXPANDED_AT_MOST = 20
"""Graph cuts an expanded collection here and does not say so."""


def project(row: Row, target: Target, options: Options, router: Router) -> dict[str, Any]:
    """Leave what `$select` asks for, else what Graph gives by default, and add what `$expand` asks for."""
    expanded = {expansion.name for expansion in options.expand}
    chosen = options.select or target.kind.default or _default_of(row) or row.keys()
    keep = {*chosen, *expanded}.difference(target.kind.hidden).union(expanded)
    shaped = {key: value for key, value in row.items() if key in keep or "@" in key}
    if "signInActivity" in options.select:
        shaped["id"] = row["id"]
    for expansion in options.expand:
        if expansion.name in row:
            shaped[expansion.name] = _embedded(row[expansion.name], expansion, target.kind.hidden)
        else:
            shaped |= _expand(row, expansion, target.path, router)
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


def _embedded(value: Any, expansion: Expansion, hidden: Sequence[str]) -> Any:
    """Shape what the row holds already: links inside it show when they are expanded in their turn."""
    if isinstance(value, list):
        return [_embedded(item, expansion, hidden) for item in value]
    inside = {path.partition("/")[2] for path in hidden if path.startswith(f"{expansion.name}/")}
    left_out = inside.difference(expansion.expand)
    return {
        key: item
        for key, item in value.items()
        if key not in left_out and (not expansion.select or key in expansion.select or "@" in key)
    }


def _expand(row: Row, expansion: Expansion, collection: str, router: Router) -> dict[str, Any]:
    reference = row.get(f"{expansion.name}Id")
    if reference is not None:
        return {expansion.name: _choose(router.referred(expansion.name, reference), expansion.select)}
    rows = [_choose(found, expansion.select) for found in router.linked(collection, row["id"], expansion.name)]
    if expansion.name == "manager":
        return {expansion.name: rows[0]} if rows else {}
    return {expansion.name: rows[:_EXPANDED_AT_MOST]}


def _choose(row: Row, select: tuple[str, ...]) -> dict[str, Any]:
    keys = select or _default_of(row) or tuple(row)
    return {key: row[key] for key in ("@odata.type", *keys) if key in row}


def _default_of(row: Row) -> tuple[str, ...]:
    return KINDS["/users"].default if row.get("@odata.type") == "#microsoft.graph.user" else ()
