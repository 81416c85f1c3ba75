"""The names that documents use for one another: rules, roles and units."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from govcheck.diagnostics import Diagnostic, error, warning
from govcheck.model import ORGANISATION
from govcheck.policy.documents import Document
from govcheck.policy.header import read_text
from govcheck.policy.translate import value_helps
from govcheck.source import Node

_UNIT_AT_MOST_A_WARNING = ("Policy", "Organisation", "Evidence", "Exceptions")
_GROUP_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Names:
    """What documents may refer to; None where it cannot be known, and then no reference is wrong."""

    rules: frozenset[str] | None
    roles: frozenset[str] | None
    units: frozenset[str] | None

    def rule_fault(self, node: Node) -> Diagnostic | None:
        """The fault of naming a rule that no policy has."""
        return _unknown("unknown-rule", node, self.rules)

    def role_fault(self, node: Node, name: str | None = None) -> Diagnostic | None:
        """The fault of naming a role that the organisation does not have; `name` if it is part of the text."""
        return _unknown("unknown-role", node, self.roles, name)

    def unit_fault(self, node: Node) -> Diagnostic | None:
        """The fault of naming a unit that is neither declared nor a group id."""
        if isinstance(node.value, str) and _GROUP_ID.fullmatch(node.value):
            return None
        return _unknown("unknown-unit", node, self.units)


def gather_names(documents: Iterable[Document], *, whole: bool) -> Names:
    """The names that `documents` declare, also those of documents that are otherwise at fault.

    `whole` is False when part of the set could not be read, so that rules may be missing from it.
    """
    documents = list(documents)
    rules = {id_ for document in documents for rule in _listed(document, "rules") if (id_ := _id(rule))}
    organisation = next((document for document in documents if document.kind == "Organisation"), None)
    if organisation is None:
        return Names(frozenset(rules) if whole else None, None, None)
    roles, listed_units = organisation.node.get("roles"), organisation.node.get("units")
    declared = _listed(organisation, "units")
    named = {read_text(unit.get(key)) for unit in declared for key in ("id", "department")}
    units = {name for name in named if name is not None} | {ORGANISATION}
    return Names(
        rules=frozenset(rules) if whole else None,
        roles=frozenset(roles.keys if roles is not None else ()) if _is(roles, dict) else None,
        units=frozenset(units) if _is(listed_units, list) else None,
    )


def header_warnings(document: Document, names: Names) -> list[Diagnostic]:
    """Roles and units in a header that the organisation does not know."""
    found: list[Diagnostic] = []
    for key in ("owner", "approved_by"):
        node = document.node.get(key)
        fault = names.role_fault(node) if node is not None else None
        if fault is not None:
            found.append(warning(fault.code, fault.span, helps=fault.helps, name=read_text(node)))
    unit = document.node.get("unit")
    fault = names.unit_fault(unit) if unit is not None and document.kind in _UNIT_AT_MOST_A_WARNING else None
    if fault is not None:
        found.append(warning(fault.code, fault.span, helps=fault.helps, name=read_text(unit)))
    return found


def _unknown(code: str, node: Node, known: frozenset[str] | None, name: str | None = None) -> Diagnostic | None:
    text = name if name is not None else node.value
    if known is None or not isinstance(text, str) or text in known:
        return None
    return error(code, node.span, helps=value_helps(text, sorted(known)), name=text)


def _listed(document: Document, key: str) -> list[Node]:
    """All items, those at fault included: their names count."""
    node = document.node.get(key)
    return list(node.children()) if node is not None else []


def _is(node: Node | None, kind: type) -> bool:
    """Whether a key is absent or has the kind of value it should have."""
    return node is None or isinstance(node.value, kind)


def _id(node: Node) -> str | None:
    return read_text(node.get("id"))
