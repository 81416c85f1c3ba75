"""Rows of cells to rows of values, with what was wrong in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from govcheck.catalogue import tables
from govcheck.evidence.headings import folded
from govcheck.evidence.refusal import Refusal
from govcheck.evidence.sheet import Cell
from govcheck.evidence.values import PERIODS, NotAValue, read_period, read_value
from govcheck.policy.evidence import UNIT, Layout, is_shipped
from govcheck.policy.types import EvidenceFile

Row = dict[str, Any]
Place = tuple[EvidenceFile, int]
"""A file and the number of a row in it."""

FILE_ITSELF = ("board", "repository")
"""Columns that a file without them stands for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What is the same for all files of a run."""

    min_group: int
    units: Mapping[str, str]
    """Folded names of units to their ids."""
    seen: dict[tuple[Any, ...], Place] = field(default_factory=dict)
    """Table and key of every row so far."""


@dataclass(slots=True, kw_only=True)
class Reader:
    """Turns rows of cells into rows of values, and remembers what was wrong per column."""

    file: EvidenceFile
    intake: Intake
    layout: Layout
    places: Mapping[str, int]
    wrong: dict[str, list[int]] = field(default_factory=dict)
    empty: dict[str, list[int]] = field(default_factory=dict)
    repeated: tuple[Place, Place] | None = None
    """Two rows that are about the same."""

    def rows(self, cells: Iterator[tuple[int, Sequence[Cell]]]) -> Iterator[Row]:
        """The rows with their values; `complain` says afterwards what was wrong."""
        for number, row in cells:
            found = self._row(number, row)
            self._remember(number, found)
            yield found

    def _row(self, number: int, cells: Sequence[Cell]) -> Row:
        row: Row = {}
        for name, place in self.places.items():
            cell = cells[place] if place < len(cells) else None
            try:
                row |= self._value(name, cell)
            except NotAValue:
                self.wrong.setdefault(name, []).append(number)
        if UNIT in self.layout.columns:
            said = row.get(UNIT) if UNIT in self.places else self.file.unit or self.file.home
            row[UNIT] = self.intake.units.get(folded(said), said) if said else None
        for name in FILE_ITSELF:
            if name in self.layout.columns and row.get(name) is None:
                row[name] = self.file.path.stem
        return row

    def _value(self, name: str, cell: Cell) -> Row:
        if self._is_period(name):
            if read_value(cell, "text", month_first=False) is None:
                return {name: None}
            text, first, last = read_period(cell, name)
            stem = PERIODS[name]
            return {name: text, f"{stem}_start": first, f"{stem}_end": last}
        kind, below_zero = self.layout.columns[name], self._below_zero(name)
        return {name: read_value(cell, kind, month_first=self.file.month_first, below_zero=below_zero)}

    def _below_zero(self, name: str) -> bool:
        """Whether whole numbers may be: in our tables all are counts, elsewhere the number of people is."""
        return not is_shipped(self.file.table) and name != self.file.group_size

    def _is_period(self, name: str) -> bool:
        return name in PERIODS and self.file.table.name in tables()

    def _wanted(self, name: str) -> str:
        """What the cells of a column should have held."""
        if self._is_period(name):
            return "period"
        kind = self.layout.columns[name]
        return "whole" if kind == "int" and self._below_zero(name) else kind

    def _remember(self, number: int, row: Row) -> None:
        """Notice empty and repeated keys."""
        keys = self.layout.key
        for name in keys:
            if row.get(name) is None and name not in self.wrong:
                self.empty.setdefault(name, []).append(number)
        key = (self.file.table.name, *(row.get(name) for name in keys))
        here = (self.file, number)
        there = self.intake.seen.setdefault(key, here)
        if there is not here and None not in key:
            self.repeated = self.repeated or (there, here)

    def complain(self) -> None:
        """Raise for the first thing that was wrong."""
        for name, rows in self.wrong.items():
            raise Refusal(
                "evidence-bad-value",
                variant=f"evidence-bad-{self._wanted(name)}",
                column=name,
                place=self.places[name] + 1,
                count=len(rows),
                row=rows[0],
                dates="month-first" if self.file.month_first else "day-first",
            )
        for name, rows in self.empty.items():
            place = self.places.get(name, 0) + 1
            raise Refusal("evidence-empty-key", column=name, place=place, count=len(rows), row=rows[0])
        if self.repeated is not None:
            (other, first), (_, second) = self.repeated
            listed = ", ".join(f"`{name}`" for name in self.layout.key)
            raise Refusal("evidence-repeated-row", first=first, other=other.shown, second=second, columns=listed)
