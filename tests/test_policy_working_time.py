"""What working windows leave of rest, and how long time zones overlap, against a clock that ticks every quarter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govcheck.policy.overlap import overlap_hours, time_zone
from govcheck.policy.working_time import DAY, DAYS, WEEK, Window, read_window, working_time

QUARTER = 15
DAY_QUARTERS, WEEK_QUARTERS = DAY // QUARTER, WEEK // QUARTER
WEEKDAYS = list(DAYS[:5])


def window(start: str, end: str, days: Sequence[str] = WEEKDAYS, pause: int = 0, zone: str | None = None) -> Window:
    body = {"from": start, "until": end, "days": list(days), "break_minutes": pause, "time_zone": zone}
    return read_window(body)


@st.composite
def schedules(draw: st.DrawFn) -> list[Window]:
    """A few windows on a grid of quarters, past midnight and over one another too."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, DAY_QUARTERS - 1)) * QUARTER
        length = draw(st.integers(1, DAY_QUARTERS)) * QUARTER
        days = draw(st.frozensets(st.integers(0, 6), min_size=1))
        found.append(Window(days=days, start=start, end=start + length))
    return found


def ticks(windows: Sequence[Window], weeks: int = 3) -> list[bool]:
    """Whether somebody works in each quarter of `weeks` weeks that all look alike."""
    week = [False] * WEEK_QUARTERS
    for each in windows:
        for day in each.days:
            for minute in range(each.start, each.end, QUARTER):
                week[(day * DAY + minute) // QUARTER % WEEK_QUARTERS] = True
    return week * weeks


def longest_run(quarters: Sequence[bool]) -> float:
    """The longest stretch without work, in hours."""
    return max((len(list(run)) for works, run in groupby(quarters) if not works), default=0) * QUARTER / 60


@given(schedules())
@settings(max_examples=300, deadline=None)
def test_daily_rest_is_the_longest_free_stretch_in_the_24_hours_after_work_begins_on_the_worst_day(
    windows: list[Window],
) -> None:
    clock = ticks(windows)
    begins = [at for at in range(WEEK_QUARTERS, 2 * WEEK_QUARTERS) if clock[at] and not clock[at - 1]]
    expected = min((longest_run(clock[at : at + DAY_QUARTERS]) for at in begins), default=0)
    assert working_time(windows).daily_rest == expected


@given(schedules())
@settings(max_examples=200, deadline=None)
def test_weekly_rest_is_the_longest_free_stretch_of_a_week_that_repeats(windows: list[Window]) -> None:
    assert working_time(windows).weekly_rest == longest_run(ticks(windows))


@given(schedules())
@settings(max_examples=200, deadline=None)
def test_the_week_counts_each_quarter_once(windows: list[Window]) -> None:
    assert working_time(windows).week == sum(ticks(windows, weeks=1)) * QUARTER / 60


@given(schedules())
@settings(max_examples=200, deadline=None)
def test_the_longest_shift_is_the_most_work_between_two_rests_of_eight_hours(windows: list[Window]) -> None:
    clock = ticks(windows, weeks=4)
    runs = [(works, len(list(run))) for works, run in groupby(clock)]
    shifts, current, at, begun = [], 0, 0, 0
    for works, length in runs:
        if not works and length * QUARTER >= 8 * 60:
            shifts += [current] if WEEK_QUARTERS <= begun < 2 * WEEK_QUARTERS and current else []
            current, begun = 0, at + length
        elif works:
            current += length
        at += length
    rested = any(not works and length * QUARTER >= 8 * 60 for works, length in runs)
    expected = max(shifts) if rested else sum(ticks(windows, weeks=1))
    assert working_time(windows).longest_shift == expected * QUARTER / 60


@given(schedules(), st.integers(0, DAY_QUARTERS))
@settings(max_examples=100, deadline=None)
def test_more_work_never_leaves_more_rest(windows: list[Window], extra: int) -> None:
    more = [*windows, Window(days=frozenset({2}), start=0, end=max(1, extra) * QUARTER)]
    assert working_time(more).weekly_rest <= working_time(windows).weekly_rest
    assert working_time(more).week >= working_time(windows).week


def test_an_office_week_leaves_what_the_law_asks() -> None:
    found = working_time([window("08:30", "17:00", pause=45)])
    assert (found.daily_rest, found.weekly_rest, found.week) == (15.5, 63.5, 38.75)
    assert (found.short_rests, found.missing_break_minutes) == (0, 0)


def test_a_split_day_counts_the_rest_after_the_evening_and_not_the_hours_between() -> None:
    found = working_time([window("09:00", "13:00"), window("19:00", "22:00")])
    assert (found.daily_rest, found.longest_shift, found.short_rests) == (11, 7, 0)


def test_a_rest_between_8_and_11_hours_is_counted_once_for_each_night() -> None:
    found = working_time([window("07:00", "11:00"), window("18:00", "22:00")])
    assert (found.daily_rest, found.short_rests) == (9, 5)
    late = [window("14:00", "23:00", ["monday"]), window("07:00", "15:00", ["tuesday"])]
    assert (working_time(late).daily_rest, working_time(late).short_rests) == (8, 1)
    assert working_time([window("08:00", "23:30", ["monday"]), window("07:00", "15:00", ["tuesday"])]).short_rests == 0


def test_a_night_shift_runs_past_midnight_and_past_sunday() -> None:
    found = working_time([window("22:00", "06:00", ["sunday", "monday"], pause=30)])
    assert (found.longest_shift, found.week, found.daily_rest, found.weekly_rest) == (7.5, 15, 16, 136)


def test_work_without_end_leaves_nothing() -> None:
    found = working_time([window("00:00", "24:00", DAYS)])
    assert (found.daily_rest, found.weekly_rest, found.week, found.longest_shift) == (0, 0, 168, 168)


@pytest.mark.parametrize(
    ("end", "pause", "missing"),
    [("14:30", 0, 0), ("14:45", 0, 30), ("15:00", 20, 10), ("15:00", 30, 0), ("20:00", 30, 15), ("20:00", 45, 0)],
)
def test_breaks_are_missed_above_five_and_a_half_and_above_ten_hours_of_work(
    end: str, pause: int, missing: int
) -> None:
    assert working_time([window("09:00", end, pause=pause)]).missing_break_minutes == missing


def test_a_gap_between_windows_is_a_break_too() -> None:
    assert working_time([window("09:00", "13:00"), window("13:30", "17:00")]).missing_break_minutes == 0
    assert working_time([window("09:00", "13:00"), window("13:10", "17:00")]).missing_break_minutes == 30


# Time zones

ZONES = ["Europe/Amsterdam", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "America/Sao_Paulo"]


def overlap(*windows: Window, year: int = 2026) -> float | None:
    zones: dict[str, list[Window]] = {}
    for each in windows:
        zones.setdefault(each.time_zone or "", []).append(each)
    return overlap_hours(zones, year)


def test_the_worst_day_of_the_year_decides_and_daylight_saving_time_moves_it() -> None:
    amsterdam = window("09:00", "17:00", zone="Europe/Amsterdam")
    # In winter Amsterdam is 4.5 hours behind India, in summer 3.5.
    assert overlap(amsterdam, window("09:00", "17:00", zone="Asia/Kolkata")) == 3.5
    # New York is 6 hours behind but for some weeks in spring and autumn, when it is 5: the usual weeks are worst.
    assert overlap(amsterdam, window("09:00", "17:00", zone="America/New_York")) == 2


def test_summer_alone_can_take_away_the_overlap() -> None:
    reykjavik = window("13:00", "17:00", zone="Atlantic/Reykjavik")
    assert overlap(window("08:00", "15:00", zone="Europe/Amsterdam"), reykjavik) == 0
    assert overlap(window("08:00", "16:00", zone="Europe/Amsterdam"), reykjavik) == 1


def test_days_on_which_one_zone_does_not_work_are_no_common_days() -> None:
    amsterdam = window("09:00", "17:00", zone="Europe/Amsterdam")
    berlin = window("09:00", "17:00", ["monday", "tuesday"], zone="Europe/Berlin")
    assert overlap(amsterdam, berlin) == 8
    assert overlap(amsterdam, window("09:00", "17:00", ["sunday"], zone="Europe/Berlin")) == 0


def test_the_other_side_of_the_world_shares_an_evening_that_is_a_morning_there() -> None:
    amsterdam, auckland = "Europe/Amsterdam", "Pacific/Auckland"
    # 08:00 in Auckland is 20:00 in Amsterdam in January and 22:00 in July.
    assert overlap(window("18:00", "23:00", zone=amsterdam), window("08:00", "12:00", zone=auckland)) == 1


def test_an_unknown_time_zone_has_no_overlap_to_tell() -> None:
    assert (
        overlap(window("09:00", "17:00", zone="Europe/Amsterdam"), window("09:00", "17:00", zone="Mars/Base")) is None
    )
    assert time_zone("../etc/passwd") is None
    assert time_zone("Europe/Amsterdam") is not None


@given(
    st.lists(
        st.tuples(st.sampled_from(ZONES), st.integers(0, 15), st.integers(2, 9)),
        min_size=2,
        max_size=3,
        unique_by=lambda entry: entry[0],
    ),
    st.sampled_from([2025, 2026, 2028]),
)
@settings(max_examples=25, deadline=None)
def test_overlap_is_that_of_a_clock_over_the_year_and_whoever_is_named_first_makes_no_difference(
    zones: list[tuple[str, int, int]], year: int
) -> None:
    """People work every day, so that every day is common and plain ticking tells the worst one."""
    windows = [window(f"{at:02}:00", f"{at + length:02}:00", DAYS, zone=zone) for zone, at, length in zones]
    assert overlap(*windows, year=year) == overlap(*reversed(windows), year=year) == ticked(windows, year)


def ticked(windows: Sequence[Window], year: int) -> float:
    """The fewest shared hours around the middle of anybody's working day."""
    zones = [ZoneInfo(each.time_zone or "") for each in windows]
    start = datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=2)
    half_hours = [start + timedelta(minutes=30 * at) for at in range((366 + 4) * 48)]

    def working(moment: datetime, each: Window, zone: ZoneInfo) -> bool:
        local = moment.astimezone(zone)
        return each.start <= local.hour * 60 + local.minute < each.end

    shared = [
        all(working(moment, each, zone) for each, zone in zip(windows, zones, strict=True)) for moment in half_hours
    ]
    worst = float(24)
    for each, zone in zip(windows, zones, strict=True):
        for day in range(365 + (year % 4 == 0)):
            middle = datetime(year, 1, 1) + timedelta(days=day, minutes=(each.start + each.end) // 2)  # noqa: DTZ001
            at = (middle.replace(tzinfo=zone).astimezone(UTC) - start) / timedelta(minutes=30)
            first = round(at - 24)
            # A half hour is whole or not at all: windows begin on the hour, zones lie half hours apart.
            inside = [
                ticking for tick, ticking in enumerate(shared[first : first + 49], first) if at - 24 <= tick <= at + 23
            ]
            worst = min(worst, sum(inside) / 2)
    return worst
