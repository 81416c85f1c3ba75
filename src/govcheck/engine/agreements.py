"""Working agreements: what follows from their windows, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from govcheck.policy.overlap import overlap_hours
from govcheck.policy.types import DeclaredDocument, Organisation
from govcheck.policy.working_time import Window, minutes_of, read_window, working_time

WORKING_AGREEMENT = "WorkingAgreement"


def with_working_time(document: DeclaredDocument, organisation: Organisation | None, year: int) -> DeclaredDocument:
    """The document with every window's time zone filled in and its derived columns worked out for `year`.

    A window without a time zone has the first of the unit that the document names, else the first of another window.
    """
    items: list[dict[str, Any]] = list(document.body.get("windows") or ())
    zone = _usual_zone(document.header.unit, organisation)
    zone = zone or next((item["time_zone"] for item in items if item.get("time_zone")), None)
    windows = [read_window(item, zone) for item in items]
    filled = [{**item, "time_zone": item.get("time_zone") or zone} for item in items]
    derived = {"core_hours": _core_hours(document.body), **(_columns(windows, year) if windows else {})}
    return replace(document, body={**document.body, "windows": filled}, derived=derived)


def _usual_zone(unit: str | None, organisation: Organisation | None) -> str | None:
    units = organisation.units if organisation else ()
    named = [known for known in units if unit is not None and unit in (known.id, known.group, known.department)]
    return next((zone for known in named for zone in known.time_zones), None)


def _core_hours(body: Mapping[str, Any]) -> float | None:
    core = body.get("core_hours")
    if not core:
        return None
    return (minutes_of(core["until"]) - minutes_of(core["from"])) / 60


def _columns(windows: Sequence[Window], year: int) -> dict[str, Any]:
    zones: dict[str | None, list[Window]] = {}
    for window in windows:
        zones.setdefault(window.time_zone, []).append(window)
    weeks = [working_time(listed) for listed in zones.values()]
    named = {zone: listed for zone, listed in zones.items() if zone is not None}
    return {
        "time_zones": sorted(named),
        "daily_rest_hours": min(week.daily_rest for week in weeks),
        "short_rests_per_week": max(week.short_rests for week in weeks),
        "weekly_rest_hours": min(week.weekly_rest for week in weeks),
        "longest_shift_hours": max(week.longest_shift for week in weeks),
        "week_hours": max(week.week for week in weeks),
        "missing_break_minutes": max(week.missing_break_minutes for week in weeks),
        "overlap_hours": overlap_hours(named, year),
        "earliest_hour": min(window.start for window in windows) / 60,
        "latest_hour": max(window.end for window in windows) / 60,
    }
