"""What a report means for the exit code."""

from __future__ import annotations

from collections.abc import Collection

from govcheck.model import Outcome, Report, RuleVerdict, Severity

CLEAN, FINDINGS, UNDECIDED = 0, 1, 3


def verdict(
    report: Report,
    fail_on: Severity,
    *,
    known: Collection[str] = (),
    ignored_packs: Collection[str] = (),
    narrowed: bool = False,
) -> int:
    """0 clean, 1 findings at or above `fail_on`, 3 nothing failed but something is unknown.

    `known` holds fingerprints of a baseline; `ignored_packs` are closed people packs that nobody asked for.
    With `narrowed` only the units that are still in the report count.
    """
    if any(
        finding.outcome is Outcome.FAIL
        and not finding.tolerated
        and finding.severity.at_least(fail_on)
        and finding.fingerprint not in known
        for finding in report.findings
    ):
        return FINDINGS
    undecided = any(
        rule.severity.at_least(fail_on) and rule.policy not in ignored_packs and _is_unknown(rule, narrowed=narrowed)
        for rule in report.rules
    )
    return UNDECIDED if undecided else CLEAN


def _is_unknown(rule: RuleVerdict, *, narrowed: bool) -> bool:
    if narrowed:
        return any(unit.outcome is Outcome.UNKNOWN for unit in rule.units)
    return rule.outcome is Outcome.UNKNOWN
