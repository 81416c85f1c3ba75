"""The table `sign_in_paths`: for every persona, boxes of sign-ins that all get the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from govcheck.access.app_groups import groups_of, spelled
from govcheck.access.cells import DEVICE, OTHER, Space, action_targets, application_targets, context_targets, space_of
from govcheck.access.conditions import Target
from govcheck.access.demands import Demand, default_demands
from govcheck.access.devices import COMPLIANCE, TRUST
from govcheck.access.model import SECURITY_DEFAULTS, Clause, Directory, Grant, Policy, State
from govcheck.access.personas import Persona, personas_of
from govcheck.access.requirements import (
    COMPLIANT_DEVICE,
    JOINED_DEVICE,
    Level,
    controls_of,
    level_of,
    minimal,
    out_of_reach,
)
from govcheck.access.search import Box, merge, overlap, split

Row = dict[str, Any]
_ALL = "all"
_MET_BY = {COMPLIANT_DEVICE: COMPLIANCE, JOINED_DEVICE: TRUST}
"""Attributes of a device that decide whether it meets a control."""


@dataclass(frozen=True, slots=True)
class _Applied:
    """A demand, and the id under which it shows; None for a part of one that shows already."""

    demand: Demand
    id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathAnswer:
    """What every sign-in in a box is asked."""

    blocked: bool
    requires: tuple[Clause, ...]
    mfa: Level | None
    applied: tuple[str, ...]


def sign_in_paths_of(directory: Directory) -> Iterator[Row]:
    """The rows of every persona, largest persona first. `requires` is a list of lists."""
    enabled = [policy for policy in directory.policies if policy.state is State.ENABLED]
    defaults = directory.security_defaults is True
    kinds = [application_targets(enabled, defaults=defaults), action_targets(enabled), context_targets(enabled)]
    named = frozenset(
        name for each in enabled for name in each.conditions.targets.include_ids | each.conditions.targets.exclude_ids
    )
    for persona in sorted(personas_of(directory), key=lambda each: (-len(each.people), each.id)):
        for targets in kinds:
            if targets:
                space = space_of(persona.policies, targets, directory.locations)
                labels = _Labels(space, persona.policies, named)
                for answer, box in answers_in(space, persona, directory):
                    yield {"persona": persona.id, "people": len(persona.people), **_row(answer), **labels.of(box)}


def _row(answer: PathAnswer) -> Row:
    return {
        "outcome": "block" if answer.blocked else "grant",
        "requires": [sorted(clause) for clause in answer.requires],
        "mfa": answer.mfa,
        "applied": list(answer.applied),
    }


def answers_in(space: Space, persona: Persona, directory: Directory) -> Iterator[tuple[PathAnswer, Box]]:
    """Boxes that together hold every sign-in of a persona once, each with its answer."""
    demands = [
        _Applied(Demand(space.box_of(policy.conditions), policy.grant), policy.id) for policy in persona.policies
    ]
    if directory.security_defaults:
        demands.append(_Applied(Demand(space.whole, Grant()), SECURITY_DEFAULTS))
        demands += [_Applied(demand, None) for demand in default_demands(space, persona)]
    demands = [each for each in demands if all(each.demand.box)]
    by_applied: dict[tuple[int, ...], list[Box]] = {}
    for box, applied in _partition(space.whole, demands):
        by_applied.setdefault(applied, []).append(box)
    boxes: dict[PathAnswer, list[Box]] = {}
    for applied, parts in by_applied.items():
        for answer, part in _by_device(space, directory, [demands[at] for at in applied], parts):
            boxes.setdefault(answer, []).append(part)
    for answer, found in boxes.items():
        yield from ((answer, box) for box in merge(found))


def _partition(whole: Box, demands: Sequence[_Applied]) -> Iterator[tuple[Box, tuple[int, ...]]]:
    """Boxes that together hold everything once, each with the numbers of the demands that apply all over it."""
    pending: list[tuple[Box, int, tuple[int, ...]]] = [(whole, 0, ())]
    while pending:
        box, at, applied = pending.pop()
        while at < len(demands) and overlap(box, demands[at].demand.box) is None:
            at += 1
        if at == len(demands):
            yield box, applied
            continue
        for part, inside in split(box, demands[at].demand.box):
            pending.append((part, at + 1, (*applied, at) if inside else applied))


def _by_device(
    space: Space, directory: Directory, demands: Sequence[_Applied], parts: Iterable[Box]
) -> Iterator[tuple[PathAnswer, Box]]:
    """The answers in boxes where the same demands apply: they differ by the controls that devices meet."""
    blocked = any(each.demand.grant.blocks for each in demands)
    clauses = [clause for each in demands for clause in each.demand.grant.clauses]
    requires = () if blocked else minimal(clauses)
    applied = tuple(sorted(each.id for each in demands if each.id is not None))
    counted = controls_of(requires, directory.strengths).mfa
    by_level: dict[Level | None, int] = {}
    for at, state in enumerate(space.devices):
        level: Level | None = None
        if not blocked:
            unmet = out_of_reach(compliant=state.compliant, hybrid_joined=state.hybrid_joined)
            level = level_of(requires, counted, unmet)
            level = "conditional" if level == "never" and directory.security_defaults else level
        by_level[level] = by_level.get(level, 0) | 1 << at
    for mfa, bits in by_level.items():
        answer = PathAnswer(blocked=blocked, requires=requires, mfa=mfa, applied=applied)
        for part in parts:
            if part[DEVICE] & bits:
                yield answer, (*part[:DEVICE], part[DEVICE] & bits, *part[DEVICE + 1 :])


class _Labels:
    """The words for the values of a space."""

    def __init__(self, space: Space, policies: Sequence[Policy], named: frozenset[str]) -> None:
        self._named = named
        self._targets = space.targets
        places = [*("+".join(place.inside) or OTHER for place in space.places)]
        self._lists: Mapping[str, tuple[int, Sequence[tuple[str, ...]]]] = {
            "client_app_types": (1, _each(space.clients)),
            "platforms": (2, _each(name or "unknown" for name in space.platforms)),
            "locations": (3, _each(places if len(places) > 1 else [_ALL])),
            "sign_in_risks": (4, _each(space.risks)),
            "user_risks": (5, _each(space.risks)),
            "insider_risks": (6, _each(space.insider_risks)),
            "devices": (DEVICE, _device_labels(space, policies)),
            "authentication_flows": (8, _each(flow or "none" for flow in space.flows)),
        }

    def of(self, box: Box) -> Row:
        """The values in a box, by column."""
        targets = [target for at, target in enumerate(self._targets) if box[0] >> at & 1]
        return {
            "applications": [self._application(each) for each in targets if each.application is not None],
            "user_actions": [each.user_action for each in targets if each.user_action is not None],
            "authentication_contexts": [each.context for each in targets if each.context is not None],
            **{
                column: list(dict.fromkeys(chain.from_iterable(_chosen(values, box[at]))))
                for column, (at, values) in self._lists.items()
            },
        }

    def _application(self, target: Target) -> str:
        """An appId, `other`, or for an application that is in a group and not named itself, the group."""
        own = str(target.application)
        groups = groups_of(own) & self._named
        return own if own in self._named or not groups else "+".join(sorted(map(spelled, groups)))


def _each(names: Iterable[str]) -> list[tuple[str, ...]]:
    return [(name,) for name in names]


def _chosen(values: Sequence[tuple[str, ...]], bits: int) -> Iterator[tuple[str, ...]]:
    return (value for at, value in enumerate(values) if bits >> at & 1)


def _device_labels(space: Space, policies: Sequence[Policy]) -> list[tuple[str, ...]]:
    """States in the words of what tells them apart; a single word where nothing does."""
    controls = {control for each in policies for clause in each.grant.clauses for control in clause}
    conditions = [each.conditions.device for each in policies if each.conditions.device is not None]
    shown = {comparison.attribute for each in conditions for comparison in each.filter.comparisons()}
    shown |= {attribute for control, attribute in _MET_BY.items() if control in controls}
    return [state.labels(sorted(shown)) if shown else (_ALL,) for state in space.devices]
