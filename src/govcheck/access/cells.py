"""The space of sign-ins, cut where policies cut it: within one value of every dimension all policies stand still."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import IPv4Address, IPv6Address
from itertools import product
from typing import TypeVar

from govcheck.access.app_groups import app_groups, default_applications, groups_of
from govcheck.access.conditions import (
    DIMENSIONS,
    Target,
    client_holds,
    device_holds,
    level_holds,
    platform_holds,
    target_holds,
)
from govcheck.access.devices import DeviceState, device_states
from govcheck.access.locations import ALL_TRUSTED, matches_locations
from govcheck.access.model import Address, Conditions, CountryLocation, IpLocation, Location, Policy
from govcheck.access.reading import USER_ACTIONS
from govcheck.access.scenarios import CLIENTS, FLOWS, INSIDER_RISKS, PLATFORMS, RISKS
from govcheck.access.search import Box

_Value = TypeVar("_Value")

OTHER = "other"
UNKNOWN_ADDRESS, UNKNOWN_COUNTRY = "unknown-address", "unknown-country"

TARGET, CLIENT, PLATFORM, LOCATION, SIGN_IN_RISK, USER_RISK, INSIDER_RISK, DEVICE, FLOW = range(len(DIMENSIONS))
"""Places of the dimensions in a box."""

_WORDS = frozenset({"all", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Addresses and countries that all policies treat alike: one of them for all, and in which locations they lie."""

    address: Address | None
    country: str | None
    inside: tuple[str, ...]
    """Ids of the named locations, besides what nobody could tell."""


@dataclass(frozen=True)
class Space:
    """The values of every dimension, and the box in which each policy applies."""

    targets: tuple[Target, ...]
    clients: tuple[str, ...]
    platforms: tuple[str | None, ...]
    places: tuple[Place, ...]
    risks: tuple[str, ...]
    insider_risks: tuple[str, ...]
    devices: tuple[DeviceState, ...]
    flows: tuple[str | None, ...]
    locations: Mapping[str, Location] | None

    @cached_property
    def whole(self) -> Box:
        """Every sign-in."""
        sizes = map(
            len,
            (
                self.targets,
                self.clients,
                self.platforms,
                self.places,
                self.risks,
                self.risks,
                self.insider_risks,
                self.devices,
                self.flows,
            ),
        )
        return tuple((1 << size) - 1 for size in sizes)

    def box_of(self, conditions: Conditions) -> Box:
        """The sign-ins to which a policy certainly applies. A box with an empty side holds nothing."""
        return (
            _bits(self.targets, lambda target: target_holds(conditions, target) is True),
            _bits(self.clients, lambda client: client_holds(conditions, client) is True),
            _bits(self.platforms, lambda name: platform_holds(conditions.platforms, name and name.lower()) is True),
            self._places_of(conditions),
            _bits(self.risks, lambda level: level_holds(conditions.sign_in_risks, level) is True),
            _bits(self.risks, lambda level: level_holds(conditions.user_risks, level) is True),
            _bits(self.insider_risks, lambda level: level_holds(conditions.insider_risks, level) is True),
            _bits(self.devices, lambda state: device_holds(conditions, state.attributes) is True),
            _bits(self.flows, lambda flow: level_holds(conditions.flows, flow) is True),
        )

    def boxes_of(self, policies: Iterable[Policy]) -> dict[str, Box]:
        """The box of each policy, by its id."""
        return {policy.id: self.box_of(policy.conditions) for policy in policies}

    def _places_of(self, conditions: Conditions) -> int:
        condition = conditions.locations
        if not condition.include and not condition.exclude:
            return self.whole[LOCATION]
        return _bits(
            self.places,
            lambda place: matches_locations(condition, self.locations, place.address, place.country) is True,
        )


def space_of(policies: Sequence[Policy], targets: Iterable[Target], locations: Mapping[str, Location] | None) -> Space:
    """Cut the space at the values that `policies` name."""
    conditions = [policy.conditions for policy in policies]
    return Space(
        targets=tuple(targets),
        clients=CLIENTS,
        platforms=(*PLATFORMS, None),
        places=_places(conditions, locations),
        risks=RISKS,
        insider_risks=INSIDER_RISKS,
        devices=device_states(each.device.filter for each in conditions if each.device is not None),
        flows=(None, *FLOWS),
        locations=locations,
    )


def application_targets(policies: Iterable[Policy], *, defaults: bool) -> tuple[Target, ...]:
    """Every application that a policy names, one of each group that is named, and one that nobody names."""
    named: set[str] = set()
    for policy in policies:
        named |= policy.conditions.targets.include_ids | policy.conditions.targets.exclude_ids
    named -= _WORDS
    groups = named & app_groups().keys()
    own = (named - groups) | (default_applications() if defaults else frozenset())
    grouped: dict[frozenset[str], str] = {}
    for group in sorted(groups):
        for member in sorted(app_groups()[group] - own):
            grouped.setdefault(groups_of(member) & groups, member)
    ids = (*sorted(own), *grouped.values(), OTHER)
    return tuple(Target(application=each) for each in ids)


def action_targets(policies: Iterable[Policy]) -> tuple[Target, ...]:
    """Every user action."""
    named = {action for policy in policies for action in policy.conditions.targets.user_actions}
    return tuple(Target(user_action=each) for each in sorted({*USER_ACTIONS.values(), *named}))


def context_targets(policies: Iterable[Policy]) -> tuple[Target, ...]:
    """Every authentication context that a policy names."""
    named = {context for policy in policies for context in policy.conditions.targets.contexts}
    return tuple(Target(context=each) for each in sorted(named))


def _bits(values: Sequence[_Value], holds: Callable[[_Value], bool]) -> int:
    return sum(1 << at for at, value in enumerate(values) if holds(value))


def _places(conditions: Sequence[Conditions], locations: Mapping[str, Location] | None) -> tuple[Place, ...]:
    names = {name for each in conditions for name in each.locations.include | each.locations.exclude}
    known = locations or {}
    areas = [each for name in sorted(names) if isinstance(each := known.get(name), CountryLocation)]
    ranges = [
        each
        for name, each in sorted(known.items())
        if isinstance(each, IpLocation) and (name in names or (ALL_TRUSTED in names and each.trusted))
    ]
    return tuple(
        Place(address=address, country=country, inside=(*around, *within))
        for (around, address), (within, country) in product(_addresses(tuple(ranges)), _countries(areas))
    )


@lru_cache(maxsize=1024)
def _addresses(locations: tuple[IpLocation, ...]) -> tuple[tuple[tuple[str, ...], Address | None], ...]:
    """An address for every set of locations that overlap, with their ids, and no address at all."""
    found: dict[tuple[str, ...], Address | None] = {}
    for family in (IPv4Address, IPv6Address):
        edges: dict[int, list[tuple[int, str]]] = {0: []}
        for location in locations:
            for first, last in location.ranges:
                if isinstance(first, family) and isinstance(last, family):
                    edges.setdefault(int(first), []).append((1, location.id))
                    edges.setdefault(int(last) + 1, []).append((-1, location.id))
        depth: dict[str, int] = {}
        for edge in sorted(edges):
            for step, name in edges[edge]:
                depth[name] = depth.get(name, 0) + step
            if edge < 1 << (32 if family is IPv4Address else 128):
                inside = tuple(sorted(name for name, deep in depth.items() if deep))
                found.setdefault(inside, family(edge))
    nowhere: tuple[tuple[str, ...], Address | None] = ((UNKNOWN_ADDRESS,) if locations else (), None)
    return (*found.items(), nowhere) if locations else (nowhere,)


def _countries(locations: Sequence[CountryLocation]) -> list[tuple[tuple[str, ...], str | None]]:
    """A country for every set of locations that name the same ones, one that none names, and the unknown one."""
    found: dict[tuple[str, ...], str | None] = {}
    if locations:
        found[()] = ""
    for country in sorted({country for each in locations for country in each.countries}):
        found.setdefault(tuple(each.id for each in locations if country in each.countries), country)
    unknown = tuple(each.id for each in locations if each.unknown_too)
    return [*found.items(), ((UNKNOWN_COUNTRY, *unknown) if locations else (), None)]
