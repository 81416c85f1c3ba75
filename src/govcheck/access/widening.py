"""What keeps a policy from some sign-ins, as edits that would make it apply; and the smallest edits that do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from govcheck.access.cells import DEVICE, LOCATION, TARGET, Space
from govcheck.access.demands import device_kinds
from govcheck.access.model import (
    Clause,
    Conditions,
    Directory,
    Grant,
    PeopleNamed,
    Policy,
    Range,
    State,
    Targets,
)
from govcheck.access.people import named_as
from govcheck.access.requirements import MFA, Controls
from govcheck.access.search import Box

Kind = Literal[
    "enable", "user", "group", "role", "guest", "all", "everybody",
    "application", "applications", "location", "locations", "platform", "platforms",
    "client", "sign_in_risk", "user_risk", "insider_risk", "device", "flow", "grant",
    "add-mfa", "add-block", "replace-defaults",
]  # fmt: skip

NEW_POLICY = "new-policy"
_LEAVING_OUT: tuple[Kind, ...] = ("user", "group", "role", "guest", "all")
_WEIGHTS: dict[Kind, int] = {
    **dict.fromkeys(("user", "group", "application", "location", "platform", "enable"), 1),
    **dict.fromkeys(("role", "guest", "all", "client", "grant", "locations", "platforms", "device"), 2),
    **dict.fromkeys(("everybody", "applications", "sign_in_risk", "user_risk", "insider_risk", "flow"), 4),
    **dict.fromkeys(("add-mfa", "add-block", "replace-defaults"), 5),
}
_DROPPED: dict[int, tuple[Kind, str]] = {
    1: ("client", "clients"),
    4: ("sign_in_risk", "sign_in_risks"),
    5: ("user_risk", "user_risks"),
    6: ("insider_risk", "insider_risks"),
    7: ("device", "device"),
    8: ("flow", "flows"),
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


def closers(
    directory: Directory, space: Space, box: Box, people: Collection[str], *, controls: Controls, block: bool
) -> list[Change]:
    """Every change of one policy that makes it protect all sign-ins of a box, the smallest first; a new policy last.

    With `block`, a policy that blocks them protects as well as one that asks for a second factor.
    """
    found = [
        Change(policy=policy, edits=tuple(edits_of(directory, space, box, people, policy=policy, counted=controls.mfa)))
        for policy in directory.policies
        if _protects(policy, controls.mfa, block=block)
    ]
    found.append(Change(policy=None, edits=(Edit(kind=_new_kind(directory, block=block)),)))
    return sorted(found, key=_order)


def _order(change: Change) -> tuple[int, bool, bool, str]:
    """The smallest first; of equal ones, a policy that is there, and one that is about everybody."""
    policy = change.policy
    if policy is None:
        return change.weight, True, True, ""
    return change.weight, False, "All" not in policy.conditions.include_people.words, policy.name


def _new_kind(directory: Directory, *, block: bool) -> Kind:
    if directory.security_defaults:
        return "replace-defaults"
    return "add-block" if block else "add-mfa"


def _protects(policy: Policy, counted: Clause, *, block: bool) -> bool:
    conditions = policy.conditions
    about_applications = bool(conditions.targets.include_ids - {"none"}) or conditions.targets.filtered
    if conditions.workloads or not about_applications:
        return False
    return (block and policy.grant.blocks) or any(clause & counted for clause in policy.grant.clauses)


def edits_of(
    directory: Directory, space: Space, box: Box, people: Collection[str], *, policy: Policy, counted: Clause
) -> Iterator[Edit]:
    """The edits after which a policy protects all sign-ins of a box by `people`."""
    if policy.state is not State.ENABLED:
        yield Edit(kind="enable", value=policy.state.value)
    yield from _people_edits(directory, policy.conditions, people)
    theirs = space.box_of(policy.conditions)
    for at, side in enumerate(box):
        if side & ~theirs[at]:
            yield from _dimension_edits(space, policy.conditions, at, side)
    if not policy.grant.blocks and not _asks_always(space, policy.grant, box, counted):
        yield Edit(kind="grant")


def _asks_always(space: Space, grant: Grant, box: Box, counted: Clause) -> bool:
    kinds = [unmet for unmet, bits in device_kinds(space) if bits & box[DEVICE]]
    return all(any(not clause - counted - unmet for clause in grant.clauses) for unmet in kinds)


def _people_edits(directory: Directory, conditions: Conditions, people: Collection[str]) -> Iterator[Edit]:
    """What leaves some of these people out, and that some are not named at all."""
    everyone = frozenset(each.lower() for each in people)
    for kind, name, left_out in matching(conditions.exclude_people, directory, everyone):
        yield Edit(kind=kind, value=name, people=left_out)
    named = everyone - _certain(conditions.include_people, directory, everyone)
    if named:
        yield Edit(kind="everybody", people=len(named))


def matching(side: PeopleNamed, directory: Directory, people: frozenset[str]) -> Iterator[tuple[Kind, str, int]]:
    """The parts of one side of a policy that name, or may name, some of these people, and how many."""
    if "All" in side.words:
        yield "all", "All", len(people)
    for name in sorted(side.user_ids & people):
        yield "user", name, 1
    sets: tuple[tuple[Kind, frozenset[str], object], ...] = (
        ("group", side.group_ids, directory.members),
        ("role", side.role_ids, directory.holders),
    )
    for kind, names, known in sets:
        members = directory.members if kind == "group" else directory.holders
        for name in sorted(names):
            inside = people if known is None else people & (members or {}).get(name, frozenset())
            if inside:
                yield kind, name, len(inside)
    guests = sum(
        any(truth is not False for truth, reason, _ in named_as(side, directory.people[each], directory)
            if reason == "guest")
        for each in people
        if directory.people[each].guest is not None
    )  # fmt: skip
    if guests:
        yield "guest", "", guests


def _certain(side: PeopleNamed, directory: Directory, people: frozenset[str]) -> frozenset[str]:
    """Those of these people whom one side of a policy certainly names."""
    if "All" in side.words:
        return people
    found = people & side.user_ids
    for names, sets in ((side.group_ids, directory.members), (side.role_ids, directory.holders)):
        for name in names:
            found |= people & (sets or {}).get(name, frozenset())
    return found | {
        each
        for each in people - found
        if directory.people[each].guest is not None
        and any(truth is True for truth, how, _ in named_as(side, directory.people[each], directory) if how == "guest")
    }


def _dimension_edits(space: Space, conditions: Conditions, at: int, side: int) -> Iterator[Edit]:
    """The fewest exclusions to give up in one dimension; where that is not enough, the whole condition."""
    if at in _DROPPED:
        yield Edit(kind=_DROPPED[at][0])
        return
    kind, kinds, excluded = _exclusions(conditions, at)

    def reaches(edits: Iterable[Edit]) -> bool:
        return not side & ~space.box_of(_edited(conditions, edits))[at]

    needed = [Edit(kind=kind, value=each) for each in sorted(excluded)]
    if not reaches(needed):
        yield Edit(kind=kinds)
        return
    for each in list(needed):
        fewer = [other for other in needed if other is not each]
        if reaches(fewer):
            needed = fewer
    yield from needed


def _exclusions(conditions: Conditions, at: int) -> tuple[Kind, Kind, frozenset[str]]:
    if at == TARGET:
        return "application", "applications", conditions.targets.exclude_ids
    if at == LOCATION:
        return "location", "locations", conditions.locations.exclude
    return "platform", "platforms", conditions.platforms.exclude


def apply_change(directory: Directory, change: Change, controls: Controls) -> Directory:
    """The tenant after a change."""
    if change.policy is None:
        return _with_new_policy(directory, change.edits[0].kind)
    wanted = change.policy.id
    edited = (
        _edited_policy(each, change.edits, controls.mfa) if each.id == wanted else each for each in directory.policies
    )
    return replace(directory, policies=tuple(edited))


def _with_new_policy(directory: Directory, kind: Kind) -> Directory:
    legacy = frozenset({"exchangeActiveSync", "other"}) if kind == "add-block" else frozenset()
    new = Policy(
        id=f"{NEW_POLICY}-{kind}",
        name=f"{NEW_POLICY}-{kind}",
        state=State.ENABLED,
        conditions=Conditions(
            include_people=PeopleNamed(words=frozenset({"All"})),
            targets=Targets(include_ids=frozenset({"all"})),
            clients=legacy,
        ),
        grant=Grant(blocks=True) if kind == "add-block" else Grant(clauses=(frozenset({MFA}),)),
    )
    others = (each for each in directory.policies if each.id != new.id)
    defaults = False if kind == "replace-defaults" else directory.security_defaults
    return replace(directory, policies=(*others, new), security_defaults=defaults)


def _edited_policy(policy: Policy, edits: Iterable[Edit], counted: Clause) -> Policy:
    kinds = {each.kind for each in edits}
    grant = policy.grant
    if "grant" in kinds:
        grant = replace(grant, clauses=tuple(clause & counted or clause for clause in grant.clauses))
    state = State.ENABLED if "enable" in kinds else policy.state
    return replace(policy, state=state, grant=grant, conditions=_edited(policy.conditions, edits))


def _edited(conditions: Conditions, edits: Iterable[Edit]) -> Conditions:
    for each in edits:
        conditions = _EDITS.get(each.kind, _dropped)(conditions, each)
    return conditions


def _dropped(conditions: Conditions, edit: Edit) -> Conditions:
    for kind, name in _DROPPED.values():
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
