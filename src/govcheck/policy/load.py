"""Paths to one checked, typed policy set."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from govcheck.diagnostics import Diagnostic, GovcheckError, error, in_order
from govcheck.policy.discover import PACKS, discover
from govcheck.policy.documents import Document, Faults, read_documents
from govcheck.policy.header import read_header, read_text
from govcheck.policy.names import Names, gather_names, header_warnings
from govcheck.policy.organisation import read_organisation
from govcheck.policy.parameters import Parameters
from govcheck.policy.raci import matrix_faults, read_matrix, repeated_rows
from govcheck.policy.rules import read_policy
from govcheck.policy.types import Organisation, Policy, PolicySet
from govcheck.policy.waivers import read_waivers
from govcheck.shipped import shipped
from govcheck.source import Node
from govcheck.words import text as words


def load_policies(paths: Sequence[Path], *, lenient: bool, packs: Path | None = None) -> PolicySet:
    """Read files and folders into one policy set; a set without any `Policy` gets the shipped packs besides.

    Raises `GovcheckError` with every fault of every file. With `lenient`, declarations that can be read but make
    no sense are warnings in the set's `diagnostics` instead. `packs` is the folder of the shipped packs, for tests.
    """
    packs = packs if packs is not None else shipped(PACKS)
    faults = Faults()
    files, problems = discover(paths)
    faults.hard += problems
    reading = read_documents(files, faults)
    documents = _without_replaced(reading.documents, packs)
    if reading.whole and not any(document.kind == "Policy" for document in documents):
        documents += read_documents(discover([packs])[0], faults).documents
    named = frozenset(file.shown for file in files)
    loaded = _assemble(documents, packs, faults, whole=reading.whole and not problems, named=named)
    if faults.hard or (faults.soft and not lenient):
        soft = faults.softened() if lenient else faults.soft + faults.warnings
        raise GovcheckError(*in_order(faults.hard + soft))
    return replace(loaded, diagnostics=tuple(in_order(faults.softened())))


def _assemble(
    documents: list[Document], packs: Path, faults: Faults, *, whole: bool, named: frozenset[str]
) -> PolicySet:
    """The typed set. Where there are hard faults it is incomplete, and the caller throws it away."""
    faults.hard += _repeated(documents, packs)
    policies = [read_policy(document, faults) for document in documents if document.kind == "Policy"]
    names = gather_names(documents, whole=whole)
    matrices = [document for document in documents if document.kind == "RaciMatrix"]
    faults.soft += [fault for document in matrices for fault in matrix_faults(document, names)]
    faults.soft += repeated_rows(matrices)
    waivers = read_waivers([document for document in documents if document.kind == "Exceptions"], names, faults)
    for document in documents:
        if document.file.shown in named:
            faults.warnings += header_warnings(document, names)
    return PolicySet(
        headers=tuple(read_header(document) for document in documents),
        policies=tuple(policies),
        organisation=_organisation(documents, policies, names, faults),
        matrices=tuple(read_matrix(document) for document in matrices),
        waivers=tuple(waivers),
        digest=_digest(documents),
    )


def _organisation(
    documents: list[Document], policies: list[Policy], names: Names, faults: Faults
) -> Organisation | None:
    found = [document for document in documents if document.kind == "Organisation"]
    for extra in found[1:]:
        place = ((found[0].place, words("diagnostics.first-here")),)
        faults.hard.append(error("second-organisation", extra.place, related=place))
    if not found:
        return None
    return read_organisation(found[0], names, Parameters(policies), faults)


def _without_replaced(documents: list[Document], packs: Path) -> list[Document]:
    """Drop the shipped packs whose id a policy from elsewhere takes over."""
    own = {document.id for document in documents if document.kind == "Policy" and not _is_pack(document, packs)}
    return [
        document
        for document in documents
        if not (document.kind == "Policy" and document.id in own and _is_pack(document, packs))
    ]


def _is_pack(document: Document, packs: Path) -> bool:
    return Path(os.path.realpath(document.file.path)).is_relative_to(os.path.realpath(packs))


def _repeated(documents: list[Document], packs: Path) -> Iterator[Diagnostic]:
    """Ids of documents and rules that are given out twice.

    A matrix may well be called `raci`: a shipped pack that came along by itself takes no id from a declaration.
    """
    first: dict[str, Node] = {}
    declared = {document.id for document in documents if document.kind != "Policy"}
    for document in documents:
        taken = document.id in declared and document.kind == "Policy" and _is_pack(document, packs)
        for node in (*(() if taken else (document.node,)), *_rules(document)):
            name = node.get("id")
            id_ = read_text(name)
            if name is None or id_ is None or (earlier := first.setdefault(id_, name)) is name:
                continue
            place = ((earlier.span, words("diagnostics.first-here")),)
            yield error("duplicate-id", name.span, related=place, name=id_)


def _rules(document: Document) -> Iterator[Node]:
    rules = document.node.get("rules") if document.kind == "Policy" else None
    return rules.children() if rules is not None else iter(())


def _digest(documents: list[Document]) -> str:
    """sha256 over the documents' values, so that comments, paths and order do not matter."""
    each = sorted(
        hashlib.sha256(json.dumps(document.node.plain(), sort_keys=True).encode()).hexdigest() for document in documents
    )
    return hashlib.sha256("\n".join(each).encode()).hexdigest()
