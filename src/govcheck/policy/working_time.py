"""What working windows leave of rest: hours of work, rest and breaks in a week that repeats itself.

Windows are read as worked to the full, which is the most that people may be asked. Hours of work are without breaks.
Rest is by the local clock: the two nights a year on which that jumps are not told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

DAY = 24 * 60
WEEK = 7 * DAY
SHORTEST_REST = 8 * 60
"""Minutes without work that end a shift: what is shorter is a break."""
DAILY_REST = 11 * 60
SHORTEST_BREAK = 15
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Interval = tuple[int, int]
"""Begin and end in minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hours of work on some days, in minutes since local midnight; `end` is above `start`, past midnight if need be."""

    days: frozenset[int]
    """0 is Monday."""
    start: int
    end: int
    break_minutes: int = 0
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTime:
    """One week's work and rest, in hours."""

    daily_rest: float
    """The longest rest in the 24 hours after work begins, on the worst day."""
    short_rests: int
    """How often in a week that rest is at least 8 and under 11 hours."""
    weekly_rest: float
    longest_shift: float
    """Work between two rests of 8 hours or more."""
    week: float
    missing_break_minutes: float
    """What the worst shift lacks: 30 minutes above 5.5 hours of work, 45 above 10."""


def minutes_of(clock: str) -> int:
    """Minutes since midnight."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def read_window(item: Mapping[str, Any], time_zone: str | None = None) -> Window:
    """A window as a document has it; `time_zone` where it names none. An end before the beginning is the next day's."""
    start, end = minutes_of(item["from"]), minutes_of(item["until"])
    return Window(
        days=frozenset(DAYS.index(day) for day in item["days"]),
        start=start,
        end=end if end > start else end + DAY,
        break_minutes=int(item.get("break_minutes") or 0),
        time_zone=item.get("time_zone") or time_zone,
    )


def working_time(windows: Sequence[Window]) -> WorkingTime:
    """Work and rest of people with these windows. `windows` are those of one time zone, at least one."""
    times = sorted(_occurrences(windows))
    work = list(merged((start, end) for start, end, _ in times))
    free = [(end, start) for (_, end), (start, _) in pairwise(work)]
    rests = dict.fromkeys(_longest(free, start) for start, _ in work if 0 <= start < WEEK)
    lengths = [end - start for start, end in rests]
    shifts = list(_shifts(times))
    present = sum(max(0, min(end, WEEK) - max(start, 0)) for start, end in work)
    pauses = sum(pause for start, _, pause in times if 0 <= start < WEEK)
    week = max(0, present - pauses)
    unbroken = [time for time in times if 0 <= time[0] < WEEK]
    return WorkingTime(
        daily_rest=min(lengths, default=0) / 60,
        short_rests=sum(SHORTEST_REST <= length < DAILY_REST for length in lengths),
        weekly_rest=max((end - start for start, end in free if 0 <= start < WEEK), default=0) / 60,
        longest_shift=max((_worked(shift) for shift in shifts), default=week) / 60,
        week=week / 60,
        missing_break_minutes=max(_missing_break(shift) for shift in shifts or [unbroken]),
    )


def merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Intervals in order of beginning, with those that touch or overlap as one."""
    current: Interval | None = None
    for start, end in intervals:
        if current is None:
            current = start, end
        elif start <= current[1]:
            current = current[0], max(current[1], end)
        else:
            yield current
            current = start, end
    if current is not None:
        yield current


_Time = tuple[int, int, int]
"""Begin, end and break of one window on one day."""


def _occurrences(windows: Sequence[Window]) -> Iterator[_Time]:
    """Every window of last week, this week and the next, in minutes since Monday of this week."""
    for window in windows:
        for week in (-WEEK, 0, WEEK):
            for day in window.days:
                midnight = week + day * DAY
                yield midnight + window.start, midnight + window.end, window.break_minutes


def _longest(free: Sequence[Interval], start: int) -> Interval:
    """The longest stretch without work in the 24 hours from `start`."""
    stretches = [(max(begin, start), min(end, start + DAY)) for begin, end in free]
    return max(stretches, key=lambda stretch: stretch[1] - stretch[0], default=(start, start))


def _shifts(times: Sequence[_Time]) -> Iterator[list[_Time]]:
    """The shifts that begin this week; none where no rest ever ends one."""
    shift: list[_Time] = []
    reached = -WEEK - DAY
    for time in times:
        if time[0] - reached >= SHORTEST_REST:
            if shift and 0 <= shift[0][0] < WEEK:
                yield shift
            shift = []
        shift.append(time)
        reached = max(reached, time[1])


def _worked(shift: Sequence[_Time]) -> int:
    present = sum(end - start for start, end in merged((start, end) for start, end, _ in shift))
    return max(0, present - sum(pause for _, _, pause in shift))


def _missing_break(shift: Sequence[_Time]) -> int:
    work = list(merged((start, end) for start, end, _ in shift))
    between = [start - end for (_, end), (start, _) in pairwise(work)]
    taken = sum(pause for _, _, pause in shift) + sum(gap for gap in between if gap >= SHORTEST_BREAK)
    worked = _worked(shift)
    needed = 45 if worked > 10 * 60 else 30 if worked > 5.5 * 60 else 0
    return max(0, needed - taken)
