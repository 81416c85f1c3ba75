"""From an evaluation to the report that renderers read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from govcheck.engine.access_grid import sign_in_grid
from govcheck.engine.counts import overlapping_units, people_per_unit
from govcheck.engine.evaluate import Evaluation
from govcheck.engine.findings import Lister
from govcheck.engine.gaps import list_gaps, teams_gap
from govcheck.engine.landing import count_members
from govcheck.engine.outcomes import (
    Family,
    rule_outcome,
    subject_counts,
    suppress,
    suppress_complements,
    suppressed,
    unit_verdict,
)
from govcheck.engine.owners import Owners
from govcheck.engine.people_packs import people_packs
from govcheck.engine.units import UnitTree
from govcheck.engine.verdicts import VerdictTable
from govcheck.engine.warnings import list_warnings
from govcheck.model import (
    ORGANISATION,
    UNASSIGNED,
    Finding,
    Outcome,
    Reason,
    Report,
    RuleVerdict,
    Run,
    SubjectCounts,
    Summary,
    Text,
    Unit,
    UnitKind,
    UnitVerdict,
)
from govcheck.policy.types import Rule


def build_report(evaluation: Evaluation, run: Run, *, complementary: bool = False) -> Report:
    """The whole report. `complementary` hides siblings too, for output that shows counts only."""
    rules = tuple(sorted(_judged(evaluation, complementary=complementary), key=lambda rule: rule.id))
    judged = {rule.id: rule for rule in rules}
    return Report(
        run=run,
        summary=Summary.of(rule.outcome for rule in rules),
        gaps=tuple(list_gaps(evaluation, judged)),
        units=tuple(_units(evaluation, rules)),
        rules=rules,
        findings=tuple(sorted(_findings(evaluation, judged, run), key=_finding_order)),
        min_group=evaluation.policies.min_group,
        warnings=tuple(list_warnings(evaluation)),
        sign_ins=sign_in_grid(
            evaluation.directory, evaluation.snapshot, evaluation.gaps, evaluation.policies.min_group
        ),
    )


def _judged(evaluation: Evaluation, *, complementary: bool) -> Iterator[RuleVerdict]:
    policies = {policy.header.id: policy for policy in evaluation.policies.policies}
    for rule in evaluation.rules:
        units, reason, note = _unit_verdicts(evaluation, rule, complementary=complementary)
        outcome, worst = rule_outcome(units)
        if outcome is Outcome.PASS and (missing := teams_gap(evaluation.gaps, rule)) is not None:
            # The whole may meet a rate that a team, had we known its members, does not.
            outcome, worst = Outcome.UNKNOWN, missing[1].reason
        counts = evaluation.counts.get(rule.id)
        yield RuleVerdict(
            id=rule.id,
            policy=rule.policy,
            policy_title=policies[rule.policy].title,
            title=rule.title,
            severity=rule.severity,
            table=rule.table,
            message=rule.message,
            why=rule.why,
            fix=rule.fix,
            references=rule.references,
            tags=rule.tags,
            source=rule.span,
            at_least=evaluation.parameters.threshold(rule),
            outcome=outcome,
            reason=reason or worst,
            note=note,
            subjects=subject_counts(counts) if counts else SubjectCounts(),
            units=units,
        )


def _unit_verdicts(
    evaluation: Evaluation, rule: Rule, *, complementary: bool
) -> tuple[tuple[UnitVerdict, ...], Reason | None, Text | None]:
    """Verdicts per unit with rows in scope, the organisation always among them."""
    if rule.policy in evaluation.closed:
        note = evaluation.closed[rule.policy]
        return (_undecided(Reason.NOT_PERMITTED),), Reason.NOT_PERMITTED, note
    gap = evaluation.gaps.of(rule.table, None)
    if gap is not None:
        return (_undecided(gap.reason),), gap.reason, None
    tree = evaluation.tree
    verdicts = {
        unit: unit_verdict(unit, codes, evaluation.parameters.threshold(rule, list(tree.lineage(unit))))
        for unit, codes in evaluation.counts[rule.id].units.items()
    }
    if rule.checked.evidence and not _table_of(evaluation, rule).rates:
        # Their rows are about groups already; of what was left out, only the unit is known.
        hidden = evaluation.evidence.suppressed.get(rule.table, frozenset())
        verdicts = {unit: suppressed(unit_verdict(unit, {}, None)) for unit in hidden & tree.places.keys()} | verdicts
    elif rule.at_least is not None and rule.checked.people:
        verdicts = _without_small_groups(evaluation, rule, verdicts, complementary=complementary)
    ordered = sorted(verdicts.values(), key=lambda verdict: tree.places[verdict.unit].order)
    return tuple(ordered), None, None


def _undecided(reason: Reason) -> UnitVerdict:
    return UnitVerdict(
        unit=ORGANISATION,
        outcome=Outcome.UNKNOWN,
        reason=reason,
        pass_=0,
        fail=0,
        unknown=0,
        waived=0,
        share=None,
    )


def _min_group(evaluation: Evaluation, rule: Rule) -> int:
    """Fewest people for which a rate is shown: in people packs, or in general."""
    policies = evaluation.policies
    return policies.people_min_group if rule.policy in people_packs(policies) else policies.min_group


def _without_small_groups(
    evaluation: Evaluation, rule: Rule, verdicts: dict[str, UnitVerdict], *, complementary: bool
) -> dict[str, UnitVerdict]:
    smallest = _min_group(evaluation, rule)
    table = _table_of(evaluation, rule)
    about_people = rule.policy in people_packs(evaluation.policies) or table.table.evidence
    if not (complementary or about_people):
        return suppress(verdicts, smallest)
    tree = evaluation.tree
    family = Family(
        parents=tree.parents(),
        children=lambda unit: _partition(tree, unit),
        overlapping=overlapping_units(evaluation.connection, table, rule, tree),
    )
    people = people_per_unit(evaluation.connection, table, rule, tree) if table.rates else None
    return suppress_complements(verdicts, smallest, family, people)


def _table_of(evaluation: Evaluation, rule: Rule) -> VerdictTable:
    return next(verdict for verdict in evaluation.verdicts if rule in verdict.rules)


def _partition(tree: UnitTree, parent: str) -> list[str]:
    """Children that may be hidden; under the organisation only those that divide its people between them."""
    kinds = {UnitKind.DEPARTMENT, UnitKind.UNASSIGNED} if parent == ORGANISATION else set(UnitKind)
    return [unit for unit in tree.children(parent) if tree.places[unit].kind in kinds]


def _units(evaluation: Evaluation, rules: tuple[RuleVerdict, ...]) -> Iterator[Unit]:
    members = count_members(evaluation.connection, evaluation.tree)
    outcomes: dict[str, list[Outcome]] = {}
    for rule in rules:
        for verdict in rule.units:
            outcomes.setdefault(verdict.unit, []).append(verdict.outcome)
    for place in evaluation.tree.places.values():
        if place.id == UNASSIGNED and place.id not in outcomes and not members.get(place.id):
            continue
        yield Unit(
            id=place.id,
            name=place.name,
            kind=place.kind,
            parent=place.parent,
            members=members.get(place.id, 0),
            summary=Summary.of(outcomes.get(place.id, ())),
        )


def _findings(evaluation: Evaluation, judged: Mapping[str, RuleVerdict], run: Run) -> Iterator[Finding]:
    lister = Lister(
        connection=evaluation.connection,
        tree=evaluation.tree,
        owners=Owners(evaluation.connection, evaluation.policies, evaluation.tree),
        parameters=evaluation.parameters,
        around=evaluation.around,
        tenant=evaluation.snapshot.tenant,
        tenant_name=run.tenant_name,
        people_packs=people_packs(evaluation.policies),
    )
    for verdict in evaluation.verdicts:
        yield from lister.findings(verdict, judged)


def _finding_order(finding: Finding) -> tuple[int, str, str, str]:
    return finding.severity.rank, finding.rule, finding.subject.kind, finding.subject.id


def narrow(report: Report, unit: str) -> Report:
    """The report of one unit: its findings and its verdicts; rules keep their tenant-wide outcome."""
    rules = tuple(
        replace(rule, units=tuple(verdict for verdict in rule.units if verdict.unit == unit)) for rule in report.rules
    )
    return replace(
        report,
        units=tuple(place for place in report.units if place.id == unit),
        rules=rules,
        findings=tuple(finding for finding in report.findings if unit in finding.units),
        sign_ins=None,
    )


def new_run(evaluation: Evaluation, *, run_id: str, version: str, as_of: datetime) -> Run:
    """The head of the report. Everything but `run_id` follows from the input."""
    snapshot = evaluation.snapshot
    return Run(
        id=run_id,
        tenant=snapshot.tenant,
        tenant_name=snapshot.tenant_name,
        snapshot_taken_at=snapshot.taken_at,
        as_of=as_of,
        govcheck_version=version,
        policy_digest=evaluation.policies.digest,
        engine="duckdb",
    )
