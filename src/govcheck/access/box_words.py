"""A box of sign-ins in words: what its limits are, told in as few words as will do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from govcheck.access.app_groups import groups_of
from govcheck.access.cells import (
    CLIENT,
    DEVICE,
    FLOW,
    INSIDER_RISK,
    LOCATION,
    OTHER,
    PLATFORM,
    SIGN_IN_RISK,
    TARGET,
    UNKNOWN_ADDRESS,
    UNKNOWN_COUNTRY,
    USER_RISK,
    Space,
)
from govcheck.access.conditions import DIMENSIONS, Target
from govcheck.access.labels import Labels
from govcheck.access.locations import ALL_TRUSTED, trusted_networks
from govcheck.access.model import Conditions, CountryLocation, Policy
from govcheck.access.search import Box, bits_of
from govcheck.model import Lang
from govcheck.words import say

_Value = TypeVar("_Value")

_LISTED = 4
_RISKS = (SIGN_IN_RISK, USER_RISK, INSIDER_RISK)
_MODERN, _LEGACY = 0b0011, 0b1100


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """A thing that can be said of values of one dimension, and of which values it is true."""

    key: str
    value: str
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Describer:
    """Words for the boxes of one space."""

    space: Space
    named: frozenset[str]
    """Applications, and groups of them, that policies name."""
    places: tuple[Atom, ...]
    devices: tuple[Atom, ...]
    labels: Labels

    def words(self, box: Box, lang: Lang) -> str:
        """The limits of a box, such as "in a web browser, to every application but Office 365"."""
        parts = list(filter(None, self._parts(box, lang)))
        return ", ".join(parts) if parts else say("access.box-anything", lang)

    def values(self, box: Box) -> dict[str, list[str]]:
        """The values of a box in the dimensions that limit it, for machines."""
        names = dict(zip(DIMENSIONS, self._names(), strict=True))
        return {
            dimension: list(dict.fromkeys(name for at_, name in enumerate(names[dimension]) if box[at] >> at_ & 1))
            for at, dimension in enumerate(DIMENSIONS)
            if box[at] != self.space.whole[at]
        }

    def _names(self) -> Iterator[list[str]]:
        yield [each.user_action or each.context or self._application(each) for each in self.space.targets]
        yield list(self.space.clients)
        yield [name or "unknown" for name in self.space.platforms]
        yield ["+".join(each.inside) or OTHER for each in self.space.places]
        yield from (list(self.space.risks), list(self.space.risks), list(self.space.insider_risks))
        shown = sorted({name for each in self.space.devices for name in each.attributes or ()})
        yield [" | ".join(each.labels(shown)) for each in self.space.devices]
        yield [flow or "none" for flow in self.space.flows]

    def _parts(self, box: Box, lang: Lang) -> Iterator[str]:
        whole = self.space.whole
        if box[CLIENT] != whole[CLIENT]:
            yield self._clients(box[CLIENT], lang)
        if box[FLOW] != whole[FLOW]:
            yield self._flows(box[FLOW], lang)
        if box[PLATFORM] != whole[PLATFORM]:
            names = [name or say("access.box-unknown-system", lang) for name in self.space.platforms]
            yield _all_but("platforms", names, box[PLATFORM], whole[PLATFORM], lang)
        if box[DEVICE] != whole[DEVICE]:
            yield phrase("device", box[DEVICE], whole[DEVICE], self.devices, lang)
        if box[LOCATION] != whole[LOCATION]:
            yield phrase("place", box[LOCATION], whole[LOCATION], self.places, lang)
        for at, levels in zip(_RISKS, (self.space.risks, self.space.risks, self.space.insider_risks), strict=True):
            if box[at] != whole[at]:
                told = [say(f"access.level-{level}", lang) for level in _chosen(levels, box[at])]
                yield say(f"access.box-{DIMENSIONS[at]}", lang, values=_either(told, lang))
        if box[TARGET] != whole[TARGET] or self.space.targets[0].application is None:
            yield self._targets(box[TARGET], whole[TARGET], lang)

    def _clients(self, bits: int, lang: Lang) -> str:
        if bits in (_MODERN, _LEGACY):
            return say("access.box-clients-modern" if bits == _MODERN else "access.box-clients-legacy", lang)
        told = [say(f"access.box-client-{client}", lang) for client in _chosen(self.space.clients, bits)]
        return _either(told, lang)

    def _flows(self, bits: int, lang: Lang) -> str:
        if bits & 1:
            left_out = _chosen(self.space.flows, self.space.whole[FLOW] & ~bits)
            told = [say(f"access.box-flow-{flow}", lang) for flow in left_out]
            return say("access.box-flow-but", lang, values=_either(told, lang))
        return _either([say(f"access.box-flow-{flow}", lang) for flow in _chosen(self.space.flows, bits)], lang)

    def _targets(self, bits: int, whole: int, lang: Lang) -> str:
        targets = self.space.targets
        if targets[0].application is None:
            told = [
                say(f"access.action-{each.user_action}", lang)
                if each.user_action in _ACTIONS
                else str(each.user_action or each.context)
                for each in _chosen(targets, bits)
            ]
            key = "access.box-actions" if targets[0].user_action is not None else "access.box-contexts"
            return say(key, lang, values=_either(told, lang))
        others = 1 << (len(targets) - 1)
        left_out = self._applications(whole & ~bits)
        if bits == others and len(left_out) > _LISTED:
            return say("access.box-other-applications", lang)
        key, names = ("applications-but", left_out) if bits & others else ("applications", self._applications(bits))
        return say(f"access.box-{key}", lang, values=_listed(names, "access.and-list", lang))

    def _applications(self, bits: int) -> list[str]:
        return list(dict.fromkeys(self._application(each) for each in _chosen(self.space.targets, bits)))

    def _application(self, target: Target) -> str:
        """A name, or for an application that stands for its group, the group's."""
        own = str(target.application)
        groups = sorted(groups_of(own) & self.named)
        if own in self.named or not groups:
            return self.labels.application(own)
        return " + ".join(self.labels.application(group) for group in groups)


_ACTIONS = ("registerSecurityInformation", "registerOrJoinDevices")


def describer_of(space: Space, policies: Iterable[Policy], labels: Labels) -> Describer:
    """Words for a space that `policies` have cut."""
    conditions = [each.conditions for each in policies]
    named = frozenset(name for each in conditions for name in each.targets.include_ids | each.targets.exclude_ids)
    return Describer(
        space=space,
        named=named,
        places=tuple(_place_atoms(space, conditions)),
        devices=tuple(_device_atoms(space, conditions)),
        labels=labels,
    )


def _place_atoms(space: Space, conditions: Sequence[Conditions]) -> Iterator[Atom]:
    known = space.locations or {}
    named = {name for each in conditions for name in each.locations.include | each.locations.exclude}
    trusted = trusted_networks(space.locations)
    if trusted and ALL_TRUSTED in named:
        yield Atom(
            key="place-trusted", value="", bits=bits_of(bool(trusted & set(each.inside)) for each in space.places)
        )
    for name in sorted(named):
        location = known.get(name)
        if location is not None:
            bits = bits_of(location.id in each.inside for each in space.places)
            kind = "place-country" if isinstance(location, CountryLocation) else "place-network"
            yield Atom(key=kind, value=location.name, bits=bits)
    for key, label in (("place-unknown-address", UNKNOWN_ADDRESS), ("place-unknown-country", UNKNOWN_COUNTRY)):
        bits = bits_of(label in each.inside for each in space.places)
        if bits:
            yield Atom(key=key, value="", bits=bits)


def _device_atoms(space: Space, conditions: Sequence[Conditions]) -> Iterator[Atom]:
    states = space.devices
    yield Atom(key="device-managed", value="", bits=bits_of(each.compliant or each.hybrid_joined for each in states))
    yield Atom(key="device-compliant", value="", bits=bits_of(each.compliant for each in states))
    yield Atom(key="device-hybrid", value="", bits=bits_of(each.hybrid_joined for each in states))
    yield Atom(key="device-registered", value="", bits=bits_of(each.attributes is not None for each in states))
    filters = {each.device.filter.rule: each.device.filter for each in conditions if each.device is not None}
    for rule, found in sorted(filters.items()):
        yield Atom(
            key="device-filter", value=rule, bits=bits_of(found.matches(each.attributes) is True for each in states)
        )


def phrase(kind: str, bits: int, whole: int, atoms: Sequence[Atom], lang: Lang) -> str:
    """The shortest of what can be said that is true of exactly these values.

    One thing or its opposite, two or three of them together, or one or the other; else just that there are limits.
    """
    said = [(each.bits, f"access.{each.key}", each.value) for each in atoms]
    said += [
        (whole & ~each.bits, f"access.{kind}-not-{each.key.removeprefix(f'{kind}-')}", each.value) for each in atoms
    ]
    said = [each for each in said if each[0] not in (0, whole)]
    for size in (1, 2, 3):
        for chosen in combinations(said, size):
            together, either = whole, 0
            for each in chosen:
                together, either = together & each[0], either | each[0]
            words = [say(key, lang, value=value) for _, key, value in chosen]
            if together == bits:
                return say("access.and-words", lang).join(words)
            if either == bits:
                return say("access.or", lang).join(words)
    return say(f"access.{kind}-certain", lang)


def _all_but(key: str, names: Sequence[str], bits: int, whole: int, lang: Lang) -> str:
    chosen, left_out = _chosen(names, bits), _chosen(names, whole & ~bits)
    if len(left_out) < len(chosen):
        return say(f"access.box-{key}-but", lang, values=_either(left_out, lang))
    return say(f"access.box-{key}", lang, values=_either(chosen, lang))


def _listed(names: Sequence[str], between: str, lang: Lang) -> str:
    """Names in a row, of many the first and how many more."""
    if len(names) <= 1:
        return "".join(names)
    if len(names) > _LISTED + 1:
        names = [*names[:_LISTED], say("access.more-names", lang, count=len(names) - _LISTED)]
    return ", ".join(names[:-1]) + say(between, lang) + names[-1]


def _either(names: Sequence[str], lang: Lang) -> str:
    return _listed(names, "access.or", lang)


def _chosen(values: Sequence[_Value], bits: int) -> list[_Value]:
    return [value for at, value in enumerate(values) if bits >> at & 1]
