"""A report as its readers look at it: per unit, worst first, with findings grouped by rule.

A finding shows in the smallest units it belongs to: somebody in three teams shows in three team views,
but not again in the department above them; a tenant-wide setting shows once, in the organisation. Where a
rule has a threshold, a row that counts shows in the smallest units that miss it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from govcheck.catalogue import tables
from govcheck.model import (
    ORGANISATION,
    Finding,
    Outcome,
    Report,
    RuleVerdict,
    Severity,
    SubjectCounts,
    Summary,
    Unit,
    UnitVerdict,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGroup:
    """What one rule says of one unit, and the rows that show there."""

    rule: RuleVerdict
    verdict: UnitVerdict | None
    failing: tuple[Finding, ...] = ()
    tolerated: tuple[Finding, ...] = ()
    unknown: tuple[Finding, ...] = ()
    failures: int = 0
    """Rows that fail and count, whether or not the report lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitView:
    """A unit with the rules that need attention there, worst first."""

    unit: Unit
    groups: tuple[RuleGroup, ...]

    @property
    def failures(self) -> int:
        """Rows that fail and count in this unit."""
        return sum(group.failures for group in self.groups)

    @property
    def needs_attention(self) -> bool:
        """Whether anything here fails or could not be judged."""
        return any(group.failures or group.unknown for group in self.groups)


def unit_views(report: Report) -> tuple[UnitView, ...]:
    """Every unit with its groups, the unit with the worst findings first."""
    shown = _findings_by_unit_and_rule(report)
    listed = _listed(report)
    groups: dict[str, list[RuleGroup]] = defaultdict(list)
    for rule in sorted(report.rules, key=lambda rule: (rule.severity.rank, rule.id)):
        verdicts = {verdict.unit: verdict for verdict in rule.units}
        for unit in report.units:
            group = _group(rule, verdicts.get(unit.id), shown.get((unit.id, rule.id), ()), listed=rule.id in listed)
            if group.failures or group.tolerated or group.unknown:
                groups[unit.id].append(group)
    views = (UnitView(unit=unit, groups=tuple(groups[unit.id])) for unit in report.units)
    return tuple(sorted(views, key=_badness))


def of_its_unit(report: Report) -> Report:
    """The report as people read it: of one unit alone, rules have the outcomes and the counts of that unit.

    A rule that could be judged nowhere stays unknown, unless it is about settings of the whole tenant.
    """
    if len(report.units) != 1:
        return report
    [unit] = report.units
    rules = tuple(_in_unit(rule, unit) for rule in report.rules)
    summary = Summary.of(rule.outcome for rule in rules)
    return replace(report, rules=rules, summary=summary, units=(replace(unit, summary=summary),))


def _in_unit(rule: RuleVerdict, unit: Unit) -> RuleVerdict:
    own = next((verdict for verdict in rule.units if verdict.unit == unit.id), None)
    undecided = rule.subjects.undecided if unit.id == ORGANISATION else 0
    if own is None:
        table = tables().get(rule.table)
        judged = rule.subjects != SubjectCounts() or (table is not None and table.lands == "organisation")
        outcome = Outcome.NOT_APPLICABLE if judged else rule.outcome
        return replace(rule, outcome=outcome, reason=None if judged else rule.reason, subjects=SubjectCounts())
    counts = SubjectCounts(
        pass_=own.pass_ or 0,
        fail=own.fail or 0,
        unknown=own.unknown or 0,
        waived=own.waived or 0,
        undecided=undecided,
    )
    return replace(rule, outcome=own.outcome, reason=own.reason, subjects=counts)


def failures_by_severity(report: Report) -> dict[Severity, int]:
    """How many rows fail and count, each once however many units it is in; worst severity first."""
    found = Counter(finding.severity for finding in report.findings if counts(finding))
    listed = _listed(report)
    for rule in report.rules:
        if rule.id not in listed and rule.outcome is Outcome.FAIL:
            found[rule.severity] += rule.subjects.fail
    return {severity: found[severity] for severity in Severity if found[severity]}


def counts(finding: Finding) -> bool:
    """Whether a finding fails in a way that somebody must act on."""
    return finding.outcome is Outcome.FAIL and not finding.tolerated


def unknown_without_gap(report: Report) -> tuple[RuleVerdict, ...]:
    """Rules that are unknown for another reason than data that could not be collected."""
    explained = {rule for gap in report.gaps for rule in gap.rules}
    return tuple(r for r in report.rules if r.outcome is Outcome.UNKNOWN and r.id not in explained)


def _listed(report: Report) -> frozenset[str]:
    """Rules whose failing rows the report lists; without names, or for a people pack, it lists none."""
    return frozenset(finding.rule for finding in report.findings if finding.outcome is Outcome.FAIL)


def _group(rule: RuleVerdict, verdict: UnitVerdict | None, findings: Iterable[Finding], *, listed: bool) -> RuleGroup:
    rows = tuple(findings)
    failing = tuple(finding for finding in rows if counts(finding))
    unlisted = verdict.fail or 0 if verdict and verdict.outcome is Outcome.FAIL and not listed else 0
    return RuleGroup(
        rule=rule,
        verdict=verdict,
        failing=failing,
        tolerated=tuple(row for row in rows if row.outcome is Outcome.FAIL and row.tolerated),
        unknown=tuple(finding for finding in rows if finding.outcome is Outcome.UNKNOWN),
        failures=len(failing) or unlisted,
    )


def _findings_by_unit_and_rule(report: Report) -> Mapping[tuple[str, str], list[Finding]]:
    parents = {unit.id: unit.parent for unit in report.units}
    above = {unit: _ancestors(unit, parents) for unit in parents}
    failed = {(v.unit, rule.id) for rule in report.rules for v in rule.units if v.outcome is Outcome.FAIL}
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        known = [unit for unit in finding.units if unit in above]
        missed = [unit for unit in known if (unit, finding.rule) in failed] if counts(finding) else []
        candidates = missed or known
        covered = {ancestor for unit in candidates for ancestor in above[unit]}
        for unit in candidates:
            if unit not in covered:
                found[unit, finding.rule].append(finding)
    return found


def _ancestors(unit: str, parents: Mapping[str, str | None]) -> set[str]:
    found: set[str] = set() if unit == ORGANISATION else {ORGANISATION}
    above = parents.get(unit)
    while above is not None and above not in found:
        found.add(above)
        above = parents.get(above)
    return found


def _badness(view: UnitView) -> tuple[int, ...]:
    failing = Counter(group.rule.severity for group in view.groups if group.failures)
    unknown = sum(1 for group in view.groups if group.unknown)
    return (*(-failing[severity] for severity in Severity), -view.failures, -unknown)
