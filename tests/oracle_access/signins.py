"""Inventing sign-ins, close enough to a tenant's policies to meet them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from oracle_access.applications import USER_ACTIONS
from oracle_access.pools import APPLICATIONS, CONTEXTS, guid
from oracle_access.space import CLIENTS, FLOWS, INSIDER_LEVELS, LEVELS, PLATFORMS

Signin = dict[str, Any]

ADDRESSES = (
    None, "203.0.113.0", "203.0.113.63", "203.0.113.64", "203.0.113.255", "203.0.114.0", "198.51.100.7",
    "198.51.100.9", "198.51.100.10", "2001:db8:4e4f::1", "2001:db8:4e50::1",
)  # fmt: skip


def invent_signin(random: Random, tenant: Mapping[str, Any]) -> Signin:
    """Invent a sign-in of somebody in this tenant; a risk that is not told is not in it."""
    signin = {
        "id": f"s{random.randint(0, 999)}",
        "userId": random.choice(tenant["users"])["id"],
        "applicationId": None,
        "userAction": None,
        "authenticationContext": None,
        "clientAppType": random.choice(CLIENTS),
        "devicePlatform": random.choice(PLATFORMS),
        "ipAddress": random.choice(ADDRESSES),
        "country": random.choice([None, "NL", "BE", "FR"]),
        "device": invent_device(random),
        "authenticationFlow": random.choice(FLOWS),
    }
    signin |= _invent_target(random)
    risks = {"signInRiskLevel": LEVELS, "userRiskLevel": LEVELS, "insiderRiskLevel": INSIDER_LEVELS}
    return signin | {name: random.choice(levels) for name, levels in risks.items() if random.random() < 0.8}


def _invent_target(random: Random) -> Signin:
    kind = random.choices(["applicationId", "userAction", "authenticationContext"], [8, 1, 1])[0]
    targets = {
        "applicationId": [*APPLICATIONS, guid("application", 9)],
        "userAction": list(USER_ACTIONS),
        "authenticationContext": [*CONTEXTS, "c9"],
    }
    return {kind: random.choice(targets[kind])}


def invent_device(random: Random) -> Signin | None:
    """Invent a device: none, one that is not registered, or one of which more or less is told."""
    if random.random() < 0.25:
        return random.choice([None, {"isCompliant": False, "trustType": None}])
    told: Signin = {
        "isCompliant": random.random() < 0.5,
        "model": random.choice(["Surface Pro 9", "ThinkPad X1", "surface pro"]),
        "operatingSystem": random.choice(["Windows", "android", "iOS"]),
        "ownership": random.choice(["Company", "personal"]),
        "physicalIds": random.choice([[], ["[ZTDId]:1"], ["[OrderID]:7", "[ztdid]:1"]]),
    }
    kept = {name: value for name, value in told.items() if random.random() < 0.8}
    return kept | {"trustType": random.choice(["AzureAd", "ServerAd", "Workplace", "AzureAD"])}
