"""Edits of a Conditional Access policy: what they are, how much they take, and what its conditions become."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from govcheck.access.cells import CLIENT, DEVICE, FLOW, INSIDER_RISK, SIGN_IN_RISK, USER_RISK
from govcheck.access.model import Conditions, PeopleNamed, Policy, Range, State

Kind = Literal[
    "enable", "user", "group", "role", "guest", "all", "everybody",
    "application", "applications", "location", "locations", "platform", "platforms",
    "client", "sign_in_risk", "user_risk", "insider_risk", "device", "flow", "grant",
    "add-mfa", "add-block", "replace-defaults",
]  # fmt: skip

_LEAVING_OUT: tuple[Kind, ...] = ("user", "group", "role", "guest", "all")
_WEIGHTS: dict[Kind, int] = {
    **dict.fromkeys(("user", "group", "application", "location", "platform", "enable"), 1),
    **dict.fromkeys(("role", "guest", "all", "client", "grant", "locations", "platforms", "device"), 2),
    **dict.fromkeys(("everybody", "applications", "sign_in_risk", "user_risk", "insider_risk", "flow"), 4),
    **dict.fromkeys(("add-mfa", "add-block", "replace-defaults"), 5),
}
DROPPED: dict[int, tuple[Kind, str]] = {
    CLIENT: ("client", "clients"),
    SIGN_IN_RISK: ("sign_in_risk", "sign_in_risks"),
    USER_RISK: ("user_risk", "user_risks"),
    INSIDER_RISK: ("insider_risk", "insider_risks"),
    DEVICE: ("device", "device"),
    FLOW: ("flow", "flows"),
}
"""Dimensions in which a condition goes as a whole, with the field that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One thing about a policy that keeps it away, and that would be changed."""

    kind: Kind
    value: str = ""
    """What is left out: an id. For `enable` the state that the policy is in."""
    people: int = 0
    """How many of the people in hand this keeps away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Edits of one policy; without a policy, a new one."""

    policy: Policy | None
    edits: tuple[Edit, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same edits of the same policy, however many people they are about."""
        return (self.policy and self.policy.id, *((each.kind, each.value) for each in self.edits))

    @property
    def weight(self) -> int:
        """How much it takes: leaving less out is little, a policy for everybody is much."""
        off = self.policy is not None and self.policy.state is State.DISABLED
        return sum(_WEIGHTS[each.kind] for each in self.edits) + off


def edited(conditions: Conditions, edits: Iterable[Edit]) -> Conditions:
    """A policy's conditions after some edits; those of its state and its grant change nothing here."""
    for each in edits:
        conditions = _EDITS.get(each.kind, _dropped)(conditions, each)
    return conditions


def _dropped(conditions: Conditions, edit: Edit) -> Conditions:
    for kind, name in DROPPED.values():
        if kind == edit.kind:
            empty: object = None if name == "device" else frozenset()
            return replace(conditions, **{name: empty})  # type: ignore[arg-type] # the field's own empty value
    return conditions


def _with_people(conditions: Conditions, edit: Edit) -> Conditions:
    side, gone = conditions.exclude_people, frozenset({edit.value})
    match edit.kind:
        case "user":
            side = replace(side, user_ids=side.user_ids - gone)
        case "group":
            side = replace(side, group_ids=side.group_ids - gone)
        case "role":
            side = replace(side, role_ids=side.role_ids - gone)
        case "guest":
            side = replace(side, words=side.words - {"GuestsOrExternalUsers"}, outsiders=None)
        case _:
            side = replace(side, words=side.words - {"All"})
    return replace(conditions, exclude_people=side)


def _with_everybody(conditions: Conditions, _: Edit) -> Conditions:
    return replace(conditions, include_people=PeopleNamed(words=frozenset({"All"})))


def _with_application(conditions: Conditions, edit: Edit) -> Conditions:
    targets = conditions.targets
    return replace(conditions, targets=replace(targets, exclude_ids=targets.exclude_ids - {edit.value}))


def _with_applications(conditions: Conditions, _: Edit) -> Conditions:
    targets = replace(conditions.targets, include_ids=frozenset({"all"}), exclude_ids=frozenset(), filtered=False)
    return replace(conditions, targets=targets)


def _with_places(conditions: Conditions, edit: Edit) -> Conditions:
    if edit.kind == "locations":
        return replace(conditions, locations=Range())
    kept = conditions.locations.exclude - {edit.value}
    # Without a place that is included, what is left out is left out of everywhere.
    return replace(conditions, locations=replace(conditions.locations, exclude=kept))


def _with_platforms(conditions: Conditions, edit: Edit) -> Conditions:
    if edit.kind == "platforms":
        return replace(conditions, platforms=Range())
    kept = conditions.platforms.exclude - {edit.value}
    return replace(conditions, platforms=replace(conditions.platforms, exclude=kept))


_EDITS: dict[Kind, Callable[[Conditions, Edit], Conditions]] = {
    **dict.fromkeys(_LEAVING_OUT, _with_people),
    "everybody": _with_everybody,
    "application": _with_application,
    "applications": _with_applications,
    "location": _with_places,
    "locations": _with_places,
    "platform": _with_platforms,
    "platforms": _with_platforms,
}
