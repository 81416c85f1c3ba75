"""How old the rows of a snapshot may be: what Graph cannot track is read again after a while, or counts no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from govcheck.catalogue import Feed, MissingColumn, Table
from govcheck.model import Reason, Text
from govcheck.snapshot.manifest import FeedEntry, Snapshot, TableEntry
from govcheck.words import text

_DEFAULT_HOURS = 24
"""For how long a reading counts of a feed that is read anew every time, where that fails."""


def lifetime(feed: Feed) -> timedelta | None:
    """For how long a reading of a feed counts; None for one that Graph tracks, of which all changes are known."""
    return None if feed.delta else timedelta(hours=feed.every_hours or _DEFAULT_HOURS)


def is_over(feed: Feed, read_at: datetime, moment: datetime) -> bool:
    """Whether a reading is too old at a moment."""
    lasts = lifetime(feed)
    return lasts is not None and moment - read_at > lasts


def stale_gap(snapshot: Snapshot, table: Table, column: str | None) -> MissingColumn | None:
    """Why a column that the snapshot holds, or for None the table itself, is too old to go by; None where it is not.

    Age is measured to when the snapshot was taken, whenever it is checked. A table stands and falls with its first
    feed, which says which rows there are; a column with its own feed besides.
    """
    entry = snapshot.tables[table.name]
    for number, feed in enumerate(table.feeds):
        if number and (column is None or column == feed.join or column not in feed.columns):
            continue
        gap = _feed_gap(feed, number, entry, snapshot.taken_at)
        if gap is not None:
            return gap
    return None


def _feed_gap(feed: Feed, number: int, entry: TableEntry, taken_at: datetime) -> MissingColumn | None:
    said = next((each for each in entry.feeds if each.number == number), None)
    read_at = said.read_at if said is not None else entry.read_at
    if read_at is None or (said is None and entry.feeds):
        return None
    if is_over(feed, read_at, taken_at) or (said is not None and said.state == "stale"):
        return MissingColumn(Reason.EVIDENCE_STALE, _too_old(feed, read_at, taken_at, said))
    return None


def _too_old(feed: Feed, read_at: datetime, taken_at: datetime, said: FeedEntry | None) -> Text:
    key = "read-too-long-ago" if is_over(feed, read_at, taken_at) else "read-earlier"
    lasts = _hours(lifetime(feed) or timedelta(0))
    words = text(f"snapshot.{key}", path=feed.path, read_at=read_at, age=_hours(taken_at - read_at), lasts=lasts)
    detail = said.detail if said is not None else None
    return words if detail is None else text("snapshot.not-read-again", words=words, detail=detail)


def _hours(time: timedelta) -> Text:
    return text("snapshot.hours", count=round(time.total_seconds() / 3600))
