"""How long people in different time zones work at the same time, with the daylight saving time of a whole year."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from govcheck.policy.working_time import DAY, Interval, Window, merged

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEAR = DAY // 2
"""Minutes around the middle of somebody's day within which others work on the same day."""


def time_zone(name: str) -> ZoneInfo | None:
    """A time zone by its IANA name, or None where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def overlap_hours(windows: Mapping[str, Sequence[Window]], year: int) -> float | None:
    """Hours that all time zones share on the worst day of `year`, of the days on which all of them work.

    `windows` are those of each time zone, by name. 0 where there is no such day; None for an unknown time zone.
    """
    zones = [(zone, tuple(listed)) for name, listed in windows.items() if (zone := time_zone(name)) is not None]
    return _overlap(tuple(zones), year) if zones and len(zones) == len(windows) else None


@lru_cache
def _overlap(zones: tuple[tuple[ZoneInfo, tuple[Window, ...]], ...], year: int) -> float:
    """Teams often keep the same hours, and a year has many days: what was worked out once is kept."""
    worked = [list(merged(sorted(_moments(windows, zone, year)))) for zone, windows in zones]
    shared = [
        minutes
        for zone, windows in zones
        for middle in _middles(windows, zone, year)
        if (minutes := _shared(worked, middle)) is not None
    ]
    return min(shared, default=0) / 60


def _moments(windows: Sequence[Window], zone: ZoneInfo, year: int) -> Iterator[Interval]:
    """Every window of the year and of the days around it, in minutes of absolute time."""
    for day in _dates(date(year, 1, 1) - timedelta(days=2), date(year + 1, 1, 1) + timedelta(days=2)):
        for window in windows:
            if day.weekday() in window.days:
                yield _minute(day, window.start, zone), _minute(day, window.end, zone)


def _middles(windows: Sequence[Window], zone: ZoneInfo, year: int) -> Iterator[int]:
    """The middle of every working day of the year."""
    for day in _dates(date(year, 1, 1), date(year + 1, 1, 1)):
        today = [window for window in windows if day.weekday() in window.days]
        if today:
            start, end = min(window.start for window in today), max(window.end for window in today)
            yield _minute(day, (start + end) // 2, zone)


def _shared(worked: Sequence[Sequence[Interval]], middle: int) -> int | None:
    """Minutes that all of them share around one moment; None where somebody does not work that day."""
    common: list[Interval] = [(middle - _NEAR, middle + _NEAR)]
    for times in worked:
        first = max(0, bisect_left(times, (middle - _NEAR, 0)) - 1)
        last = bisect_left(times, (middle + _NEAR, 0))
        near = [time for time in times[first:last] if time[1] > middle - _NEAR]
        if not near:
            return None
        common = [
            (max(start, begin), min(end, stop))
            for start, end in common
            for begin, stop in near
            if max(start, begin) < min(end, stop)
        ]
    return sum(end - start for start, end in common)


def _dates(start: date, end: date) -> Iterator[date]:
    return (start + timedelta(days=days) for days in range((end - start).days))


def _minute(day: date, minute: int, zone: ZoneInfo) -> int:
    """Minutes of absolute time at a minute of a local day; from 1440 on, of the next day."""
    days, minute = divmod(minute, DAY)
    later = day + timedelta(days=days)
    local = datetime(later.year, later.month, later.day, minute // 60, minute % 60, tzinfo=zone)
    return int((local - _EPOCH).total_seconds()) // 60
