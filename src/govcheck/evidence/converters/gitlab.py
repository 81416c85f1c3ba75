"""GitLab: the CSV of issues, read by name because its order has changed, and the releases of the API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from govcheck.evidence.converters.model import (
    GridConverter,
    Item,
    ObjectConverter,
    Rows,
    escalated,
    has_keys,
    listed,
    picked,
    plain,
    sheet_of,
)
from govcheck.evidence.sheet import Cell, Sheet

_COLUMNS = {
    "item": "Issue ID",
    "status": "State",
    "created": "Created At (UTC)",
    "finished": "Closed At (UTC)",
    "due": "Due Date",
    "escalated": "Labels",
}
_DROPPED = ("Author", "Author Username", "Assignee", "Assignee Username", "Title", "Description")
_RELEASE = ("tag", "published", "has_notes")


def _issues(headings: tuple[str, ...], rows: Rows) -> Sheet:
    sheet = picked(headings, rows, _COLUMNS, _DROPPED)
    marked = ((number, _marked(sheet.headings, row)) for number, row in sheet.rows)
    return Sheet(headings=sheet.headings, rows=marked, dropped=sheet.dropped, converted=True)


def _marked(columns: tuple[str, ...], row: Sequence[Cell]) -> list[Cell]:
    pairs = zip(columns, row, strict=True)
    return [escalated(str(cell or "").split(",")) if column == "escalated" else cell for column, cell in pairs]


def _releases(value: object) -> Sheet:
    return sheet_of(_each(listed(value)), _RELEASE, ("author", "description"))


def _each(releases: Sequence[Item]) -> Iterator[dict[str, Cell]]:
    for release in releases:
        yield {
            "tag": plain(release["tag_name"]),
            "published": plain(release["released_at"]),
            "has_notes": bool(str(release.get("description") or "").strip()),
        }


CONVERTERS = (
    GridConverter(
        product="GitLab",
        table="work_items",
        wanted=frozenset({"issue id", "state", "created at utc", "closed at utc"}),
        convert=_issues,
    ),
    ObjectConverter(
        product="GitLab",
        table="releases",
        fits=lambda value: has_keys(value, "tag_name", "released_at"),
        convert=_releases,
    ),
)
