"""Documents of the kinds that only become rows: charters, working agreements, registers and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from govcheck.catalogue import Declaration, Table, shipped_rows, tables
from govcheck.diagnostics import Diagnostic, error, warning
from govcheck.model import Span
from govcheck.policy.documents import Document
from govcheck.policy.header import read_date, read_header, read_text
from govcheck.policy.hours import hours_faults
from govcheck.policy.names import Names
from govcheck.policy.processing import NO_COUNCIL, PROCESSING, meant_decision, normal_purposes, purpose_faults
from govcheck.policy.references import gather_things, unknown_names, unknown_time_zones
from govcheck.policy.types import DeclaredDocument
from govcheck.source import Node
from govcheck.words import text as words

_PLACE_KEYS = frozenset({"unit", "document", "number"})
_ONE_PER_UNIT = frozenset(
    {"CommunicationCharter", "WorkingAgreement", "RemoteWork", "Rhythm", "Goals", "Workflow", "Incident"}
)


@lru_cache
def declared_tables() -> dict[str, tuple[Table, ...]]:
    """The tables that documents of each kind fill, by kind."""
    found: dict[str, tuple[Table, ...]] = {}
    for table in tables().values():
        if table.declaration is not None:
            found[table.declaration.kind] = (*found.get(table.declaration.kind, ()), table)
    return found


def read_declarations(documents: Iterable[Document]) -> Iterator[DeclaredDocument]:
    """The documents of declared kinds as plain values."""
    for document in documents:
        if document.kind in declared_tables():
            body = document.node.plain()
            if document.kind == PROCESSING:
                body = normal_purposes(body)
            yield DeclaredDocument(header=read_header(document), body=body, places=dict(_places(document)))


def _places(document: Document) -> Iterator[tuple[str, Span]]:
    for key, listed in document.node.items():
        for item in listed.children():
            name = item.get("id")
            if name is not None:
                yield f"{key}/{name.value}", name.span


def declaration_faults(documents: Sequence[Document], names: Names) -> Iterator[Diagnostic]:
    """What makes no sense in declarations: an error of `validate`, a warning of `check`."""
    things = gather_things(documents)
    declared = [document for document in documents if document.kind in declared_tables()]
    for document in declared:
        yield from unknown_names(document, names, things)
        yield from _unit_faults(document, names)
        yield from _reasons_missing(document)
        yield from _own_approval(document)
        if document.kind == PROCESSING:
            yield from purpose_faults(document)
    yield from hours_faults(declared)
    yield from _second_documents(declared)
    for listed in declared_tables().values():
        for table in listed:
            yield from _repeated(table, declared)


def declaration_warnings(documents: Iterable[Document], today: date | None) -> Iterator[Diagnostic]:
    """What deserves a look and stops nobody. Without `today` no date lies ahead."""
    for document in documents:
        if document.kind == "RemoteWork":
            yield from _norm_missing(document)
        if document.kind not in declared_tables():
            yield from (replace(fault, level="warning") for fault in _own_approval(document))
        if document.kind == "Organisation":
            yield from (replace(fault, level="warning") for fault in unknown_time_zones(document))
        reviewed = document.node.get("reviewed")
        moment = read_date(reviewed)
        if reviewed is not None and moment is not None and today is not None and moment.date() > today:
            yield warning("reviewed-ahead", reviewed.span)


# One document


def _unit_faults(document: Document, names: Names) -> Iterator[Diagnostic]:
    unit = document.node.get("unit")
    if unit is not None and (fault := names.unit_fault(unit)) is not None:
        yield fault


def _own_approval(document: Document) -> Iterator[Diagnostic]:
    owner, approver = document.node.get("owner"), document.node.get("approved_by")
    if owner is None or approver is None or read_text(owner) is None or owner.value != approver.value:
        return
    place = ((owner.span, words("diagnostics.owner-here")),)
    yield error("approved-by-owner", approver.span, key="approved-by-own-owner", related=place, name=owner.value)


def _reasons_missing(document: Document) -> Iterator[Diagnostic]:
    """What does not apply, or is not there, without a reason why."""
    for facility in document.rows("facilities") if document.kind == "RemoteWork" else ():
        provision = facility.get("provision")
        if provision is not None and provision.value == "not_applicable" and facility.get("reason") is None:
            yield error("reason-missing", provision.span, name=provision.value)
    for purpose in document.rows("purposes") if document.kind == PROCESSING else ():
        council = purpose.get("works_council")
        decision = council.get("decision") if council is not None else None
        if council is None or decision is None or council.get("reason") is not None:
            continue
        if meant_decision(read_text(decision)) == NO_COUNCIL:
            yield error("reason-missing", decision.span, name=decision.value)


def _norm_missing(document: Document) -> Iterator[Diagnostic]:
    allowance = document.part("allowance")
    year = allowance.get("year") if allowance is not None else None
    known = [row["year"] for row in shipped_rows("allowance_norms")]
    if year is not None and year.value not in known:
        yield warning("no-allowance-norm", year.span, year=year.value, last=max(known))


# Several documents


def _second_documents(documents: Iterable[Document]) -> Iterator[Diagnostic]:
    """Two documents of a kind for one unit, where only one can hold; goals may differ per period."""
    first: dict[tuple[str | None, ...], Document] = {}
    for document in documents:
        if document.kind not in _ONE_PER_UNIT:
            continue
        unit = read_text(document.node.get("unit"))
        key = (document.kind, unit, read_text(document.node.get("period")))
        if (earlier := first.setdefault(key, document)) is not document:
            place = ((earlier.place, words("diagnostics.first-here")),)
            said = "second-document" if unit is not None else "second-general-document"
            yield error("second-document", document.place, key=said, related=place, kind=document.kind, name=unit)


def _repeated(table: Table, documents: Iterable[Document]) -> Iterator[Diagnostic]:
    """Rows of one list with the same key: within a document, or in the whole set where the key knows no document."""
    declaration = table.declaration
    if declaration is None or not declaration.rows:
        return
    keys = [key for key in table.key if key not in _PLACE_KEYS and key not in declaration.outer]
    if not keys:
        return
    first: dict[tuple[object, ...], Node] = {}
    for document in documents:
        if document.kind != declaration.kind:
            continue
        for at, rows in enumerate(_lists(declaration, document)):
            scope = (document.id, at) if "document" in table.key else ()
            for row in rows:
                named = [row.get(key) for key in keys]
                values = tuple(node.value for node in named if node is not None and isinstance(node.value, str))
                if len(values) == len(keys) and (earlier := first.setdefault((*scope, *values), row)) is not row:
                    place = ((earlier.at([keys[0]]).span, words("diagnostics.first-here")),)
                    yield error("duplicate-id", row.at([keys[0]]).span, related=place, name=", ".join(values))


def _lists(declaration: Declaration, document: Document) -> Iterator[list[Node]]:
    """The lists of rows: the document's own, or one in each item of it."""
    outer, *inner = declaration.rows
    if not inner:
        yield document.rows(outer)
        return
    for item in document.rows(outer):
        listed = item.get(inner[0])
        yield list(listed.children()) if listed is not None else []
