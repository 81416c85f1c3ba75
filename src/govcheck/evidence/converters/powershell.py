"""PowerShell: `Get-… | ConvertTo-Json -Depth 6`, or `Export-Csv`, of settings that Microsoft Graph does not show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from govcheck.catalogue import column_name, tables
from govcheck.evidence.converters.model import (
    GridConverter,
    Item,
    ObjectConverter,
    Rows,
    listed,
    picked,
    plain,
    sheet_of,
)
from govcheck.evidence.headings import folded
from govcheck.evidence.sheet import Cell, Sheet

_TELLING: Mapping[str, tuple[str, ...]] = {
    "teams_meeting_policies": ("Identity", "AutoAdmittedUsers"),
    "teams_federation": ("Identity", "AllowFederatedUsers"),
    "teams_allowed_domains": ("Identity", "AllowedDomains"),
    "teams_app_permission_policies": ("Identity", "GlobalCatalogAppsType"),
    "audit_log_config": ("UnifiedAuditLogIngestionEnabled",),
    "dlp_policies": ("Name", "Mode", "Workload"),
    "dlp_rules": ("Name", "ParentPolicyName"),
    "sensitivity_labels": ("Name", "Priority"),
    "label_policies": ("Name", "Labels"),
}
"""Properties by which the output of a command is known, by the table it fills."""
_KNOWS_ALL = "AllowAllKnownDomains"
_DEEPEST = 12


def _from_json(table: str) -> ObjectConverter:
    def fits(value: object) -> bool:
        return any(set(_TELLING[table]) <= set(item) for item in listed(value))

    def convert(value: object) -> Sheet:
        items = [item for item in listed(value) if set(_TELLING[table]) <= set(item)]
        return sheet_of(_rows(table, items), _columns(table))

    return ObjectConverter(product="PowerShell", table=table, fits=fits, convert=convert)


def _from_csv(table: str) -> GridConverter:
    def convert(headings: tuple[str, ...], rows: Rows) -> Sheet:
        named = {column_name(heading): heading for heading in headings}
        return picked(headings, rows, {column: named[column] for column in _columns(table) if column in named}, ())

    wanted = frozenset(folded(name) for name in _TELLING[table])
    return GridConverter(product="PowerShell", table=table, wanted=wanted, convert=convert)


def _columns(table: str) -> tuple[str, ...]:
    return tuple(tables()[table].columns)


def _rows(table: str, items: list[Item]) -> Iterator[dict[str, Cell]]:
    for item in items:
        named = {column_name(name): value for name, value in item.items()}
        if table == "teams_allowed_domains":
            yield from ({"identity": plain(named["identity"]), "domain": name} for name in _domains(item))
            continue
        row = {column: _cell(named.get(column)) for column in _columns(table)}
        special = _SPECIAL.get(table)
        yield row | (special(item) if special else {})


def _cell(value: object) -> Cell:
    """A plain value, or the texts in a list; of objects, what they are called by."""
    if isinstance(value, list):
        return [text for item in value if (text := _called(item))]
    return plain(value)


def _called(item: object) -> str:
    if isinstance(item, dict):
        found = (item.get(key) for key in ("Id", "Name", "Domain"))
        return next((name for name in found if isinstance(name, str)), "")
    return item if isinstance(item, str) else ""


def _federation(item: Item) -> dict[str, Cell]:
    allowed = item.get("AllowedDomains")
    domains = _domains(item)
    everybody: Cell = None
    if _KNOWS_ALL in json.dumps(allowed):
        everybody = True
    elif domains or allowed == []:
        everybody = False
    return {
        "allow_all_known_domains": everybody,
        "allowed_domains": domains,
        "blocked_domains": _found(item.get("BlockedDomains"), lambda entry: entry.get("Domain")),
    }


def _domains(item: Item) -> list[str]:
    allowed = item.get("AllowedDomains")
    if isinstance(allowed, list) and all(isinstance(name, str) for name in allowed):
        return [name for name in allowed if name != _KNOWS_ALL]
    return _found(allowed, lambda entry: entry.get("Domain"))


def _rule(item: Item) -> dict[str, Cell]:
    """The names of the kinds of information that a rule looks for, however deep its groups nest."""

    def kind(entry: Mapping[str, Any]) -> object:
        lower = {str(key).lower(): value for key, value in entry.items()}
        return lower.get("name") if {"id", "mincount", "confidencelevel"} & lower.keys() else None

    return {"information_types": _found(item.get("ContentContainsSensitiveInformation"), kind)}


def _label(item: Item) -> dict[str, Cell]:
    return {"content_type": _words(item.get("ContentType"))}


def _policy(item: Item) -> dict[str, Cell]:
    return {"workload": _words(item.get("Workload"))}


def _words(value: object) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else []


def _found(value: object, of: Callable[[Mapping[str, Any]], object], depth: int = 0) -> list[str]:
    """What `of` gives for the objects inside a value, each once."""
    if depth > _DEEPEST:
        return []
    inside: list[object] = []
    own: list[str] = []
    if isinstance(value, dict):
        name = of(value)
        own = [name] if isinstance(name, str) else []
        inside = list(value.values())
    elif isinstance(value, list):
        inside = value
    return list(dict.fromkeys(own + [name for child in inside for name in _found(child, of, depth + 1)]))


_SPECIAL: Mapping[str, Callable[[Item], dict[str, Cell]]] = {
    "teams_federation": _federation,
    "dlp_rules": _rule,
    "dlp_policies": _policy,
    "sensitivity_labels": _label,
}
CONVERTERS: tuple[GridConverter | ObjectConverter, ...] = (
    *(_from_json(table) for table in _TELLING),
    *(_from_csv(table) for table in _TELLING),
)
