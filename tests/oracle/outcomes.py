"""What a rule says of rows, units and the whole tenant, in the contract's own words and order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from govcheck.model import (
    ORGANISATION,
    REASON_PRECEDENCE,
    Outcome,
    Reason,
    SubjectCounts,
    UnitKind,
    UnitVerdict,
)
from oracle.world import AS_OF, Gap, Value

RULE_ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.WAIVED, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the checked table with what `where` and `expect` are worth on it."""

    id: str
    where: Value = True
    expect: Value
    upn: str | None = None
    people: int = 1
    """How many people it stands for; more than one only in evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit with the ids of its own rows, without those of its child units."""

    id: str
    kind: UnitKind
    parent: str | None
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An exception to the rule at hand, for subjects or for units."""

    id: str
    expires: datetime
    subjects: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What of a rule decides its outcomes. `at_least` is per unit; `min_group` None means no people."""

    at_least: Mapping[str, float] | None = None
    min_group: int | None = 5
    complementary: bool = False
    """Whether hidden units must not be computable from their siblings."""
    missing: Gap | None = None
    """Why the table is missing as a whole."""


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What a rule says of one row in scope."""

    outcome: Outcome
    reason: Reason | None = None
    tolerated: bool = False
    waiver: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """Everything a rule says; `rows` holds the rows in scope by id."""

    outcome: Outcome
    reason: Reason | None
    subjects: SubjectCounts = field(default_factory=SubjectCounts)
    units: Mapping[str, UnitVerdict] = field(default_factory=dict)
    rows: Mapping[str, RowVerdict] = field(default_factory=dict)


def judge(
    rule: Rule,
    rows: Sequence[Row],
    units: Sequence[Unit],
    waivers: Sequence[Waiver] = (),
    as_of: datetime = AS_OF,
) -> RuleResult:
    """Judge every row, every unit and the rule as a whole."""
    if rule.missing:
        return RuleResult(outcome=Outcome.UNKNOWN, reason=rule.missing.reason)
    members = {unit.id: members_of(unit, units) for unit in units}
    judged = {row.id: judge_row(row) for row in rows if is_in_scope(row)}
    judged |= _waived(judged, {row.id: row for row in rows}, members, waivers, as_of)
    in_scope = {unit: frozenset(ids & judged.keys()) for unit, ids in members.items()}
    hidden = _hidden(rule, rows, units, in_scope)
    verdicts = {
        unit: _suppressed(unit) if unit in hidden else _judge_unit(rule, unit, [judged[id_] for id_ in ids])
        for unit, ids in in_scope.items()
    }
    outcome, reason = _judge_rule(verdicts.values())
    undecided = sum(row.where is None for row in rows)
    return RuleResult(
        outcome=outcome,
        reason=reason,
        subjects=SubjectCounts(**_counts(judged.values()), undecided=undecided),
        units=verdicts,
        rows=_with_tolerance(judged, members, verdicts),
    )


def members_of(unit: Unit, units: Sequence[Unit]) -> frozenset[str]:
    """Return the unit's rows: its own and those of its child units, each once."""
    children = (child for child in units if child.parent == unit.id)
    return unit.own.union(*(members_of(child, units) for child in children))


def word(row: Row) -> str:
    """Say in a word or two what becomes of a row: `out`, `undecided`, `pass`, `fail` or why it is unknown."""
    if not is_in_scope(row):
        return "undecided" if row.where is None else "out"
    verdict = judge_row(row)
    return str(verdict.reason or verdict.outcome)


def is_in_scope(row: Row) -> bool:
    """Tell whether `where` holds, or cannot be decided for want of data; empty and false leave a row out."""
    return row.where is True or isinstance(row.where, Gap)


def judge_row(row: Row) -> RowVerdict:
    """Judge one row in scope."""
    deciding = row.where if isinstance(row.where, Gap) else row.expect
    if isinstance(deciding, Gap):
        return RowVerdict(Outcome.UNKNOWN, deciding.reason)
    if deciding is None:
        return RowVerdict(Outcome.UNKNOWN, Reason.NULL_VALUE)
    return RowVerdict(Outcome.PASS if deciding else Outcome.FAIL)


def _waived(
    judged: Mapping[str, RowVerdict],
    rows: Mapping[str, Row],
    members: Mapping[str, frozenset[str]],
    waivers: Iterable[Waiver],
    as_of: datetime,
) -> dict[str, RowVerdict]:
    """Turn what fails or is unknown into waived wherever an exception says so; the first exception counts."""
    waived: dict[str, RowVerdict] = {}
    for waiver in waivers:
        if as_of >= waiver.expires + timedelta(days=1):
            continue
        for id_, verdict in judged.items():
            named = waiver.subjects & {id_, rows[id_].upn}
            in_unit = any(id_ in members.get(unit, ()) for unit in waiver.units)
            if verdict.outcome in (Outcome.FAIL, Outcome.UNKNOWN) and (named or in_unit):
                waived.setdefault(id_, RowVerdict(Outcome.WAIVED, Reason.EXCEPTION, waiver=waiver.id))
    return waived


def _counts(verdicts: Iterable[RowVerdict]) -> dict[str, int]:
    found = Counter(verdict.outcome for verdict in verdicts)
    return {
        "pass_": found[Outcome.PASS],
        "fail": found[Outcome.FAIL],
        "unknown": found[Outcome.UNKNOWN],
        "waived": found[Outcome.WAIVED],
    }


def _weightiest(reasons: Iterable[Reason | None]) -> Reason | None:
    return min((reason for reason in reasons if reason), key=REASON_PRECEDENCE.index, default=None)


def _judge_unit(rule: Rule, unit: str, verdicts: Collection[RowVerdict]) -> UnitVerdict:
    counts = _counts(verdicts)
    passed, failed, unknown = counts["pass_"], counts["fail"], counts["unknown"]
    has_share = rule.at_least is not None and passed + failed > 0
    share = passed / (passed + failed) if has_share else None
    if rule.at_least is None or not passed + failed + unknown:
        outcome = _plain_outcome(counts)
    else:
        outcome = _threshold_outcome(rule.at_least[unit], passed, failed, unknown)
    open_ones = (verdict.reason for verdict in verdicts if verdict.outcome == Outcome.UNKNOWN)
    return UnitVerdict(
        unit=unit,
        outcome=outcome,
        reason=_reason(outcome, open_ones),
        pass_=passed,
        fail=failed,
        unknown=unknown,
        waived=counts["waived"],
        share=share,
    )


def _plain_outcome(counts: Mapping[str, int]) -> Outcome:
    """Any fail is a fail; else any unknown, then any pass, then any waived row decides."""
    order = {"fail": Outcome.FAIL, "unknown": Outcome.UNKNOWN, "pass_": Outcome.PASS, "waived": Outcome.WAIVED}
    return next((outcome for name, outcome in order.items() if counts[name]), Outcome.NOT_APPLICABLE)


def _threshold_outcome(at_least: float, passed: int, failed: int, unknown: int) -> Outcome:
    """Pass even if every unknown row were a fail, fail even if every one were a pass, else unknown."""
    everything = passed + failed + unknown
    if passed / everything >= at_least:
        return Outcome.PASS
    return Outcome.FAIL if (passed + unknown) / everything < at_least else Outcome.UNKNOWN


def _reason(outcome: Outcome, open_ones: Iterable[Reason | None]) -> Reason | None:
    if outcome == Outcome.WAIVED:
        return Reason.EXCEPTION
    return _weightiest(open_ones) if outcome == Outcome.UNKNOWN else None


def _suppressed(unit: str) -> UnitVerdict:
    return UnitVerdict(
        unit=unit,
        outcome=Outcome.NOT_APPLICABLE,
        reason=Reason.SUPPRESSED,
        pass_=None,
        fail=None,
        unknown=None,
        waived=None,
        share=None,
    )


def _judge_rule(verdicts: Collection[UnitVerdict]) -> tuple[Outcome, Reason | None]:
    with_rows = [verdict for verdict in verdicts if verdict.outcome != Outcome.NOT_APPLICABLE or verdict.reason]
    if with_rows and all(verdict.reason == Reason.SUPPRESSED for verdict in with_rows):
        return Outcome.UNKNOWN, Reason.SUPPRESSED
    outcome = min((verdict.outcome for verdict in verdicts), key=RULE_ORDER.index, default=Outcome.NOT_APPLICABLE)
    open_ones = (verdict.reason for verdict in verdicts if verdict.outcome == Outcome.UNKNOWN)
    return outcome, _reason(outcome, open_ones)


def _hidden(rule: Rule, rows: Sequence[Row], units: Sequence[Unit], in_scope: Mapping[str, frozenset[str]]) -> set[str]:
    """Name the units whose share is not shown."""
    if rule.at_least is None or rule.min_group is None:
        return set()
    people = {row.id: row.people for row in rows}
    groups = _Groups(rule.min_group, people, in_scope)
    hidden = {unit for unit in in_scope if groups.is_small([unit])}
    if rule.complementary:
        for parent in sorted(units, key=lambda unit: _depth(unit, units), reverse=True):
            children = [unit.id for unit in units if _is_counted(unit, parent) and in_scope[unit.id]]
            _hide_siblings(groups, parent.id, children, hidden)
    return hidden


def _depth(unit: Unit, units: Sequence[Unit]) -> int:
    parents = [other for other in units if other.id == unit.parent]
    return 1 + _depth(parents[0], units) if parents else 0


def _is_counted(unit: Unit, parent: Unit) -> bool:
    """Tell whether a unit is a child whose numbers add up to its parent's; under the organisation teams do not."""
    counts = parent.id != ORGANISATION or unit.kind in (UnitKind.DEPARTMENT, UnitKind.UNASSIGNED)
    return unit.parent == parent.id and counts


@dataclass(frozen=True, slots=True)
class _Groups:
    """The people in scope of each unit."""

    min_group: int
    people: Mapping[str, int]
    in_scope: Mapping[str, frozenset[str]]

    def size(self, units: Iterable[str]) -> int:
        """Count the people of some units together, each once."""
        return sum(self.people[id_] for id_ in frozenset[str]().union(*(self.in_scope[unit] for unit in units)))

    def is_small(self, units: Iterable[str]) -> bool:
        """Tell whether some units together have people, but fewer than may be shown."""
        return 0 < self.size(units) < self.min_group

    def overlap(self, unit: str, others: Iterable[str]) -> bool:
        """Tell whether a unit shares somebody with another."""
        return any(self.in_scope[unit] & self.in_scope[other] for other in others if other != unit)


def _hide_siblings(groups: _Groups, parent: str, children: Sequence[str], hidden: set[str]) -> None:
    """Hide children, smallest first, until the hidden ones cannot be computed; then the parent."""
    while True:
        gone = [child for child in children if child in hidden]
        if not gone or (len(gone) > 1 and not groups.is_small(gone)):
            return
        seen = [child for child in children if child not in hidden]
        candidates = [child for child in seen if not groups.overlap(child, seen)]
        if not candidates:
            hidden.add(parent)
            return
        hidden.add(min(candidates, key=lambda child: (groups.size([child]), child)))


def _with_tolerance(
    judged: Mapping[str, RowVerdict],
    members: Mapping[str, frozenset[str]],
    verdicts: Mapping[str, UnitVerdict],
) -> dict[str, RowVerdict]:
    """Say of each row whether none of its units fails the rule."""
    failing = [members[unit] for unit, verdict in verdicts.items() if verdict.outcome == Outcome.FAIL]
    return {
        id_: RowVerdict(row.outcome, row.reason, not any(id_ in ids for ids in failing), row.waiver)
        for id_, row in judged.items()
    }
