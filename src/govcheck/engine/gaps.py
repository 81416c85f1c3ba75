"""What a report says is missing: each gap once, with the rules it leaves undecided."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from govcheck.catalogue import MissingColumn, tables
from govcheck.engine.evaluate import Evaluation
from govcheck.engine.plan import ATTRIBUTION, Gaps, expression_reads, rule_reads
from govcheck.engine.verdicts import GAP, reason_of
from govcheck.model import CLOSED_PACKS, Gap, Outcome, Reason, RuleVerdict
from govcheck.policy.types import Rule

_TEAMS = {"teams": ("id",), "memberships": ("group_id", "user_id"), "users": ("department",)}
"""What says who is in which team or department."""


def teams_gap(gaps: Gaps, rule: Rule) -> tuple[str, MissingColumn] | None:
    """What keeps a rate from being known team by team: a table that could not be read, and why.

    A snapshot that never held it is one of a tenant without teams.
    """
    if rule.at_least is None or rule.checked.lands not in ("user", "group"):
        return None
    for table, columns in _TEAMS.items():
        for gap in (gaps.of(table, column) for column in (None, *columns)):
            if gap is not None and gap.reason is not Reason.NOT_COLLECTED:
                return table, gap
    return None


def list_gaps(evaluation: Evaluation, judged: Mapping[str, RuleVerdict]) -> Iterator[Gap]:
    """What is missing, each once, with the rules it leaves undecided."""
    found: dict[tuple[str, MissingColumn], tuple[set[str], set[str]]] = {}
    for table, column, gap in _missing(evaluation, ATTRIBUTION):
        found.setdefault((table, gap), (set(), set()))[0].update(column)
    for rule in evaluation.rules:
        missing = teams_gap(evaluation.gaps, rule)
        if missing in found and judged[rule.id].outcome is Outcome.UNKNOWN and rule.policy not in evaluation.closed:
            found[missing][1].add(rule.id)
    for rule in evaluation.rules:
        if rule.policy in evaluation.closed:
            continue
        undecided = _reasons_left_open(evaluation, rule)
        for table, column, gap in _missing(evaluation, rule_reads(rule)):
            columns, rules = found.setdefault((table, gap), (set(), set()))
            columns.update(column)
            if gap.reason in undecided and _decides(rule, table, column):
                rules.add(rule.id)
    gaps = [
        Gap(
            table=table,
            columns=tuple(sorted(columns)),
            reason=gap.reason,
            detail=gap.detail,
            rules=tuple(sorted(rules)),
        )
        for (table, gap), (columns, rules) in found.items()
    ]
    gaps += _closed_gaps(evaluation)
    yield from sorted(gaps, key=lambda gap: (gap.table, gap.columns, gap.reason))


def _reasons_left_open(evaluation: Evaluation, rule: Rule) -> set[Reason]:
    """Why rows of a rule are unknown; a rule over a missing table has none to count."""
    counts = evaluation.counts.get(rule.id)
    if counts is None:
        gap = evaluation.gaps.of(rule.table, None)
        return {gap.reason} if gap else set()
    return {reason_of(code) for code in counts.total if code >= GAP}


def _decides(rule: Rule, table: str, column: frozenset[str]) -> bool:
    """Whether a rule's conditions, and not only its words, look at a column or table."""
    conditions = [expression for expression in (rule.where, rule.expect) if expression is not None]
    reads = [expression_reads(expression, rule.checked) for expression in conditions]
    if not column:
        return table == rule.table or any(table in read for read in reads)
    return any(column & read.get(table, set()) for read in reads)


def _missing(
    evaluation: Evaluation, reads: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, frozenset[str], MissingColumn]]:
    """Gaps among what is read: table, column (none for the whole table), reason."""
    for table, columns in reads.items():
        entry = tables().get(table)
        if entry is not None and (entry.declared or entry.derived):
            continue
        whole = evaluation.gaps.of(table, None)
        if whole is not None:
            yield table, frozenset(), whole
            continue
        for column in columns:
            gap = evaluation.gaps.of(table, column)
            if gap is not None:
                yield table, frozenset({column}), gap


def _closed_gaps(evaluation: Evaluation) -> Iterator[Gap]:
    for pack, missing in evaluation.closed.items():
        rules = tuple(sorted(rule.id for rule in evaluation.rules if rule.policy == pack))
        if rules:
            yield Gap(table=CLOSED_PACKS, columns=(), reason=Reason.NOT_PERMITTED, detail=missing, rules=rules)
