"""People as `what-if` tells of them: how many and in which teams, by name only on request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from govcheck.access.persona_words import number
from govcheck.model import ORGANISATION, UNASSIGNED, Lang
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.access import Directory
    from govcheck.cli.snapshots import Needs
    from govcheck.engine.units import Place
    from govcheck.engine.whereabouts import Whereabouts
    from govcheck.policy.types import PolicySet
    from govcheck.snapshot import Snapshot

_TEAMS = 6
_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How to tell of groups of people. Emergency accounts are no people: they are always named."""

    directory: Directory
    whereabouts: Whereabouts
    named: bool
    lang: Lang

    def words(self, people: Collection[str]) -> str:
        """How many, in which teams, and who, as far as that may be told."""
        parts = [self.amount(people)]
        if teams := self._teams_words(people):
            parts.append(teams)
        told = " · ".join(parts)
        names = self._names(people) if self.named else self._names(self.emergency(people))
        if not names:
            return told
        shown = [
            *names[:_NAMES],
            *([say("access.more-names", self.lang, count=len(names) - _NAMES)] if len(names) > _NAMES else []),
        ]
        key = "people-named" if self.named else "people-emergency"
        return say(f"access.{key}", self.lang, people=told, names=", ".join(shown))

    def amount(self, people: Collection[str]) -> str:
        """A number, or for a small group that it is small."""
        if self.count(people) is None:
            key = "people-few-besides" if self.emergency(people) else "people-few"
            return say(f"access.{key}", self.lang, smallest=self.whereabouts.smallest)
        return say("access.people-accounts", self.lang, count=len(people), n=number(len(people), self.lang))

    def as_dict(self, people: Collection[str]) -> dict[str, Any]:
        """The same for machines; null for a number that is too small to tell."""
        shown, small = self._teams(people)
        found: dict[str, Any] = {
            "people": self.count(people),
            "teams": [{"unit": place.id, "name": place.name, "people": many} for place, many in shown],
            "smaller_teams": small,
            "emergency": self._names(self.emergency(people)),
        }
        if self.named:
            found["names"] = self._names(people)
        return found

    def count(self, people: Collection[str]) -> int | None:
        """A number; None for one that is too small to tell."""
        return None if self._hidden(len(people) - len(self.emergency(people))) else len(people)

    def emergency(self, people: Collection[str]) -> list[str]:
        """The emergency accounts among these people."""
        return [each for each in people if each.lower() in self.whereabouts.emergency]

    def name(self, person: str) -> str:
        """Somebody by name where names are asked for or it is an emergency account; else just that it is one."""
        if self.named or person.lower() in self.whereabouts.emergency:
            return next(iter(self._names([person])), person)
        return say("access.somebody", self.lang)

    def _hidden(self, many: int) -> bool:
        return not self.named and 0 < many < self.whereabouts.smallest

    def _teams(self, people: Collection[str]) -> tuple[list[tuple[Place, int]], int]:
        found = [(place, many) for place, many in self.whereabouts.tally(people) if place.id != ORGANISATION]
        shown = [(place, many) for place, many in found if not self._hidden(many)]
        return shown, len(found) - len(shown)

    def _teams_words(self, people: Collection[str]) -> str:
        shown, small = self._teams(people)
        told = [f"{self._unit(place)} {number(many, self.lang)}" for place, many in shown[:_TEAMS]]
        if len(shown) > _TEAMS:
            told.append(say("access.more-teams", self.lang, count=len(shown) - _TEAMS))
        if small and shown:
            told.append(say("access.smaller-teams", self.lang, count=small))
        return ", ".join(told)

    def _unit(self, place: Place) -> str:
        return say("report.unassigned", self.lang) if place.id == UNASSIGNED else place.name

    def _names(self, people: Collection[str]) -> list[str]:
        """Names, or what stands for them; emergency accounts first."""
        found = [self.directory.people[each.lower()] for each in people if each.lower() in self.directory.people]
        ordered = sorted(
            found,
            key=lambda each: (each.id.lower() not in self.whereabouts.emergency, each.upn or each.name or each.id),
        )
        return [each.upn or each.name or each.id for each in ordered]


def policies_for(given: Mapping[str, Any], lang: Lang) -> PolicySet:
    """The policy set, for its teams, its emergency accounts and its smallest group."""
    from govcheck.cli.inputs import read_policies

    demo = given["tenant"] is not None
    return read_policies((), given["policies"], lenient=True, lang=lang, demo=demo, quiet=given["quiet"])


def people_needs() -> Needs:
    """What is read so that people can be told of by team, and groups and roles by name."""
    from govcheck.access.directory import NAMES
    from govcheck.access.labels import NAMED
    from govcheck.engine.plan import ATTRIBUTION

    return {**ATTRIBUTION, **NAMED, "users": {*ATTRIBUTION["users"], *NAMES}}


def groups_in(policies: PolicySet) -> set[str]:
    """The groups that declarations name."""
    from govcheck.engine.plan import groups_needed

    return groups_needed(policies.organisation)


def crowd_of(directory: Directory, snapshot: Snapshot, policies: PolicySet, *, named: bool, lang: Lang) -> Crowd:
    """How to tell of people in this tenant."""
    from govcheck.engine.whereabouts import whereabouts

    return Crowd(directory=directory, whereabouts=whereabouts(policies, snapshot), named=named, lang=lang)
