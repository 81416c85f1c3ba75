"""What documents call by name: the schema of a kind says where a role, an app or a time zone is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from govcheck.diagnostics import Diagnostic, error
from govcheck.policy.documents import Document
from govcheck.policy.header import read_text
from govcheck.policy.names import Names
from govcheck.policy.overlap import time_zone
from govcheck.policy.schema import validator
from govcheck.policy.translate import value_helps
from govcheck.source import Node

_HEADER = frozenset({"owner", "approved_by"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """What declarations name besides roles and units; None where nothing declares such things."""

    apps: frozenset[str] | None
    escalations: frozenset[str] | None
    figures: frozenset[str] | None


def gather_things(documents: Iterable[Document]) -> Things:
    """The apps, escalation paths and key figures that `documents` declare."""
    listed = list(documents)
    return Things(
        apps=_ids(listed, "Apps", "apps"),
        escalations=_ids(listed, "RaciMatrix", "escalations"),
        figures=_ids(listed, "Kpis", "kpis"),
    )


def unknown_names(document: Document, names: Names, things: Things) -> Iterator[Diagnostic]:
    """Roles, apps, escalation paths, figures and time zones in the body that do not exist."""
    known = {"app": things.apps, "escalationPath": things.escalations, "figure": things.figures}
    codes = {"app": "unknown-app", "escalationPath": "unknown-escalation", "figure": "unknown-figure"}
    for definition, node in _named(document):
        name = read_text(node)
        if name is None:
            continue
        allowed = known.get(definition)
        if definition == "role" and (fault := names.role_fault(node)) is not None:
            yield fault
        elif allowed is not None and name not in allowed:
            yield error(codes[definition], node.span, helps=value_helps(name, sorted(allowed)), name=name)
    yield from unknown_time_zones(document)


def unknown_time_zones(document: Document) -> Iterator[Diagnostic]:
    """Time zones that the database of time zones does not have."""
    for definition, node in _named(document):
        name = read_text(node)
        if definition == "timeZone" and name is not None and time_zone(name) is None:
            helps = value_helps(name, sorted(available_timezones()))
            yield error("unknown-time-zone", node.span, helps=helps, name=name)


def _ids(documents: Iterable[Document], kind: str, key: str) -> frozenset[str] | None:
    """The ids in a list of documents of one kind, also of items that are otherwise at fault."""
    lists = [document.node.get(key) for document in documents if document.kind == kind]
    if not lists:
        return None
    rows = (row for listed in lists if listed is not None for row in listed.children())
    return frozenset(id_ for row in rows if (id_ := read_text(row.get("id"))) is not None)


def _named(document: Document) -> Iterator[tuple[str, Node]]:
    """The values in the body whose form is a definition of the schema, each with that definition's name."""
    schema: Any = validator(document.kind).schema
    for key, child in document.node.items():
        if key not in _HEADER and key in schema["properties"]:
            yield from _defined(schema["properties"][key], child, schema["$defs"])


def _defined(schema: Mapping[str, Any], node: Node, definitions: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        yield name, node
        schema = definitions[name]
    for key, child in node.items():
        inner = schema.get("properties", {}).get(key)
        if inner is not None:
            yield from _defined(inner, child, definitions)
    for child in node.children() if "items" in schema else ():
        yield from _defined(schema["items"], child, definitions)
