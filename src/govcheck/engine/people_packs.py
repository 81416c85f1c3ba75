"""Packs about people: which may run, and what the others lack."""

from __future__ import annotations

from collections.abc import Iterable

from govcheck.model import LANGS, Text
from govcheck.policy.processing import Lacking, lacking
from govcheck.policy.types import PolicySet, Rule
from govcheck.words import text


def open_rules(policies: PolicySet, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that may run: nothing is read for a closed people pack."""
    closed = _lacking(policies)
    return tuple(rule for rule in rules if rule.policy not in closed)


def closed_packs(policies: PolicySet) -> dict[str, Text]:
    """People packs that may not run, with exactly what is missing."""
    return {pack: _said(missing, pack) for pack, missing in _lacking(policies).items()}


def people_packs(policies: PolicySet) -> frozenset[str]:
    """Ids of all people packs, open and closed: they name nobody."""
    return frozenset(policy.header.id for policy in policies.policies if policy.people)


def _lacking(policies: PolicySet) -> dict[str, Lacking]:
    found = {pack: lacking(pack, policies.declarations) for pack in sorted(people_packs(policies))}
    return {pack: missing for pack, missing in found.items() if missing is not None}


def _said(missing: Lacking, pack: str) -> Text:
    words = [text(f"engine.lacking-{word}") for word in missing.words]
    listed = Text(**{lang: ", ".join(word.in_lang(lang) for word in words) for lang in LANGS})
    if missing.purpose is None or missing.place is None:
        return text("engine.pack-closed", pack=pack, missing=listed)
    place = f"{missing.place.path}:{missing.place.line}"
    return text("engine.pack-closed-by", purpose=missing.purpose, place=place, missing=listed)
