"""Making a tenant smaller while something stays true of it, so that a person can read what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

Resource = dict[str, Any]

_EMPTIED = (
    "platforms", "locations", "devices", "authenticationFlows", "insiderRiskLevels", "applicationFilter",
    "clientApplications", "includeGuestsOrExternalUsers", "excludeGuestsOrExternalUsers", "authenticationStrength",
)  # fmt: skip
_KEPT = ("groups", "role_definitions", "authentication_strengths")
"""Tables that others refer to: without them a smaller tenant would be about something else."""


def shrink(tenant: Resource, still: Callable[[Resource], bool]) -> Resource:
    """Take things out one by one, again and again, as long as `still` holds; what raises is no improvement."""
    smaller = next((each for each in _simplifications(tenant) if _holds(still, each)), None)
    return tenant if smaller is None else shrink(smaller, still)


def _holds(still: Callable[[Resource], bool], tenant: Resource) -> bool:
    try:
        return still(tenant)
    except (KeyError, IndexError, StopIteration):
        return False


def _simplifications(tenant: Resource) -> Iterator[Resource]:
    """Every copy of the tenant with one item or one setting less, the largest things first."""
    for path in sorted((path for path in _paths(tenant) if path[0] not in _KEPT), key=len):
        copy = deepcopy(tenant)
        place: Any = copy
        for step in path[:-1]:
            place = place[step]
        if isinstance(place, list):
            del place[path[-1]]
        else:
            place[path[-1]] = None
        yield copy


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            if key in _EMPTIED and inside is not None:
                yield (*path, key)
            yield from _paths(inside, (*path, key))
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield (*path, index)
            yield from _paths(inside, (*path, index))
