"""Asana: the CSV of a project. Dates have no time, and the start is the planned one."""

from __future__ import annotations

from govcheck.evidence.converters.model import GridConverter, Rows, picked
from govcheck.evidence.sheet import Sheet

_COLUMNS = {
    "board": "Projects",
    "item": "Task ID",
    "status": "Section/Column",
    "created": "Created At",
    "started": "Start Date",
    "finished": "Completed At",
    "due": "Due Date",
}
_DROPPED = ("Assignee", "Assignee Email", "Name", "Notes")


def _convert(headings: tuple[str, ...], rows: Rows) -> Sheet:
    return picked(headings, rows, _COLUMNS, _DROPPED)


CONVERTERS = (
    GridConverter(
        product="Asana",
        table="work_items",
        wanted=frozenset({"task id", "created at", "completed at", "last modified"}),
        convert=_convert,
    ),
)
