"""What rows hold: values, empty cells and gaps, and which rows belong to a row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from govcheck.catalogue import Relation, Table, tables
from govcheck.model import REASON_PRECEDENCE, Reason

Cells = Mapping[str, Any]
"""A row as it is written down; related rows may nest under the relation's name."""

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was never collected: no value and not empty either."""

    reason: Reason


Value = bool | float | str | datetime | tuple[str | float, ...] | Gap | None
"""What an expression is worth. None is SQL's NULL: the tenant holds nothing there."""


def gaps_among(values: Iterable[Value]) -> list[Gap]:
    """Return only the gaps."""
    return [value for value in values if isinstance(value, Gap)]


def worst(gaps: Iterable[Gap]) -> Gap:
    """Return the gap whose reason takes precedence."""
    return min(gaps, key=lambda gap: REASON_PRECEDENCE.index(gap.reason))


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 date (00:00 UTC) or time."""
    moment = datetime.fromisoformat(text.upper())
    return moment.replace(tzinfo=UTC) if len(text) == len("2026-01-01") else moment.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything a rule may look at. `missing` maps `table` or `table.column` to why it was not collected."""

    tables: Mapping[str, Sequence[Cells]] = field(default_factory=dict)
    missing: Mapping[str, Reason] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    as_of: datetime = AS_OF

    def gap(self, table: str, column: str | None = None) -> Gap | None:
        """Return why a table, or one of its columns, is missing; None if it is not."""
        reason = self.missing.get(table) or self.missing.get(f"{table}.{column}")
        return Gap(reason) if reason else None


@dataclass(frozen=True, slots=True)
class Scope:
    """A row with its surroundings: what names mean at some place in an expression."""

    world: World
    table: Table
    cells: Cells
    parent: Scope | None = None

    def column(self, name: str) -> Value:
        """Return the value of a column, with numbers as doubles and text in time columns read as time."""
        gap = self.world.gap(self.table.name, name)
        cell = self.cells.get(name)
        if gap or cell is None or isinstance(cell, bool):
            return gap or cell
        if isinstance(cell, int | float):
            return float(cell) if math.isfinite(cell) else None
        if isinstance(cell, list | tuple):
            return tuple(cell)
        if self.table.columns[name].type == "time" and isinstance(cell, str):
            return parse_time(cell)
        return cell  # type: ignore[no-any-return]  # text and times are what they are

    def related(self, name: str) -> list[Scope] | Gap:
        """Return the rows that belong to this one, or the gap that hides which ones do."""
        relation = self.table.relations[name]
        gaps = gaps_among(self.world.gap(table, column) for table, column in _looked_at(self.table, relation))
        if gaps:
            return worst(gaps)
        nested = self.cells.get(name)
        rows = self._joined(relation) if nested is None else nested
        return [Scope(self.world, tables()[relation.table], row, self) for row in rows]

    def _joined(self, relation: Relation) -> list[Cells]:
        theirs = self.world.tables.get(relation.table, ())
        rows = [row for row in theirs if all(row.get(name) == value for name, value in relation.only)]
        if relation.via is None:
            return [row for row in rows if _pairs_match(self.cells, row, relation.match)]
        links = [
            link
            for link in self.world.tables.get(relation.via, ())
            if _pairs_match(self.cells, link, relation.match)
            and all(link.get(name) == value for name, value in relation.where)
        ]
        return [row for row in rows if any(_pairs_match(link, row, relation.to) for link in links)]


def _pairs_match(left: Cells, right: Cells, pairs: Iterable[tuple[str, str]]) -> bool:
    """Tell whether every pair of columns is equal; an empty cell equals nothing."""
    return all(left.get(ours) is not None and left.get(ours) == right.get(theirs) for ours, theirs in pairs)


def _looked_at(table: Table, relation: Relation) -> Iterator[tuple[str, str | None]]:
    """Name every table and column that must be known to say which rows are related."""
    middle = relation.via or relation.table
    yield relation.table, None
    yield middle, None
    for ours, theirs in relation.match:
        yield table.name, ours
        yield middle, theirs
    for link, theirs in relation.to:
        yield middle, link
        yield relation.table, theirs
    for name, _ in relation.where:
        yield middle, name
    for name, _ in relation.only:
        yield relation.table, name
