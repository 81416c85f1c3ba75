"""`govcheck what-if --holes`: how people can sign in, and every way in without multifactor authentication."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from govcheck.cli.output import screen
from govcheck.cli.what_if import ANSWERED, UNDECIDED, nothing_known, opened, vital_gap
from govcheck.cli.what_if_people import crowd_of, groups_in, people_needs, policies_for
from govcheck.model import Lang
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.access.box_words import Describer
    from govcheck.access.edits import Change, Edit
    from govcheck.access.holes import Hole, Holes
    from govcheck.access.labels import Labels
    from govcheck.cli.snapshots import Voice
    from govcheck.model import SignInGrid
    from govcheck.policy.types import PolicySet
    from govcheck.report.terminal import Screen
    from govcheck.snapshot import Snapshot

_CAUSES = 3
_NEAR = 2
"""Policies that take this much more than the nearest one are told of too."""


def show(given: Mapping[str, Any], voice: Voice) -> int:
    """Write the grid and the holes; 3 where something that they depend on is missing."""
    policies = policies_for(given, voice.lang)
    with opened(given, voice, people_needs(), groups_in(policies)) as (snapshot, missing):
        if (table := vital_gap(missing)) is not None:
            sys.stderr.write(nothing_known(table, missing, voice.lang) + "\n")
            return UNDECIDED
        overview = Overview(snapshot, policies, named=given["names"] == "shown", lang=voice.lang)
        if given["format_"] == "json":
            sys.stdout.write(json.dumps(overview.as_dict(), indent=2, ensure_ascii=False) + "\n")
        else:
            sys.stdout.writelines(f"{line}\n" for line in overview.lines(screen()))
    return UNDECIDED if missing else ANSWERED


class Overview:
    """All that is told of one tenant."""

    def __init__(self, snapshot: Snapshot, policies: PolicySet, *, named: bool, lang: Lang) -> None:
        """Find the holes and the words for them."""
        from govcheck.access import directory_of
        from govcheck.access.box_words import describer_of
        from govcheck.access.grid import grid_of
        from govcheck.access.holes import holes_of, standings_of
        from govcheck.access.labels import labels_of
        from govcheck.access.persona_words import Naming

        self._lang = lang
        self._snapshot = snapshot
        self._directory = directory_of(snapshot)
        self._crowd = crowd_of(self._directory, snapshot, policies, named=named, lang=lang)
        self._labels: Labels = labels_of(snapshot)
        self._found: Holes = holes_of(self._directory)
        self._describer: Describer = describer_of(self._found.ground.space, self._directory.policies, self._labels)
        naming = Naming(labels=self._labels, smallest=self._crowd.whereabouts.smallest)
        self._grid: SignInGrid = grid_of(self._found.ground, naming)
        self._levels = standings_of(self._found.ground)

    def lines(self, screen: Screen) -> Iterator[str]:
        """The overview for a terminal."""
        from govcheck.report.sign_ins import table

        lang = self._lang
        yield from screen.wrap(say("access.overview", lang, tenant=self._snapshot.tenant_name))
        yield ""
        yield from table(self._grid, screen, lang)
        yield ""
        yield from screen.wrap(say("access.grid-legend", lang))
        yield ""
        if not self._found.holes:
            yield from screen.wrap(say("access.no-holes", lang))
            return
        yield screen.paint(say("access.holes", lang, count=len(self._found.holes)), "bold")
        for number, hole in enumerate(self._found.holes, start=1):
            yield ""
            yield from self._hole(number, hole, screen)
        if not self._found.complete:
            yield from ("", *screen.wrap(say("access.holes-incomplete", lang)))

    def _hole(self, number: int, hole: Hole, screen: Screen) -> Iterator[str]:
        lang = self._lang
        where = self._describer.words(hole.box, lang)
        verdict = say(f"access.hole-{self._verdict(hole)}", lang)
        first, *rest = screen.wrap(f"{number}. {where[:1].upper()}{where[1:]}: {verdict}.")
        yield screen.paint(first, "bold")
        yield from (screen.paint(line, "bold") for line in rest)
        yield from screen.wrap(f"{say('access.hole-who', lang)}: {self._crowd.words(hole.people)}", indent=3)
        yield from screen.wrap(f"{say('access.hole-why', lang)}: {'; '.join(self._causes(hole))}", indent=3)
        yield from screen.wrap(f"{say('access.hole-fix', lang)}: {self._change(hole.change)}.", indent=3)
        if len(self._crowd.emergency(hole.people)) == len(hole.people):
            yield from screen.wrap(say("access.hole-emergency", lang), indent=3)

    def _verdict(self, hole: Hole) -> str:
        return "defaults" if self._directory.security_defaults else hole.standing

    def _causes(self, hole: Hole) -> list[str]:
        near = [each for each in hole.causes if each.weight <= hole.change.weight + _NEAR][:_CAUSES]
        lang = self._lang
        return [self._cause(each) for each in near] or [say("access.cause-none", lang)]

    def _cause(self, change: Change) -> str:
        lang = self._lang
        reasons = [
            say(f"access.cause-{each.value if each.kind == 'enable' else each.kind}", lang, value=self._value(each))
            for each in change.edits
        ]
        policy = change.policy.name if change.policy is not None else ""
        return say("access.cause", lang, policy=policy, reasons=_joined(reasons, lang))

    def _change(self, change: Change) -> str:
        lang = self._lang
        edits = [say(f"access.edit-{each.kind}", lang, value=self._value(each)) for each in change.edits]
        if change.policy is None:
            return edits[0]
        return say("access.change", lang, policy=change.policy.name, edits=_joined(edits, lang))

    def _value(self, edit: Edit) -> str:
        """What an edit is about, by a name that may be told."""
        match edit.kind:
            case "user":
                return self._crowd.name(edit.value)
            case "group":
                return self._labels.group(edit.value)
            case "role":
                return self._labels.role(edit.value)
            case "application":
                return self._labels.application(edit.value)
            case "location":
                known = (self._directory.locations or {}).get(edit.value)
                trusted = edit.value == "alltrusted"
                return say("access.location-alltrusted", self._lang) if trusted else known.name if known else edit.value
        return edit.value

    def as_dict(self) -> dict[str, Any]:
        """The overview for machines; words are in the language asked for."""
        from govcheck.report.as_json import timestamp

        lang = self._lang
        return {
            "tenant": {"id": self._snapshot.tenant, "name": self._snapshot.tenant_name},
            "taken_at": timestamp(self._snapshot.taken_at),
            "mfa": {level: self._crowd.count(people) for level, people in self._levels.items()},
            "grid": {
                "columns": [column.in_lang(lang) for column in self._grid.columns],
                "rows": [{"people": who.in_lang(lang), "cells": list(cells)} for who, cells in self._grid.rows],
            },
            "complete": self._found.complete,
            "holes": [self._hole_dict(hole) for hole in self._found.holes],
        }

    def _hole_dict(self, hole: Hole) -> dict[str, Any]:
        from govcheck.access.holes import witness

        sign_in = witness(self._found.ground.space, hole.box, hole.people[0])
        if not self._crowd.named:
            del sign_in["userId"]
        return {
            "where": self._describer.words(hole.box, self._lang),
            "limits": self._describer.values(hole.box),
            "mfa": "conditional" if self._directory.security_defaults else hole.standing,
            **self._crowd.as_dict(hole.people),
            "causes": [self._change_dict(each, self._cause(each)) for each in hole.causes],
            "change": self._change_dict(hole.change, self._change(hole.change)),
            "sign_in": sign_in,
        }

    def _change_dict(self, change: Change, words: str) -> dict[str, Any]:
        policy = change.policy
        return {
            "policy": None if policy is None else {"id": policy.id, "name": policy.name, "state": policy.state.value},
            "edits": [
                {"kind": each.kind, "value": None if each.kind == "user" and not self._crowd.named else each.value}
                for each in change.edits
            ],
            "words": words,
        }


def _joined(parts: list[str], lang: Lang) -> str:
    if len(parts) <= 1:
        return "".join(parts)
    return ", ".join(parts[:-1]) + say("access.and-list", lang) + parts[-1]
