"""Conditional Access policies and named locations."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from govcheck.demo.basis import DOMAIN, Resource, ago, fine_stamp, guid, stamp
from govcheck.demo.roles import PRIVILEGED
from govcheck.demo.teams import BREAK_GLASS, PARTNERS, SCANNERS, group_id

_GUESTS: Resource = {
    "guestOrExternalUserTypes": (
        "internalGuest,b2bCollaborationGuest,b2bCollaborationMember,b2bDirectConnectUser,otherExternalUser"
    ),
    "externalTenants": {
        "@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants",
        "membershipKind": "all",
    },
}
_EVERYONE: Resource = {"includeUsers": ["All"], "excludeGroups": [group_id(BREAK_GLASS)]}
_ADMINS: Resource = {"includeRoles": list(PRIVILEGED), "excludeGroups": [group_id(BREAK_GLASS)]}
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
_SCREENS = guid("user", f"svc-narrowcasting@{DOMAIN}")
"""The screens in the canteen sign in with a code."""
_DELETED = guid("user", "somebody whose account is gone")
"""Excepted for a trip once; the account was deleted later, and the exclusion stayed."""


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


@dataclass(frozen=True, slots=True)
class _Spec:
    """What one policy says beyond the defaults: whom, under which conditions, and what it asks."""

    title: str
    users: Resource
    grant: Resource | None
    conditions: Resource = field(default_factory=dict)
    session: Resource | None = None
    state: str = "enabled"


def write_policies(forgotten: str) -> list[Resource]:
    """Write the Conditional Access policies; `forgotten` is a user whom nobody meant to keep excluding."""
    specs = (*_policies_in_force(forgotten), *_policies_on_trial())
    # Copied, so that no two policies share a list that a reader might change.
    return deepcopy([_policy(number, spec) for number, spec in enumerate(specs, 1)])


def _policies_in_force(forgotten: str) -> tuple[_Spec, ...]:
    scanners_too = [*_EVERYONE["excludeGroups"], group_id(SCANNERS)]
    return (
        _Spec(
            "MFA voor iedereen",
            _EVERYONE | {"excludeUsers": [forgotten], "excludeGuestsOrExternalUsers": _GUESTS},
            _grant("mfa"),
        ),
        _Spec("MFA voor beheerders", _ADMINS, _grant("mfa")),
        _Spec(
            "Verouderde verificatie blokkeren",
            _EVERYONE | {"excludeGroups": scanners_too},
            _grant("block"),
            {"clientAppTypes": ["exchangeActiveSync", "other"]},
        ),
        _Spec(
            "MFA voor gasten",
            {"includeGuestsOrExternalUsers": _GUESTS, "excludeGroups": [group_id(PARTNERS)]},
            _grant("mfa"),
        ),
        _Spec(
            "Alleen toegestane werklanden",
            _EVERYONE | {"excludeUsers": [_DELETED]},
            _grant("block"),
            _anywhere_but(_COUNTRIES),
        ),
        _Spec(
            "Beheerd apparaat voor Microsoft 365",
            _EVERYONE | {"excludeGuestsOrExternalUsers": _GUESTS},
            _grant("compliantDevice", "domainJoinedDevice"),
            {"applications": _applications("Office365")},
        ),
        _Spec(
            "Sessieduur op onbeheerde apparaten",
            _EVERYONE,
            None,
            {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}},
            session=_session(),
        ),
        _Spec(
            "Beveiligingsgegevens registreren buiten kantoor",
            _EVERYONE,
            _grant("mfa"),
            {"applications": _user_action("urn:user:registersecurityinfo")} | _anywhere_but("AllTrusted"),
        ),
        _Spec(
            "Apparaatcode blokkeren",
            _EVERYONE | {"excludeUsers": [_SCREENS]},
            _grant("block"),
            {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
        ),
    )


def _policies_on_trial() -> tuple[_Spec, ...]:
    """Policies that only report, and one that was switched off."""
    report_only = "enabledForReportingButNotEnforced"
    mobile = {"platforms": {"includePlatforms": ["android", "iOS"], "excludePlatforms": []}}
    strong = _grant(strength=_PHISHING_RESISTANT)
    pilot = {"includeGroups": [group_id("werkplek")]}
    return (
        _Spec("App-beveiliging op mobiel", _EVERYONE, _grant("compliantApplication"), mobile, state=report_only),
        _Spec("Phishingbestendige MFA voor beheerders", _ADMINS, strong, state=report_only),
        _Spec("Proef MFA pilotgroep", pilot, _grant("mfa"), state="disabled"),
    )


def _policy(number: int, spec: _Spec) -> Resource:
    return {
        "id": guid("conditional-access", spec.title),
        "templateId": None,
        "displayName": f"CA{number:03d} {spec.title}",
        "description": None,
        "createdDateTime": fine_stamp(ago(900 - 40 * number)),
        "modifiedDateTime": fine_stamp(ago(300 - 20 * number)),
        "deletedDateTime": None,
        "state": spec.state,
        "conditions": _conditions(spec.users, spec.conditions),
        "grantControls": spec.grant,
        "sessionControls": spec.session,
    }


def _anywhere_but(location: str) -> Resource:
    return {"locations": {"includeLocations": ["All"], "excludeLocations": [location]}}


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


def _session() -> Resource:
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
