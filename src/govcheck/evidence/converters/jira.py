"""Jira Cloud: "Export CSV (all fields)".

It tells when work began, and since when it is blocked, only where the site keeps fields "Actual start" and
"Blocked since".
"""

from __future__ import annotations

from collections.abc import Sequence

from govcheck.evidence.converters.model import GridConverter, Rows, escalated, in_vendor_time, picked
from govcheck.evidence.sheet import Cell, Sheet

_COLUMNS = {
    "board": "Project key",
    "item": "Issue key",
    "status": "Status",
    "created": "Created",
    "started": "Custom field (Actual start)",
    "finished": "Resolved",
    "due": "Due date",
    "blocked_since": "Custom field (Blocked since)",
    "escalated": "Labels",
}
_DATES = ("created", "started", "finished", "due", "blocked_since")
_DROPPED = ("Assignee", "Reporter", "Creator", "Project lead", "Summary", "Description", "Comment")


def _convert(headings: tuple[str, ...], rows: Rows) -> Sheet:
    sheet = picked(headings, rows, _COLUMNS, _DROPPED)
    return Sheet(
        headings=sheet.headings,
        rows=((number, _row(sheet.headings, row)) for number, row in sheet.rows),
        dropped=sheet.dropped,
        converted=True,
    )


def _row(columns: tuple[str, ...], row: Sequence[Cell]) -> list[Cell]:
    return [_cell(column, cell) for column, cell in zip(columns, row, strict=True)]


def _cell(column: str, cell: Cell) -> Cell:
    """Dates stand as 15/Sep/26 9:05 AM, in the language of the site; labels say whether an item is escalated."""
    if column == "escalated":
        return escalated(cell if isinstance(cell, list) else [cell])
    return in_vendor_time(cell) if column in _DATES else cell


CONVERTERS = (
    GridConverter(
        product="Jira",
        table="work_items",
        wanted=frozenset({"issue key", "issue id", "status", "created"}),
        convert=_convert,
    ),
)
