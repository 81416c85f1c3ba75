"""Findings of people packs: they name nobody, whatever the format and whatever `--names` says.

Where rows are people, a unit that fails is the finding, and no row is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from govcheck.catalogue import Table
from govcheck.engine.units import UnitTree
from govcheck.model import Finding, Outcome, Owner, RuleVerdict, Value

UNITS = "units"
"""Kind of subject of a finding about a unit."""


def failing_units(verdict: RuleVerdict, tree: UnitTree) -> Iterator[str]:
    """The units that fail and have no failing unit below them."""
    failing = {unit.unit for unit in verdict.units if unit.outcome is Outcome.FAIL}
    above = {higher for unit in failing for higher in list(tree.lineage(unit))[1:]}
    return (unit for unit in tree.places if unit in failing - above)


def without_names(finding: Finding, table: Table) -> Finding:
    """A finding about something that is no person, without the people in its columns and in its owner."""
    return replace(
        finding,
        evidence={name: value for name, value in finding.evidence.items() if not _is_personal(name, table)},
        values=_emptied(finding.values, table),
        owner=unnamed(finding.owner),
    )


def unnamed(owner: Owner) -> Owner:
    """The role alone."""
    return replace(owner, people=(), unnamed=True)


def _emptied(values: Mapping[str, Value], table: Table) -> dict[str, Value]:
    return {name: None if _is_personal(name, table) else value for name, value in values.items()}


def _is_personal(name: str, table: Table) -> bool:
    column = table.columns.get(name)
    return column is not None and column.personal
