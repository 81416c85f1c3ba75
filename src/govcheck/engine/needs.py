"""What a set of rules needs of Microsoft Graph: which feeds, and with them which permissions and licences, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from govcheck.catalogue import Feed, Table, tables
from govcheck.engine.plan import ATTRIBUTION, rule_reads
from govcheck.graph.feeds import wanted_columns
from govcheck.policy.types import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedNeed:
    """One feed of a table that must be read."""

    table: Table
    feed: Feed
    rules: tuple[str, ...] = ()
    """Ids of the rules that look at it, in order of the policies."""
    always: bool = False
    """Every run reads it, to say which team a finding belongs to and who must act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A permission or a licence, and the feeds that Graph refuses without it."""

    name: str
    feeds: tuple[FeedNeed, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, each once."""
        return tuple(dict.fromkeys(need.table.name for need in self.feeds))

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that need it, each once."""
        return tuple(dict.fromkeys(rule for need in self.feeds for rule in need.rules))

    @property
    def always(self) -> bool:
        """Whether every run needs it."""
        return any(need.always for need in self.feeds)


def feeds_needed(rules: Iterable[Rule], *, allow_beta: bool = False) -> tuple[FeedNeed, ...]:
    """The feeds that must be read to judge `rules` and to attribute their findings, in order of the catalogue.

    What Graph has in its test version alone is among them only with `allow_beta`.
    """
    always = {place for place, _ in _feeds(ATTRIBUTION)}
    askers: dict[tuple[str, int], list[str]] = {place: [] for place in always}
    for rule in rules:
        for place, _ in _feeds(rule_reads(rule)):
            askers.setdefault(place, []).append(rule.id)
    return tuple(
        FeedNeed(table=table, feed=feed, rules=tuple(askers[place]), always=place in always)
        for table in tables().values()
        for number, feed in enumerate(table.feeds)
        if (place := (table.name, number)) in askers and (allow_beta or not feed.beta)
    )


def rule_permissions(rule: Rule) -> tuple[str, ...]:
    """The permissions that one rule's own reading needs, in order of the alphabet."""
    return tuple(sorted({feed.permission for _, feed in _feeds(rule_reads(rule))}))


def permissions_needed(needs: Iterable[FeedNeed]) -> tuple[Need, ...]:
    """The least permissions that open these feeds, in order of the alphabet."""
    return _grouped((need.feed.permission, need) for need in needs)


def licences_needed(needs: Iterable[FeedNeed]) -> tuple[Need, ...]:
    """The service plans without which Graph refuses some of these feeds, in order of the alphabet."""
    return _grouped((need.feed.licence, need) for need in needs if need.feed.licence is not None)


def _feeds(reads: Mapping[str, Iterable[str]]) -> Iterator[tuple[tuple[str, int], Feed]]:
    """The feeds behind some columns, each with its table and place: a table's first says which rows there are."""
    for name, columns in reads.items():
        table = tables().get(name)
        for number, feed in enumerate(table.feeds if table is not None else ()):
            if number == 0 or feed.role is not None or wanted_columns(feed, set(columns)):
                yield (name, number), feed


def _grouped(named: Iterable[tuple[str, FeedNeed]]) -> tuple[Need, ...]:
    found: dict[str, list[FeedNeed]] = {}
    for name, need in named:
        found.setdefault(name, []).append(need)
    return tuple(Need(name=name, feeds=tuple(found[name])) for name in sorted(found))
