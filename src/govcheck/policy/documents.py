"""Files to documents: read, dispatched by kind, checked against the kind's schema."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from govcheck.diagnostics import Diagnostic, error, nearest
from govcheck.model import Span
from govcheck.policy.discover import PolicyFile
from govcheck.policy.schema import KINDS, kind_helps
from govcheck.policy.translate import Path, place_of, schema_faults, shortened
from govcheck.source import Node, load
from govcheck.words import text as words


@dataclass(slots=True)
class Faults:
    """Everything found wrong so far.

    `hard` is what cannot be read; `soft` what can be read but makes no sense, an error or a warning as the caller
    decides; `warnings` never stop anyone.
    """

    hard: list[Diagnostic] = field(default_factory=list)
    soft: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)

    def softened(self) -> list[Diagnostic]:
        """The soft faults as warnings, with the warnings themselves."""
        return [replace(fault, level="warning") for fault in self.soft] + self.warnings


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a known kind. `flaws` are the entries, as (key, index or name), that its schema refuses."""

    node: Node
    kind: str
    file: PolicyFile
    flaws: frozenset[Path]

    @property
    def id(self) -> str:
        """The document's id, or the empty text where it has none."""
        name = self.node.get("id")
        return name.value if name is not None and isinstance(name.value, str) else ""

    @property
    def place(self) -> Span:
        """Where to point for the document as a whole."""
        return place_of(self.node)

    def rows(self, key: str) -> list[Node]:
        """The items of the list under `key` that its schema finds no fault with."""
        listed = self.node.get(key)
        children = enumerate(listed.children()) if listed is not None else ()
        return [child for index, child in children if (key, index) not in self.flaws]

    def part(self, key: str) -> Node | None:
        """The value under `key`, if its schema finds no fault with it."""
        return None if any(path[:1] == (key,) for path in self.flaws) else self.node.get(key)

    def entries(self, key: str) -> dict[str, Node]:
        """The entries of the mapping under `key` that its schema finds no fault with."""
        mapping = self.node.get(key)
        children = mapping.items() if mapping is not None else ()
        return {name: child for name, child in children if (key, name) not in self.flaws}


@dataclass(frozen=True, slots=True)
class Reading:
    """The documents of some files; `whole` is False when some YAML could not be read at all."""

    documents: list[Document]
    whole: bool


def read_documents(files: Iterable[PolicyFile], faults: Faults) -> Reading:
    """Read every file, note every fault, and give the documents whose kind is known."""
    documents: list[Document] = []
    whole = True
    for file in files:
        data = file.read()
        if isinstance(data, Diagnostic):
            faults.hard.append(data)
            whole = False
            continue
        nodes, problems = load(file.shown, data)
        faults.hard += problems
        whole = whole and not problems
        known = {problem.span for problem in problems}
        documents += [document for node in nodes if (document := _document(node, file, known, faults)) is not None]
    return Reading(documents, whole)


def _document(node: Node, file: PolicyFile, known: set[Span | None], faults: Faults) -> Document | None:
    """The document, if its kind is known; at a place in `known` the YAML itself is at fault already."""
    kind = _kind(node, faults)
    if kind is None:
        return None
    found = schema_faults(node, kind)
    told = [fault for fault in found if fault.diagnostic.span not in known]
    faults.hard += [fault.diagnostic for fault in told if not fault.soft]
    faults.soft += [fault.diagnostic for fault in told if fault.soft]
    return Document(node, kind, file, frozenset(fault.path[:2] for fault in found if not fault.soft))


def _kind(node: Node, faults: Faults) -> str | None:
    """The kind that a document says it is; a fault where that is nothing we know."""
    if not isinstance(node.value, dict):
        faults.hard.append(error("not-a-document", node.span))
        return None
    kind = node.get("kind")
    if kind is None:
        faults.hard.append(_without_kind(node))
    elif not isinstance(kind.value, str) or kind.value not in KINDS:
        name = shortened(str(kind.value)) if isinstance(kind.value, str) else ""
        span = kind.span if kind.end > kind.start else node.keys["kind"].span
        faults.hard.append(error("unknown-kind", span, helps=kind_helps(name), kind=name))
    else:
        return kind.value
    return None


def _without_kind(node: Node) -> Diagnostic:
    meant = nearest("kind", node.keys)
    if meant is not None:
        helps = (words("diagnostics.help-did-you-mean", name="kind"),)
        return error("unknown-key", node.keys[meant].span, helps=helps, name=meant)
    if node.get("apiVersion") is None:
        return error("not-a-document", place_of(node))
    return error("missing-key", place_of(node), names="`kind`", count=1)
