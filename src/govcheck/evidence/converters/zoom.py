"""Zoom: the meeting report, with a block about each meeting and a block about who took part.

Names and addresses are never taken in: of the second block only the marks of guests are counted.
"""

from __future__ import annotations

from datetime import datetime

from govcheck.evidence.converters.model import GridConverter, Rows, in_vendor_time, sheet_of
from govcheck.evidence.headings import folded
from govcheck.evidence.sheet import Cell, Sheet
from govcheck.evidence.values import YES

_MEETING = frozenset({"meeting id", "start time", "participants"})
_PEOPLE = frozenset({"join time", "leave time"})
_DROPPED = ("Topic", "User Email", "Name (Original Name)")


def _convert(headings: tuple[str, ...], rows: Rows) -> Sheet:
    days: dict[Cell, dict[str, Cell]] = {}
    block, day = headings, None
    for _, row in rows:
        here = {folded(str(cell)) for cell in row if cell}
        if here >= _PEOPLE or here >= _MEETING:
            block = tuple(str(cell or "") for cell in row)
            continue
        cells = dict(zip(map(folded, block), row, strict=False))
        if not here:
            continue
        if "meeting id" in cells:
            day = _day(cells.get("start time"))
            counts = days.setdefault(day, {"date": day, "meetings": 0, "participants": 0, "guests": None})
            counts["meetings"] = _number(counts["meetings"]) + 1
            counts["participants"] = _number(counts["participants"]) + _number(cells.get("participants"))
        elif day is not None and "guest" in cells:
            guest = folded(str(cells["guest"])) in YES
            days[day]["guests"] = _number(days[day]["guests"]) + int(guest)
    return sheet_of(days.values(), ("date", "meetings", "participants", "guests"), _DROPPED)


def _day(cell: Cell) -> Cell:
    """Zoom writes the month first."""
    moment = in_vendor_time(cell, month_first=True)
    return moment.replace(hour=0, minute=0, second=0) if isinstance(moment, datetime) else moment


def _number(cell: Cell) -> int:
    return int(cell) if str(cell or "").isdecimal() else 0  # type: ignore[arg-type] # digits alone


CONVERTERS = (GridConverter(product="Zoom", table="zoom_meetings", wanted=_MEETING, convert=_convert),)
