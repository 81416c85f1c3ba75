"""The organisation on paper: departments, teams, how they work, and what is amiss in some of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

WorkMode = Literal["remote", "hybrid", "office"]
Ownership = Literal["two", "one", "none", "left"]
"""Who owns a team: its lead and a deputy, its lead alone, nobody, or only a lead who has left."""

OPERATIONS = "Operatie"
TECHNOLOGY = "Technologie"
SUPPORT = "Bedrijfsvoering"


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """A team as planned."""

    key: str
    name: str
    department: str
    work_mode: WorkMode
    size: int
    titles: tuple[str, ...]
    ownership: Ownership = "two"
    without_mfa: int = 0
    """How many of its people never set up MFA."""
    apple: bool = False
    """Works on Macs."""
    frontline: bool = False
    """Works on a phone or a shared device, with a licence to match."""


TEAMS: tuple[TeamPlan, ...] = (
    TeamPlan("klantenservice", "Klantenservice", OPERATIONS, "hybrid", 25, ("Medewerker klantenservice", "Coach")),
    TeamPlan("planning", "Planning", OPERATIONS, "hybrid", 12, ("Planner", "Senior planner", "Capaciteitsplanner")),
    TeamPlan(
        "buitendienst-noord",
        "Buitendienst Noord",
        OPERATIONS,
        "office",
        19,
        ("Monteur", "Eerste monteur", "Inspecteur installaties"),
        frontline=True,
    ),
    TeamPlan(
        "buitendienst-zuid",
        "Buitendienst Zuid",
        OPERATIONS,
        "office",
        18,
        ("Monteur", "Eerste monteur", "Leerling-monteur"),
        without_mfa=4,
        frontline=True,
    ),
    TeamPlan(
        "magazijn",
        "Magazijn en Logistiek",
        OPERATIONS,
        "office",
        16,
        ("Magazijnmedewerker", "Chauffeur", "Voorraadbeheerder"),
        without_mfa=2,
        frontline=True,
    ),
    TeamPlan(
        "storingsdienst",
        "Storingsdienst",
        OPERATIONS,
        "hybrid",
        12,
        ("Storingscoördinator", "Storingsmonteur"),
        ownership="left",
    ),
    TeamPlan(
        "platform",
        "Platform",
        TECHNOLOGY,
        "remote",
        15,
        ("Platformengineer", "Senior platformengineer", "Site reliability engineer"),
        apple=True,
    ),
    TeamPlan(
        "portaal",
        "Klantportaal en Apps",
        TECHNOLOGY,
        "remote",
        14,
        ("Softwareontwikkelaar", "UX-ontwerper", "Product owner"),
        without_mfa=1,
        apple=True,
    ),
    TeamPlan(
        "data",
        "Data en Inzicht",
        TECHNOLOGY,
        "remote",
        11,
        ("Data-analist", "Data-engineer", "BI-specialist"),
    ),
    TeamPlan("cloud", "Cloud en Netwerk", TECHNOLOGY, "remote", 11, ("Cloudengineer", "Netwerkbeheerder")),
    TeamPlan(
        "werkplek",
        "Werkplekbeheer",
        TECHNOLOGY,
        "hybrid",
        10,
        ("Medewerker servicedesk", "Werkplekbeheerder"),
    ),
    TeamPlan(
        "test",
        "Test en Oplevering",
        TECHNOLOGY,
        "remote",
        9,
        ("Testengineer", "Releasecoördinator"),
        ownership="one",
    ),
    TeamPlan("security", "Informatiebeveiliging", TECHNOLOGY, "hybrid", 4, ("Security-analist",)),
    TeamPlan("hr", "HR", SUPPORT, "hybrid", 11, ("HR-adviseur", "Recruiter", "Salarisadministrateur")),
    TeamPlan("financien", "Financiën", SUPPORT, "hybrid", 13, ("Controller", "Financieel administrateur")),
    TeamPlan("inkoop", "Inkoop", SUPPORT, "hybrid", 7, ("Inkoper", "Contractbeheerder"), ownership="none"),
    TeamPlan("juridisch", "Juridische Zaken", SUPPORT, "hybrid", 6, ("Bedrijfsjurist", "Juridisch medewerker")),
    TeamPlan(
        "verkoop",
        "Verkoop en Marketing",
        SUPPORT,
        "hybrid",
        15,
        ("Accountmanager", "Marketeer", "Offertemaker"),
    ),
    TeamPlan(
        "facilitair",
        "Facilitair",
        SUPPORT,
        "office",
        8,
        ("Medewerker facilitair", "Receptionist"),
        frontline=True,
    ),
    TeamPlan("directie", "Directie", SUPPORT, "hybrid", 6, ("Directiesecretaris", "Bestuursadviseur")),
)

LOOSE = 8
"""Employees of the standard organisation who are in no team; half of them have no department either."""

_EXTRA_SIZE = 12
_EXTRA_BASES = (
    "klantenservice",
    "buitendienst-noord",
    "platform",
    "data",
    "financien",
    "planning",
    "portaal",
)


def plan_teams(people: int) -> tuple[TeamPlan, ...]:
    """Plan the teams for this many employees: those on paper and, beyond 250 people, numbered ones."""
    on_paper = sum(plan.size for plan in TEAMS)
    by_key = {plan.key: plan for plan in TEAMS}
    extra = max(0, people - on_paper - LOOSE + _EXTRA_SIZE - 1) // _EXTRA_SIZE
    return TEAMS + tuple(_numbered(by_key[_EXTRA_BASES[n % len(_EXTRA_BASES)]], n + 2) for n in range(extra))


def _numbered(base: TeamPlan, number: int) -> TeamPlan:
    ownership: Ownership = "none" if number % 50 == 0 else "one" if number % 16 == 0 else "two"
    return replace(
        base,
        key=f"{base.key}-{number}",
        name=f"{base.name} {number}",
        size=_EXTRA_SIZE,
        ownership=ownership,
        without_mfa=1 if number % 8 == 0 else 0,
    )
