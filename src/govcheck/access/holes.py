"""Holes: open ways to sign in to applications without multifactor authentication, why they are there, what closes them.

All of it follows from a `Directory`; what is told has been checked against the same boxes that decide
`users.effective_mfa`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govcheck.access.cells import CLIENT, DEVICE, LOCATION, PLATFORM, TARGET, Space, application_targets, space_of
from govcheck.access.conditions import DIMENSIONS
from govcheck.access.demands import demands_of
from govcheck.access.device_filter import spelled_attribute
from govcheck.access.edits import Change
from govcheck.access.model import CountryLocation, Directory
from govcheck.access.openings import Openings, openings_of
from govcheck.access.personas import Persona, personas_of
from govcheck.access.requirements import Controls, controls_of
from govcheck.access.search import Box
from govcheck.access.widening import closers
from govcheck.model import Standing

_LEGACY = 0b1100
_NOWHERE = ("ZZ", "XX", "QM", "QZ", "AA")
"""Codes that ISO 3166 leaves to whoever wants them: a country that no policy names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The space of sign-ins to applications as all policies cut it, those that are off too, and who stands where."""

    directory: Directory
    space: Space
    boxes: Mapping[str, Box]
    """Where each policy applies, by its id."""
    controls: Controls
    personas: tuple[Persona, ...]
    """Most people first."""

    def openings(self, persona: Persona) -> Openings:
        """What is open to a persona."""
        demands = demands_of(self.directory, persona, self.space, self.boxes)
        defaults = self.directory.security_defaults is True
        return openings_of(self.space, demands, self.controls.mfa, sometimes=defaults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Sign-ins that are open without a second factor, to some people, for one cause."""

    box: Box
    people: tuple[str, ...]
    standing: Standing
    """`never` if nothing asks for a second factor, `conditional` if something else will do, or Microsoft decides."""
    causes: tuple[Change, ...]
    """The policies that would have protected these sign-ins with the fewest edits, the nearest first."""
    change: Change
    """What closes the hole with the fewest edits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holes:
    """Every hole, those of most people first; unless there were too many to tell."""

    ground: Ground
    holes: tuple[Hole, ...]
    complete: bool


def ground_of(directory: Directory) -> Ground:
    """Cut the space of sign-ins to applications, at what policies that are off name too."""
    policies = [each for each in directory.policies if not each.conditions.workloads]
    targets = application_targets(policies, defaults=directory.security_defaults is True)
    space = space_of(policies, targets, directory.locations)
    clauses = [clause for policy in policies for clause in policy.grant.clauses]
    return Ground(
        directory=directory,
        space=space,
        boxes=space.boxes_of(directory.policies),
        controls=controls_of(clauses, directory.strengths),
        personas=tuple(sorted(personas_of(directory), key=lambda each: (-len(each.people), each.id))),
    )


def holes_of(directory: Directory) -> Holes:
    """Find every hole, and for each the smallest change that closes it."""
    ground = ground_of(directory)
    found: dict[tuple[Box, Standing, tuple[object, ...]], list[str]] = defaultdict(list)
    complete = True
    for persona in ground.personas:
        openings = ground.openings(persona)
        boxes, all_of_them = openings.unprotected()
        complete &= all_of_them
        for box in boxes:
            found[box, openings.standing(box), _closers(ground, box, persona.people)[0].key] += persona.people
    holes = (_hole(ground, box, standing, people) for (box, standing, _), people in found.items())
    return Holes(ground=ground, holes=tuple(sorted(holes, key=lambda each: -len(each.people))), complete=complete)


def _hole(ground: Ground, box: Box, standing: Standing, people: Sequence[str]) -> Hole:
    listed = _closers(ground, box, people)
    causes = tuple(each for each in listed if each.policy is not None)
    return Hole(box=box, people=tuple(people), standing=standing, causes=causes, change=listed[0])


def _closers(ground: Ground, box: Box, people: Sequence[str]) -> list[Change]:
    """What closes a box. Older clients know no second factor, so that a policy which blocks them is as good."""
    legacy = not box[CLIENT] & ~_LEGACY
    return closers(ground.directory, ground.space, box, people, controls=ground.controls, block=legacy)


def standings_of(ground: Ground) -> dict[Standing, list[str]]:
    """People by what all their ways to sign in to applications come to."""
    found: dict[Standing, list[str]] = {"always": [], "conditional": [], "never": [], "blocked": []}
    for persona in ground.personas:
        found[ground.openings(persona).standing(ground.space.whole)] += persona.people
    return found


def witness(space: Space, box: Box, person: str) -> dict[str, Any]:
    """One sign-in of a box, as a scenario: the plainest one it holds."""
    target = space.targets[box[TARGET].bit_length() - 1]
    place = space.places[_first(box[LOCATION])]
    values = {
        name: values[_first(box[at])]
        for at, (name, values) in enumerate(
            zip(
                DIMENSIONS,
                (
                    space.targets, space.clients, space.platforms, space.places, space.risks, space.risks,
                    space.insider_risks, space.devices, space.flows,
                ),
                strict=True,
            )
        )
    }  # fmt: skip
    windows = space.platforms.index("windows")
    state = space.devices[_first(box[DEVICE])]
    return {
        "userId": person,
        "applicationId": target.application,
        "clientAppType": values["client"],
        "devicePlatform": "windows" if box[PLATFORM] >> windows & 1 else values["platform"],
        "ipAddress": None if place.address is None else str(place.address),
        "country": _some_country(space) if place.country == "" else place.country,
        "signInRiskLevel": values["sign_in_risk"],
        "userRiskLevel": values["user_risk"],
        "insiderRiskLevel": values["insider_risk"],
        "device": None
        if state.attributes is None
        else {spelled_attribute(name): value for name, value in state.attributes.items()},
        "authenticationFlow": values["flow"],
    }


def _first(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _some_country(space: Space) -> str:
    listed = [each.countries for each in (space.locations or {}).values() if isinstance(each, CountryLocation)]
    named = frozenset().union(*listed)
    return next((code for code in _NOWHERE if code not in named), _NOWHERE[0])
