"""`Processing`: for which purposes data about people are used, and whether a people pack may run.

The law names six bases and a works council consents or does not, but people write these in more than one way.
What is meant is put in one word each; what cannot be understood stays as it is and counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from govcheck.diagnostics import Diagnostic, error
from govcheck.model import Span
from govcheck.policy.documents import Document
from govcheck.policy.header import read_text
from govcheck.policy.translate import shortened, value_helps
from govcheck.policy.types import DeclaredDocument
from govcheck.source import Node

PROCESSING = "Processing"
CONSENTED = "consented"
NO_COUNCIL = "no_works_council"

LEGAL_BASES: Mapping[str, frozenset[str]] = {
    "contract": frozenset({"contract", "overeenkomst", "6_1_b"}),
    "legal_obligation": frozenset({"legal_obligation", "legal_duty", "wettelijke_verplichting", "6_1_c"}),
    "vital_interests": frozenset({"vital_interests", "vital_interest", "vitaal_belang", "vitale_belangen", "6_1_d"}),
    "public_task": frozenset({"public_task", "public_interest", "publieke_taak", "algemeen_belang", "6_1_e"}),
    "legitimate_interests": frozenset(
        {"legitimate_interests", "legitimate_interest", "gerechtvaardigd_belang", "6_1_f"}
    ),
    "consent": frozenset({"consent", "toestemming", "6_1_a"}),
}
"""The bases of article 6(1) GDPR, with the ways in which people write them."""

DECISIONS: Mapping[str, frozenset[str]] = {
    CONSENTED: frozenset(
        {
            *("consented", "consent", "consent_given", "agreed", "accepted", "approved", "approval", "granted"),
            *("positive", "yes", "instemming", "ingestemd", "akkoord", "ja"),
        }
    ),
    NO_COUNCIL: frozenset({"no_works_council", "none", "geen_ondernemingsraad", "geen_or"}),
    "refused": frozenset({"refused", "rejected", "withheld", "negative", "geweigerd", "afgewezen"}),
    "pending": frozenset({"pending", "requested", "submitted", "in_behandeling", "aangevraagd"}),
}
"""What a works council can decide, with the ways in which people write it."""

_BETWEEN = re.compile(r"[^a-z0-9]+")
_ARTICLE = re.compile(r"(?:^|_)(?:art(?:icle|ikel)?_?)?6_(?:lid_)?1_(?:onder_|sub_)?([a-f])(?:_|$)")


def normal_purposes(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a `Processing` document with one word for each legal basis and decision."""
    return {**body, "purposes": [_normal(purpose) for purpose in body.get("purposes") or ()]}


def meant_decision(written: str | None) -> str | None:
    """The word for a works council's decision as somebody wrote it; None where it means nothing."""
    return _meant(written, DECISIONS)


def purpose_faults(document: Document) -> Iterator[Diagnostic]:
    """Legal bases and decisions that nobody knows."""
    for purpose in document.rows("purposes"):
        basis = purpose.get("legal_basis")
        if basis is not None and _meant(read_text(basis), LEGAL_BASES) is None:
            yield _unknown(basis, "legal_basis", LEGAL_BASES)
        council = purpose.get("works_council")
        decision = council.get("decision") if council is not None else None
        if decision is not None and meant_decision(read_text(decision)) is None:
            yield _unknown(decision, "decision", DECISIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What stands between a people pack and its opening: words for `engine.lacking-…`, the nearest purpose's."""

    words: tuple[str, ...]
    purpose: str | None = None
    """Id of the purpose that names the pack; None where none does."""
    place: Span | None = None
    """Where that purpose stands."""


def lacking(pack: str, documents: Iterable[DeclaredDocument]) -> Lacking | None:
    """What must still be recorded before a people pack may run, or None where everything is.

    Each of the purposes that name the pack can open it. Of those that do not, the one that lacks least is told.
    """
    found: list[Lacking] = []
    for document in documents:
        for purpose in document.body.get("purposes") or () if document.header.kind == PROCESSING else ():
            if pack in (purpose.get("packs") or ()):
                words = tuple(_lacks(purpose))
                place = document.places.get(f"purposes/{purpose['id']}", document.header.span)
                found.append(Lacking(words=words, purpose=purpose["id"], place=place))
    if not found:
        return Lacking(words=("purpose", "legal-basis", "dpia", "works-council"))
    best = min(found, key=lambda each: len(each.words))
    return best if best.words else None


def _lacks(purpose: Mapping[str, Any]) -> Iterator[str]:
    if not purpose.get("purpose"):
        yield "purpose"
    if not purpose.get("legal_basis"):
        yield "legal-basis"
    dpia = purpose.get("dpia") or {}
    if not (dpia.get("id") and dpia.get("date")):
        yield "dpia"
    yield from _council_lacks(purpose.get("works_council") or {})


def _council_lacks(council: Mapping[str, Any]) -> Iterator[str]:
    decision = council.get("decision")
    if decision in ("refused", "pending"):
        yield f"works-council-{decision}"
    elif decision == NO_COUNCIL:
        if not council.get("reason"):
            yield "works-council-reason"
    elif decision != CONSENTED or not (council.get("id") and council.get("date")):
        yield "works-council"


def _normal(purpose: Mapping[str, Any]) -> dict[str, Any]:
    normal = dict(purpose)
    basis = purpose.get("legal_basis")
    if isinstance(basis, str):
        normal["legal_basis"] = _meant(basis, LEGAL_BASES) or basis
    council = purpose.get("works_council")
    if isinstance(council, Mapping) and isinstance(council.get("decision"), str):
        normal["works_council"] = {**council, "decision": meant_decision(council["decision"]) or council["decision"]}
    return normal


def _meant(written: str | None, known: Mapping[str, frozenset[str]]) -> str | None:
    """The word for what was written, whatever its capitals and signs; None where it means nothing."""
    plain = _BETWEEN.sub("_", (written or "").casefold()).strip("_")
    article = _ARTICLE.search(plain)
    if article is not None:
        plain = f"6_1_{article[1]}"
    return next((word for word, ways in known.items() if plain in ways), None)


def _unknown(node: Node, field: str, known: Mapping[str, frozenset[str]]) -> Diagnostic:
    name = shortened(str(node.value))
    return error("unknown-value", node.span, helps=value_helps(name, list(known)), field=field, name=name)
