"""RACI matrices as tables: who does what in which unit, and which way work goes when it is stuck."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import duckdb

from govcheck.catalogue import tables
from govcheck.engine.held import Row, add_held, hold
from govcheck.engine.in_force import nearest_first, place_of
from govcheck.engine.units import UnitTree
from govcheck.model import Lang
from govcheck.policy.types import PolicySet, RaciMatrix


def add_matrices(
    connection: duckdb.DuckDBPyConnection, matrices: Sequence[RaciMatrix], tree: UnitTree, lang: Lang
) -> None:
    """Create `raci`, `activities` and `escalations`: for every unit with a matrix of its own, and for every team."""
    hold(connection, [matrix.unit for matrix in matrices], tree, lang, per_team=True)
    numbered = list(enumerate(matrices))
    add_held(connection, tables()["raci"], _raci_rows(numbered, lang))
    add_held(connection, tables()["activities"], _activity_rows(numbered, lang))
    add_held(connection, tables()["escalations"], _escalation_rows(numbered))


def matrix_for(policies: PolicySet, tree: UnitTree, unit: str) -> Iterator[RaciMatrix]:
    """The matrices that hold for a unit, nearest first, the general one last."""
    units = [place_of(matrix.unit, tree) for matrix in policies.matrices]
    return (policies.matrices[at] for at in nearest_first(units, tree, unit))


def _raci_rows(matrices: Iterable[tuple[int, RaciMatrix]], lang: Lang) -> Iterator[tuple[int, Row]]:
    for at, matrix in matrices:
        for activity in matrix.activities:
            for role, letter in activity.assign.items():
                yield (
                    at,
                    {
                        "activity": activity.id,
                        "title": activity.title.in_lang(lang),
                        "role": role,
                        "letter": letter,
                        "covers": list(activity.covers),
                    },
                )


def _activity_rows(matrices: Iterable[tuple[int, RaciMatrix]], lang: Lang) -> Iterator[tuple[int, Row]]:
    for at, matrix in matrices:
        for activity in matrix.activities:
            yield (
                at,
                {
                    "activity": activity.id,
                    "title": activity.title.in_lang(lang),
                    "covers": list(activity.covers),
                    "separated": activity.separated,
                },
            )


def _escalation_rows(matrices: Iterable[tuple[int, RaciMatrix]]) -> Iterator[tuple[int, Row]]:
    for at, matrix in matrices:
        for path in matrix.escalations:
            for level, (role, hours) in enumerate(path.levels, start=1):
                yield (
                    at,
                    {"path": path.id, "trigger": path.trigger, "level": level, "role": role, "within_hours": hours},
                )
