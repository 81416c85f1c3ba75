"""Inventing Conditional Access policies, as Graph writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from oracle_access.applications import GROUPS, USER_ACTIONS
from oracle_access.filters import invent_rule
from oracle_access.pools import (
    APPLICATIONS,
    CONTEXTS,
    GROUP_IDS,
    LOCATION_IDS,
    ROLES,
    STRENGTHS,
    USER_IDS,
    guid,
    some,
)
from oracle_access.space import CLIENTS, INSIDER_LEVELS, LEVELS, PLATFORMS

Resource = dict[str, Any]

GUEST_TYPES = (
    "internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember", "b2bDirectConnectUser", "otherExternalUser",
    "serviceProvider",
)  # fmt: skip
CONTROLS = (
    "mfa", "mfa", "compliantDevice", "compliantDevice", "domainJoinedDevice", "approvedApplication",
    "compliantApplication", "passwordChange", "riskRemediation",
)  # fmt: skip


def invent_policy(
    random: Random, id_: str, conditions: Sequence[str], *, in_force: bool, broad: bool = False
) -> Resource:
    """Invent a policy; beside security defaults Microsoft lets none be in force. Broad ones are for everybody."""
    report_only = "enabledForReportingButNotEnforced"
    states = ["enabled"] * 8 + [report_only, report_only, "disabled"] if in_force else [report_only, "disabled"]
    workload = random.random() < 0.03
    return {
        "id": id_,
        "displayName": id_,
        "state": random.choice(states),
        "conditions": {
            "users": _everybody(random) if broad and random.random() < 0.9 else invent_users(random),
            "applications": _everything(random) if broad and random.random() < 0.8 else invent_applications(random),
            "clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]} if workload else None,
            "servicePrincipalRiskLevels": [],
            **{name: _INVENTORS[name](random, set_=name in conditions) for name in CONDITIONS},
        },
        "grantControls": _protection(random) if broad and random.random() < 0.8 else invent_grant(random),
        "sessionControls": random.choice([None, {"persistentBrowser": {"mode": "never", "isEnabled": True}}]),
    }


def invent_users(random: Random) -> Resource:
    """Invent whom a policy includes and excludes; most include everybody."""
    empty = random.random() < 0.6
    return {
        **_people(random, "include", empty=False, names=[["All"]] * 5 + [["None"], ["GuestsOrExternalUsers"], [], []]),
        **_people(random, "exclude", empty=empty, names=[[], [], [], ["GuestsOrExternalUsers"]]),
    }


def _people(random: Random, side: str, *, empty: bool, names: list[list[str]]) -> Resource:
    chosen = random.choice(names)
    most = 0 if empty or chosen in (["All"], ["None"]) else 2
    return {
        f"{side}Users": chosen or some(random, [*USER_IDS, guid("gone", 1)], most),
        f"{side}Groups": some(random, [*GROUP_IDS, guid("gone", 2)], most),
        f"{side}Roles": some(random, [*ROLES.values(), guid("gone", 3)], most),
        f"{side}GuestsOrExternalUsers": _guests(random) if most and random.random() < 0.3 else None,
    }


def _guests(random: Random) -> Resource:
    everywhere = {"@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants", "membershipKind": "all"}
    listed = {
        "@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants",
        "membershipKind": "enumerated",
        "members": [guid("tenant", 0)],
    }
    types = some(random, GUEST_TYPES, 4) or ["b2bCollaborationGuest"]
    return {
        "guestOrExternalUserTypes": ",".join(types),
        "externalTenants": random.choice([None, everywhere, everywhere, listed]),
    }


def invent_applications(random: Random) -> Resource:
    """Invent what a policy is about: mostly applications, sometimes user actions or authentication contexts."""
    kind = random.choices(["all", "some", "filter", "action", "context"], [8, 4, 1, 1, 1])[0]
    named = [*APPLICATIONS, *GROUPS, guid("gone", 4)]
    include = {"all": ["All"], "some": some(random, named, 3) or ["None"]}.get(kind, some(random, named, 1))
    mode = random.choice(["include", "exclude"])
    rule = 'CustomSecurityAttribute.Sleutel_Soort -contains "mfa"'
    return {
        "includeApplications": ["All"] if kind == "filter" and mode == "exclude" else include,
        "excludeApplications": some(random, named, 2) if random.random() < 0.5 else [],
        "includeUserActions": [random.choice(list(USER_ACTIONS.values()))] if kind == "action" else [],
        "includeAuthenticationContextClassReferences": some(random, CONTEXTS, 2) if kind == "context" else [],
        "applicationFilter": {"mode": mode, "rule": rule} if kind == "filter" else None,
    }


def invent_grant(random: Random) -> Resource | None:
    """Invent what a policy asks: block, nothing but session controls, or controls of every kind."""
    drawn = random.random()
    if drawn < 0.1:
        return None
    strength = random.choice([None, None, None, *STRENGTHS])
    controls = ["block"] if drawn < 0.25 else some(random, CONTROLS, 3)
    more = drawn >= 0.9
    grant = {
        "operator": random.choice(["OR", "AND"]),
        "builtInControls": list(dict.fromkeys(controls)),
        "customAuthenticationFactors": [guid("factor", 0)] if more and random.random() < 0.5 else [],
        "termsOfUse": [guid("terms", 0)] if more and random.random() < 0.7 else [],
        "authenticationStrength": None if controls == ["block"] else strength,
    }
    return grant if any(grant[name] for name in grant if name != "operator") else {**grant, "builtInControls": ["mfa"]}


def _everybody(random: Random) -> Resource:
    return {
        **_people(random, "include", empty=True, names=[["All"]]),
        **_people(random, "exclude", empty=True, names=[[], [], [], [random.choice(USER_IDS)]]),
    }


def _everything(random: Random) -> Resource:
    return {
        "includeApplications": ["All"],
        "excludeApplications": some(random, [*APPLICATIONS, *GROUPS], 1) if random.random() < 0.2 else [],
        "includeUserActions": [],
        "includeAuthenticationContextClassReferences": [],
        "applicationFilter": None,
    }


def _protection(random: Random) -> Resource:
    controls = random.choice([["mfa"], ["mfa"], ["block"], ["compliantDevice"], ["mfa", "compliantDevice"], []])
    return {
        "operator": "OR",
        "builtInControls": controls,
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": None if controls else random.choice(STRENGTHS),
    }


def _clients(random: Random, *, set_: bool) -> list[str]:
    return some(random, CLIENTS, 3) or ["all"] if set_ and random.random() < 0.5 else ["all"]


def _platforms(random: Random, *, set_: bool) -> Resource | None:
    names = [name for name in PLATFORMS if name]
    if not set_ or random.random() < 0.6:
        return random.choice([None, {"includePlatforms": [], "excludePlatforms": []}])
    included = random.choice([["all"], some(random, names, 3) or ["all"]])
    return {"includePlatforms": included, "excludePlatforms": some(random, names, 3)}


def _locations(random: Random, *, set_: bool) -> Resource | None:
    if not set_ or random.random() < 0.5:
        return random.choice([None, {"includeLocations": [], "excludeLocations": []}])
    named = ["AllTrusted", *LOCATION_IDS, guid("gone", 5)]
    included = random.choice([["All"], some(random, named, 2) or ["All"]])
    return {"includeLocations": included, "excludeLocations": some(random, named, 2)}


def _levels(random: Random, *, set_: bool) -> list[str]:
    return some(random, LEVELS, 3) if set_ and random.random() < 0.4 else []


def _insider_levels(random: Random, *, set_: bool) -> str | None:
    return ",".join(some(random, INSIDER_LEVELS[1:], 2)) or None if set_ and random.random() < 0.4 else None


def _devices(random: Random, *, set_: bool) -> Resource | None:
    if not set_ or random.random() < 0.5:
        return None
    return {
        "deviceFilter": {
            "mode": random.choice(["include", "exclude"]),
            "rule": invent_rule(random, random.randint(0, 2)),
        }
    }


def _flows(random: Random, *, set_: bool) -> Resource | None:
    if not set_ or random.random() < 0.6:
        return random.choice([None, {"transferMethods": "none"}])
    methods = some(random, ["deviceCodeFlow", "authenticationTransfer"], 2) or ["deviceCodeFlow"]
    return {"transferMethods": ",".join(methods)}


_INVENTORS: Mapping[str, Callable[..., Any]] = {
    "clientAppTypes": _clients,
    "platforms": _platforms,
    "locations": _locations,
    "signInRiskLevels": _levels,
    "userRiskLevels": _levels,
    "insiderRiskLevels": _insider_levels,
    "devices": _devices,
    "authenticationFlows": _flows,
}
CONDITIONS = tuple(_INVENTORS)
"""The conditions that a policy may set beside users and applications."""
