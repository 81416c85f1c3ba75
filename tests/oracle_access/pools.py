"""The ids and values that invented tenants and sign-ins are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, TypeVar

from oracle_access.applications import AZURE_MANAGEMENT, AZURE_PORTAL, EXCHANGE, GRAPH, TEAMS

Item = TypeVar("Item")

_KINDS = (
    "user", "group", "policy", "location", "assignment", "unit", "application", "device", "gone", "terms", "factor",
    "strength", "role", "defaults", "tenant",
)  # fmt: skip


def guid(kind: str, number: int) -> str:
    """Make up an id that reads well: what it is of, and which."""
    return f"{_KINDS.index(kind) + 1:08x}-0000-4000-8000-{number:012x}"


def seeded(*seed: int) -> Random:
    """Start drawing where these numbers say, so that every run invents the same."""
    return Random("/".join(map(str, seed)))  # noqa: S311 - no secrets here


def some(random: Random, items: Sequence[Item], most: int) -> list[Item]:
    """Draw up to `most` different items."""
    return random.sample(list(items), min(random.randint(0, most), len(items)))


USER_IDS = [guid("user", number) for number in range(4)]
GROUP_IDS = [guid("group", number) for number in range(4)]
LOCATION_IDS = [guid("location", number) for number in range(3)]
APPLICATIONS = [guid("application", 0), guid("application", 1), EXCHANGE, TEAMS, AZURE_PORTAL, AZURE_MANAGEMENT, GRAPH]
CONTEXTS = ["c1", "c2"]
ROLES: Mapping[str, str] = {
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
    "Ploegbaas": guid("role", 0),
}
"""Three roles of Microsoft's, the last of which security defaults pass over, and one of the tenant's own."""


def _strength(id_: str, name: str, satisfied: str, *combinations: str) -> dict[str, Any]:
    return {
        "id": id_,
        "displayName": name,
        "policyType": "custom" if id_ == guid("strength", 0) else "builtIn",
        "requirementsSatisfied": satisfied,
        "allowedCombinations": list(combinations),
    }


_RESISTANT = ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor")
MFA_STRENGTH = _strength(
    "00000000-0000-0000-0000-000000000002", "Multifactor authentication", "mfa", *_RESISTANT, "password,sms"
)
RESISTANT_STRENGTH = _strength("00000000-0000-0000-0000-000000000004", "Phishing-resistant MFA", "mfa", *_RESISTANT)
KEY_STRENGTH = _strength(guid("strength", 0), "Beveiligingssleutel", "mfa", "fido2")
SINGLE_STRENGTH = _strength(guid("strength", 1), "Wachtwoord of sms", "none", "password", "sms")
STRENGTHS = [MFA_STRENGTH, RESISTANT_STRENGTH, KEY_STRENGTH, SINGLE_STRENGTH]
