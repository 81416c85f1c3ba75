"""From what rules need to the feeds and columns to read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from govcheck.catalogue import Column, Feed, Table, tables
from govcheck.graph.feeds import wanted_columns
from govcheck.graph.named_groups import ASSIGNMENTS, CONDITIONS, POLICIES, PRINCIPAL

Needs = Mapping[str, Collection[str]]
"""Table names to the columns that rules read. Tables without feeds are made elsewhere and ignored here."""

ORGANIZATION, MEMBERSHIPS, TEAMS = "organization", "memberships", "teams"
ACCESS_MEMBERSHIPS = "access_memberships"

OWNERS = Column(name="owners", type="json", path="owners")
_WITH_OWNERS = 100
"""Teams on a page when their owners come along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One feed of a table, and the columns to read of it."""

    table: Table
    feed: Feed
    columns: tuple[Column, ...]
    number: int = 0
    """Which of the table's feeds it is."""

    @property
    def name(self) -> str:
        """Tells the errands of a plan apart."""
        return f"{self.table.name}-{self.number}"

    def with_owners(self) -> Errand:
        """The same errand, bringing each group's owners along.

        A page holds a hundred groups with owners, where a batch asks twenty groups for theirs: a fifth of the calls
        at every size, and no request that Graph counts for each group.
        """
        feed = replace(self.feed, expand=(*self.feed.expand, "owners"), top=_WITH_OWNERS)
        return replace(self, feed=feed, columns=(*self.columns, OWNERS))


Plan = Mapping[str, Sequence[Errand]]
"""For every table to read, its errands; the first says which rows there are."""


def plan_of(needs: Needs, *, beta: bool = False) -> Plan:
    """Plan what to read; `beta` lets in what Graph has in its test version alone.

    Whoever needs memberships needs to know the teams, and so for all that follows from others.
    """
    closed = {ORGANIZATION, *(() if beta else beta_tables(needs))}
    wanted = {name: set(columns) for name, columns in needs.items() if name not in closed}
    if MEMBERSHIPS in wanted:
        wanted.setdefault(TEAMS, set())
    if ACCESS_MEMBERSHIPS in wanted:  # which groups those are, policies and roles tell
        for name, column in ((POLICIES, CONDITIONS), (ASSIGNMENTS, PRINCIPAL), ("users", "id")):
            wanted.setdefault(name, set()).add(column)
    pending = list(wanted)
    while pending:
        for feed in tables()[pending.pop()].feeds:
            if feed.after is not None:
                pending += [feed.after] if feed.after not in wanted else []
                wanted.setdefault(feed.after, set()).update(feed.each.columns.values() if feed.each else ())
    return {name: _errands(tables()[name], columns) for name, columns in wanted.items() if tables()[name].feeds}


def beta_tables(needs: Needs) -> tuple[str, ...]:
    """The tables among those needed that Graph has in its test version alone."""
    return tuple(name for name in needs if tables()[name].beta)


def _errands(table: Table, asked: Collection[str]) -> list[Errand]:
    first, *others = table.feeds
    own = wanted_columns(first, {*asked, *table.key}) or tuple(first.columns.values())
    errands = [Errand(table=table, feed=first, columns=own)]
    for number, feed in enumerate(others, start=1):
        if columns := wanted_columns(feed, asked):
            errands.append(Errand(table=table, feed=feed, columns=columns, number=number))
    return errands
