"""Small invented tenants for Conditional Access, as raw Graph objects: what a test does not say is the plainest."""

from __future__ import annotations

from typing import Any

from govcheck.access import Directory, answer, directory_from_json

Json = dict[str, Any]

MAIL = "00000002-0000-0ff1-ce00-000000000000"
"""Exchange Online, one of the applications of Office 365."""
AZURE = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
WIKI = "aaaaaaaa-0000-4000-8000-000000000001"
"""An application of the house."""
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
OFFICES = {
    "@odata.type": "#microsoft.graph.ipNamedLocation",
    "id": "offices",
    "displayName": "Offices",
    "isTrusted": True,
    "ipRanges": [{"cidrAddress": "203.0.113.0/26"}, {"cidrAddress": "2001:db8:4e4f::/48"}],
}
HOME = {
    "@odata.type": "#microsoft.graph.countryNamedLocation",
    "id": "home",
    "displayName": "Home countries",
    "countriesAndRegions": ["NL", "BE"],
    "includeUnknownCountriesAndRegions": False,
}
MFA: Json = {"operator": "OR", "builtInControls": ["mfa"]}
BLOCK: Json = {"operator": "OR", "builtInControls": ["block"]}
EVERYBODY: Json = {"includeUsers": ["All"]}
EVERYWHERE: Json = {"includeApplications": ["All"]}


def policy(
    name: str,
    grant: Json | None = None,
    *,
    users: Json | None = None,
    applications: Json | None = None,
    state: str = "enabled",
    session: Json | None = None,
    **conditions: Any,
) -> Json:
    """A policy for everybody and everything, unless it says otherwise."""
    return {
        "id": name,
        "displayName": f"Policy {name}",
        "state": state,
        "conditions": {
            "users": EVERYBODY if users is None else users,
            "applications": EVERYWHERE if applications is None else applications,
            "clientAppTypes": ["all"],
            **conditions,
        },
        "grantControls": grant,
        "sessionControls": session,
    }


def grant(*controls: str, operator: str = "OR", **others: Any) -> Json:
    """Built-in controls, and what else there is."""
    return {"operator": operator, "builtInControls": list(controls), **others}


def user(name: str, **properties: Any) -> Json:
    """An enabled member."""
    return {"id": name, "accountEnabled": True, "userType": "Member", "externalUserState": None, **properties}


def person(name: str) -> Json:
    """A user inside a group."""
    return {"@odata.type": "#microsoft.graph.user", "id": name}


def inner(name: str) -> Json:
    """A group inside a group."""
    return {"@odata.type": "#microsoft.graph.group", "id": name}


def role(principal: str, definition: str = GLOBAL_ADMINISTRATOR, scope: str = "/") -> Json:
    """An active assignment."""
    return {"principalId": principal, "roleDefinitionId": definition, "directoryScopeId": scope}


def tenant(*policies: Json, **tables: Any) -> Directory:
    """A tenant with Ann in it, an office and two home countries."""
    raw: Json = {"users": [user("ann")], "named_locations": [OFFICES, HOME], **tables}
    return directory_from_json({**raw, "conditional_access_policies": list(policies)})


def sign_in(**properties: Any) -> Json:
    """Ann opens her mail in a browser, on a device that nobody knows, from nowhere."""
    target = {} if {"userAction", "authenticationContext"} & properties.keys() else {"applicationId": MAIL}
    return {"id": "s", "userId": "ann", "clientAppType": "browser", **target, **properties}


def ask(directory: Directory, **properties: Any) -> Json:
    """The answer to one sign-in."""
    return answer(directory, sign_in(**properties))


def applied(directory: Directory, **properties: Any) -> list[str]:
    """The policies that one sign-in meets."""
    found: list[str] = ask(directory, **properties)["applied"]
    return found
