"""RACI matrices and escalation paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from govcheck.catalogue.raci import Variant, letters_of, variant
from govcheck.diagnostics import Diagnostic, error, warning
from govcheck.model import Lang, Text
from govcheck.policy.documents import Document, Faults
from govcheck.policy.header import read_header, read_hours, read_text, read_texts, read_words
from govcheck.policy.names import Names
from govcheck.policy.raci_tables import read_table
from govcheck.policy.translate import listed, shortened, value_helps
from govcheck.policy.types import Activity, Escalation, RaciMatrix
from govcheck.source import Node
from govcheck.words import text as words

_ARROW = " → "


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A `RaciMatrix` document with the activities of the table it names, and the letters it is written in."""

    document: Document
    variant: Variant
    language: Lang
    activities: tuple[Node, ...]
    roles: tuple[Node, ...]
    """Names of roles, each at a place where it stands."""

    @property
    def plain(self) -> list[Any]:
        """The activities as plain values, wherever they were written."""
        return [node.plain() for node in self.activities]


def find_matrices(documents: Sequence[Document], faults: Faults) -> list[Matrix]:
    """The matrices among `documents`, with the tables they name read; what cannot be read goes to `faults`."""
    titles = _role_titles(documents)
    found = []
    for document in documents:
        if document.kind != "RaciMatrix":
            continue
        language: Lang = "nl" if read_text(document.part("language")) == "nl" else "en"
        table = read_table(document, titles)
        faults.hard += table.faults
        own = document.rows("activities")
        named = [role for node in own for role in node.at(["assign"]).keys.values()]
        found.append(
            Matrix(
                document=document,
                variant=variant(read_text(document.part("variant")) or "RACI", language),
                language=language,
                activities=(*own, *table.activities),
                roles=(*named, *table.roles),
            )
        )
    return found


def read_matrix(matrix: Matrix) -> RaciMatrix:
    """The matrix, without the rows that its schema finds fault with."""
    document = matrix.document
    return RaciMatrix(
        header=read_header(document),
        unit=read_text(document.node.get("unit")),
        activities=tuple(_activity(node, matrix.variant) for node in matrix.activities),
        escalations=tuple(_escalation(node) for node in document.rows("escalations")),
    )


def matrix_faults(matrix: Matrix, names: Names) -> Iterator[Diagnostic]:
    """What makes no sense in a matrix, whatever its form."""
    unit = matrix.document.node.get("unit")
    if unit is not None and (fault := names.unit_fault(unit)) is not None:
        yield fault
    for node in matrix.activities:
        yield from _letter_faults(node.at(["id"]), node.at(["assign"]), matrix)
        covers = node.get("covers")
        for rule in covers.children() if covers is not None else ():
            if (fault := names.rule_fault(rule)) is not None:
                yield fault
    for role in matrix.roles:
        if (fault := names.role_fault(role)) is not None:
            yield fault
    for node in matrix.document.rows("escalations"):
        yield from _escalation_faults(node, names)


def matrix_warnings(matrix: Matrix) -> Iterator[Diagnostic]:
    """Escalation paths in which a later step has less time than an earlier one."""
    for path in matrix.document.rows("escalations"):
        longest: Node | None = None
        for level in path.at(["levels"]).children():
            within = level.get("within")
            if within is not None and longest is not None and read_hours(within) < read_hours(longest):
                place = ((longest.span, words("diagnostics.longer-here")),)
                yield warning("escalation-order", within.span, related=place, name=path.at(["id"]).value)
            longest = within if within is not None else longest


def repeated_rows(matrices: Sequence[Matrix]) -> Iterator[Diagnostic]:
    """Activities and escalations that are described twice for the same unit."""
    for key in ("activities", "escalations"):
        first: dict[tuple[str | None, str], Node] = {}
        for matrix in matrices:
            unit = read_text(matrix.document.node.get("unit"))
            rows = matrix.activities if key == "activities" else matrix.document.rows(key)
            for node in rows:
                name = node.at(["id"])
                if (earlier := first.setdefault((unit, str(name.value)), name)) is not name:
                    place = ((earlier.span, words("diagnostics.first-here")),)
                    yield error("duplicate-id", name.span, related=place, name=name.value)


def _role_titles(documents: Sequence[Document]) -> dict[str, str]:
    """Role ids by what people call them, in small letters; a title of two roles leads nowhere."""
    found: dict[str, set[str]] = {}
    for document in documents:
        for name, role in document.entries("roles").items() if document.kind == "Organisation" else ():
            title = read_words(role.get("title"))
            for text in (title.nl, title.en) if title is not None else ():
                found.setdefault((text or "").casefold(), set()).add(name)
    return {title: min(names) for title, names in found.items() if title and len(names) == 1}


def _activity(node: Node, letters: Variant) -> Activity:
    id_ = str(node.at(["id"]).value)
    return Activity(
        id=id_,
        title=read_words(node.get("title")) or Text(nl=id_, en=id_),
        assign={role: _letter(str(cell.value), letters) for role, cell in node.at(["assign"]).items()},
        covers=read_texts(node.get("covers")),
        separated=_is_true(node.get("separated")),
    )


def _letter(written: str, letters: Variant) -> str:
    """A cell in the letters of the table `raci`; what nobody knows stays as it was written."""
    meant = letters.meaning(written)
    return "/".join(sorted(meant)) if meant is not None else written


def _is_true(node: Node | None) -> bool:
    return node is not None and node.value is True


def _letter_faults(name: Node, assign: Node, matrix: Matrix) -> Iterator[Diagnostic]:
    meant = {role: matrix.variant.meaning(str(cell.value)) for role, cell in assign.items()}
    known = {role: letters for role, letters in meant.items() if letters is not None}
    for role, cell in assign.items():
        if meant[role] is None:
            yield _unknown_letter(cell, matrix)
    for letter in sorted(matrix.variant.single):
        holding = [role for role, letters in known.items() if letter in letters]
        if len(holding) > 1:
            code, here = _MORE_THAN_ONE[letter]
            places = tuple((assign.keys[role].span, words(f"diagnostics.{here}")) for role in holding[:-1])
            span = assign.keys[holding[-1]].span
            yield error(code, span, related=places, name=name.value, names=listed(holding))
    if len(known) < len(meant):
        return  # a letter that nobody knows may be the one that seems to be missing
    if not any("A" in letters for letters in known.values()):
        yield error("no-accountable", name.span, name=name.value)
    if not any("R" in letters for letters in known.values()):
        yield error("nobody-responsible", name.span, name=name.value)


_MORE_THAN_ONE = {"A": ("two-accountables", "accountable-here"), "R": ("two-drivers", "driver-here")}


def _unknown_letter(cell: Node, matrix: Matrix) -> Diagnostic:
    written = str(cell.value)
    if matrix.language != "nl" and set(written.split("/")) & letters_of("nl"):
        helps: tuple[Text, ...] = (words("diagnostics.help-dutch-letters"),)
    else:
        helps = value_helps(written, matrix.variant.written)
    return error("unknown-letter", cell.span, helps=helps, name=shortened(written))


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
