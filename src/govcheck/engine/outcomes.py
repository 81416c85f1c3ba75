"""From counts to outcomes: what a rule says of a unit, and what its units say of the rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from govcheck.engine.counts import Codes, RuleCounts
from govcheck.engine.plan import rank
from govcheck.engine.verdicts import EMPTY, FAIL, PASS, UNDECIDED, WAIVED, reason_of
from govcheck.model import Outcome, Reason, SubjectCounts, UnitVerdict

_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.WAIVED, Outcome.NOT_APPLICABLE)


def unit_verdict(unit: str, codes: Codes, threshold: float | None) -> UnitVerdict:
    """The outcome of one unit, before suppression."""
    passed, failed, waived = codes.get(PASS, 0), codes.get(FAIL, 0), codes.get(WAIVED, 0)
    unknown = _unknown(codes)
    outcome = _plain(codes) if threshold is None else _rate(passed, failed, unknown, waived, threshold)
    decided = passed + failed
    return UnitVerdict(
        unit=unit,
        outcome=outcome,
        reason=_worst_reason(codes) if outcome is Outcome.UNKNOWN else None,
        pass_=passed,
        fail=failed,
        unknown=unknown,
        waived=waived,
        share=None if threshold is None or not decided else passed / decided,
    )


def _plain(codes: Codes) -> Outcome:
    if codes.get(FAIL):
        return Outcome.FAIL
    if _unknown(codes):
        return Outcome.UNKNOWN
    if codes.get(PASS):
        return Outcome.PASS
    return Outcome.WAIVED if codes.get(WAIVED) else Outcome.NOT_APPLICABLE


def _rate(passed: int, failed: int, unknown: int, waived: int, threshold: float) -> Outcome:
    """Pass if the share holds even with every unknown failing, fail if it would miss even with every one passing."""
    rows = passed + failed + unknown
    if not rows:
        return Outcome.WAIVED if waived else Outcome.NOT_APPLICABLE
    if passed / rows >= threshold:
        return Outcome.PASS
    return Outcome.FAIL if (passed + unknown) / rows < threshold else Outcome.UNKNOWN


def _unknown(codes: Codes) -> int:
    return sum(count for code, count in codes.items() if code == EMPTY or code > WAIVED)


def _worst_reason(codes: Codes) -> Reason:
    reasons = [reason_of(code) for code, count in codes.items() if count and (code == EMPTY or code > WAIVED)]
    return min(reasons, key=rank)


def suppress(verdicts: Mapping[str, UnitVerdict], min_group: int) -> dict[str, UnitVerdict]:
    """Hide the units whose rate would speak of too few people."""
    small = {unit for unit, verdict in verdicts.items() if 0 < in_scope(verdict) < min_group}
    return {unit: suppressed(verdict) if unit in small else verdict for unit, verdict in verdicts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What complementary suppression must know of the units: who is whose child, and which share rows."""

    parents: Sequence[str]
    """Units with others below them, the lowest first."""
    children: Callable[[str], Iterable[str]]
    overlapping: Collection[frozenset[str]]


def suppress_complements(
    verdicts: Mapping[str, UnitVerdict], min_group: int, family: Family, people: Mapping[str, int] | None = None
) -> dict[str, UnitVerdict]:
    """Hide further units, so that no small one can be computed from its parent and its siblings.

    `people` says how many there are behind a unit's rows; without it each row is one.
    """
    if people is None:
        people = {unit: in_scope(verdict) for unit, verdict in verdicts.items()}
    hidden = hidden_units(people, min_group, family)
    return {unit: suppressed(verdict) if unit in hidden else verdict for unit, verdict in verdicts.items()}


def hidden_units(people: Mapping[str, int], min_group: int, family: Family) -> set[str]:
    """The units with too few people, and those that would give them away."""
    hidden = {unit for unit, count in people.items() if 0 < count < min_group}
    for parent in family.parents:
        candidates = [unit for unit in family.children(parent) if people.get(unit)]
        while (next_hidden := _next_hidden(parent, candidates, people, hidden, min_group, family)) is not None:
            hidden.add(next_hidden)
    return hidden


def _next_hidden(
    parent: str,
    candidates: list[str],
    rows: Mapping[str, int],
    hidden: set[str],
    min_group: int,
    family: Family,
) -> str | None:
    """The smallest visible sibling, until the hidden ones together say enough; the parent where none is left."""
    unseen = [unit for unit in candidates if unit in hidden]
    if not unseen or parent in hidden or (len(unseen) > 1 and sum(rows[unit] for unit in unseen) >= min_group):
        return None
    visible = [unit for unit in candidates if unit not in hidden]
    apart = [
        unit
        for unit in visible
        # What a visible sibling shows of the same people would give a hidden one away.
        if not any(frozenset((unit, other)) in family.overlapping for other in visible if other != unit)
    ]
    return min(apart, key=lambda unit: (rows[unit], unit), default=parent)


def suppressed(verdict: UnitVerdict) -> UnitVerdict:
    """The same unit with nothing shown."""
    return replace(
        verdict,
        outcome=Outcome.NOT_APPLICABLE,
        reason=Reason.SUPPRESSED,
        pass_=None,
        fail=None,
        unknown=None,
        waived=None,
        share=None,
    )


def in_scope(verdict: UnitVerdict) -> int:
    """Rows in scope; 0 for a unit that is suppressed already."""
    return sum(count or 0 for count in (verdict.pass_, verdict.fail, verdict.unknown, verdict.waived))


def rule_outcome(verdicts: Iterable[UnitVerdict]) -> tuple[Outcome, Reason | None]:
    """The worst of the units; unknown when every unit with rows is suppressed."""
    listed = list(verdicts)
    visible = [verdict for verdict in listed if verdict.reason is not Reason.SUPPRESSED]
    if len(visible) < len(listed) and not any(in_scope(verdict) for verdict in visible):
        return Outcome.UNKNOWN, Reason.SUPPRESSED
    outcome = min((verdict.outcome for verdict in listed), key=_WORST_FIRST.index, default=Outcome.NOT_APPLICABLE)
    reasons = [verdict.reason for verdict in visible if verdict.outcome is outcome and verdict.reason is not None]
    return outcome, min(reasons, key=rank) if outcome is Outcome.UNKNOWN else None


def subject_counts(counts: RuleCounts) -> SubjectCounts:
    """Rows over the whole tenant."""
    codes = counts.total
    return SubjectCounts(
        pass_=codes.get(PASS, 0),
        fail=codes.get(FAIL, 0),
        unknown=_unknown(codes),
        waived=codes.get(WAIVED, 0),
        undecided=codes.get(UNDECIDED, 0),
    )
