"""Narrower questions about each person than whether MFA is asked everywhere, answered by the same exact search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from govcheck.access import Directory
from govcheck.access.app_groups import app_groups
from govcheck.access.cells import DEVICE, LOCATION, Space, space_of
from govcheck.access.conditions import DIMENSIONS, Target
from govcheck.access.demands import Demand, default_demands, device_kinds
from govcheck.access.effective import application_space
from govcheck.access.model import Clause, Policy, State
from govcheck.access.personas import Persona, personas_of
from govcheck.access.requirements import DEVICE_CONTROLS, controls_of
from govcheck.access.search import Box, find_outside

REGISTRATION = "registerSecurityInformation"
CODE = "deviceCodeFlow"
FLOW = DIMENSIONS.index("flow")
OFFICE = "office365"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWays:
    """What is open to one person. True where some sign-in is, whatever holds of the others."""

    device_code_without_managed_device: bool
    registration_unprotected: bool
    """From outside trusted networks, without MFA and without a managed device."""
    untrusted_network_unprotected: bool
    """To an application, likewise."""
    office365_without_managed_device: bool
    """To an application of Office 365."""


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
    actions, action_boxes = _space(directory, policies, [Target(user_action=REGISTRATION)])
    office, office_boxes = _space(
        directory, policies, [Target(application=each) for each in sorted(app_groups()[OFFICE])]
    )
    clauses = [clause for policy in policies for clause in policy.grant.clauses]
    safe = controls_of(clauses, directory.strengths).mfa | DEVICE_CONTROLS
    trusted = trusted_networks(directory)
    code = _with(applications.whole, FLOW, 1 << applications.flows.index(CODE))
    by_code = _Question(applications, code, DEVICE_CONTROLS)
    registering = _Question(actions, _outside(actions, trusted), safe)
    elsewhere = _Question(applications, _outside(applications, trusted), safe)
    to_office = _Question(office, office.whole, DEVICE_CONTROLS)

    @cache
    def answer(
        to_applications: frozenset[Demand], within_office: frozenset[Demand], to_actions: frozenset[Demand]
    ) -> OpenWays:
        return OpenWays(
            device_code_without_managed_device=by_code.is_open(to_applications),
            registration_unprotected=registering.is_open(to_actions),
            untrusted_network_unprotected=elsewhere.is_open(to_applications),
            office365_without_managed_device=to_office.is_open(within_office),
        )

    found: dict[str, OpenWays] = {}
    for persona in personas_of(directory):
        # Security defaults have people register when they first sign in, and ask nothing before that.
        registered = frozenset(Demand(action_boxes[policy.id], policy.grant) for policy in persona.policies)
        asked = _demands(directory, persona, applications, boxes), _demands(directory, persona, office, office_boxes)
        found |= dict.fromkeys(persona.people, answer(*asked, registered))
    return found


def _space(directory: Directory, policies: Sequence[Policy], targets: Iterable[Target]) -> tuple[Space, dict[str, Box]]:
    """The space of sign-ins to some targets, and where in it each policy applies, by its id."""
    space = space_of(policies, targets, directory.locations)
    return space, {policy.id: space.box_of(policy.conditions) for policy in policies}


def _demands(directory: Directory, persona: Persona, space: Space, boxes: Mapping[str, Box]) -> frozenset[Demand]:
    """What is asked of a persona in a space."""
    asked = {Demand(boxes[policy.id], policy.grant) for policy in persona.policies}
    return frozenset(asked.union(default_demands(space, persona)) if directory.security_defaults else asked)


def trusted_networks(directory: Directory) -> frozenset[str]:
    """Ids of the named locations that are trusted; locations of countries cannot be."""
    return frozenset(each.id for each in (directory.locations or {}).values() if getattr(each, "trusted", False))


def _outside(space: Space, trusted: frozenset[str]) -> Box:
    """All of a space but for what comes from a trusted network."""
    places = sum(1 << at for at, place in enumerate(space.places) if trusted.isdisjoint(place.inside))
    return _with(space.whole, LOCATION, places)


def _with(box: Box, at: int, values: int) -> Box:
    return (*box[:at], values, *box[at + 1 :])
