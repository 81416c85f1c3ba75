"""Paths to one checked, typed policy set."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from govcheck.diagnostics import Diagnostic, GovcheckError, error, in_order
from govcheck.policy.declarations import declaration_faults, declaration_warnings, read_declarations
from govcheck.policy.discover import PACKS, discover
from govcheck.policy.documents import Document, Faults, read_documents
from govcheck.policy.evidence import defined_names, own_tables, read_evidence_files
from govcheck.policy.header import read_header, read_text
from govcheck.policy.names import Names, gather_names, header_warnings
from govcheck.policy.organisation import read_organisation
from govcheck.policy.parameters import Parameters
from govcheck.policy.raci import find_matrices, matrix_faults, matrix_warnings, read_matrix, repeated_rows
from govcheck.policy.rules import Tables, read_policy
from govcheck.policy.types import Organisation, Policy, PolicySet
from govcheck.policy.waivers import read_waivers
from govcheck.shipped import shipped
from govcheck.source import Node
from govcheck.words import text as words


def load_policies(
    paths: Sequence[Path], *, lenient: bool, packs: Path | None = None, today: date | None = None
) -> PolicySet:
    """Read files and folders into one policy set; a set without any `Policy` gets the shipped packs besides.

    Raises `GovcheckError` with every fault of every file. With `lenient`, declarations that can be read but make
    no sense are warnings in the set's `diagnostics` instead. `packs` is the folder of the shipped packs, for tests.
    With `today` reviews that lie ahead are told too.
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
    loaded = _assemble(documents, packs, faults, whole=reading.whole and not problems, named=named, today=today)
    if faults.hard or (faults.soft and not lenient):
        soft = faults.softened() if lenient else faults.soft + faults.warnings
        raise GovcheckError(*in_order(faults.hard + soft))
    return replace(loaded, diagnostics=tuple(in_order(faults.softened())))


def _assemble(
    documents: list[Document],
    packs: Path,
    faults: Faults,
    *,
    whole: bool,
    named: frozenset[str],
    today: date | None,
) -> PolicySet:
    """The typed set. Where there are hard faults it is incomplete, and the caller throws it away."""
    faults.hard += _repeated(documents, packs)
    evidence = read_evidence_files(documents, faults)
    known = Tables(own=own_tables(evidence), named=defined_names(documents))
    policies = [read_policy(document, faults, known) for document in documents if document.kind == "Policy"]
    names = gather_names(documents, whole=whole)
    matrices = find_matrices(documents, faults)
    faults.soft += [fault for matrix in matrices for fault in matrix_faults(matrix, names)]
    faults.soft += repeated_rows(matrices)
    faults.warnings += [fault for matrix in matrices for fault in matrix_warnings(matrix)]
    waivers = read_waivers([document for document in documents if document.kind == "Exceptions"], names, faults)
    own = [document for document in documents if document.file.shown in named]
    faults.soft += declaration_faults(documents, names)
    faults.warnings += declaration_warnings(own, today)
    for document in own:
        faults.warnings += header_warnings(document, names)
    tabled = {matrix.document: matrix.plain for matrix in matrices}
    digests = [_value_digest(document, tabled.get(document)) for document in documents]
    return PolicySet(
        headers=tuple(
            replace(read_header(document), digest=digest) for document, digest in zip(documents, digests, strict=True)
        ),
        policies=tuple(policies),
        organisation=_organisation(documents, policies, names, faults),
        matrices=tuple(read_matrix(matrix) for matrix in matrices),
        waivers=tuple(waivers),
        declarations=tuple(read_declarations(documents)) if not faults.hard else (),
        evidence=evidence,
        digest=_joint_digest(digests),
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


def _value_digest(document: Document, elsewhere: list[Any] | None) -> str:
    """sha256 over the document's values and those it takes from elsewhere; comments and layout do not matter."""
    values = [document.node.plain(), elsewhere] if elsewhere else document.node.plain()
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _joint_digest(digests: list[str]) -> str:
    """One digest for the set, whatever its paths and order."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
