"""Conditional Access policies and named locations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from govcheck.demo.basis import Resource, ago, fine_stamp, guid, stamp
from govcheck.demo.roles import PRIVILEGED
from govcheck.demo.teams import BREAK_GLASS, SCANNERS, group_id

_GUEST_KINDS = (
    "internalGuest,b2bCollaborationGuest,b2bCollaborationMember,b2bDirectConnectUser,otherExternalUser"
)
_PHISHING_RESISTANT: Resource = {
    "id": "00000000-0000-0000-0000-000000000004",
    "createdDateTime": "2021-12-01T08:00:00Z",
    "modifiedDateTime": "2021-12-01T08:00:00Z",
    "displayName": "Phishing-resistant MFA",
    "description": "Phishing-resistant methods, such as a FIDO2 security key",
    "policyType": "builtIn",
    "requirementsSatisfied": "mfa",
    "allowedCombinations": ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
}
_COUNTRIES = guid("named-location", "countries")


def locate() -> list[Resource]:
    """Write what `/identity/conditionalAccess/namedLocations` gives."""
    return [
        _ip_location(
            "offices",
            "Kantoren Groningen en Zwolle",
            ["203.0.113.0/26"],
            ["2001:db8:4e4f::/48"],
            trusted=True,
        ),
        _ip_location("vpn", "VPN-uitgang", ["198.51.100.32/27"], [], trusted=True),
        _ip_location("old-office", "Oud kantoor Assen", ["192.0.2.128/28"], [], trusted=False),
        {
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": _COUNTRIES,
            "displayName": "Toegestane werklanden",
            "createdDateTime": stamp(ago(700)),
            "modifiedDateTime": fine_stamp(ago(95)),
            "deletedDateTime": None,
            "countriesAndRegions": ["NL", "BE", "DE", "ES"],
            "countryLookupMethod": "clientIpAddress",
            "includeUnknownCountriesAndRegions": False,
        },
    ]


def _ip_location(key: str, name: str, v4: Sequence[str], v6: Sequence[str], *, trusted: bool) -> Resource:
    ranges = [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": cidr} for cidr in v4]
    ranges += [{"@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": cidr} for cidr in v6]
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": guid("named-location", key),
        "displayName": name,
        "createdDateTime": stamp(ago(1100)),
        "modifiedDateTime": fine_stamp(ago(400)),
        "deletedDateTime": None,
        "isTrusted": trusted,
        "ipRanges": ranges,
    }


def write_policies(forgotten: str) -> list[Resource]:
    """Write the Conditional Access policies; `forgotten` is a user whom nobody meant to keep excluding."""
    emergency = [group_id(BREAK_GLASS)]
    everyone = {"includeUsers": ["All"], "excludeGroups": emergency}
    admins = {"includeRoles": list(PRIVILEGED), "excludeGroups": emergency}
    guests = {
        "includeGuestsOrExternalUsers": {
            "guestOrExternalUserTypes": _GUEST_KINDS,
            "externalTenants": {
                "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
                "membershipKind": "all",
            },
        }
    }
    blocked_abroad = {"locations": {"includeLocations": ["All"], "excludeLocations": [_COUNTRIES]}}
    untrusted = {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}
    mobile = {"platforms": {"includePlatforms": ["android", "iOS"], "excludePlatforms": []}}
    unmanaged = {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}}
    legacy = {"clientAppTypes": ["exchangeActiveSync", "other"]}
    return list(
        _numbered(
            ("MFA voor iedereen", everyone | {"excludeUsers": [forgotten]}, {}, _grant("mfa"), {}),
            ("MFA voor beheerders", admins, {}, _grant("mfa"), {}),
            (
                "Verouderde verificatie blokkeren",
                everyone | {"excludeGroups": [*emergency, group_id(SCANNERS)]},
                legacy,
                _grant("block"),
                {},
            ),
            ("MFA voor gasten", guests, {}, _grant("mfa"), {}),
            ("Alleen toegestane werklanden", everyone, blocked_abroad, _grant("block"), {}),
            (
                "Beheerd apparaat voor Microsoft 365",
                everyone | {"excludeGuestsOrExternalUsers": guests["includeGuestsOrExternalUsers"]},
                {"applications": _applications("Office365")},
                _grant("compliantDevice", "domainJoinedDevice"),
                {},
            ),
            (
                "Sessieduur op onbeheerde apparaten",
                everyone,
                unmanaged,
                None,
                {"sessionControls": _session()},
            ),
            (
                "Beveiligingsgegevens registreren buiten kantoor",
                everyone,
                {"applications": _user_action("urn:user:registersecurityinfo")} | untrusted,
                _grant("mfa"),
                {},
            ),
            ("App-beveiliging op mobiel", everyone, mobile, _grant("compliantApplication"), _REPORT_ONLY),
            (
                "Phishingbestendige MFA voor beheerders",
                admins,
                {},
                _grant(strength=_PHISHING_RESISTANT),
                _REPORT_ONLY,
            ),
            (
                "Apparaatcode blokkeren",
                everyone,
                {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
                _grant("block"),
                _REPORT_ONLY,
            ),
            (
                "Proef MFA pilotgroep",
                {"includeGroups": [group_id("werkplek")]},
                {},
                _grant("mfa"),
                {"state": "disabled"},
            ),
        )
    )


_REPORT_ONLY = {"state": "enabledForReportingButNotEnforced"}


def _numbered(*specs: tuple[str, Resource, Resource, Resource | None, Resource]) -> Iterator[Resource]:
    for number, (title, users, conditions, grant, rest) in enumerate(specs, 1):
        name = f"CA{number:03d} {title}"
        yield {
            "id": guid("conditional-access", title),
            "templateId": None,
            "displayName": name,
            "description": None,
            "createdDateTime": fine_stamp(ago(900 - 40 * number)),
            "modifiedDateTime": fine_stamp(ago(300 - 20 * number)),
            "deletedDateTime": None,
            "state": "enabled",
            "conditions": _conditions(users, conditions),
            "grantControls": grant,
            "sessionControls": None,
        } | rest


def _conditions(users: Resource, others: Resource) -> Resource:
    nobody: Resource = {
        "includeUsers": [],
        "excludeUsers": [],
        "includeGroups": [],
        "excludeGroups": [],
        "includeRoles": [],
        "excludeRoles": [],
        "includeGuestsOrExternalUsers": None,
        "excludeGuestsOrExternalUsers": None,
    }
    return {
        "userRiskLevels": [],
        "signInRiskLevels": [],
        "clientAppTypes": ["all"],
        "servicePrincipalRiskLevels": [],
        "insiderRiskLevels": None,
        "platforms": None,
        "locations": None,
        "devices": None,
        "clientApplications": None,
        "authenticationFlows": None,
        "applications": _applications("All"),
        "users": nobody | users,
    } | others


def _applications(*included: str) -> Resource:
    return {
        "includeApplications": list(included),
        "excludeApplications": [],
        "includeUserActions": [],
        "includeAuthenticationContextClassReferences": [],
        "applicationFilter": None,
    }


def _user_action(action: str) -> Resource:
    return _applications() | {"includeUserActions": [action]}


def _grant(*controls: str, strength: Resource | None = None) -> Resource:
    return {
        "operator": "OR",
        "builtInControls": list(controls),
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": strength,
    }


def _session() -> dict[str, Any]:
    return {
        "disableResilienceDefaults": None,
        "applicationEnforcedRestrictions": None,
        "cloudAppSecurity": None,
        "secureSignInSession": None,
        "signInFrequency": {
            "value": 1,
            "type": "days",
            "authenticationType": "primaryAndSecondaryAuthentication",
            "frequencyInterval": "timeBased",
            "isEnabled": True,
        },
        "persistentBrowser": {"mode": "never", "isEnabled": True},
    }
