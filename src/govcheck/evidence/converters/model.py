"""What a converter is: the export of one product, known by its headings or keys, turned into our own columns.

A converter is an allow-list: what it does not name is never taken in, so columns about people fall away unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govcheck.evidence.headings import folded
from govcheck.evidence.sheet import Cell, Sheet
from govcheck.evidence.values import NotAValue, read_time

Rows = Iterator[tuple[int, Sequence[Cell]]]
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridConverter:
    """For CSV and spreadsheets. `wanted` are the folded headings by which an export is known."""

    product: str
    table: str
    wanted: frozenset[str]
    convert: Callable[[tuple[str, ...], Rows], Sheet]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectConverter:
    """For JSON. `fits` says whether a document is such an export."""

    product: str
    table: str
    fits: Callable[[object], bool]
    convert: Callable[[Any], Sheet]


def picked(headings: Sequence[str], rows: Rows, columns: Mapping[str, str], dropped: Iterable[str]) -> Sheet:
    """A sheet with the columns that `columns` names by heading, of those that are there.

    Of headings that repeat, as Jira's labels do, the values are put together. `dropped` are headings known to be
    about people: those that are there are told.
    """
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        places.setdefault(folded(heading), []).append(place)
    found = {column: places[folded(heading)] for column, heading in columns.items() if folded(heading) in places}
    told = tuple(heading for heading in dropped if folded(heading) in places)
    return Sheet(headings=tuple(found), rows=_gathered(rows, tuple(found.values())), dropped=told, converted=True)


def _gathered(rows: Rows, places: tuple[list[int], ...]) -> Rows:
    for number, row in rows:
        yield number, [_joined([row[at] for at in listed if at < len(row)]) for listed in places]


def _joined(cells: list[Cell]) -> Cell:
    if len(cells) == 1:
        return cells[0]
    said = [str(cell) for cell in cells if cell not in (None, "")]
    return said or None


def sheet_of(items: Iterable[Mapping[str, Cell]], columns: Sequence[str], dropped: Sequence[str] = ()) -> Sheet:
    """A sheet of rows that a converter has made."""
    rows = ((number, [item.get(column) for column in columns]) for number, item in enumerate(items, start=1))
    return Sheet(headings=tuple(columns), rows=rows, dropped=tuple(dropped), converted=True)


def in_vendor_time(cell: Cell, *, month_first: bool = False) -> Cell:
    """A date in the form that a product is known to write; as it stands where it is none, to be told later."""
    try:
        return read_time(cell.strip(), month_first=month_first) if isinstance(cell, str) and cell.strip() else cell
    except NotAValue:
        return cell


def listed(value: object) -> list[Item]:
    """The objects of a JSON list, or of a document that is one object."""
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]


def has_keys(value: object, *keys: str) -> bool:
    """Whether a JSON list holds objects, all with these keys."""
    found = listed(value)
    return bool(found) and all(key in item for item in found for key in keys)


def escalated(labels: Iterable[object]) -> bool:
    """Whether a label marks an item as escalated, in Dutch or English."""
    return any("escal" in folded(str(label)) for label in labels)


def plain(value: object) -> Cell:
    """A JSON value as a cell; nothing for what is no plain value."""
    return value if isinstance(value, bool | int | float | str) else None
