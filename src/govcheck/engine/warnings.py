"""What deserves a person's attention and changes no outcome."""

from __future__ import annotations

from collections.abc import Iterator

from govcheck.engine.evaluate import Evaluation
from govcheck.engine.landing import unassigned_share
from govcheck.engine.plan import rule_reads
from govcheck.engine.waivers import in_force
from govcheck.model import Text
from govcheck.policy.types import Waiver
from govcheck.words import text

UNASSIGNED_WARNING = 0.05
"""Share of enabled members without team and department above which a run warns."""


def list_warnings(evaluation: Evaluation) -> Iterator[Text]:
    """Exceptions that ended or cover nothing, people whose findings nobody sees, and evidence that was left out."""
    yield from evaluation.evidence.warnings
    for waiver in sorted(evaluation.policies.waivers, key=lambda waiver: waiver.id):
        yield from _waiver_warning(evaluation, waiver)
    known = [("users", "department"), ("users", "account_enabled"), ("memberships", None), ("teams", None)]
    if not any(evaluation.gaps.of(table, column) for table, column in known):
        lost, members = unassigned_share(evaluation.connection)
        if members and lost / members > UNASSIGNED_WARNING:
            yield text("engine.unassigned", count=lost, members=members)


def _waiver_warning(evaluation: Evaluation, waiver: Waiver) -> Iterator[Text]:
    """An exception that is over, or that covers nothing although its rule was judged."""
    rule = next((rule for rule in evaluation.rules if rule.id == waiver.rule), None)
    if rule is None or not waiver.valid or waiver.expires is None:
        return
    if not in_force(waiver, evaluation.around.as_of):
        if waiver.expires < evaluation.around.as_of:
            yield text("engine.exception-expired", id=waiver.id, rule=waiver.rule, date=waiver.expires.date())
        return
    # A rule that reads the register of exceptions itself passes because of an entry, and so waives nothing by it.
    judged = rule.id in evaluation.counts and "exceptions" not in rule_reads(rule)
    if judged and waiver.id not in evaluation.waivers_used:
        yield text("engine.exception-unused", id=waiver.id, rule=waiver.rule)
