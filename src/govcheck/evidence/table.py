"""From a sheet to the rows of a table: gate first, then columns by heading, values by type, groups by size."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from govcheck.catalogue import tables
from govcheck.evidence.gate import ValueGate, check_headings
from govcheck.evidence.headings import Match, aliases, folded, match, names_of
from govcheck.evidence.intake import open_sheet
from govcheck.evidence.refusal import Refusal
from govcheck.evidence.sheet import Cell, Sheet
from govcheck.evidence.values import PERIODS, NotAValue, read_period, read_value
from govcheck.model import ORGANISATION
from govcheck.policy.evidence import UNIT, file_columns
from govcheck.policy.types import EvidenceFile

Row = dict[str, Any]

_ANYBODY = ("name", "person", "contact")
_AFTER_NOW = frozenset({"due"})
"""Dates that say nothing of how old a file is."""
_FILE_ITSELF = ("board", "repository")
"""Columns that a file without them stands for itself."""
_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEvidence:
    """What one file holds. `unit` in the rows is as the file has it."""

    file: EvidenceFile
    rows: Sequence[Row]
    small: Sequence[Row] = ()
    """Rows about fewer people than may be shown: kept in memory to know which others would give them away."""
    columns: tuple[str, ...] = ()
    """Columns that the file fills."""
    dropped: tuple[str, ...] = ()
    """Headings of ours, or places, of the columns that were left out."""
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What is the same for all files of a run."""

    min_group: int
    units: Mapping[str, str]
    """Folded names of units to their ids."""
    seen: dict[tuple[Any, ...], tuple[str, int]] = field(default_factory=dict)
    """Table and key of every row so far, with the file and the number of the row."""


def read_rows(file: EvidenceFile, intake: Intake) -> FileEvidence:
    """Take one file in. Raises `Refusal`."""
    try:
        return _read(file, open_sheet(file), intake)
    except Refusal:
        raise
    except Exception:  # noqa: BLE001 - what people put in a file must not end in a traceback that shows it
        raise Refusal("evidence-unreadable") from None


def _read(file: EvidenceFile, sheet: Sheet, intake: Intake) -> FileEvidence:
    columns = file_columns(file.table)
    matched = _matched(file, sheet, columns)
    places = matched.places
    if not sheet.converted:
        check_headings(sheet.headings, _allowed(file, sheet, places))
    if matched.problem is not None:
        raise matched.problem
    gate = ValueGate({place: columns[name] for name, place in places.items()}, month_first=file.month_first)
    if file.table.name == "leavers":
        gate.skipped = frozenset({places["person"]})
    reader = _Reader(file=file, intake=intake, columns=columns, places=places)
    rows = list(reader.rows(gate.watched(sheet.rows)))
    reader.complain()
    _export_date(file, rows)
    shown = [_shown(row, file.group_size, intake.min_group) for row in rows]
    return FileEvidence(
        file=file,
        rows=[row for row, many in zip(rows, shown, strict=True) if many],
        small=[row for row, many in zip(rows, shown, strict=True) if not many],
        columns=_filled(file, places),
        dropped=(*sheet.dropped, *_left_out(sheet, places)),
        newest=_newest(file, rows),
    )


def _shown(row: Row, group_size: str | None, min_group: int) -> bool:
    """Whether a row is about enough people; how many is unknown counts as too few."""
    return group_size is None or (row.get(group_size) or 0) >= min_group


# Columns


def _matched(file: EvidenceFile, sheet: Sheet, columns: Mapping[str, object]) -> Match:
    """Column to place, and what is missing.

    The column of the unit is the one that the document names, or one that is called so.
    """
    declared = {} if sheet.converted else dict(file.columns)
    if file.unit is not None and UNIT not in declared:
        if folded(file.unit) in map(folded, sheet.headings):
            declared[UNIT] = file.unit
        else:
            columns = {name: kind for name, kind in columns.items() if name != UNIT}
    matched = match(sheet.headings, columns, declared)
    for name in _required(file):
        if name not in matched.places and matched.problem is None:
            names = ", ".join(f"`{known}`" for known in names_of(name, file.columns.get(name))[:_SHOWN])
            return Match(matched.places, Refusal("evidence-column-missing", column=name, heading=names))
    return matched


def _required(file: EvidenceFile) -> list[str]:
    """What a file must have: all columns of a table of one's own, the key and the group size of ours."""
    table, columns = file.table, file_columns(file.table)
    if table.name not in tables():
        return [name for name in columns if name != UNIT]
    needed = [*table.key, *([file.group_size] if file.group_size else [])]
    if table.name == "leavers":
        needed = list(columns)
    return [name for name in needed if name not in (UNIT, *_FILE_ITSELF)]


def _allowed(file: EvidenceFile, sheet: Sheet, places: Mapping[str, int]) -> dict[int, Collection[str]]:
    """For columns that are taken in, the kinds of data that their headings may seem to tell of.

    A column `project` of ours may come from "Naam"; a table of one's own gets no such credit.
    """
    if file.table.name == "leavers":
        return {places["person"]: _ANYBODY} if "person" in places else {}
    ours = file.table.name in tables()
    return {
        place: ("name", "text")
        for name, place in places.items()
        if name == UNIT or (ours and (name in file.columns or folded(sheet.headings[place]) in aliases().get(name, ())))
    }


def _left_out(sheet: Sheet, places: Mapping[str, int]) -> list[str]:
    """Columns that no column of the table takes, by place: their headings are the file's own words."""
    if sheet.converted:
        return []
    taken = set(places.values())
    return [f"#{place + 1}" for place, heading in enumerate(sheet.headings) if heading and place not in taken]


def _filled(file: EvidenceFile, places: Mapping[str, int]) -> tuple[str, ...]:
    filled = {UNIT, *places, *(name for name in _FILE_ITSELF if name in file.table.columns)}
    filled |= {f"{PERIODS[name]}_{end}" for name in places if name in PERIODS for end in ("start", "end")}
    if "exported" in file.table.columns:
        filled.add("exported")
    if "taken_at" in places:
        filled.add("age_days")  # follows from it
    return tuple(name for name in file_columns(file.table) if name in filled)


# Rows


@dataclass(slots=True)
class _Reader:
    """Turns rows of cells into rows of values, and remembers what was wrong per column."""

    file: EvidenceFile
    intake: Intake
    columns: Mapping[str, Any]
    places: Mapping[str, int]
    wrong: dict[str, list[int]] = field(default_factory=dict)
    empty: dict[str, list[int]] = field(default_factory=dict)
    repeated: tuple[tuple[str, int], int] | None = None
    """The place of a row and the number of one that is about the same."""

    def rows(self, cells: Iterator[tuple[int, Sequence[Cell]]]) -> Iterator[Row]:
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
        if UNIT in self.columns:
            said = row.get(UNIT) if UNIT in self.places else self.file.unit or ORGANISATION
            row[UNIT] = self.intake.units.get(folded(said), said) if said else None
        for name in _FILE_ITSELF:
            if name in self.columns and row.get(name) is None:
                row[name] = self.file.path.stem
        return row

    def _value(self, name: str, cell: Cell) -> Row:
        if name in PERIODS and self.file.table.name in tables():
            if read_value(cell, "text", month_first=False) is None:
                return {name: None}
            text, first, last = read_period(cell, name)
            stem = PERIODS[name]
            return {name: text, f"{stem}_start": first, f"{stem}_end": last}
        return {name: read_value(cell, self.columns[name], month_first=self.file.month_first)}

    def _remember(self, number: int, row: Row) -> None:
        """Notice empty and repeated keys."""
        keys = self._keys()
        for name in keys:
            if row.get(name) is None and name not in self.wrong:
                self.empty.setdefault(name, []).append(number)
        key = (self.file.table.name, *(row.get(name) for name in keys))
        here = (self.file.shown, number)
        there = self.intake.seen.setdefault(key, here)
        if there != here and None not in key:
            self.repeated = self.repeated or (there, number)

    def _keys(self) -> tuple[str, ...]:
        return ("person",) if self.file.table.name == "leavers" else self.file.table.key

    def complain(self) -> None:
        """Raise for the first thing that was wrong."""
        for name, rows in self.wrong.items():
            raise Refusal(
                "evidence-bad-value",
                variant=f"evidence-bad-{'period' if name in PERIODS else self.columns[name]}",
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
            (other, first), second = self.repeated
            listed = ", ".join(f"`{name}`" for name in self._keys())
            raise Refusal("evidence-repeated-row", first=first, other=other, second=second, columns=listed)


def _export_date(file: EvidenceFile, rows: list[Row]) -> None:
    """Where a board does not say when it was exported: not before the newest date in it."""
    if "exported" in file.table.columns:
        newest = _newest(file, rows)
        for row in rows:
            row["exported"] = row.get("exported") or newest


def _newest(file: EvidenceFile, rows: Sequence[Row]) -> datetime | None:
    times = [name for name, column in file.table.columns.items() if column.type == "time" and name not in _AFTER_NOW]
    return max((row[name] for row in rows for name in times if isinstance(row.get(name), datetime)), default=None)
