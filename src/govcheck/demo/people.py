"""The employees: those whom the declarations name, everybody else, leavers and newcomers."""

# ruff: noqa: PLR2004 (shares of an invented population)
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal

from govcheck.demo.basis import DOMAIN, ago, chance, guid
from govcheck.demo.blueprint import TeamPlan
from govcheck.demo.names import CAST, Named, address, draw_name

Kind = Literal["employee", "guest", "mailbox", "service", "break_glass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account and what the rest of the tenant must know about its holder."""

    id: str
    upn: str
    mail: str | None
    name: str
    given: str | None = None
    surname: str | None = None
    kind: Kind = "employee"
    title: str | None = None
    company: str | None = None
    team: str | None = None
    department: str | None = None
    leads: str | None = None
    """Key of the team, or name of the department, that this person leads."""
    enabled: bool = True
    hired: datetime | None = None
    created: datetime
    pending: bool = False
    """A guest who has not accepted the invitation."""


def hire(people: int, seed: int, plans: Sequence[TeamPlan]) -> list[Person]:
    """Hire `people` employees: first those whom the declarations name, then the others team by team.

    About one in forty has left but keeps a disabled account; as many have started this month.
    Whoever finds no place in a team is a newcomer whom nobody has placed yet.
    """
    if people < len(CAST):
        raise ValueError(f"the demo organisation has at least {len(CAST)} people")
    rng = chance(seed, "people")
    names = [(member.given, member.surname) for member in CAST]
    names += [draw_name(rng) for _ in range(people - len(CAST))]
    upns = list(_addresses(names))
    departments = {plan.key: plan.department for plan in plans}
    staff = [
        _named(member, upn, departments.get(member.leads or member.team, member.leads), rng)
        for member, upn in zip(CAST, upns, strict=False)
    ]
    led = {person.leads for person in staff}
    places = _open_places(people - len(CAST), plans)
    for (given, surname), upn, place in zip(names[len(CAST) :], upns[len(CAST) :], places, strict=True):
        if place is None:
            department = plans[len(staff) % len(plans)].department if len(staff) % 2 else None
            staff.append(_newcomer(given, surname, upn, department, rng))
        else:
            staff.append(_employee(given, surname, upn, place, rng, lead=place.key not in led))
            led.add(place.key)
    return staff


def ids_by_name(accounts: Sequence[Person]) -> dict[str, str]:
    """Find ids by display name; of people who share one the first, so that named people win."""
    return {person.name: person.id for person in reversed(accounts)}


def _addresses(names: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Give out user principal names, numbered where people share a name."""
    taken: Counter[str] = Counter()
    for given, surname in names:
        local = address(given, surname)
        taken[local] += 1
        yield f"{local}{taken[local] if taken[local] > 1 else ''}@{DOMAIN}"


def _open_places(count: int, plans: Sequence[TeamPlan]) -> list[TeamPlan | None]:
    """Where `count` people will work, each team getting its first open place before any gets its second."""
    filled = Counter(member.team for member in CAST)
    turns = sorted((turn, order) for order, plan in enumerate(plans) for turn in range(filled[plan.key], plan.size))
    places: list[TeamPlan | None] = [plans[order] for _, order in turns[:count]]
    return places + [None] * (count - len(places))


def _named(member: Named, upn: str, department: str | None, rng: Random) -> Person:
    started = ago(rng.uniform(500, 4000))
    return Person(
        id=guid("user", upn),
        upn=upn,
        mail=upn,
        name=f"{member.given} {member.surname}",
        given=member.given,
        surname=member.surname,
        title=member.title,
        team=member.team,
        department=department,
        leads=member.leads,
        enabled=not member.left,
        hired=started,
        created=started,
    )


def _employee(given: str, surname: str, upn: str, place: TeamPlan, rng: Random, *, lead: bool) -> Person:
    fate = 0.5 if lead else rng.random()
    started = ago(rng.uniform(1, 20) if fate < 0.025 else rng.uniform(30, 5000))
    return Person(
        id=guid("user", upn),
        upn=upn,
        mail=upn,
        name=f"{given} {surname}",
        given=given,
        surname=surname,
        title=f"Teamleider {place.name}" if lead else rng.choice(place.titles),
        team=place.key,
        department=None if 0.3 < fate < 0.31 else place.department,
        leads=place.key if lead else None,
        enabled=fate < 0.975,
        hired=started,
        created=started,
    )


def _newcomer(given: str, surname: str, upn: str, department: str | None, rng: Random) -> Person:
    return Person(
        id=guid("user", upn),
        upn=upn,
        mail=upn,
        name=f"{given} {surname}",
        given=given,
        surname=surname,
        department=department,
        hired=ago(rng.uniform(0.5, 6)),
        created=ago(rng.uniform(7, 12)),
    )
