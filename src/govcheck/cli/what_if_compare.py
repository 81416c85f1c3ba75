"""`govcheck what-if --without … --with …`: what proposed policies change, before anybody touches the tenant."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli.output import screen
from govcheck.cli.what_if import ANSWERED, UNDECIDED, nothing_known, opened, vital_gap
from govcheck.cli.what_if_people import crowd_of, groups_in, people_needs, policies_for
from govcheck.model import Lang, Standing
from govcheck.words import say, visible

if TYPE_CHECKING:
    from govcheck.access import Directory
    from govcheck.access.compare import Comparison, Effect
    from govcheck.access.model import Clause
    from govcheck.access.proposal import Proposal
    from govcheck.cli.snapshots import Voice
    from govcheck.policy.types import PolicySet
    from govcheck.report.terminal import Screen
    from govcheck.snapshot import Snapshot

Raw = Mapping[str, Any]
_CASES = 3


def weigh(given: Mapping[str, Any], voice: Voice) -> int:
    """Write what the proposal changes; 3 where something that it depends on is not known."""
    from govcheck.access import directory_of
    from govcheck.access.proposal import groups_named

    policies = policies_for(given, voice.lang)
    raw = [policy for file in given["with_"] for policy in _read(file, voice.lang)]
    groups = groups_in(policies) | groups_named(raw)
    with opened(given, voice, people_needs(), groups) as (snapshot, missing):
        if (table := vital_gap(missing)) is not None:
            sys.stderr.write(nothing_known(table, missing, voice.lang) + "\n")
            return UNDECIDED
        before = _with_members(directory_of(snapshot), snapshot, groups_named(raw))
        proposal = _proposed(before, given["without"], raw, voice.lang)
        told = Told(before, proposal, snapshot, policies, named=given["names"] == "shown", lang=voice.lang)
        if given["format_"] == "json":
            sys.stdout.write(json.dumps(told.as_dict(), indent=2, ensure_ascii=False) + "\n")
        else:
            sys.stdout.writelines(f"{line}\n" for line in told.lines(screen()))
    return UNDECIDED if missing or proposal.unknown_groups or proposal.unknown_locations else ANSWERED


def _read(file: Any, lang: Lang) -> Sequence[Raw]:
    from govcheck.access.proposal import read_policies_in

    try:
        return read_policies_in(json.load(file))
    except (ValueError, RecursionError) as problem:
        words = say("cli.bad-policy-file", lang, file=file.name, problem=problem)
        raise click.BadParameter(words, param_hint="--with") from problem


def _proposed(before: Directory, without: Sequence[str], raw: Sequence[Raw], lang: Lang) -> Proposal:
    """The proposal; wrong usage, with the nearest name, where it takes away what is not there."""
    from govcheck.access.proposal import ProposalError, propose
    from govcheck.diagnostics import nearest

    try:
        return propose(before, without, raw)
    except ProposalError as fault:
        near = nearest(str(fault.params["name"]), [policy.name for policy in before.policies])
        key = f"{fault.key}-near" if near and fault.key == "what-if-no-policy" else fault.key
        words = say(f"cli.{key}", lang, near=near, **fault.params)
        raise click.BadParameter(words, param_hint="--without") from fault


def _with_members(directory: Directory, snapshot: Snapshot, groups: Collection[str]) -> Directory:
    """With the members of groups that only the proposal names, as far as the snapshot has them."""
    from govcheck.access.directory import members_in

    known = directory.members or {}
    found = members_in(snapshot, "memberships") or {}
    more = {group: found[group] for group in groups if group in found and group not in known}
    return replace(directory, members={**known, **more}) if more and directory.members is not None else directory


class Told:
    """All that is told of one proposal."""

    def __init__(
        self,
        before: Directory,
        proposal: Proposal,
        snapshot: Snapshot,
        policies: PolicySet,
        *,
        named: bool,
        lang: Lang,
    ) -> None:
        """Compare, and find the words."""
        from govcheck.access.compare import compare
        from govcheck.access.holes import ground_of, standings_of
        from govcheck.access.labels import labels_of

        self._lang = lang
        self._snapshot = snapshot
        self._proposal = proposal
        self._policies = (*before.policies, *proposal.directory.policies)
        self._labels = labels_of(snapshot)
        self._crowd = crowd_of(before, snapshot, policies, named=named, lang=lang)
        self._found: Comparison = compare(before, proposal.directory)
        self._levels = [standings_of(ground_of(one)) for one in (before, proposal.directory)]

    def lines(self, screen: Screen) -> Iterator[str]:
        """The comparison for a terminal: what it is about, emergency accounts, who is locked out, and the rest."""
        lang = self._lang
        yield screen.paint(visible(say("access.proposal", lang, tenant=self._snapshot.tenant_name)), "bold")
        for line in (*self._changed(), *self._notes()):
            yield from screen.wrap(line, indent=2)
        if not self._found.effects:
            yield from ("", *screen.wrap(say("access.proposal-nothing", lang)))
        yield from self._emergency(screen)
        if self._found.locked_out:
            yield from ("", screen.paint(say("access.locked-out", lang), "red"))
            yield from screen.wrap(self._crowd.words(self._found.locked_out), indent=2)
        for direction in ("gains", "loses"):
            effects = [each for each in self._found.effects if each.direction == direction]
            if effects:
                yield from ("", screen.paint(say(f"access.{direction}", lang), "bold"))
            for demand, cases in _by_demand(effects).items():
                yield from self._demand(direction, demand, cases, screen)
        yield ""
        for key, levels in zip(("level-before", "level-after"), self._levels, strict=True):
            yield from screen.wrap(f"{say(f'access.{key}', lang)}: {self._tally(levels)}")

    def _changed(self) -> Iterator[str]:
        proposal = self._proposal
        for key, listed in (("removed", proposal.removed), ("replaced", proposal.replaced), ("added", proposal.added)):
            yield from (say(f"access.proposal-{key}", self._lang, policy=policy.name) for policy in listed)

    def _notes(self) -> Iterator[str]:
        lang, proposal = self._lang, self._proposal
        yield from (say("access.proposal-off", lang, policy=policy.name) for policy in proposal.off)
        for group in proposal.unknown_groups:
            yield say("access.proposal-unknown-group", lang, group=self._labels.group(group))
        for location in proposal.unknown_locations:
            yield say("access.proposal-unknown-location", lang, location=location)

    def _emergency(self, screen: Screen) -> Iterator[str]:
        """What happens to emergency accounts, before anything else."""
        lines: dict[str, None] = {}
        if locked := self._crowd.emergency(self._found.locked_out):
            lines[f"{', '.join(map(self._crowd.name, locked))}: {say('access.locked-out', self._lang)}"] = None
        for each in self._found.effects:
            if touched := self._crowd.emergency(each.people):
                names = ", ".join(map(self._crowd.name, touched))
                lines[f"{names}: {self._demand_words(each.direction, each.demand)}"] = None
        if lines:
            yield from ("", screen.paint(say("access.emergency-touched", self._lang), "red"))
            for line in lines:
                yield from screen.wrap(line, indent=2)

    def _demand(self, direction: str, demand: Clause, cases: Sequence[Effect], screen: Screen) -> Iterator[str]:
        people = list(dict.fromkeys(person for each in cases for person in each.people))
        yield from screen.wrap(f"{self._demand_words(direction, demand)}: {self._crowd.words(people)}", indent=2)
        for each in cases[:_CASES]:
            yield from screen.wrap(f"- {self._where(each)}", indent=4)
        if len(cases) > _CASES:
            yield from screen.wrap(say("access.effect-more", self._lang, count=len(cases) - _CASES), indent=4)

    def _demand_words(self, direction: str, demand: Clause) -> str:
        from govcheck.access.compare import BLOCK
        from govcheck.cli.what_if_words import clause_words

        blocks = demand == BLOCK
        told = say("access.demand-block", self._lang) if blocks else clause_words([demand], self._lang)
        return say(f"access.{direction}-demand", self._lang, demand=told)

    def _where(self, effect: Effect) -> str:
        from govcheck.access.box_words import describer_of

        return describer_of(effect.space, self._policies, self._labels).words(effect.box, self._lang)

    def _tally(self, levels: Mapping[Standing, Sequence[str]]) -> str:
        amounts = {level: self._crowd.amount(people) for level, people in levels.items()}
        return say("access.level-now", self._lang, **amounts)

    def as_dict(self) -> dict[str, Any]:
        """The comparison for machines; words are in the language asked for."""
        from govcheck.report.as_json import timestamp

        proposal = self._proposal
        return {
            "tenant": {"id": self._snapshot.tenant, "name": self._snapshot.tenant_name},
            "taken_at": timestamp(self._snapshot.taken_at),
            "proposal": {
                **{
                    key: [{"id": each.id, "name": each.name, "state": each.state.value} for each in listed]
                    for key, listed in (
                        ("removed", proposal.removed),
                        ("replaced", proposal.replaced),
                        ("added", proposal.added),
                    )
                },
                "unknown_groups": list(proposal.unknown_groups),
                "unknown_locations": list(proposal.unknown_locations),
            },
            "locked_out": self._crowd.as_dict(self._found.locked_out),
            "gains": [self._effect(each) for each in self._found.effects if each.direction == "gains"],
            "loses": [self._effect(each) for each in self._found.effects if each.direction == "loses"],
            "mfa": {
                key: {level: self._crowd.count(people) for level, people in levels.items()}
                for key, levels in zip(("before", "after"), self._levels, strict=True)
            },
        }

    def _effect(self, effect: Effect) -> dict[str, Any]:
        return {"demand": sorted(effect.demand), "where": self._where(effect), **self._crowd.as_dict(effect.people)}


def _by_demand(effects: Sequence[Effect]) -> dict[Clause, list[Effect]]:
    found: dict[Clause, list[Effect]] = defaultdict(list)
    for each in effects:
        found[each.demand].append(each)
    return dict(found)
