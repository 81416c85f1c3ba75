"""From a file to a sheet: its headings found, a known export recognised, everything else as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from govcheck.evidence.converters import CONVERTERS, GridConverter, ObjectConverter, picked
from govcheck.evidence.gate import check_headings, refuse_exports
from govcheck.evidence.headings import folded, names_of
from govcheck.evidence.reading import read_file
from govcheck.evidence.refusal import Refusal
from govcheck.evidence.sheet import MAX_COLUMNS, Cell, Grid, Objects, Sheet
from govcheck.policy.evidence import file_columns, is_shipped
from govcheck.policy.types import EvidenceFile

_SEARCHED = 20
"""Rows among which the headings are looked for: exports begin with a title now and then."""
_BOARD = "work_items"
_TRACKER_PEOPLE = ("Person", "People", "Owner", "Assignee", "Assigned to", "Toegewezen aan", "Eigenaar", "Behandelaar")

Row = tuple[int, Sequence[Cell]]
_Converter = TypeVar("_Converter", GridConverter, ObjectConverter)


def open_sheet(file: EvidenceFile) -> Sheet:
    """The sheet of a file. Raises `Refusal`, also for a raw export of a product about single people."""
    raw = read_file(file.path, file.sheet)
    return _from_objects(raw, file) if isinstance(raw, Objects) else _from_grid(raw, file)


def _from_grid(grid: Grid, file: EvidenceFile) -> Sheet:
    if grid.headings is not None:
        return _recognised(grid.headings, grid.rows, file)
    known = _known_headings(file) | {name for each in _converters(file, GridConverter) for name in each.wanted}
    sample: list[Row] = []
    for row in grid.rows:
        sample.append(row)
        if len(sample) == _SEARCHED:
            break
    best = max(range(len(sample)), key=lambda at: (_score(sample[at][1], known), -at), default=None)
    if best is None or not any(_said(cell) for cell in sample[best][1]):
        raise Refusal("evidence-empty", columns=_wanted(file))
    headings = tuple(_said(cell) for cell in sample[best][1])
    return _recognised(headings, chain(sample[best + 1 :], grid.rows), file)


def _converters(file: EvidenceFile, kind: type[_Converter]) -> Iterator[_Converter]:
    """What knows exports for a table of ours; a table that a document defines itself comes as it stands."""
    if is_shipped(file.table):
        yield from (each for each in CONVERTERS if isinstance(each, kind) and each.table == file.table.name)


def _score(row: Sequence[Cell], known: set[str]) -> tuple[int, bool]:
    """How much a row looks like headings: those that are known, then whether there is anything in it."""
    return sum(folded(_said(cell)) in known for cell in row), any(_said(cell) for cell in row)


def _said(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def _known_headings(file: EvidenceFile) -> set[str]:
    names = {name for column in file_columns(file.table) for name in names_of(column, file.columns.get(column))}
    return names | ({folded(file.unit)} if file.unit else set())


def _wanted(file: EvidenceFile) -> str:
    return ", ".join(f"`{file.columns.get(column, column)}`" for column in file_columns(file.table))


def _recognised(headings: tuple[str, ...], rows: Iterator[Row], file: EvidenceFile) -> Sheet:
    here = {folded(heading) for heading in headings}
    for each in _converters(file, GridConverter):
        if each.wanted <= here:
            return each.convert(headings, rows)
    if file.table.name == _BOARD and is_shipped(file.table) and "item" in file.columns:
        return _mapped_board(headings, rows, file)
    refuse_exports(headings)
    return Sheet(headings=headings, rows=_not_empty(rows))


def _mapped_board(headings: tuple[str, ...], rows: Iterator[Row], file: EvidenceFile) -> Sheet:
    """A board of a product without fixed headings, such as Monday: the document says which columns count.

    Rows without an item, or with the headings again, are titles of groups.
    """
    mapped = {folded(heading) for heading in file.columns.values()}
    kept = [heading if folded(heading) in mapped else "" for heading in headings]
    check_headings(kept, dict.fromkeys(range(len(kept)), ("name", "text")))
    sheet = picked(headings, rows, file.columns, _TRACKER_PEOPLE)
    missing = [column for column in file.columns if column not in sheet.headings]
    if missing:
        raise Refusal("evidence-column-missing", column=missing[0], heading=f"`{file.columns[missing[0]]}`")
    at, title = sheet.headings.index("item"), folded(file.columns["item"])
    items = ((number, row) for number, row in sheet.rows if _said(row[at]) and folded(_said(row[at])) != title)
    return Sheet(headings=sheet.headings, rows=items, dropped=sheet.dropped, converted=True)


def _not_empty(rows: Iterator[Row]) -> Iterator[Row]:
    return ((number, row) for number, row in rows if any(_said(cell) for cell in row))


# JSON


def _from_objects(raw: Objects, file: EvidenceFile) -> Sheet:
    for each in _converters(file, ObjectConverter):
        if each.fits(raw.value):
            return each.convert(raw.value)
    value = raw.value
    if isinstance(value, dict):  # {"data": […]}: the one list in it is what it is about
        lists = [child for child in value.values() if isinstance(child, list)]
        value = lists[0] if len(lists) == 1 else [value]
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Refusal("evidence-not-a-list", columns=_wanted(file))
    return _flat(value, file)


def _flat(items: Sequence[Mapping[str, object]], file: EvidenceFile) -> Sheet:
    headings = tuple(dict.fromkeys(str(key) for item in items for key in item))
    if len(headings) > MAX_COLUMNS:
        raise Refusal("evidence-too-many-columns", limit=MAX_COLUMNS)
    if not headings:
        raise Refusal("evidence-empty", columns=_wanted(file))
    rows = ((number, [_cell(item.get(heading)) for heading in headings]) for number, item in enumerate(items, start=1))
    return _recognised(headings, rows, file)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return [str(item) for item in value] if isinstance(value, list) else str(value)
