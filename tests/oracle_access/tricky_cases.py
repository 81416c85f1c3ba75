"""The table of tricky cases: a few words of YAML each, spelled out into a tenant, its sign-ins and their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from oracle_access.pools import ROLES

Resource = dict[str, Any]

_FOLDER = Path(__file__).parent / "tricky"
_TARGETS = ("applicationId", "userAction", "authenticationContext")
_NOBODY: Resource = {
    "includeUsers": [],
    "excludeUsers": [],
    "includeGroups": [],
    "excludeGroups": [],
    "includeRoles": [],
    "excludeRoles": [],
    "includeGuestsOrExternalUsers": None,
    "excludeGuestsOrExternalUsers": None,
}
_NO_APPLICATION: Resource = {
    "includeApplications": [],
    "excludeApplications": [],
    "includeUserActions": [],
    "includeAuthenticationContextClassReferences": [],
    "applicationFilter": None,
}
_ANY_CIRCUMSTANCE: Resource = {
    "clientAppTypes": ["all"],
    "platforms": None,
    "locations": None,
    "signInRiskLevels": [],
    "userRiskLevels": [],
    "servicePrincipalRiskLevels": [],
    "insiderRiskLevels": None,
    "devices": None,
    "authenticationFlows": None,
    "clientApplications": None,
}
_MFA: Resource = {
    "operator": "OR",
    "builtInControls": ["mfa"],
    "customAuthenticationFactors": [],
    "termsOfUse": [],
    "authenticationStrength": None,
}
_ALL_TENANTS = {
    "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
    "membershipKind": "all",
}
_SIGNIN: Resource = {
    "applicationId": "ergens",
    "userAction": None,
    "authenticationContext": None,
    "clientAppType": "browser",
    "devicePlatform": "windows",
    "ipAddress": "192.0.2.1",
    "country": "NL",
    "signInRiskLevel": "none",
    "userRiskLevel": "none",
    "device": {"isCompliant": False, "trustType": None},
    "authenticationFlow": None,
}
_ANSWER: Resource = {"outcome": "grant", "requires": [], "applied": [], "reportOnly": [], "undecided": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the table: a tenant, sign-ins with their answers, and effective columns per person."""

    name: str
    tenant: Resource
    signins: tuple[tuple[Resource, Resource], ...]
    effective: Mapping[str, Resource]


def read_cases() -> Iterator[Case]:
    """Read the whole table, file by file."""
    for path in sorted(_FOLDER.glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield _read_case(row)


def _read_case(row: Resource) -> Case:
    unknown = row.keys() - {
        "name", "why", "source", "users", "groups", "role_assignable", "roles", "locations", "strengths", "policies",
        "security_defaults", "signins", "effective",
    }  # fmt: skip
    if unknown or not (row["why"] and row["source"]):
        raise ValueError(row["name"], unknown)
    users = row.setdefault("users", {"anna": {}})
    signins = [_read_signin(index, signin, next(iter(users))) for index, signin in enumerate(row.get("signins", []))]
    return Case(name=row["name"], tenant=_tenant(row), signins=tuple(signins), effective=row.get("effective", {}))


def _read_signin(index: int, told: Resource, anybody: str) -> tuple[Resource, Resource]:
    expected = told.pop("answer")
    dropped = told.pop("drop", [])
    signin = {"id": f"s{index}", "userId": told.pop("user", anybody), **_SIGNIN}
    if any(name in told for name in _TARGETS):
        signin |= dict.fromkeys(_TARGETS)
    if told.keys() - {*_SIGNIN, "insiderRiskLevel"}:
        raise ValueError(told)
    signin = {name: value for name, value in (signin | told).items() if name not in dropped}
    answer = {"mfa": None if expected.get("outcome") == "block" else "never", **_ANSWER, **expected}
    return signin, answer


def _tenant(row: Resource) -> Resource:
    groups, strengths = row.get("groups", {}), row.get("strengths", {})
    kinds = {**dict.fromkeys(row["users"], "user"), **dict.fromkeys(groups, "group")}
    return {
        "users": [_user(id_, told) for id_, told in row["users"].items()],
        "groups": [
            {"id": id_, "displayName": id_, "isAssignableToRole": id_ in row.get("role_assignable", [])}
            for id_ in groups
        ],
        "memberships": {
            id_: [{"@odata.type": f"#microsoft.graph.{kinds[member]}", "id": member} for member in members]
            for id_, members in groups.items()
        },
        "role_definitions": [
            {"id": id_, "templateId": id_, "displayName": name, "isBuiltIn": name != "Ploegbaas", "isEnabled": True}
            for name, id_ in ROLES.items()
        ],
        "role_assignments": [
            {
                "id": f"assignment-{index}",
                "principalId": told["to"],
                "roleDefinitionId": ROLES[told["role"]],
                "directoryScopeId": told.get("scope", "/"),
            }
            for index, told in enumerate(row.get("roles", []))
        ],
        "named_locations": [_location(id_, told) for id_, told in row.get("locations", {}).items()],
        "authentication_strengths": [_strength(id_, told) for id_, told in strengths.items()],
        "conditional_access_policies": [_policy(id_, told, strengths) for id_, told in row.get("policies", {}).items()],
        "security_defaults": {"id": "defaults", "isEnabled": row.get("security_defaults", False)},
    }


def _user(id_: str, told: Resource) -> Resource:
    invited = told.get("invited", False)
    return {
        "id": id_,
        "displayName": id_,
        "userPrincipalName": f"{id_}@example.com",
        "accountEnabled": told.get("accountEnabled", True),
        "userType": told.get("userType", "Member"),
        "externalUserState": told.get("externalUserState", "Accepted" if invited else None),
        "creationType": "Invitation" if invited else None,
    }


def _location(id_: str, told: Resource) -> Resource:
    if "ipRanges" not in told:
        return {
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": id_,
            "displayName": id_,
            "countryLookupMethod": "clientIpAddress",
            "includeUnknownCountriesAndRegions": False,
            **told,
        }
    ranges = [
        {"@odata.type": f"#microsoft.graph.iPv{6 if ':' in cidr else 4}CidrRange", "cidrAddress": cidr}
        for cidr in told["ipRanges"]
    ]
    base = {"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id_, "displayName": id_, "isTrusted": False}
    return {**base, **told, "ipRanges": ranges}


def _strength(id_: str, told: Resource) -> Resource:
    return {"id": id_, "displayName": id_, "policyType": "custom", "requirementsSatisfied": "mfa", **told}


def _policy(id_: str, told: Resource, strengths: Resource) -> Resource:
    if told.keys() - {"state", "users", "applications", "grantControls", *_ANY_CIRCUMSTANCE}:
        raise ValueError(id_, told)
    users = _NOBODY | told.get("users", {"includeUsers": ["All"]})
    for side in ("includeGuestsOrExternalUsers", "excludeGuestsOrExternalUsers"):
        users[side] = {"externalTenants": _ALL_TENANTS, **users[side]} if users[side] else None
    for side in ("includeRoles", "excludeRoles"):
        users[side] = [ROLES.get(role, role) for role in users[side]]
    return {
        "id": id_,
        "displayName": id_,
        "state": told.get("state", "enabled"),
        "conditions": {
            "users": users,
            "applications": _NO_APPLICATION | told.get("applications", {"includeApplications": ["All"]}),
            **{name: told.get(name, default) for name, default in _ANY_CIRCUMSTANCE.items()},
        },
        "grantControls": _grant(told.get("grantControls", {}), strengths),
        "sessionControls": {"persistentBrowser": {"mode": "never", "isEnabled": True}},
    }


def _grant(told: Resource | None, strengths: Resource) -> Resource | None:
    if told is None:
        return None
    grant = _MFA | told
    if grant["authenticationStrength"]:
        id_ = grant["authenticationStrength"]
        grant["authenticationStrength"] = _strength(id_, strengths[id_])
    return grant
