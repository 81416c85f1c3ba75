"""Slack: the analytics overview of a workspace, with totals per day."""

from __future__ import annotations

from govcheck.evidence.converters.model import GridConverter, Rows, picked
from govcheck.evidence.headings import folded
from govcheck.evidence.sheet import Sheet

_TOTALS = ("Total membership", "Total enabled membership")
# Numbers of messages are left where they are: nobody is measured by how much is written.
_COLUMNS = {"full_members": "Full members", "guests": "Guests", "weekly_active_members": "Weekly active members"}


def _convert(headings: tuple[str, ...], rows: Rows) -> Sheet:
    total = next((name for name in _TOTALS if folded(name) in map(folded, headings)), _TOTALS[0])
    return picked(headings, rows, {"date": "Date", "total_membership": total, **_COLUMNS}, ())


CONVERTERS = tuple(
    GridConverter(
        product="Slack",
        table="slack_usage",
        wanted=frozenset({"date", folded(total), "full members", "guests"}),
        convert=_convert,
    )
    for total in _TOTALS
)
