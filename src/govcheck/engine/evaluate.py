"""The main job: policies and a snapshot in, verdicts out. Pure: no clock, network, environment or console."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from govcheck.engine.counts import RuleCounts, count_rows
from govcheck.engine.declared import add_declared
from govcheck.engine.duck import add_derived, add_snapshot, connect
from govcheck.engine.landing import add_landing, discover_units
from govcheck.engine.parameters import Parameters
from govcheck.engine.plan import Gaps, roles_gap
from govcheck.engine.units import UnitTree
from govcheck.engine.verdicts import VerdictTable, judge
from govcheck.engine.waivers import apply_waivers
from govcheck.expr.lower import Surroundings
from govcheck.model import Lang
from govcheck.policy.types import PolicySet, Rule
from govcheck.snapshot import Snapshot
from govcheck.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Verdicts and counts of one run, the verdict tables still in the database."""

    connection: duckdb.DuckDBPyConnection
    policies: PolicySet
    rules: tuple[Rule, ...]
    snapshot: Snapshot
    parameters: Parameters
    gaps: Gaps
    around: Surroundings
    tree: UnitTree
    verdicts: Sequence[VerdictTable]
    counts: Mapping[str, RuleCounts]
    closed: Mapping[str, str]
    """Policy id of a closed people pack to what is missing."""
    waivers_used: frozenset[str]


def evaluate(
    policies: PolicySet,
    rules: Iterable[Rule],
    snapshot: Snapshot,
    parameters: Parameters,
    as_of: datetime,
    lang: Lang,
) -> Evaluation:
    """Judge every row of every rule and count per unit. `rules` are the selected ones."""
    selected = tuple(rules)
    connection = connect()
    gaps = Gaps(snapshot, roles_gap(policies, snapshot))
    around = Surroundings(as_of=as_of, parameters={}, gap_of=gaps.rank_of)
    add_snapshot(connection, snapshot)
    tree = discover_units(connection, policies.organisation, snapshot.tenant_name)
    add_landing(connection, tree)
    add_declared(connection, policies, tree, lang)
    add_derived(connection, gaps)
    closed = closed_packs(policies, lang)
    verdicts = judge(connection, open_rules(policies, selected), parameters, gaps, around, snapshot.tenant)
    used = apply_waivers(connection, verdicts, policies.waivers, tree, as_of)
    counts: dict[str, RuleCounts] = {}
    for verdict in verdicts:
        counts |= count_rows(connection, verdict, tree)
    return Evaluation(
        connection=connection,
        policies=policies,
        rules=selected,
        snapshot=snapshot,
        parameters=parameters,
        gaps=gaps,
        around=around,
        tree=tree,
        verdicts=verdicts,
        counts=counts,
        closed=closed,
        waivers_used=frozenset(used),
    )


def open_rules(policies: PolicySet, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that may run: nothing is read for a closed people pack."""
    closed = {policy.header.id for policy in policies.policies if policy.people}
    return tuple(rule for rule in rules if rule.policy not in closed)


def closed_packs(policies: PolicySet, lang: Lang) -> dict[str, str]:
    """People packs that may not run, with what is missing.

    This version reads no `Processing` declarations yet, so every people pack stays closed.
    """
    missing = say("engine.pack-closed", lang)
    return {policy.header.id: missing for policy in policies.policies if policy.people}
