"""Teams and other groups: who is in them and who owns them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from govcheck.demo.basis import DOMAIN, NAME, Resource, ago, chance, guid, stamp
from govcheck.demo.blueprint import TeamPlan
from govcheck.demo.people import Person, ids_by_name

PROJECT = "project-slimme-meter"
COUNCIL = "ondernemingsraad"
LAB = "innovatielab"
_PROJECT_GUESTS = 6

BREAK_GLASS = "SG-CA-Noodtoegang"
SCANNERS = "SG-CA-Uitzondering-Scanners"
IDENTITY = "SG-Rol-Identiteitsbeheer"
AUDITORS = "SG-Rol-Beveiligingslezers"
PARTNERS = "SG-CA-Uitzondering-Meetwerk"
PARTNER_ADMINS = "SG-Rol-Meetdata-API"
DIRECTORS = "SG-Directie"
TEAM_LEADS = "SG-Teamleiders"
MANAGEMENT = "SG-Leidinggevenden"
EVERYBODY = "Alle medewerkers"


def group_id(key: str) -> str:
    """Return the id of the group with this key: a team's key, or the name of one of the groups above."""
    return guid("group", key)


@dataclass(frozen=True, slots=True)
class Group:
    """A `group` resource with the ids of its direct members, its owners and the groups inside it."""

    resource: Resource
    members: Sequence[str] = ()
    owners: Sequence[str] = ()
    nested: Sequence[str] = ()


def found_groups(plans: Sequence[TeamPlan], accounts: Sequence[Person], seed: int) -> list[Group]:
    """Found every group of the tenant: a Team per plan, Teams across the organisation, security groups."""
    rng = chance(seed, "teams")
    staff = [person for person in accounts if person.kind == "employee"]
    guests = [person.id for person in accounts if person.kind == "guest"]
    by_team: dict[str, list[Person]] = {plan.key: [] for plan in plans}
    for person in staff:
        if person.team:
            by_team[person.team].append(person)
    visitors = _visitors(plans, staff, guests, rng)
    groups = [
        Group(
            _team(plan.key, plan.name, rng),
            _once(*(person.id for person in by_team[plan.key]), *visitors[plan.key]),
            _owners(plan, by_team[plan.key]),
        )
        for plan in plans
    ]
    return groups + _common_teams(staff, guests, rng) + _security_groups(accounts)


def _once(*ids: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def _visitors(
    plans: Sequence[TeamPlan], staff: Sequence[Person], guests: Sequence[str], rng: Random
) -> dict[str, list[str]]:
    """Who else is in each team: one colleague in twelve helps out elsewhere, and guests are everywhere."""
    visitors: dict[str, list[str]] = {plan.key: [] for plan in plans}
    keys = list(visitors)
    for person in staff:
        if person.team and person.enabled and rng.randrange(12) == 0:
            visitors[rng.choice(keys)].append(person.id)
    for guest in guests[_PROJECT_GUESTS // 2 :]:
        visitors[rng.choice(keys)].append(guest)
    return visitors


def _owners(plan: TeamPlan, people: Sequence[Person]) -> tuple[str, ...]:
    lead = tuple(person.id for person in people if person.leads == plan.key)
    deputies = tuple(person.id for person in people if person.enabled and person.leads != plan.key)
    return {"two": lead + deputies[:1], "one": lead, "left": lead, "none": ()}[plan.ownership]


def _common_teams(staff: Sequence[Person], guests: Sequence[str], rng: Random) -> list[Group]:
    """Teams across the organisation: a project with guests, the works council, a lab without people."""
    active = [person.id for person in staff if person.enabled and person.team]
    named = ids_by_name(staff)
    project = _once(named["Sietse Wiersma"], *rng.sample(active, 14), *guests[:_PROJECT_GUESTS])
    council = _once(named["Ineke Jonker"], *rng.sample(active, 7))
    return [
        Group(_team(PROJECT, "Project Slimme Meter", rng), project, project[:2]),
        Group(_team(COUNCIL, "Ondernemingsraad", rng), council, council[:2]),
        Group(_team(LAB, "Innovatielab", rng)),
    ]


def _security_groups(accounts: Sequence[Person]) -> list[Group]:
    staff = [person for person in accounts if person.kind == "employee"]
    named = ids_by_name(accounts)
    admin = (named["Jelle Terpstra"],)
    emergency = tuple(person.id for person in accounts if person.kind == "break_glass")
    directors = tuple(person.id for person in staff if person.team == "directie" and person.leads)
    leads = tuple(person.id for person in staff if person.team != "directie" and person.leads)
    identity = (named["Jelle Terpstra"], named["Priya Ramdin"])
    partners = tuple(person.id for person in accounts if person.company == "Meetwerk Sensoren")
    return [
        Group(_security_group(BREAK_GLASS, for_roles=True), emergency, admin),
        Group(_security_group(SCANNERS), (named["svc-scan2mail"],), admin),
        Group(_security_group(IDENTITY), identity, admin),
        Group(_security_group(AUDITORS, for_roles=True), (named["Agnieszka Kowalczyk"],), admin),
        Group(_security_group(PARTNERS), partners, admin),
        Group(_security_group(PARTNER_ADMINS, for_roles=True), partners[:1], admin),
        Group(_security_group(DIRECTORS), directors, admin),
        Group(_security_group(TEAM_LEADS), leads, admin),
        Group(_security_group(MANAGEMENT), (), admin, (group_id(DIRECTORS), group_id(TEAM_LEADS))),
        Group(_dynamic_group(), tuple(person.id for person in staff if person.enabled)),
    ]


def _team(key: str, name: str, rng: Random) -> Resource:
    founded = ago(rng.uniform(60, 2000))
    label = {"labelId": guid("label", "intern"), "displayName": "Intern"}
    return _group(key, name) | {
        "assignedLabels": rng.choices(([label], []), (70, 30))[0],
        "createdDateTime": stamp(founded),
        "description": f"Team {name} van {NAME}",
        "expirationDateTime": stamp(ago(-rng.uniform(10, 360))),
        "groupTypes": ["Unified"],
        "isAssignableToRole": None,
        "mail": f"{key}@{DOMAIN}",
        "mailEnabled": True,
        "proxyAddresses": [f"SMTP:{key}@{DOMAIN}"],
        "renewedDateTime": stamp(max(founded, ago(rng.uniform(5, 360)))),
        "resourceBehaviorOptions": ["HideGroupInOutlook", "SubscribeMembersToCalendarEventsDisabled"],
        "resourceProvisioningOptions": ["Team"],
        "securityEnabled": False,
        "visibility": rng.choices(("Private", "Public"), (88, 12))[0],
    }


def _security_group(name: str, *, for_roles: bool = False) -> Resource:
    return _group(name, name) | {"isAssignableToRole": for_roles or None}


def _dynamic_group() -> Resource:
    return _group(EVERYBODY, EVERYBODY) | {
        "groupTypes": ["DynamicMembership"],
        "membershipRule": "(user.accountEnabled -eq true) and (user.employeeId -ne null)",
        "membershipRuleProcessingState": "On",
    }


def _group(key: str, name: str) -> Resource:
    """Write a plain security group; other kinds of group override what differs."""
    identifier = group_id(key)
    return {
        "id": identifier,
        "deletedDateTime": None,
        "assignedLabels": [],
        "classification": None,
        "createdDateTime": stamp(ago(1200)),
        "description": None,
        "displayName": name,
        "expirationDateTime": None,
        "groupTypes": [],
        "isAssignableToRole": None,
        "isManagementRestricted": None,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": key.replace(" ", "").lower(),
        "membershipRule": None,
        "membershipRuleProcessingState": None,
        "onPremisesDomainName": None,
        "onPremisesLastSyncDateTime": None,
        "onPremisesNetBiosName": None,
        "onPremisesSamAccountName": None,
        "onPremisesSecurityIdentifier": None,
        "onPremisesSyncEnabled": None,
        "onPremisesProvisioningErrors": [],
        "preferredDataLocation": None,
        "preferredLanguage": None,
        "proxyAddresses": [],
        "renewedDateTime": stamp(ago(1200)),
        "resourceBehaviorOptions": [],
        "resourceProvisioningOptions": [],
        "securityEnabled": True,
        "securityIdentifier": f"S-1-12-1-{int(identifier[:8], 16)}-{int(identifier[9:13], 16)}",
        "serviceProvisioningErrors": [],
        "theme": None,
        "uniqueName": None,
        "visibility": None,
    }
