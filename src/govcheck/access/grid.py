"""The picture of Conditional Access: groups of people by conditions, and what signing in takes where they meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from govcheck.access.cells import CLIENT, DEVICE, FLOW, LOCATION, SIGN_IN_RISK, USER_RISK, Space
from govcheck.access.holes import Ground
from govcheck.access.locations import ALL_TRUSTED, trusted_networks
from govcheck.access.model import Conditions, CountryLocation, Directory, State
from govcheck.access.persona_words import Naming
from govcheck.access.requirements import DEVICE_CONTROLS
from govcheck.access.search import Box, bits_of, with_side
from govcheck.model import SignInGrid, Standing, Text
from govcheck.words import text

_COUNTRIES = 2
_CLIENTS = {"browser": 0b0001, "apps": 0b0010, "legacy": 0b1100}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One condition, and the sign-ins that meet it."""

    title: Text
    box: Box


def grid_of(ground: Ground, naming: Naming) -> SignInGrid:
    """A row per persona, most people first. Personas too small to show are one row together, at the end."""
    columns = list(_columns(ground.space, ground.directory))
    shown: list[tuple[Text, tuple[Standing, ...]]] = []
    small: list[tuple[Standing, ...]] = []
    hidden = 0
    for persona in ground.personas:
        openings = ground.openings(persona)
        cells = tuple(openings.standing(column.box) for column in columns)
        if len(persona.people) >= naming.smallest:
            shown.append((naming.persona(ground.directory, persona), cells))
        else:
            small.append(cells)
            hidden += len(persona.people)
    if small:
        shown.append((naming.smaller(hidden), _together(small)))
    return SignInGrid(columns=tuple(column.title for column in columns), rows=tuple(shown))


def _together(rows: Sequence[tuple[Standing, ...]]) -> tuple[Standing, ...]:
    return tuple(_joined(set(cells)) for cells in zip(*rows, strict=True))


def _joined(cells: set[Standing]) -> Standing:
    """What several groups come to together: where some are let in, those who are not do not count."""
    let_in = cells - {"blocked"} or {"blocked"}
    return let_in.pop() if len(let_in) == 1 else "conditional"


def _columns(space: Space, directory: Directory) -> Iterator[Column]:
    """The kinds of client always; of the other conditions those that some policy in force looks at."""
    policies = [each for each in directory.policies if each.state is State.ENABLED and not each.conditions.workloads]
    conditions = [each.conditions for each in policies if each.conditions.targets.include_ids - {"none"}]
    yield Column(title=text("access.grid-all"), box=space.whole)
    for key, bits in _CLIENTS.items():
        yield _column(space, key, CLIENT, bits)
    yield from _place_columns(space, conditions)
    controls = {control for each in policies for clause in each.grant.clauses for control in clause}
    if controls & DEVICE_CONTROLS or any(each.device is not None for each in conditions):
        managed = bits_of(each.compliant or each.hybrid_joined for each in space.devices)
        yield _column(space, "managed", DEVICE, managed)
        yield _column(space, "unmanaged", DEVICE, space.whole[DEVICE] & ~managed)
    if any("deviceCodeFlow" in each.flows for each in conditions):
        yield _column(space, "code", FLOW, 1 << space.flows.index("deviceCodeFlow"))
    if any(each.sign_in_risks or each.user_risks for each in conditions):
        high = 1 << space.risks.index("high")
        box = with_side(with_side(space.whole, SIGN_IN_RISK, high), USER_RISK, high)
        yield Column(title=text("access.grid-risk"), box=box)


def _place_columns(space: Space, conditions: Iterable[Conditions]) -> Iterator[Column]:
    known = space.locations or {}
    named = {name for each in conditions for name in each.locations.include | each.locations.exclude}
    networks = trusted_networks(space.locations)
    inside = bits_of(bool(networks & set(each.inside)) for each in space.places)
    if inside and (ALL_TRUSTED in named or named & {each.lower() for each in networks}):
        yield _column(space, "trusted", LOCATION, inside)
        yield _column(space, "untrusted", LOCATION, space.whole[LOCATION] & ~inside)
    countries = [each for name in sorted(named) if isinstance(each := known.get(name), CountryLocation)]
    for each in countries[:_COUNTRIES]:
        within = bits_of(each.id in place.inside for place in space.places)
        yield _column(space, "country-in", LOCATION, within, each.name)
        if len(countries) == 1:
            yield _column(space, "country-out", LOCATION, space.whole[LOCATION] & ~within)


def _column(space: Space, key: str, at: int, bits: int, value: str = "") -> Column:
    return Column(title=text(f"access.grid-{key}", value=value), box=with_side(space.whole, at, bits))
