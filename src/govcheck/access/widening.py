"""What keeps a policy from some sign-ins, as edits that would make it apply; and the smallest edits that do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from govcheck.access.cells import DEVICE, LOCATION, TARGET, Space
from govcheck.access.demands import device_kinds
from govcheck.access.edits import DROPPED, Change, Edit, Kind, edited
from govcheck.access.model import Clause, Conditions, Directory, Grant, PeopleNamed, Policy, State
from govcheck.access.people import named_as
from govcheck.access.requirements import Controls
from govcheck.access.search import Box


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
    if at in DROPPED:
        yield Edit(kind=DROPPED[at][0])
        return
    kind, kinds, excluded = _exclusions(conditions, at)

    def reaches(edits: Iterable[Edit]) -> bool:
        return not side & ~space.box_of(edited(conditions, edits))[at]

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
