"""The states of a device that filters can tell apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from govcheck.access.device_filter import Comparison, Device, Filter, spelled_attribute

COMPLIANCE, TRUST = "iscompliant", "trusttype"
TRUST_TYPES = ("AzureAD", "ServerAD", "Workplace")
HYBRID_JOINED = "ServerAD"

_COLLECTIONS = frozenset({"physicalids", "systemlabels"})
_OTHER = "\N{REPLACEMENT CHARACTER}"
"""A value that no rule names."""
_MANY_OTHERS = re.compile(f"{_OTHER}+")
_MANY_PARTS = 4
_MANY_STATES = 4096

Value = object


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """One state: the attributes that matter, and the controls such a device meets."""

    attributes: Device
    compliant: bool
    hybrid_joined: bool
    alike: tuple[Device, ...] = ()
    """Other attributes that no filter tells apart from these."""

    def labels(self, shown: Sequence[str]) -> tuple[str, ...]:
        """The state in a few words: the attributes in `shown`, or that the device is not registered."""
        return tuple(dict.fromkeys(_label(device, shown) for device in (self.attributes, *self.alike)))


def device_states(filters: Iterable[Filter]) -> tuple[DeviceState, ...]:
    """Every state that differs for some filter or for the controls on devices.

    A device that is not registered is one; the others combine what rules compare attributes with. With more
    combinations than can be told apart in reasonable time, the attributes that rules name least are left open:
    what depends on them is then undecided, and protects nobody.
    """
    listed = list(dict.fromkeys(filters))
    compared: dict[str, list[Comparison]] = {}
    for each in listed:
        for comparison in each.comparisons():
            if comparison.decidable:
                compared.setdefault(comparison.attribute, []).append(comparison)
    values: dict[str, list[Value]] = {COMPLIANCE: [True, False], TRUST: list(TRUST_TYPES)}
    count = len(values[COMPLIANCE]) * len(values[TRUST])
    for name, comparisons in sorted(compared.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        if name in values:
            continue
        told_apart = _values(name, comparisons)
        if count * len(told_apart) <= _MANY_STATES:
            values[name] = told_apart
            count *= len(told_apart)
    found: dict[tuple[object, ...], list[DeviceState]] = {}
    for state in _states(values):
        found.setdefault(_seen(state, listed), []).append(state)
    return tuple(replace(first, alike=tuple(each.attributes for each in rest)) for first, *rest in found.values())


def _states(values: dict[str, list[Value]]) -> Iterator[DeviceState]:
    yield DeviceState(attributes=None, compliant=False, hybrid_joined=False)
    for combination in product(*values.values()):
        attributes = dict(zip(values, combination, strict=True))
        yield DeviceState(
            attributes=attributes,
            compliant=attributes[COMPLIANCE] is True,
            hybrid_joined=attributes[TRUST] == HYBRID_JOINED,
        )


def _seen(state: DeviceState, filters: Sequence[Filter]) -> tuple[object, ...]:
    """What of a state makes a difference."""
    return (
        state.attributes is None,
        state.compliant,
        state.attributes and state.attributes[TRUST],
        *(each.matches(state.attributes) for each in filters),
    )


def _values(name: str, comparisons: Sequence[Comparison]) -> list[Value]:
    """Values of an attribute: those that rules name, and one for every other way in which these turn out together."""
    named = [value for each in comparisons if each.operator in {"eq", "in"} for value in each.values]
    values: list[Value] = [None if value == "null" else value for value in dict.fromkeys(named)]
    seen = {_outcome(name, value, comparisons) for value in values} if name not in _COLLECTIONS else set()
    found: dict[tuple[bool | None, ...], Value] = {}
    for value in _candidates(name, comparisons):
        found.setdefault(_outcome(name, value, comparisons), value)
    others = [value for outcome, value in found.items() if outcome not in seen]
    return others if name in _COLLECTIONS else [*values, *others]


def _outcome(name: str, value: Value, comparisons: Sequence[Comparison]) -> tuple[bool | None, ...]:
    return tuple(Filter("", comparison).matches({name: value}) for comparison in comparisons)


def _candidates(name: str, comparisons: Sequence[Comparison]) -> Iterator[Value]:
    parts: dict[str, list[str]] = {"startswith": [], "contains": [], "endswith": [], "in": [], "eq": []}
    for comparison in comparisons:
        parts[comparison.operator] += [value for value in comparison.values if value not in parts[comparison.operator]]
    if name in _COLLECTIONS:
        yield from (list(chosen) for chosen in _subsets([*parts["eq"], *parts["in"], *parts["contains"]]))
        return
    inside = ["".join(chosen) for chosen in _subsets(parts["contains"])]
    for start, middle, end in product(["", *parts["startswith"]], inside, ["", *parts["endswith"]]):
        yield start + _OTHER + middle + _OTHER + end


def _subsets(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every choice of some parts; of many parts, none, each, and all together."""
    if len(parts) <= _MANY_PARTS:
        for size in range(len(parts) + 1):
            yield from combinations(parts, size)
        return
    yield ()
    yield from ((part,) for part in parts)
    yield tuple(parts)


def _label(device: Device, shown: Sequence[str]) -> str:
    if device is None:
        return "unregistered"
    known = ((name, device[name]) for name in shown if name in device)
    return " ".join(f"{spelled_attribute(name)}={_spelled(value)}" for name, value in known) or "registered"


def _spelled(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return "+".join(map(str, value)) or "none"
    return "other" if not str(value).strip(_OTHER) else _MANY_OTHERS.sub("*", str(value))
