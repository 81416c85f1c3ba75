"""Inventing tenants with units, one rule over their people, and exceptions to it.

What the rule says of a person is invented too, so that only outcomes are at stake here, not the language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

from govcheck.model import ORGANISATION, UNASSIGNED, Reason, UnitKind
from oracle.outcomes import Row, RuleResult, Unit, Waiver, judge
from oracle.outcomes import Rule as OutcomeRule
from oracle.world import AS_OF, Gap

PEOPLE = tuple(f"u{number}" for number in range(1, 15))
TEAMS = ("t1", "t2", "t3")
DEPARTMENTS = ("A", "B", "C")
SHARES = (0.0, 0.07, 0.5, 2 / 3, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person with what decides about them; `where` and `expect` are columns, and may be empty."""

    id: str
    department: str | None
    teams: frozenset[str]
    where: bool | None
    expect: bool | None

    @property
    def upn(self) -> str:
        """The name that exceptions may use instead of the id."""
        return f"{self.id}@contoso.nl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A unit of the `Organisation` document: a team's group or a department, below a parent or not."""

    id: str
    kind: UnitKind
    parent: str | None = None
    group: str | None = None
    department: str | None = None
    at_least: float | None = None
    """Its own value of the rule's parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """People, units and one rule. `missing` maps `where` and `expect` to why that column was not collected."""

    people: Sequence[Somebody]
    declared: Sequence[Declared]
    waivers: Sequence[Waiver]
    missing: Mapping[str, Reason]
    at_least: float | None
    min_group: int
    complementary: bool
    as_of: datetime = AS_OF

    def judged(self) -> RuleResult:
        """Judge the rule as the contract says."""
        units = units_of(self)
        by_unit = {unit.id: self._threshold(unit.id) for unit in units}
        rule = OutcomeRule(
            at_least=None if self.at_least is None else by_unit,
            min_group=self.min_group,
            complementary=self.complementary,
        )
        return judge(rule, [self._row(person) for person in self.people], units, self.waivers, self.as_of)

    def _row(self, person: Somebody) -> Row:
        gaps = {side: Gap(reason) for side, reason in self.missing.items()}
        where, expect = gaps.get("where", person.where), gaps.get("expect", person.expect)
        return Row(id=person.id, where=where, expect=expect, upn=person.upn)

    def _threshold(self, unit: str | None) -> float:
        """Return the nearest value: the unit's, its parents', the policy's."""
        if unit is None or self.at_least is None:
            return self.at_least or 0.0
        here = [declared for declared in self.declared if declared.id == unit]
        own = here[0].at_least if here else None
        return own if own is not None else self._threshold(here[0].parent if here else None)


def units_of(tenant: Tenant) -> list[Unit]:
    """Name every unit with its own rows: declared ones, other Teams and departments, and the rest."""
    declared = list(tenant.declared)
    known = {unit.group for unit in declared} | {unit.department for unit in declared}
    declared += [Declared(id=team, kind=UnitKind.TEAM, group=team) for team in TEAMS if team not in known]
    found = sorted({person.department for person in tenant.people if person.department} - known)
    declared += [Declared(id=name, kind=UnitKind.DEPARTMENT, department=name) for name in found]
    everybody = frozenset(person.id for person in tenant.people)
    units = [Unit(id=ORGANISATION, kind=UnitKind.ORGANISATION, parent=None, own=everybody)]
    for unit in declared:
        own = frozenset(person.id for person in tenant.people if _belongs(person, unit))
        units.append(Unit(id=unit.id, kind=unit.kind, parent=unit.parent or ORGANISATION, own=own))
    placed = frozenset[str]().union(*(unit.own for unit in units[1:]))
    rest = Unit(id=UNASSIGNED, kind=UnitKind.UNASSIGNED, parent=ORGANISATION, own=everybody - placed)
    return [*units, rest]


def _belongs(person: Somebody, unit: Declared) -> bool:
    in_group = unit.group is not None and unit.group in person.teams
    return in_group or (unit.department is not None and unit.department == person.department)


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    """A tenant of at most fourteen people."""
    declared = draw(_declared())
    missing = st.dictionaries(
        st.sampled_from(("where", "expect")), st.sampled_from((Reason.NOT_LICENSED, Reason.NOT_PERMITTED)), max_size=1
    )
    return Tenant(
        people=[draw(_somebody(name)) for name in PEOPLE[: draw(st.integers(0, len(PEOPLE)))]],
        declared=declared,
        waivers=draw(_waivers([unit.id for unit in declared])),
        missing=draw(st.just({}) | st.just({}) | missing),
        at_least=draw(st.none() | st.sampled_from(SHARES)),
        min_group=draw(st.integers(1, 6)),
        complementary=draw(st.booleans()),
    )


def _somebody(name: str) -> st.SearchStrategy[Somebody]:
    mostly = st.sampled_from((True, True, True, True, False, None))
    return st.builds(
        Somebody,
        id=st.just(name),
        department=st.none() | st.sampled_from(DEPARTMENTS),
        teams=st.frozensets(st.sampled_from(TEAMS), max_size=2),
        where=mostly,
        expect=mostly,
    )


@st.composite
def _declared(draw: st.DrawFn) -> list[Declared]:
    """A division above departments and teams, as far as the organisation wrote it down."""
    shares = st.none() | st.sampled_from(SHARES)
    possible = [
        Declared(id="division", kind=UnitKind.DEPARTMENT, department="C", at_least=draw(shares)),
        Declared(id="alpha", kind=UnitKind.DEPARTMENT, parent="division", department="A", at_least=draw(shares)),
        Declared(id="squad", kind=UnitKind.TEAM, parent="alpha", group="t1", at_least=draw(shares)),
        Declared(id="crew", kind=UnitKind.TEAM, parent="alpha", group="t2"),
    ]
    return possible[: draw(st.integers(0, len(possible)))]


@st.composite
def _waivers(draw: st.DrawFn, units: Sequence[str]) -> list[Waiver]:
    """At most two exceptions, one of them perhaps just over."""
    subjects = st.frozensets(st.sampled_from([*PEOPLE, "u1@contoso.nl", "u2@contoso.nl"]), max_size=4)
    named = st.frozensets(st.sampled_from([*units, *TEAMS, UNASSIGNED, "A", "B"]), max_size=1)
    days = st.sampled_from((-1, 0, 30))
    midnight = AS_OF.replace(hour=0)
    return [
        Waiver(
            id=f"EX-{number}",
            expires=midnight + timedelta(days=draw(days)),
            subjects=draw(subjects),
            units=draw(named),
        )
        for number in range(draw(st.integers(0, 2)))
    ]
