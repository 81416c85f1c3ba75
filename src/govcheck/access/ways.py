"""Narrower questions about each person than whether MFA is asked everywhere, answered by the same exact search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from govcheck.access.app_groups import app_groups
from govcheck.access.cells import FLOW, LOCATION, Space, space_of
from govcheck.access.conditions import Target
from govcheck.access.demands import Demand, demands_of, policy_demands
from govcheck.access.effective import application_space
from govcheck.access.locations import trusted_networks
from govcheck.access.model import Clause, Directory, State
from govcheck.access.openings import openings_of
from govcheck.access.personas import personas_of
from govcheck.access.requirements import DEVICE_CONTROLS, controls_of
from govcheck.access.search import Box, bits_of, with_side

REGISTRATION = "registerSecurityInformation"
CODE = "deviceCodeFlow"
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
        return all(self.start) and openings_of(self.space, demands, self.enough).is_unprotected(self.start)


def open_ways(directory: Directory) -> dict[str, OpenWays]:
    """The answers for each enabled account, by id."""
    policies = [policy for policy in directory.policies if policy.state is State.ENABLED]
    applications, boxes = application_space(directory)
    actions = space_of(policies, [Target(user_action=REGISTRATION)], directory.locations)
    action_boxes = actions.boxes_of(policies)
    office = space_of(
        policies, [Target(application=each) for each in sorted(app_groups()[OFFICE])], directory.locations
    )
    office_boxes = office.boxes_of(policies)
    clauses = [clause for policy in policies for clause in policy.grant.clauses]
    safe = controls_of(clauses, directory.strengths).mfa | DEVICE_CONTROLS
    code = with_side(applications.whole, FLOW, 1 << applications.flows.index(CODE))
    by_code = _Question(applications, code, DEVICE_CONTROLS)
    registering = _Question(actions, _outside(actions), safe)
    elsewhere = _Question(applications, _outside(applications), safe)
    to_office = _Question(office, office.whole, DEVICE_CONTROLS)

    @cache
    def answer(
        to_applications: tuple[Demand, ...], within_office: tuple[Demand, ...], to_actions: tuple[Demand, ...]
    ) -> OpenWays:
        return OpenWays(
            device_code_without_managed_device=by_code.is_open(to_applications),
            registration_unprotected=registering.is_open(to_actions),
            untrusted_network_unprotected=elsewhere.is_open(to_applications),
            office365_without_managed_device=to_office.is_open(within_office),
        )

    found: dict[str, OpenWays] = {}
    for persona in personas_of(directory):
        to_applications = demands_of(directory, persona, applications, boxes)
        within_office = demands_of(directory, persona, office, office_boxes)
        # Security defaults have people register when they first sign in, and ask nothing before that.
        to_actions = policy_demands(persona, action_boxes)
        found |= dict.fromkeys(persona.people, answer(to_applications, within_office, to_actions))
    return found


def _outside(space: Space) -> Box:
    """All of a space but for what comes from a trusted network."""
    trusted = trusted_networks(space.locations)
    return with_side(space.whole, LOCATION, bits_of(trusted.isdisjoint(place.inside) for place in space.places))
