"""Hours that make no sense: windows, core hours and quiet hours that contradict themselves or one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from govcheck.diagnostics import Diagnostic, error
from govcheck.policy.documents import Document
from govcheck.policy.header import read_text
from govcheck.policy.working_time import DAY, DAYS, WEEK, Window, minutes_of, read_window
from govcheck.source import Node
from govcheck.words import text as words

_LONGEST = 16 * 60
"""Minutes; a window that is longer was most likely meant to end on the day it begins."""

_Read = tuple[Node, Window]


def hours_faults(documents: Iterable[Document]) -> Iterator[Diagnostic]:
    """What makes no sense in working agreements, and between them and the charters of the same unit."""
    agreements = {document: _windows(document) for document in documents if document.kind == "WorkingAgreement"}
    for document, windows in agreements.items():
        for node, window in windows:
            yield from _window_faults(node, window)
        yield from _overlaps(windows)
        yield from _core_faults(document, windows)
    for document in documents:
        if document.kind == "CommunicationCharter":
            yield from _quiet_faults(document, agreements)


def _windows(document: Document) -> list[_Read]:
    return [(node, read_window(node.plain())) for node in document.rows("windows")]


def _window_faults(node: Node, window: Window) -> Iterator[Diagnostic]:
    until, length = node.at(["until"]), window.end - window.start
    if node.at(["from"]).value == until.value:
        yield error("window-empty", until.span)
    elif length > _LONGEST:
        yield error("window-too-long", until.span, hours=f"{length / 60:g}")
    elif window.break_minutes >= length:
        yield error("break-too-long", node.at(["break_minutes"]).span)


def _overlaps(windows: Sequence[_Read]) -> Iterator[Diagnostic]:
    """Windows of one time zone that are open at the same time; each pair once."""
    zones: dict[str | None, list[_Read]] = {}
    for node, window in windows:
        zones.setdefault(window.time_zone, []).append((node, window))
    for listed in zones.values():
        times = sorted(
            (day * DAY + window.start, day * DAY + window.end, at)
            for at, (_, window) in enumerate(listed)
            for day in window.days
        )
        told: set[tuple[int, int]] = set()
        again = [(start + WEEK, end + WEEK, at) for start, end, at in times[:1]]
        for (_, end, first), (start, _, second) in pairwise([*times, *again]):
            pair = (min(first, second), max(first, second))
            if start < end and pair not in told:
                told.add(pair)
                place = ((listed[pair[0]][0].at(["from"]).span, words("diagnostics.first-here")),)
                span = listed[pair[1]][0].at(["from"]).span
                yield error("windows-overlap", span, related=place, day=DAYS[start % WEEK // DAY])


def _core_faults(document: Document, windows: Sequence[_Read]) -> Iterator[Diagnostic]:
    core = document.part("core_hours")
    if core is None:
        return
    start, end = (minutes_of(str(core.at([key]).value)) for key in ("from", "until"))
    if end <= start:
        yield error("core-hours-reversed", core.at(["until"]).span)
    elif windows and not any(
        window.start <= start and end <= window.end
        for _, window in windows
        if window.time_zone == windows[0][1].time_zone
    ):
        yield error("core-hours-outside", core.at(["from"]).span)


def _quiet_faults(charter: Document, agreements: dict[Document, list[_Read]]) -> Iterator[Diagnostic]:
    """Quiet hours within the windows of the same unit. Both are in local time."""
    quiet = charter.part("quiet_hours")
    if quiet is None:
        return
    start, end = (minutes_of(str(quiet.at([key]).value)) for key in ("from", "until"))
    if start == end:
        yield error("quiet-hours-empty", quiet.at(["until"]).span)
        return
    end = end if end > start else end + DAY
    for agreement, windows in agreements.items():
        if read_text(agreement.node.get("unit")) != read_text(charter.node.get("unit")):
            continue
        inside = [node for node, window in windows if _meet(window, start, end)]
        if inside:
            place = ((inside[0].at(["from"]).span, words("diagnostics.window-here")),)
            yield error("quiet-hours-in-window", quiet.at(["from"]).span, related=place, name=agreement.id)


def _meet(window: Window, start: int, end: int) -> bool:
    """Whether a window and the time from `start` to `end` share a minute of the day."""
    return any(window.start < end + shift and start + shift < window.end for shift in (-DAY, 0, DAY))
