"""Exceptions: findings that are allowed for a while."""

from __future__ import annotations

from collections.abc import Iterator

from govcheck.diagnostics import Diagnostic, error, warning
from govcheck.policy.documents import Document, Faults
from govcheck.policy.header import read_date, read_header, read_text, read_texts
from govcheck.policy.names import Names
from govcheck.policy.types import Waiver
from govcheck.source import Node
from govcheck.words import text as words


def read_waivers(documents: list[Document], names: Names, faults: Faults) -> list[Waiver]:
    """The exceptions in documents; those that make no sense are kept, but waive nothing."""
    waivers: list[Waiver] = []
    first: dict[str, Node] = {}
    for document in documents:
        for node in document.rows("exceptions"):
            found = [*_faults(node, names), *_repeated(node, first)]
            faults.soft += found
            faults.warnings += _warnings(node, names)
            waivers.append(_waiver(document, node, valid=not found))
    return waivers


def _waiver(document: Document, node: Node, *, valid: bool) -> Waiver:
    header = read_header(document)
    expires = read_date(node.get("expires"))
    return Waiver(
        id=str(node.at(["id"]).value),
        rule=str(node.at(["rule"]).value),
        subjects=read_texts(node.get("subjects")),
        units=read_texts(node.get("units")),
        reason=str(node.at(["reason"]).value),
        owner=str(node.at(["owner"]).value),
        approved_by=str(node.at(["approved_by"]).value),
        granted=read_date(node.get("granted")) or header.effective,
        expires=expires,
        unit=header.unit,
        valid=valid and expires is not None,
        span=node.at(["id"]).span,
    )


def _faults(node: Node, names: Names) -> Iterator[Diagnostic]:
    owner, approver = node.at(["owner"]), node.at(["approved_by"])
    if owner.value == approver.value:
        place = ((owner.span, words("diagnostics.owner-here")),)
        yield error("approved-by-owner", approver.span, related=place, name=owner.value)
    if (fault := names.rule_fault(node.at(["rule"]))) is not None:
        yield fault
    granted, expires = read_date(node.get("granted")), read_date(node.get("expires"))
    if granted is not None and expires is not None and expires < granted:
        yield error("expires-before-granted", node.at(["expires"]).span)


def _repeated(node: Node, first: dict[str, Node]) -> Iterator[Diagnostic]:
    name = node.at(["id"])
    if (earlier := first.setdefault(str(name.value), name)) is not name:
        place = ((earlier.span, words("diagnostics.first-here")),)
        yield error("duplicate-id", name.span, related=place, name=name.value)


def _warnings(node: Node, names: Names) -> Iterator[Diagnostic]:
    """Roles and units that the organisation does not know: the exception still holds."""
    for key in ("owner", "approved_by"):
        role = node.at([key])
        if (fault := names.role_fault(role)) is not None:
            yield warning(fault.code, fault.span, helps=fault.helps, name=read_text(role))
    units = node.get("units")
    for unit in units.children() if units is not None else ():
        if (fault := names.unit_fault(unit)) is not None:
            yield warning(fault.code, fault.span, helps=fault.helps, name=read_text(unit))
