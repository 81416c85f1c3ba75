"""Two sets of policies for the same people: who is asked for more, who for less, and who no longer gets in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from govcheck.access.cells import Space, action_targets, application_targets, context_targets, space_of
from govcheck.access.conditions import Target
from govcheck.access.demands import Demand, closed_boxes, demands_of
from govcheck.access.model import Clause, Directory, State
from govcheck.access.openings import cover
from govcheck.access.personas import personas_of
from govcheck.access.search import Box, find_outside, holds

BLOCK: Clause = frozenset({"block"})
"""Stands among demands for being kept out."""

Direction = Literal["gains", "loses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One demand that some people get or lose, and for which sign-ins."""

    direction: Direction
    demand: Clause
    space: Space
    box: Box
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a proposal changes; people by id."""

    effects: tuple[Effect, ...]
    """What is gained first, then most people first."""
    locked_out: tuple[str, ...]
    """Those with an open way to some application today, and none under the proposal."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """People who stand together on both sides, and what each side asks of them."""

    people: tuple[str, ...]
    before: Sequence[Demand]
    after: Sequence[Demand]


def compare(before: Directory, after: Directory) -> Comparison:
    """Hold a proposal against today. Both must be about the same people and places."""
    policies = [
        each for each in (*before.policies, *after.policies)
        if each.state is State.ENABLED and not each.conditions.workloads
    ]  # fmt: skip
    defaults = True in (before.security_defaults, after.security_defaults)
    found: dict[tuple[Direction, Clause, int, Box], list[str]] = defaultdict(list)
    spaces: list[Space] = []
    locked_out: list[str] = []
    kinds: tuple[Callable[[], tuple[Target, ...]], ...] = (
        lambda: application_targets(policies, defaults=defaults),
        lambda: action_targets(policies),
        lambda: context_targets(policies),
    )
    for number, targets in enumerate(kind() for kind in kinds):
        space = space_of(policies, targets, before.locations)
        spaces.append(space)
        for pair in _pairs(before, after, space) if targets else ():
            for direction, demand, box in _changes(space, pair):
                found[direction, demand, number, box] += pair.people
            if number == 0 and _locks_out(space, pair):
                locked_out += pair.people
    effects = (
        Effect(direction=direction, demand=demand, space=spaces[number], box=box, people=tuple(people))
        for (direction, demand, number, box), people in found.items()
    )
    return Comparison(
        effects=tuple(sorted(effects, key=lambda each: (each.direction, -len(each.people), sorted(each.demand)))),
        locked_out=tuple(locked_out),
    )


def _pairs(before: Directory, after: Directory, space: Space) -> Iterator[_Pair]:
    """People by what applies to them on both sides, those for whom nothing differs left out."""
    sides = [
        (one, personas_of(one), space.boxes_of(each for each in one.policies if each.state is State.ENABLED))
        for one in (before, after)
    ]
    standing = [{person: at for at, each in enumerate(found) for person in each.people} for _, found, _ in sides]
    people: dict[tuple[int, int], list[str]] = defaultdict(list)
    for person, at in standing[0].items():
        people[at, standing[1][person]].append(person)
    for places, together in people.items():
        first, second = (
            demands_of(one, found[at], space, boxes) for (one, found, boxes), at in zip(sides, places, strict=True)
        )
        if set(first) != set(second):
            yield _Pair(tuple(together), first, second)


def _locks_out(space: Space, pair: _Pair) -> bool:
    was, is_ = (find_outside(space.whole, tuple(closed_boxes(space, side))) for side in (pair.before, pair.after))
    return was is not None and is_ is None


def _changes(space: Space, pair: _Pair) -> Iterator[tuple[Direction, Clause, Box]]:
    """Gained where the sign-in was open before; lost where it is open after."""
    for demand, box in _only_in(space, pair.after, pair.before):
        yield "gains", demand, box
    for demand, box in _only_in(space, pair.before, pair.after):
        yield "loses", demand, box


def _only_in(space: Space, here: Sequence[Demand], there: Sequence[Demand]) -> Iterator[tuple[Clause, Box]]:
    """What is demanded here and not there, of sign-ins that are open there; what something stricter covers is not."""
    closed = tuple(closed_boxes(space, there))
    blocked = tuple(each.box for each in here if each.grant.blocks)
    for demand in sorted({each for one in here for each in _clauses(one)}, key=sorted):
        avoid = [*closed, *(one.box for one in there if any(clause <= demand for clause in _clauses(one)))]
        if demand != BLOCK:
            avoid += blocked
            avoid += [one.box for one in here if any(clause < demand for clause in one.grant.clauses)]
        boxes = [
            box for one in here if demand in _clauses(one) for box in cover(one.box, tuple(dict.fromkeys(avoid)))[0]
        ]
        yield from ((demand, box) for box in _largest(boxes))


def _clauses(demand: Demand) -> Iterable[Clause]:
    return (BLOCK,) if demand.grant.blocks else demand.grant.clauses


def _largest(boxes: Iterable[Box]) -> list[Box]:
    """Boxes that lie in no other one, each once."""
    listed = list(dict.fromkeys(boxes))
    return [box for box in listed if not any(other != box and holds(other, box) for other in listed)]
