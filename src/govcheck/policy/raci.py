"""RACI matrices and escalation paths."""

from __future__ import annotations

from collections.abc import Iterator

from govcheck.diagnostics import Diagnostic, error
from govcheck.model import Text
from govcheck.policy.documents import Document
from govcheck.policy.header import read_header, read_hours, read_text, read_texts, read_words
from govcheck.policy.names import Names
from govcheck.policy.translate import listed
from govcheck.policy.types import Activity, Escalation, RaciMatrix
from govcheck.source import Node
from govcheck.words import text as words

_ARROW = " → "
_LETTERS = frozenset("RACI")


def read_matrix(document: Document) -> RaciMatrix:
    """The matrix of a document, without the rows that its schema finds fault with."""
    return RaciMatrix(
        header=read_header(document),
        unit=read_text(document.node.get("unit")),
        activities=tuple(_activity(node) for node in document.rows("activities")),
        escalations=tuple(_escalation(node) for node in document.rows("escalations")),
    )


def matrix_faults(document: Document, names: Names) -> Iterator[Diagnostic]:
    """What makes no sense in a matrix, whatever its form."""
    unit = document.node.get("unit")
    if unit is not None and (fault := names.unit_fault(unit)) is not None:
        yield fault
    for node in document.rows("activities"):
        yield from _activity_faults(node, names)
    for node in document.rows("escalations"):
        yield from _escalation_faults(node, names)


def repeated_rows(documents: list[Document]) -> Iterator[Diagnostic]:
    """Activities and escalations that are described twice for the same unit."""
    for key in ("activities", "escalations"):
        first: dict[tuple[str | None, str], Node] = {}
        for document in documents:
            unit = read_text(document.node.get("unit"))
            for node in document.rows(key):
                name = node.at(["id"])
                if (earlier := first.setdefault((unit, str(name.value)), name)) is not name:
                    place = ((earlier.span, words("diagnostics.first-here")),)
                    yield error("duplicate-id", name.span, related=place, name=name.value)


def _activity(node: Node) -> Activity:
    id_ = str(node.at(["id"]).value)
    return Activity(
        id=id_,
        title=read_words(node.get("title")) or Text(nl=id_, en=id_),
        assign={role: str(letter.value) for role, letter in node.at(["assign"]).items()},
        covers=read_texts(node.get("covers")),
    )


def _activity_faults(node: Node, names: Names) -> Iterator[Diagnostic]:
    assign = node.at(["assign"])
    yield from _letter_faults(node.at(["id"]), assign)
    for role in assign.keys.values():
        if (fault := names.role_fault(role)) is not None:
            yield fault
    covers = node.get("covers")
    for rule in covers.children() if covers is not None else ():
        if (fault := names.rule_fault(rule)) is not None:
            yield fault


def _letter_faults(name: Node, assign: Node) -> Iterator[Diagnostic]:
    letters = {role: set(str(letter.value).split("/")) for role, letter in assign.items()}
    accountable = [role for role, parts in letters.items() if "A" in parts]
    if len(accountable) > 1:
        places = tuple((assign.keys[role].span, words("diagnostics.accountable-here")) for role in accountable[:-1])
        span = assign.keys[accountable[-1]].span
        yield error("two-accountables", span, related=places, name=name.value, names=listed(accountable))
    if not all(parts <= _LETTERS for parts in letters.values()):
        return  # a letter that nobody knows may be the one that seems to be missing
    if not accountable:
        yield error("no-accountable", name.span, name=name.value)
    if not any("R" in parts for parts in letters.values()):
        yield error("nobody-responsible", name.span, name=name.value)


def _escalation(node: Node) -> Escalation:
    return Escalation(
        id=str(node.at(["id"]).value),
        trigger=read_text(node.get("trigger")),
        levels=tuple(
            (str(level.at(["role"]).value), read_hours(level.get("within"))) for level in node.at(["levels"]).children()
        ),
    )


def _escalation_faults(node: Node, names: Names) -> Iterator[Diagnostic]:
    passed: dict[str, Node] = {}
    for level in node.at(["levels"]).children():
        role = level.at(["role"])
        if (fault := names.role_fault(role)) is not None:
            yield fault
        if (earlier := passed.setdefault(str(role.value), role)) is not role:
            place = ((earlier.span, words("diagnostics.first-here")),)
            path = [*passed, str(role.value)]
            chain = _ARROW.join(path[path.index(str(role.value)) :])
            yield error("escalation-cycle", role.span, related=place, role=role.value, chain=chain)
