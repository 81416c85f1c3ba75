"""The main job: policies and a snapshot in, verdicts out. Pure: no clock, network, environment or console."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb

from govcheck.engine.counts import RuleCounts, count_rows
from govcheck.engine.evidence_tables import LoadedEvidence
from govcheck.engine.parameters import Parameters
from govcheck.engine.people_packs import closed_packs, open_rules
from govcheck.engine.plan import Gaps
from govcheck.engine.units import UnitTree
from govcheck.engine.verdicts import VerdictTable, judge
from govcheck.engine.waivers import apply_waivers
from govcheck.engine.world import open_world
from govcheck.evidence import Evidence
from govcheck.expr.lower import Surroundings
from govcheck.model import Lang, Text
from govcheck.policy.types import PolicySet, Rule
from govcheck.snapshot import Snapshot

if TYPE_CHECKING:
    from govcheck.access import Directory


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
    closed: Mapping[str, Text]
    """Policy id of a closed people pack to what is missing."""
    waivers_used: frozenset[str]
    evidence: LoadedEvidence
    directory: Directory | None
    """What says who can sign in how, where a rule had it made."""


def evaluate(
    policies: PolicySet,
    rules: Iterable[Rule],
    snapshot: Snapshot,
    evidence: Evidence,
    parameters: Parameters,
    as_of: datetime,
    lang: Lang,
) -> Evaluation:
    """Judge every row of every rule and count per unit. `rules` are the selected ones."""
    selected = tuple(rules)
    running = open_rules(policies, selected)
    world = open_world(policies, running, snapshot, evidence, as_of, lang)
    connection, gaps, tree = world.connection, world.gaps, world.tree
    around = Surroundings(as_of=as_of, parameters={}, gap_of=gaps.rank_of)
    closed = closed_packs(policies)
    verdicts = judge(connection, running, parameters, gaps, around, snapshot.tenant)
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
        evidence=world.evidence,
        directory=world.directory,
    )
