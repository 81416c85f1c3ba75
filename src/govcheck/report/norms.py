"""A report as an auditor of a norm looks at it: per requirement, the rules that refer to it and how they end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from govcheck.catalogue.frameworks import frameworks, split, with_followers
from govcheck.model import Outcome, Report, RuleVerdict, Text

_WORST_FIRST = tuple(Outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement of a norm; `meaning` is None where the catalogue does not know it."""

    id: str
    meaning: Text | None
    rules: tuple[RuleVerdict, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst outcome among its rules. That all are met does not mean that the norm is."""
        return min((rule.outcome for rule in self.rules), key=_WORST_FIRST.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """A norm to which at least one rule of the report refers."""

    id: str
    title: Text
    note: Text | None
    requirements: tuple[Requirement, ...]

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many requirements end with each outcome."""
        found = Counter(requirement.outcome for requirement in self.requirements)
        return {outcome: found[outcome] for outcome in Outcome}


def norms(report: Report) -> tuple[Norm, ...]:
    """The norms in the catalogue's order, then those that only the organisation's own rules name."""
    found: dict[str, dict[str, list[RuleVerdict]]] = defaultdict(lambda: defaultdict(list))
    for rule in report.rules:
        for reference in with_followers(rule.references):
            framework, requirement = split(reference)
            found[framework][requirement].append(rule)
    known = frameworks()
    ordered = [*(name for name in known if name in found), *sorted(name for name in found if name not in known)]
    return tuple(_norm(name, found[name]) for name in ordered)


def _norm(name: str, rules: Mapping[str, list[RuleVerdict]]) -> Norm:
    known = frameworks().get(name)
    meanings = known.requirements if known else {}
    return Norm(
        id=name,
        title=known.title if known else Text(nl=name, en=name),
        note=known.note if known else None,
        requirements=tuple(
            Requirement(id=id_, meaning=meanings.get(id_), rules=tuple(rules[id_]))
            for id_ in sorted(rules, key=_natural)
        ),
    )


def _natural(id_: str) -> list[tuple[int, int, str]]:
    """Order `A.5.2` before `A.5.10`."""
    parts = id_.replace("-", ".").split(".")
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
