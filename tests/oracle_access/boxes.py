"""Whether the rows of `sign_in_paths` are boxes that divide somebody's sign-ins, each with the right answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from math import prod
from typing import Any

from oracle_access.applications import GROUPS
from oracle_access.evaluator import answer
from oracle_access.places import is_within

Raw = Mapping[str, Any]
Row = Mapping[str, Any]
Labels = Mapping[str, set[str]]

TARGETS = ("applications", "user_actions", "authentication_contexts")
DIMENSIONS = (
    "client_app_types", "platforms", "locations", "sign_in_risks", "user_risks", "insider_risks", "devices",
    "authentication_flows",
)  # fmt: skip
ANSWER = ("outcome", "requires", "mfa", "applied")


def personas(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Put the rows of each persona together."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["persona"], []).append(row)
    return found


def overlaps(rows: list[Row]) -> list[tuple[Row, Row]]:
    """Find rows of one persona that share a sign-in."""
    boxes = [(row, _box(row)) for row in rows]
    return [(one, two) for (one, first), (two, second) in combinations(boxes, 2) if all(_shared(first, second))]


def leaves_gaps(rows: list[Row]) -> bool:
    """Tell whether some combination of values is in no row, given that no two rows overlap."""
    boxes = [_box(row) for row in rows]
    whole = prod(len(set().union(*values)) for values in zip(*boxes, strict=True))
    return sum(prod(map(len, box)) for box in boxes) != whole


def _box(row: Row) -> list[set[Any]]:
    targets = {(kind, name) for kind in TARGETS for name in row[kind]}
    return [targets, *(set(row[dimension]) for dimension in DIMENSIONS)]


def _shared(first: list[set[Any]], second: list[set[Any]]) -> Iterator[bool]:
    return (bool(one & two) for one, two in zip(first, second, strict=True))


def wrong_answers(tenant: Raw, rows: list[Row], signins: Iterable[Raw]) -> list[tuple[Raw, Row | None]]:
    """Find sign-ins on which the persona's rows and the oracle differ, with the row that says otherwise.

    What a row calls a device is its own affair: a device has the right rows if one of the names fits all its sign-ins.
    """
    by_device: dict[str, list[Raw]] = {}
    for signin in signins:
        by_device.setdefault(str(signin["device"]), []).append(signin)
    names = {name for row in rows for name in row["devices"]}
    attempts = ([list(_wrong(tenant, rows, alike, name)) for name in sorted(names)] for alike in by_device.values())
    return [found for attempt in attempts for found in min(attempt, key=len)]


def _wrong(tenant: Raw, rows: list[Row], signins: Iterable[Raw], device: str) -> Iterator[tuple[Raw, Row | None]]:
    for signin in signins:
        expected = answer(tenant, signin)
        row = next((row for row in rows if device in row["devices"] and _covers(tenant, rows, row, signin)), None)
        if row is None and signin.get("authenticationContext") and not expected["applied"]:
            continue  # a context that none of this person's policies names need not be listed
        if row is None or any(row[name] != expected[name] for name in ANSWER):
            yield signin, row


def _covers(tenant: Raw, rows: list[Row], row: Row, signin: Raw) -> bool:
    return (
        _covers_target(rows, row, signin)
        and signin["clientAppType"] in row["client_app_types"]
        and (signin["devicePlatform"] or "unknown") in row["platforms"]
        and signin["signInRiskLevel"] in row["sign_in_risks"]
        and signin["userRiskLevel"] in row["user_risks"]
        and signin["insiderRiskLevel"] in row["insider_risks"]
        and (signin["authenticationFlow"] or "none") in row["authentication_flows"]
        and any(_is_place(tenant, rows, name, signin) for name in row["locations"])
    )


def _covers_target(rows: list[Row], row: Row, signin: Raw) -> bool:
    """An application goes by its id where some row names it, else by its group, else as one of the others."""
    if signin.get("userAction"):
        return signin["userAction"] in row["user_actions"]
    if signin.get("authenticationContext"):
        return signin["authenticationContext"] in row["authentication_contexts"]
    listed = {name for each in rows for name in each["applications"]}
    id_ = signin["applicationId"]
    groups = [name for name, members in GROUPS.items() if id_ in members and name in listed]
    return (id_ if id_ in listed else (groups or ["other"])[0]) in row["applications"]


def _is_place(tenant: Raw, rows: list[Row], name: str, signin: Raw) -> bool:
    """A place goes by the named locations it lies in, of those that some row names."""
    listed = {id_ for each in rows for label in each["locations"] for id_ in label.split("+")}
    named = {location["id"]: location for location in tenant["named_locations"] if location["id"] in listed}
    inside = {id_ for id_, location in named.items() if is_within(location, signin)}
    return inside == named.keys() & set(name.split("+"))
