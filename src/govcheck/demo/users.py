"""Accounts as Graph's `user` resources, and who manages whom."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from govcheck.demo.basis import NAME, Resource, chance, stamp
from govcheck.demo.blueprint import TeamPlan
from govcheck.demo.people import Person
from govcheck.demo.settings import SKU_ENTERPRISE, SKU_FRONTLINE

_OFFICES = {"remote": "Thuis", "hybrid": "Groningen", "office": "Zwolle"}
_COUNTRIES = (("Nederland", "NL"), ("België", "BE"), ("Duitsland", "DE"))
_COUNTRY_WEIGHTS = (97, 2, 1)


def write_users(accounts: Sequence[Person], plans: Sequence[TeamPlan], seed: int) -> list[Resource]:
    """Write the accounts as `/users` gives them, in the same order."""
    by_key = {plan.key: plan for plan in plans}
    rng = chance(seed, "users")
    return [_user(person, by_key.get(person.team or ""), rng) for person in accounts]


def _user(person: Person, plan: TeamPlan | None, rng: Random) -> Resource:
    """Write what every account has; what employees and guests have besides overrides it."""
    office = plan and _OFFICES[plan.work_mode]
    user: Resource = {
        "id": person.id,
        "deletedDateTime": None,
        "accountEnabled": person.enabled,
        "ageGroup": None,
        "assignedLicenses": [],
        "businessPhones": [],
        "city": office,
        "companyName": person.company,
        "country": None,
        "createdDateTime": stamp(person.created),
        "creationType": None,
        "department": person.department,
        "displayName": person.name,
        "employeeHireDate": None,
        "employeeId": None,
        "employeeType": None,
        "externalUserState": None,
        "externalUserStateChangeDateTime": None,
        "givenName": person.given,
        "isResourceAccount": None,
        "jobTitle": person.title,
        "mail": person.mail,
        "mailNickname": person.upn.partition("@")[0].replace("#EXT#", "_EXT_"),
        "mobilePhone": None,
        "officeLocation": office,
        "onPremisesSyncEnabled": None,
        "otherMails": [],
        "preferredLanguage": None,
        "proxyAddresses": [f"SMTP:{person.mail}"] if person.mail else [],
        "securityIdentifier": f"S-1-12-1-{int(person.id[:8], 16)}-{int(person.id[9:13], 16)}",
        "showInAddressList": None,
        "surname": person.surname,
        "usageLocation": None,
        "userPrincipalName": person.upn,
        "userType": "Member",
    }
    if person.kind == "employee":
        return user | _employment(person, plan, rng)
    return user | _invitation(person) if person.kind == "guest" else user


def _employment(person: Person, plan: TeamPlan | None, rng: Random) -> Resource:
    country, code = rng.choices(_COUNTRIES, _COUNTRY_WEIGHTS)[0]
    frontline = plan is not None and plan.frontline and not person.leads
    sku = SKU_FRONTLINE if frontline else SKU_ENTERPRISE
    return {
        "assignedLicenses": [{"disabledPlans": [], "skuId": sku}] if person.enabled else [],
        "businessPhones": rng.choices(([], [f"+31 50 555 0{rng.randint(100, 999)}"]), (70, 30))[0],
        "companyName": NAME,
        "country": country,
        "employeeHireDate": person.hired and stamp(person.hired),
        "employeeId": str(int(person.id[:5], 16)),
        "employeeType": rng.choices(("Medewerker", "Inhuur"), (92, 8))[0],
        "onPremisesSyncEnabled": rng.choices((True, None), (40, 60))[0],
        "preferredLanguage": "nl-NL",
        "usageLocation": code,
    }


def _invitation(person: Person) -> Resource:
    return {
        "creationType": "Invitation",
        "externalUserState": "PendingAcceptance" if person.pending else "Accepted",
        "externalUserStateChangeDateTime": stamp(person.created),
        "otherMails": [person.mail],
        "showInAddressList": False,
        "userType": "Guest",
    }


def appoint_managers(staff: Sequence[Person]) -> dict[str, str]:
    """Tell each one's manager: the team's lead, for leads the department's head, for heads the director.

    The director, and those in neither a team nor a department, have no manager.
    """
    leads = {person.leads: person.id for person in staff if person.leads}
    director = leads["directie"]
    managers = {}
    for person in staff:
        above = [leads[key] for key in (person.team, person.department, "directie") if key in leads]
        boss = next((lead for lead in above if lead != person.id), director)
        if person.id != director and (person.team or person.department):
            managers[person.id] = boss
    return managers
