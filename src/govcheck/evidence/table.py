"""From a sheet to the rows of a table: gate first, then columns by heading, values by type, groups by size."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from govcheck.catalogue import tables
from govcheck.evidence.gate import ValueGate, check_headings
from govcheck.evidence.headings import Match, folded, match, names_of
from govcheck.evidence.intake import open_sheet
from govcheck.evidence.refusal import Refusal
from govcheck.evidence.rows import FILE_ITSELF, Intake, Reader, Row
from govcheck.evidence.sheet import Sheet
from govcheck.evidence.values import PERIODS
from govcheck.policy.evidence import UNIT, Layout, is_shipped, layout_of
from govcheck.policy.types import EvidenceFile

_ANYBODY = ("name", "person", "contact")
_LABELS = ("name", "text")
_AFTER_NOW = frozenset({"due"})
"""Dates that say nothing of how old a file is."""
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

    @property
    def count(self) -> int:
        """How many rows the file has."""
        return len(self.rows) + len(self.small)


def read_rows(file: EvidenceFile, intake: Intake) -> FileEvidence:
    """Take one file in. Raises `Refusal`."""
    try:
        return _read(file, open_sheet(file), intake)
    except Refusal:
        raise
    except Exception:  # noqa: BLE001 - what people put in a file must not end in a traceback that shows it
        raise Refusal("evidence-unreadable") from None


def _read(file: EvidenceFile, sheet: Sheet, intake: Intake) -> FileEvidence:
    layout = layout_of(file.table)
    matched = _matched(file, sheet, layout)
    places = matched.places
    if not sheet.converted:
        check_headings(sheet.headings, _allowed(file, layout, sheet, places))
    if matched.problem is not None:
        raise matched.problem
    gate = ValueGate(
        {place: layout.columns[name] for name, place in places.items()},
        month_first=file.month_first,
        skipped=frozenset() if layout.person is None else frozenset({places[layout.person]}),
    )
    reader = Reader(file=file, intake=intake, layout=layout, places=places)
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


def _matched(file: EvidenceFile, sheet: Sheet, layout: Layout) -> Match:
    """Column to place, and what is missing."""
    declared = {} if sheet.converted else file.columns
    elsewhere = file.unit is not None and UNIT not in declared
    names = [name for name in layout.columns if not (elsewhere and name == UNIT)]
    matched = match(sheet.headings, names, declared)
    places = dict(matched.places)
    if elsewhere:
        places |= _unit_place(file, sheet, places)
    for name in _required(file, layout):
        if name not in places and matched.problem is None:
            looked_for = ", ".join(f"`{known}`" for known in names_of(name, declared.get(name))[:_SHOWN])
            return Match(places, Refusal("evidence-column-missing", column=name, heading=looked_for))
    return Match(places, matched.problem)


def _unit_place(file: EvidenceFile, sheet: Sheet, places: Mapping[str, int]) -> dict[str, int]:
    """The column that holds the unit: one that the document names by our name or by its heading, if it is there."""
    unit = file.unit or ""
    if unit in places:
        return {UNIT: places[unit]}
    headings = [folded(heading) for heading in sheet.headings]
    return {UNIT: headings.index(folded(unit))} if folded(unit) in headings else {}


def _required(file: EvidenceFile, layout: Layout) -> list[str]:
    """What a file must have: all columns of a table of one's own, the key and the group size of ours.

    Of a shipped table that the document redefines, what it lists.
    """
    if not is_shipped(file.table) and file.table.name in tables():
        return [*file.columns, *([file.group_size] if file.group_size else [])]
    if not is_shipped(file.table) or layout.person is not None:
        return [name for name in layout.columns if name != UNIT]
    needed = [*layout.key, *([file.group_size] if file.group_size else [])]
    return [name for name in needed if name not in (UNIT, *FILE_ITSELF)]


def _allowed(file: EvidenceFile, layout: Layout, sheet: Sheet, places: Mapping[str, int]) -> dict[int, Collection[str]]:
    """For columns that are taken in, the kinds of data that their headings may seem to tell of.

    A column `project` of ours may come from "Naam"; a table of one's own gets no such credit.
    """
    ours = is_shipped(file.table)
    allowed: dict[int, Collection[str]] = {}
    for name, place in places.items():
        known = name in file.columns or folded(sheet.headings[place]) in names_of(name, None)
        if name == layout.person:
            allowed[place] = _ANYBODY
        elif name == UNIT or (ours and known):
            allowed[place] = _LABELS
    return allowed


def _left_out(sheet: Sheet, places: Mapping[str, int]) -> list[str]:
    """Columns that no column of the table takes, by place: their headings are the file's own words."""
    if sheet.converted:
        return []
    taken = set(places.values())
    return [f"#{place + 1}" for place, heading in enumerate(sheet.headings) if heading and place not in taken]


def _filled(file: EvidenceFile, places: Mapping[str, int]) -> tuple[str, ...]:
    filled = {UNIT, *places, *(name for name in FILE_ITSELF if name in file.table.columns)}
    filled |= {f"{PERIODS[name]}_{end}" for name in places if name in PERIODS for end in ("start", "end")}
    if "exported" in file.table.columns:
        filled.add("exported")
    if "taken_at" in places:
        filled.add("age_days")  # follows from it
    return tuple(name for name in layout_of(file.table).columns if name in filled)


# What follows from the rows


def _export_date(file: EvidenceFile, rows: list[Row]) -> None:
    """Where a board does not say when it was exported: not before the newest date in it."""
    if "exported" in file.table.columns:
        newest = _newest(file, rows)
        for row in rows:
            row["exported"] = row.get("exported") or newest


def _newest(file: EvidenceFile, rows: Sequence[Row]) -> datetime | None:
    times = [name for name, column in file.table.columns.items() if column.type == "time" and name not in _AFTER_NOW]
    return max((row[name] for row in rows for name in times if isinstance(row.get(name), datetime)), default=None)
