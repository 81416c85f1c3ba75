"""What policies ask of one persona, as boxes of sign-ins, and what follows for the devices that cannot give it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from govcheck.access.app_groups import default_applications
from govcheck.access.cells import CLIENT, DEVICE, TARGET, Space
from govcheck.access.model import Clause, Directory, Grant
from govcheck.access.personas import Persona
from govcheck.access.requirements import MFA, out_of_reach
from govcheck.access.search import Box, bits_of, with_side
from govcheck.access.signin import LEGACY_CLIENTS


@dataclass(frozen=True, slots=True)
class Demand:
    """A policy as far as it matters here: where it applies, and what it asks there."""

    box: Box
    grant: Grant


def demands_of(directory: Directory, persona: Persona, space: Space, boxes: Mapping[str, Box]) -> tuple[Demand, ...]:
    """All that is asked of a persona in a space, each once. `boxes` say where each policy applies, by its id."""
    found = policy_demands(persona, boxes)
    if not directory.security_defaults:
        return found
    return tuple(dict.fromkeys((*found, *(each for each in default_demands(space, persona) if all(each.box)))))


def policy_demands(persona: Persona, boxes: Mapping[str, Box]) -> tuple[Demand, ...]:
    """What policies ask, whatever security defaults ask besides."""
    found = (Demand(boxes[policy.id], policy.grant) for policy in persona.policies)
    return tuple(each for each in dict.fromkeys(found) if all(each.box) and (each.grant.blocks or each.grant.clauses))


def default_demands(space: Space, persona: Persona) -> Iterator[Demand]:
    """Security defaults as demands: no legacy clients, and a second factor where they always ask for one."""
    legacy = bits_of(client in LEGACY_CLIENTS for client in space.clients)
    yield Demand(with_side(space.whole, CLIENT, legacy), Grant(blocks=True))
    asked = bits_of(persona.default_role or target.application in default_applications() for target in space.targets)
    if asked:
        yield Demand(with_side(space.whole, TARGET, asked), Grant(clauses=(frozenset({MFA}),)))


def closed_boxes(space: Space, demands: Iterable[Demand]) -> Iterator[Box]:
    """Where somebody is blocked, or cannot meet some clause with the device at hand."""
    listed = tuple(demands)
    yield from (each.box for each in listed if each.grant.blocks)
    yield from _where(space, listed, lambda clause, unmet: not clause - unmet)


def protected_boxes(space: Space, demands: Iterable[Demand], counted: Clause) -> Iterator[Box]:
    """Where whoever gets in has met a counted control: with the device at hand, some clause leaves no other choice."""
    return _where(space, demands, lambda clause, unmet: not clause - counted - unmet)


def _where(space: Space, demands: Iterable[Demand], fails: Callable[[Clause, Clause], bool]) -> Iterator[Box]:
    """The parts of demands in which the device makes some clause fail a test."""
    kinds = device_kinds(space)
    for each in demands:
        bits = sum(bits for unmet, bits in kinds if any(fails(clause, unmet) for clause in each.grant.clauses))
        if each.box[DEVICE] & bits:
            yield with_side(each.box, DEVICE, each.box[DEVICE] & bits)


def device_kinds(space: Space) -> tuple[tuple[Clause, int], ...]:
    """States of devices by the controls they cannot meet."""
    return _kinds(tuple((each.compliant, each.hybrid_joined) for each in space.devices))


@lru_cache(maxsize=16)
def _kinds(devices: tuple[tuple[bool, bool], ...]) -> tuple[tuple[Clause, int], ...]:
    found: dict[Clause, int] = {}
    for at, (compliant, joined) in enumerate(devices):
        unmet = out_of_reach(compliant=compliant, hybrid_joined=joined)
        found[unmet] = found.get(unmet, 0) | 1 << at
    return tuple(found.items())
