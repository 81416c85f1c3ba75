"""What somebody signs in to: an application, a user action or an authentication context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle_access.truth import Truth, all_of, any_of, negate

Raw = Mapping[str, Any]

EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"
TEAMS = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe"
AZURE_PORTAL = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"
AZURE_MANAGEMENT = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
GRAPH = "00000003-0000-0000-c000-000000000000"

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Office365": (EXCHANGE, SHAREPOINT, TEAMS),
    "MicrosoftAdminPortals": (AZURE_PORTAL,),
}
"""Some members of Microsoft's groups of applications, beyond doubt; tests sign in to no other members."""

USER_ACTIONS: Mapping[str, str] = {
    "registerSecurityInformation": "urn:user:registersecurityinfo",
    "registerOrJoinDevices": "urn:user:registerdevice",
}


def matches_target(applications: Raw, scenario: Raw) -> Truth:
    """Tell whether a policy is about this application, user action or authentication context."""
    if scenario.get("userAction"):
        return USER_ACTIONS[scenario["userAction"]] in (applications.get("includeUserActions") or [])
    if scenario.get("authenticationContext"):
        contexts = applications.get("includeAuthenticationContextClassReferences") or []
        return scenario["authenticationContext"] in contexts
    included = None if _is_filtered(applications, "include") else _is_named(applications, "include", scenario)
    excluded = any_of(
        [_is_named(applications, "exclude", scenario), None if _is_filtered(applications, "exclude") else False]
    )
    return all_of([included, negate(excluded)])


def _is_named(applications: Raw, side: str, scenario: Raw) -> bool:
    application = scenario["applicationId"]
    names = applications.get(f"{side}Applications") or []
    return "All" in names or application in names or any(application in GROUPS.get(name, ()) for name in names)


def _is_filtered(applications: Raw, side: str) -> bool:
    """A filter asks for security attributes of the application, which nobody collected: it decides nothing."""
    filter_ = applications.get("applicationFilter")
    return filter_ is not None and filter_["mode"] == side
