"""Packs about people: which may run, and what the others lack."""

from __future__ import annotations

from collections.abc import Iterable

from govcheck.model import Lang
from govcheck.policy.processing import Lacking, lacking
from govcheck.policy.types import PolicySet, Rule
from govcheck.words import say


def open_rules(policies: PolicySet, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that may run: nothing is read for a closed people pack."""
    closed = _lacking(policies)
    return tuple(rule for rule in rules if rule.policy not in closed)


def closed_packs(policies: PolicySet, lang: Lang) -> dict[str, str]:
    """People packs that may not run, with exactly what is missing."""
    return {pack: _say(missing, pack, lang) for pack, missing in _lacking(policies).items()}


def people_packs(policies: PolicySet) -> frozenset[str]:
    """Ids of all people packs, open and closed: they name nobody."""
    return frozenset(policy.header.id for policy in policies.policies if policy.people)


def _lacking(policies: PolicySet) -> dict[str, Lacking]:
    found = {pack: lacking(pack, policies.declarations) for pack in sorted(people_packs(policies))}
    return {pack: missing for pack, missing in found.items() if missing is not None}


def _say(missing: Lacking, pack: str, lang: Lang) -> str:
    listed = ", ".join(say(f"engine.lacking-{word}", lang) for word in missing.words)
    if missing.purpose is None or missing.place is None:
        return say("engine.pack-closed", lang, pack=pack, missing=listed)
    place = f"{missing.place.path}:{missing.place.line}"
    return say("engine.pack-closed-by", lang, purpose=missing.purpose, place=place, missing=listed)
