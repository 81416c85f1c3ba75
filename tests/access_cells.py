"""Sign-ins one by one: every cell of a space as `decide` takes it, and what follows from listing them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TypeVar

from govcheck.access import Directory, Effective
from govcheck.access.cells import Space
from govcheck.access.conditions import SignIn
from govcheck.access.model import Person
from govcheck.access.requirements import (
    DEVICE_CONTROLS,
    Level,
    can_be_met,
    controls_of,
    level_of,
    out_of_reach,
)
from govcheck.access.search import Box
from govcheck.access.signin import LEGACY_CLIENTS, decide

_Value = TypeVar("_Value")


def cells(space: Space, box: Box | None = None) -> Iterator[SignIn]:
    """Every sign-in of a box, by default of the whole space."""
    inside = space.whole if box is None else box
    for target, client, platform, place, sign_in_risk, user_risk, insider_risk, device, flow in product(
        _chosen(space.targets, inside[0]),
        _chosen(space.clients, inside[1]),
        _chosen(space.platforms, inside[2]),
        _chosen(space.places, inside[3]),
        _chosen(space.risks, inside[4]),
        _chosen(space.risks, inside[5]),
        _chosen(space.insider_risks, inside[6]),
        _chosen(space.devices, inside[7]),
        _chosen(space.flows, inside[8]),
    ):
        yield SignIn(
            target=target,
            client=client,
            platform=platform and platform.lower(),
            address=place.address,
            country=place.country,
            sign_in_risk=sign_in_risk,
            user_risk=user_risk,
            insider_risk=insider_risk,
            device=device.attributes,
            compliant=device.compliant,
            hybrid_joined=device.hybrid_joined,
            flow=flow,
        )


def _chosen(values: Sequence[_Value], bits: int) -> list[_Value]:
    return [value for at, value in enumerate(values) if bits >> at & 1]


def listed(directory: Directory, person: Person, sign_ins: Iterable[SignIn]) -> Effective:
    """What holds of somebody, from every sign-in one by one."""
    mfa, strong, device, legacy = set[Level](), set[Level](), set[Level](), False
    for sign_in in sign_ins:
        answer = decide(directory, person, sign_in)
        unmet = out_of_reach(compliant=sign_in.compliant, hybrid_joined=sign_in.hybrid_joined)
        if answer.mfa is None or not can_be_met(answer.requires, unmet):
            continue
        mfa.add(answer.mfa)
        resistant = controls_of(answer.requires, directory.strengths).phishing_resistant
        strong.add(level_of(answer.requires, resistant, unmet))
        device.add("always" if any(clause <= DEVICE_CONTROLS for clause in answer.requires) else "never")
        legacy = legacy or sign_in.client in LEGACY_CLIENTS
    return Effective(
        effective_mfa=_together(mfa),
        effective_phishing_resistant=_together(strong),
        device_required=_together(device),
        legacy_auth_possible=legacy,
    )


def _together(levels: set[Level]) -> Level:
    if levels <= {"always"}:
        return "always"
    return "never" if levels == {"never"} else "conditional"
