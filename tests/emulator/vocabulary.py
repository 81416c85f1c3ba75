"""Which property names a query may use: Graph's metadata, or what the rows show where that is absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from emulator.csdl import CSDL, Property, schema

ANYTHING = ""
"""Type of what the metadata says nothing about."""
_LINKS = ("manager", "directReports", "members", "owners", "transitiveMembers", "principal", "roleDefinition")
"""Navigation properties, which rows do not show."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The properties of one type, by name in lower case."""

    type: str
    names: Mapping[str, tuple[str, Property]]

    def find(self, name: str) -> tuple[str, Property] | None:
        """Find a property whatever its case: its real name and what it is."""
        found = self.names.get(name.lower())
        if found is None and self.type == ANYTHING:
            return name, Property(ANYTHING, nullable=True, collection=False, link=False)
        return found

    def within(self, declared: Property) -> Vocabulary:
        """Open the vocabulary of a property's own type."""
        return vocabulary(declared.type, ())


def vocabulary(type_name: str, rows: Iterable[Mapping[str, Any]]) -> Vocabulary:
    """Open the vocabulary of a type; `rows` stand in for it where there is no metadata."""
    if CSDL.exists():
        return _published(type_name)
    keys = {key for row in rows for key in row if "@" not in key}
    unknown = Property(ANYTHING, nullable=True, collection=False, link=False)
    return Vocabulary(type_name if keys else ANYTHING, {key.lower(): (key, unknown) for key in (*keys, *_LINKS)})


@cache
def _published(type_name: str) -> Vocabulary:
    graph = schema()
    if type_name not in graph.types:
        return Vocabulary(ANYTHING, {})
    # Only directory objects let a query name what their descendants have, as in members of a group.
    descendants = graph.derived(type_name) if type_name == "directoryObject" else []
    properties: dict[str, Property] = {}
    for name in (*descendants, type_name):
        properties |= graph.properties(name)
    return Vocabulary(type_name, {name.lower(): (name, found) for name, found in properties.items()})
