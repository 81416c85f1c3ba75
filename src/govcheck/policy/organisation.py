"""The Organisation document: roles, units, parameter overrides and the privacy floor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from govcheck.diagnostics import Diagnostic, error, warning
from govcheck.model import ORGANISATION, Text, UnitKind
from govcheck.policy.cycles import cycles
from govcheck.policy.documents import Document, Faults
from govcheck.policy.header import read_header, read_text, read_texts, read_words
from govcheck.policy.names import Names
from govcheck.policy.parameters import Parameters, read_overrides
from govcheck.policy.translate import value_helps
from govcheck.policy.types import MIN_GROUP, DeclaredUnit, Organisation, ParameterValue, Role
from govcheck.source import Node
from govcheck.words import text as words

_ARROW = " → "
_FLOOR = 3


def read_organisation(document: Document, names: Names, parameters: Parameters, faults: Faults) -> Organisation:
    """The organisation, without the units and parents that make no sense."""
    node = document.node
    roles = document.entries("roles")
    faults.soft += _role_faults(roles, names)
    faults.warnings += _deputy_warnings(roles)
    privacy = document.part("privacy")
    min_group = _min_group(privacy)
    faults.soft += _privacy_faults(privacy)
    return Organisation(
        header=read_header(document),
        roles=tuple(_role(name, child) for name, child in roles.items()),
        units=tuple(_units(document.rows("units"), parameters, faults)),
        parameters=read_overrides(node.get("parameters"), parameters, faults),
        min_group=min_group,
        people_min_group=max(min_group, _FLOOR if _is_recorded(privacy) else MIN_GROUP),
    )


# Privacy


def _min_group(privacy: Node | None) -> int:
    node = privacy.get("min_group") if privacy is not None else None
    return node.value if node is not None and isinstance(node.value, int) else MIN_GROUP


def _is_recorded(privacy: Node | None) -> bool:
    """Whether the DPIA and the works council's decision about smaller groups are named."""
    return privacy is not None and all(read_text(privacy.get(key)) for key in ("dpia", "works_council"))


def _privacy_faults(privacy: Node | None) -> Iterator[Diagnostic]:
    node = privacy.get("min_group") if privacy is not None else None
    if node is None:
        return
    if _min_group(privacy) < _FLOOR:
        yield error("group-too-small", node.span, limit=_FLOOR)
    elif _min_group(privacy) < MIN_GROUP and not _is_recorded(privacy):
        yield error("group-unrecorded", node.span, limit=MIN_GROUP)


# Roles


def _role(name: str, node: Node) -> Role:
    return Role(
        id=name,
        title=read_words(node.get("title")) or Text(nl=name, en=name),
        holders=read_texts(node.get("holders")),
        deputies=read_texts(node.get("deputies")),
    )


def _role_faults(roles: Mapping[str, Node], names: Names) -> Iterator[Diagnostic]:
    """Holders that are no role of the organisation, and roles that in the end hold themselves."""
    behind: dict[str, list[Node]] = {}
    for name, role in roles.items():
        for key in ("holders", "deputies"):
            listed = role.get(key)
            for holder in listed.children() if listed is not None else ():
                if not (read_text(holder) or "").startswith("role:"):
                    continue
                fault = names.role_fault(holder, _held(holder))
                if fault is not None:
                    yield fault
                elif key == "holders":
                    behind.setdefault(name, []).append(holder)
    edges = {name: [_held(node) for node in nodes] for name, nodes in behind.items()}
    for ring in cycles(edges):
        node = next(node for node in behind[ring[0]] if _held(node) == ring[1])
        yield error("role-cycle", node.span, chain=_ARROW.join(ring))


def _deputy_warnings(roles: Mapping[str, Node]) -> Iterator[Diagnostic]:
    """Deputies who hold the role already."""
    for name, role in roles.items():
        holders = {text.casefold() for text in read_texts(role.get("holders"))} | {f"role:{name}".casefold()}
        listed = role.get("deputies")
        for deputy in listed.children() if listed is not None else ():
            if (read_text(deputy) or "").casefold() in holders:
                yield warning("deputy-holds-role", deputy.span, name=deputy.value)


def _held(holder: Node) -> str:
    """The role that a `role:` holder names."""
    return (read_text(holder) or "").removeprefix("role:")


# Units


def _units(units: list[Node], parameters: Parameters, faults: Faults) -> Iterator[DeclaredUnit]:
    """The declared units, each id once, parents only where they lead somewhere."""
    first: dict[str, Node] = {}
    for node in units:
        name = node.at(["id"])
        if (earlier := first.setdefault(str(name.value), name)) is not name:
            place = ((earlier.span, words("diagnostics.first-here")),)
            faults.soft.append(error("duplicate-id", name.span, related=place, name=name.value))
    lost = _lost_parents(units, first, faults)
    parents = {read_text(node.get("parent")) for node in units}
    for node in units:
        name = node.at(["id"])
        if first[str(name.value)] is not name:
            continue
        unit = _unit(node, read_overrides(node.get("parameters"), parameters, faults, per_unit=True))
        if not unit.group and not unit.department and unit.id not in parents:
            faults.warnings.append(warning("unit-without-members", name.span, name=unit.id))
        yield replace(unit, parent=None) if unit.id in lost else unit


def _unit(node: Node, parameters: Mapping[str, ParameterValue]) -> DeclaredUnit:
    id_ = str(node.at(["id"]).value)
    return DeclaredUnit(
        id=id_,
        name=read_text(node.get("name")) or id_,
        kind=UnitKind(str(node.at(["kind"]).value)),
        parent=read_text(node.get("parent")),
        group=read_text(node.get("group")),
        department=read_text(node.get("department")),
        work_mode=read_text(node.get("work_mode")),
        countries=read_texts(node.get("countries")),
        time_zones=read_texts(node.get("time_zones")),
        parameters=parameters,
    )


def _lost_parents(units: list[Node], first: Mapping[str, Node], faults: Faults) -> set[str]:
    """Units whose parent is unknown, or leads back to themselves."""
    lost: set[str] = set()
    parents: dict[str, Node] = {}
    for node in units:
        parent = node.get("parent")
        id_ = str(node.at(["id"]).value)
        if parent is None or parent.value == ORGANISATION:
            continue
        parents.setdefault(id_, parent)
        if parent.value not in first:
            lost.add(id_)
            helps = value_helps(str(parent.value), sorted(first))
            faults.soft.append(error("unknown-unit", parent.span, helps=helps, name=parent.value))
    for ring in cycles({id_: [str(parent.value)] for id_, parent in parents.items()}):
        lost.add(ring[0])
        faults.soft.append(error("unit-cycle", parents[ring[0]].span, chain=_ARROW.join(ring)))
    return lost
