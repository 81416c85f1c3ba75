"""Everything that rules may look at, in one database: the snapshot, the declarations, the evidence, the units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb

from govcheck.engine.access_tables import add_access
from govcheck.engine.declared import add_declared
from govcheck.engine.duck import add_derived, add_snapshot, connect
from govcheck.engine.evidence_tables import LoadedEvidence, add_evidence, evidence_gaps
from govcheck.engine.landing import add_landing, discover_units
from govcheck.engine.plan import Gaps, roles_gap
from govcheck.engine.units import UnitTree
from govcheck.evidence import Evidence
from govcheck.model import Lang
from govcheck.policy.types import PolicySet, Rule
from govcheck.snapshot import Snapshot

if TYPE_CHECKING:
    from govcheck.access import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A database with every table filled, what of them is missing, and how units hang together."""

    connection: duckdb.DuckDBPyConnection
    policies: PolicySet
    snapshot: Snapshot
    evidence: LoadedEvidence
    gaps: Gaps
    tree: UnitTree
    as_of: datetime
    directory: Directory | None
    """What says who can sign in how, where a rule had it made."""


def open_world(
    policies: PolicySet, rules: Sequence[Rule], snapshot: Snapshot, evidence: Evidence, as_of: datetime, lang: Lang
) -> World:
    """Fill the database. Declared texts are in `lang`; what is costly to work out is there only if `rules` read it."""
    connection = connect()
    gaps = Gaps(snapshot, roles_gap(policies, snapshot), evidence_gaps(policies, evidence, as_of))
    add_snapshot(connection, snapshot)
    directory = add_access(connection, snapshot, gaps, rules)
    tree = discover_units(connection, policies.organisation, snapshot.tenant_name)
    add_landing(connection, tree)
    add_declared(connection, policies, tree, as_of, lang)
    loaded = add_evidence(connection, evidence, tree, gaps, as_of, lang)
    add_derived(connection, gaps)
    return World(
        connection=connection,
        policies=policies,
        snapshot=snapshot,
        evidence=loaded,
        gaps=gaps,
        tree=tree,
        as_of=as_of,
        directory=directory,
    )
