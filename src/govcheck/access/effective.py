"""What holds of every sign-in that is open to somebody, found by searching for one that is an exception."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from govcheck.access.cells import CLIENT, Space, application_targets, space_of
from govcheck.access.demands import Demand, demands_of
from govcheck.access.model import Directory, State
from govcheck.access.openings import Openings, openings_of
from govcheck.access.personas import personas_of
from govcheck.access.requirements import DEVICE_CONTROLS, Level, controls_of
from govcheck.access.search import Box, bits_of, find_outside, with_side
from govcheck.access.signin import LEGACY_CLIENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """`always`: there is no open way to sign in without it. `never`: there is no open way that asks for it."""

    effective_mfa: Level
    effective_phishing_resistant: Level
    device_required: Level
    legacy_auth_possible: bool


def effective_of(directory: Directory) -> dict[str, Effective]:
    """What holds of each enabled account, by id."""
    space, boxes = application_space(directory)
    clauses = [clause for policy in directory.policies for clause in policy.grant.clauses]
    controls = controls_of(clauses, directory.strengths)
    find = cache(find_outside)
    legacy = with_side(space.whole, CLIENT, bits_of(client in LEGACY_CLIENTS for client in space.clients))

    @cache
    def answer(demands: tuple[Demand, ...]) -> Effective:
        mfa = openings_of(space, demands, controls.mfa, sometimes=directory.security_defaults is True, find=find)
        return Effective(
            effective_mfa=_level(mfa),
            effective_phishing_resistant=_level(openings_of(space, demands, controls.phishing_resistant, find=find)),
            device_required=_device_level(mfa),
            legacy_auth_possible=mfa.is_open(legacy),
        )

    found: dict[str, Effective] = {}
    for persona in personas_of(directory):
        found |= dict.fromkeys(persona.people, answer(demands_of(directory, persona, space, boxes)))
    return found


def application_space(directory: Directory) -> tuple[Space, dict[str, Box]]:
    """The space of sign-ins to applications, and the box of every enabled policy by its id."""
    policies = [policy for policy in directory.policies if policy.state is State.ENABLED]
    targets = application_targets(policies, defaults=directory.security_defaults is True)
    space = space_of(policies, targets, directory.locations)
    return space, space.boxes_of(policies)


def _level(openings: Openings) -> Level:
    standing = openings.standing(openings.space.whole)
    return "always" if standing == "blocked" else standing


def _device_level(openings: Openings) -> Level:
    """A choice between a device and something else asks for no device."""
    asking = [each.box for each in openings.demands if any(clause <= DEVICE_CONTROLS for clause in each.grant.clauses)]
    if openings.find(openings.space.whole, (*openings.closed, *asking)) is None:
        return "always"
    return "conditional" if any(openings.is_open(box) for box in asking) else "never"
