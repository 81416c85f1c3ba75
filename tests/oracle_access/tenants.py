"""Inventing tenants: small, and with ids from small pools, so that policies do meet people."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from oracle_access.policies import CONDITIONS, invent_policy
from oracle_access.pools import (
    GROUP_IDS,
    LOCATION_IDS,
    ROLES,
    STRENGTHS,
    USER_IDS,
    guid,
    some,
)

Resource = dict[str, Any]


def invent_tenant(
    random: Random, *, people: int = 4, conditions: Sequence[str] | None = None, broad: bool = False
) -> Resource:
    """Invent a directory; `conditions` is what policies may set beside users and applications: if not told, three.

    In a broad one most policies are for everybody and everything, so that together they may leave no hole.
    """
    settable = random.sample(CONDITIONS, 3) if conditions is None else conditions
    groups = [invent_group(random, id_) for id_ in GROUP_IDS]
    users = [invent_user(random, id_) for id_ in USER_IDS[:people]]
    defaults = random.random() < (0.03 if broad else 0.1)
    return {
        "users": users,
        "groups": groups,
        "memberships": {group["id"]: invent_members(random, group) for group in groups},
        "role_definitions": [
            {"id": id_, "templateId": id_, "displayName": name, "isBuiltIn": name != "Ploegbaas", "isEnabled": True}
            for name, id_ in ROLES.items()
        ],
        "role_assignments": [invent_assignment(random, number) for number in range(random.randint(0, 5))],
        "named_locations": [invent_location(random, id_) for id_ in LOCATION_IDS],
        "authentication_strengths": list(STRENGTHS),
        "conditional_access_policies": [
            invent_policy(random, guid("policy", number), settable, in_force=not defaults, broad=broad)
            for number in range(random.randint(1, 6))
        ],
        "security_defaults": {"id": guid("defaults", 0), "isEnabled": defaults},
    }


def invent_user(random: Random, id_: str) -> Resource:
    """Invent an employee, a guest with a local account, or an invited guest or member."""
    invited = random.random() < 0.4
    state = random.choice(["Accepted", "PendingAcceptance"]) if invited else None
    return {
        "id": id_,
        "displayName": id_,
        "userPrincipalName": f"{id_}@example.com",
        "accountEnabled": random.random() < 0.9,
        "userType": "Guest" if random.random() < 0.4 else "Member",
        "externalUserState": state,
        "creationType": "Invitation" if invited else None,
    }


def invent_group(random: Random, id_: str) -> Resource:
    """Invent a security group; roles may be assigned to some."""
    return {
        "id": id_,
        "displayName": id_,
        "groupTypes": [],
        "securityEnabled": True,
        "isAssignableToRole": random.choice([True, False]),
    }


def invent_members(random: Random, group: Resource) -> list[Resource]:
    """Invent members: people, a device, and other groups, in circles too, where Microsoft allows groups at all."""
    members = [{"@odata.type": "#microsoft.graph.user", "id": id_} for id_ in some(random, USER_IDS, 2)]
    members += [{"@odata.type": "#microsoft.graph.device", "id": guid("device", 0)}] * random.randint(0, 1)
    if not group["isAssignableToRole"]:
        members += [{"@odata.type": "#microsoft.graph.group", "id": id_} for id_ in some(random, GROUP_IDS, 2)]
    return members


def invent_assignment(random: Random, number: int) -> Resource:
    """Assign a role to somebody, to a group or to a principal that is gone; for everything or for a part."""
    unit = f"/administrativeUnits/{guid('unit', 0)}"
    return {
        "id": guid("assignment", number),
        "principalId": random.choice([*USER_IDS, *GROUP_IDS, guid("gone", 0)]),
        "roleDefinitionId": random.choice(list(ROLES.values())),
        "directoryScopeId": random.choice(["/", "/", unit, f"/{guid('application', 0)}"]),
    }


def invent_location(random: Random, id_: str) -> Resource:
    """Invent a network or a list of countries."""
    if random.random() < 0.4:
        return {
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": id_,
            "displayName": id_,
            "countriesAndRegions": some(random, ["NL", "BE", "DE"], 2),
            "countryLookupMethod": "clientIpAddress",
            "includeUnknownCountriesAndRegions": random.random() < 0.4,
        }
    ranges: list[Resource] = [
        {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"},
        {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.77/26"},
        {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "198.51.100.7/32"},
        {
            "@odata.type": "#microsoft.graph.iPv4Range",
            "lowerAddress": "198.51.100.0",
            "upperAddress": "198.51.100.9",
        },
        {"@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": "2001:db8:4e4f:7:d92a:7695:fda1:9d62/48"},
    ]
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": id_,
        "displayName": id_,
        "isTrusted": random.random() < 0.5,
        "ipRanges": some(random, ranges, 2),
    }
