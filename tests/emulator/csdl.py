"""Graph's own metadata: which properties a type has, and whether an object keeps to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

_EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
_GRAPH = ("microsoft.graph.", "graph.")
GRAPH_FILES = Path(__file__).resolve().parents[2].parent / "shared" / "graph"
CSDL = GRAPH_FILES / "v1.0-Prod.csdl"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a type; `link` means navigation."""

    type: str
    nullable: bool
    collection: bool
    link: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """The entity, complex and enum types of one service version, by their name below `microsoft.graph`."""

    types: Mapping[str, Mapping[str, Property]]
    bases: Mapping[str, str | None]
    enums: Mapping[str, frozenset[str]]
    open: frozenset[str]
    """Types that take any property and declare none, such as the assignments of a task."""

    def properties(self, name: str) -> dict[str, Property]:
        """Find the properties of a type, inherited ones first."""
        base = self.bases.get(name)
        return (self.properties(base) if base else {}) | dict(self.types[name])

    def derived(self, name: str) -> list[str]:
        """Find the types that descend from a type."""
        children = [child for child, base in self.bases.items() if base == name]
        return children + [grandchild for child in children for grandchild in self.derived(child)]

    def faults(self, name: str, value: Mapping[str, Any], path: str = "") -> Iterator[str]:
        """Tell where an object does not keep to its type; `@odata.type` may name a derived one."""
        actual = _short(value.get("@odata.type", name).removeprefix("#"))
        known = self.properties(actual)
        for key, item in value.items():
            if "@" in key or actual in self.open:
                continue
            if key not in known:
                yield f"{path}/{key}: no property of {actual}"
            else:
                yield from self._value_faults(known[key], item, f"{path}/{key}")

    def _value_faults(self, declared: Property, value: Any, path: str) -> Iterator[str]:
        if value is None:
            if not declared.nullable and not declared.link:
                yield f"{path}: null"
        elif not declared.collection:
            yield from self._item_faults(declared.type, value, path)
        elif not isinstance(value, list):
            yield f"{path}: not a list"
        else:
            for number, item in enumerate(value):
                yield from self._item_faults(declared.type, item, f"{path}[{number}]")

    def _item_faults(self, type_name: str, value: Any, path: str) -> Iterator[str]:
        if type_name in self.enums:
            if not set(str(value).split(",")) <= self.enums[type_name]:
                yield f"{path}: {value!r} is no {type_name}"
        elif type_name in self.types:
            yield from self.faults(type_name, value, path)
        elif not _fits(type_name, value):
            yield f"{path}: {value!r} is no {type_name}"


@cache
def schema() -> Schema:
    """Read Graph v1.0's metadata. Raises `FileNotFoundError` where it is not at hand."""
    types: dict[str, dict[str, Property]] = {}
    bases: dict[str, str | None] = {}
    enums: dict[str, frozenset[str]] = {}
    free: set[str] = set()
    for namespace in ET.parse(CSDL).getroot().iter(f"{_EDM}Schema"):  # noqa: S314 (Microsoft's own file)
        prefix = _short(f"{namespace.get('Namespace')}.")
        for node in namespace:
            name = prefix + node.get("Name", "")
            if node.tag == f"{_EDM}EnumType":
                enums[name] = frozenset(member.get("Name", "") for member in node)
            elif node.tag in (f"{_EDM}EntityType", f"{_EDM}ComplexType"):
                base = node.get("BaseType")
                bases[name] = base and _short(base)
                types[name] = dict(_properties(node))
                if node.get("OpenType") and not types[name] and not base:
                    free.add(name)
    return Schema(types, bases, enums, frozenset(free))


def _properties(node: ET.Element) -> Iterator[tuple[str, Property]]:
    for child in node:
        if child.tag in (f"{_EDM}Property", f"{_EDM}NavigationProperty"):
            declared = child.get("Type", "")
            collection = declared.startswith("Collection(")
            yield (
                child.get("Name", ""),
                Property(
                    type=_short(declared.removeprefix("Collection(").removesuffix(")")),
                    nullable=child.get("Nullable") != "false",
                    collection=collection,
                    link=child.tag == f"{_EDM}NavigationProperty",
                ),
            )


def _short(name: str) -> str:
    for prefix in _GRAPH:
        name = name.removeprefix(prefix)
    return name


def _fits(edm: str, value: Any) -> bool:
    match edm:
        case "Edm.Boolean":
            return isinstance(value, bool)
        case "Edm.Int32" | "Edm.Int64" | "Edm.Int16":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Edm.Double":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "Edm.DateTimeOffset":
            return isinstance(value, str) and _TIME.fullmatch(value) is not None
        case "Edm.Guid":
            return isinstance(value, str) and _GUID.fullmatch(value) is not None
        case _:
            return isinstance(value, str)
