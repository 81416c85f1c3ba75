"""Who the people of a persona are, by what sets them apart from others. They have no names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from govcheck.access.labels import Labels
from govcheck.access.model import Directory, State
from govcheck.access.personas import Persona
from govcheck.access.widening import matching
from govcheck.model import LANGS, Lang, Text
from govcheck.words import say

_MARKS = 3
_ORDER = ("admin", "group-in", "user-in", "group-out", "role-out", "user-out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How to speak of groups of people; `smallest` is the fewest of whom a number is told."""

    labels: Labels
    smallest: int

    def persona(self, directory: Directory, persona: Persona) -> Text:
        """Such as "4 members, holding an admin role" or "9 members, excluded by SG-CA-Uitzonderingen"."""
        marks = sorted(set(_marks(directory, persona)), key=lambda mark: (_ORDER.index(mark[0]), mark[1]))
        return _both(lambda lang: ", ".join([self._crowd(directory, persona, lang), *self._said(marks, lang)]))

    def smaller(self, people: int) -> Text:
        """All the groups together that are too small to show."""
        key = "people-fewer-in-all" if people < self.smallest else "people-in-all"

        def words(lang: Lang) -> str:
            inside = say(f"access.{key}", lang, n=number(people, lang), smallest=self.smallest)
            return say("access.people-smaller", lang, people=inside)

        return _both(words)

    def _crowd(self, directory: Directory, persona: Persona, lang: Lang) -> str:
        guests = [directory.people[each.lower()].guest is not None for each in persona.people]
        kind = "guests" if all(guests) else "accounts" if any(guests) else "members"
        many = len(persona.people)
        return say(f"access.people-{kind}", lang, count=many, n=number(many, lang))

    def _said(self, marks: Collection[tuple[str, str]], lang: Lang) -> Iterator[str]:
        for kind, value in list(marks)[:_MARKS]:
            name = self.labels.group(value) if kind.startswith("group") else self.labels.role(value)
            yield say(f"access.mark-{kind}", lang, value=name)


def _both(words: Callable[[Lang], str]) -> Text:
    return Text(**{lang: words(lang) for lang in LANGS})


def number(value: int, lang: Lang) -> str:
    """An amount with the language's thousands separator."""
    grouped = f"{value:,}"
    return grouped.replace(",", ".") if lang == "nl" else grouped


def _marks(directory: Directory, persona: Persona) -> Iterator[tuple[str, str]]:
    """What of these people makes policies treat them as they do: a kind of mark, and the id it is about."""
    people = frozenset(each.lower() for each in persona.people)
    applied = {policy.id for policy in persona.policies}
    if persona.default_role:
        yield "admin", ""
    for policy in directory.policies:
        if policy.state is not State.ENABLED or policy.conditions.workloads:
            continue
        for kind, name, _ in matching(policy.conditions.exclude_people, directory, people):
            if kind in {"group", "role", "user"}:
                yield f"{kind}-out", "" if kind == "user" else name
        include = policy.conditions.include_people
        if policy.id not in applied or "All" in include.words:
            continue
        for kind, name, _ in matching(include, directory, people):
            if kind in {"group", "user", "role"}:
                yield ("admin", "") if kind == "role" else (f"{kind}-in", "" if kind == "user" else name)
