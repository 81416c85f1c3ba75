"""Narrower questions about each person than whether MFA is asked everywhere, answered by the same exact search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from govcheck.access import Directory
from govcheck.access.cells import DEVICE, Space, space_of
from govcheck.access.conditions import DIMENSIONS, Target
from govcheck.access.effective import Demand, application_space, default_demands
from govcheck.access.model import Clause, State
from govcheck.access.openings import LOCATION, device_kinds
from govcheck.access.personas import personas_of
from govcheck.access.requirements import DEVICE_CONTROLS, controls_of
from govcheck.access.search import Box, find_outside

REGISTRATION = "registerSecurityInformation"
CODE = "deviceCodeFlow"
FLOW = DIMENSIONS.index("flow")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWays:
    """What is open to one person. True where some sign-in is, whatever holds of the others."""

    device_code_without_managed_device: bool
    registration_unprotected: bool
    """From outside trusted networks, without MFA and without a managed device."""
    untrusted_network_unprotected: bool
    """To an application, likewise."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Sign-ins of a space, and the controls of which one makes them safe enough."""

    space: Space
    start: Box
    enough: Clause

    def is_open(self, demands: Iterable[Demand]) -> bool:
        """Whether one of them is neither blocked nor asked for enough."""
        if not all(self.start):
            return False
        return find_outside(self.start, tuple(self._protecting(demands))) is not None

    def _protecting(self, demands: Iterable[Demand]) -> Iterator[Box]:
        for box, grant in ((demand.box, demand.grant) for demand in demands if all(demand.box)):
            if grant.blocks:
                yield box
            for clause in grant.clauses:
                bits = sum(bits for unmet, bits in device_kinds(self.space) if not clause - self.enough - unmet)
                if box[DEVICE] & bits:
                    yield _with(box, DEVICE, box[DEVICE] & bits)


def open_ways(directory: Directory) -> dict[str, OpenWays]:
    """The answers for each enabled account, by id."""
    policies = [policy for policy in directory.policies if policy.state is State.ENABLED]
    applications, boxes = application_space(directory)
    actions = space_of(policies, [Target(user_action=REGISTRATION)], directory.locations)
    action_boxes = {policy.id: actions.box_of(policy.conditions) for policy in policies}
    clauses = [clause for policy in policies for clause in policy.grant.clauses]
    safe = controls_of(clauses, directory.strengths).mfa | DEVICE_CONTROLS
    trusted = trusted_networks(directory)
    code = _with(applications.whole, FLOW, 1 << applications.flows.index(CODE))
    by_code = _Question(applications, code, DEVICE_CONTROLS)
    registering = _Question(actions, _outside(actions, trusted), safe)
    elsewhere = _Question(applications, _outside(applications, trusted), safe)

    @cache
    def answer(to_applications: frozenset[Demand], to_actions: frozenset[Demand]) -> OpenWays:
        return OpenWays(
            device_code_without_managed_device=by_code.is_open(to_applications),
            registration_unprotected=registering.is_open(to_actions),
            untrusted_network_unprotected=elsewhere.is_open(to_applications),
        )

    found: dict[str, OpenWays] = {}
    for persona in personas_of(directory):
        here = {Demand(boxes[policy.id], policy.grant) for policy in persona.policies}
        there = {Demand(action_boxes[policy.id], policy.grant) for policy in persona.policies}
        if directory.security_defaults:
            here |= set(default_demands(applications, persona))
            there |= set(default_demands(actions, persona))
        found |= dict.fromkeys(persona.people, answer(frozenset(here), frozenset(there)))
    return found


def trusted_networks(directory: Directory) -> frozenset[str]:
    """Ids of the named locations that are trusted; locations of countries cannot be."""
    return frozenset(each.id for each in (directory.locations or {}).values() if getattr(each, "trusted", False))


def _outside(space: Space, trusted: frozenset[str]) -> Box:
    """All of a space but for what comes from a trusted network."""
    places = sum(1 << at for at, place in enumerate(space.places) if trusted.isdisjoint(place.inside))
    return _with(space.whole, LOCATION, places)


def _with(box: Box, at: int, values: int) -> Box:
    return (*box[:at], values, *box[at + 1 :])
