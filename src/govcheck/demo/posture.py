"""How the tenant stands as a whole: its score, its rules for sign-in strength and for others, its services' health."""

from __future__ import annotations

from govcheck.demo.basis import TENANT_ID, Resource, ago, fine_stamp, guid, stamp

_SCORES_KEPT = 90
_MULTIFACTOR = (
    "windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush",
    "temporaryAccessPassOneTime", "temporaryAccessPassMultiUse", "password,microsoftAuthenticatorPush",
    "password,softwareOath", "password,hardwareOath", "password,sms", "password,voice", "federatedMultiFactor",
)  # fmt: skip
_PASSWORDLESS = ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush")
_RESISTANT = ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor")
_CONTROLS = (
    ("MFARegistrationV2", "Identity", 8.5),
    ("AdminMFAV2", "Identity", 10.0),
    ("BlockLegacyAuthentication", "Identity", 8.0),
    ("aad_limited_administrative_roles", "Identity", 1.0),
    ("SelfServicePasswordReset", "Identity", 1.0),
)
_SERVICES = (
    ("Exchange Online", "Exchange", "serviceOperational"),
    ("Microsoft Entra", "Entra", "serviceOperational"),
    ("Microsoft Intune", "Intune", "serviceOperational"),
    ("Microsoft Teams", "microsoftteams", "serviceDegradation"),
    ("SharePoint Online", "SharePoint", "serviceOperational"),
)


def write_scores() -> list[Resource]:
    """Write the secure scores of the last ninety days, the latest first; they crept up by a point a month."""
    return [_score(day) for day in range(_SCORES_KEPT)]


def _score(day: int) -> Resource:
    moment = ago(day + 0.3)
    return {
        "id": f"{TENANT_ID}_{moment:%Y-%m-%d}",
        "activeUserCount": 231,
        "averageComparativeScores": [
            {"averageScore": 46.0, "basis": "AllTenants"},
            {"averageScore": 51.2, "basis": "TotalSeats"},
        ],
        "azureTenantId": TENANT_ID,
        "controlScores": [
            {"controlCategory": category, "controlName": name, "description": None, "score": score}
            for name, category, score in _CONTROLS
        ],
        "createdDateTime": stamp(moment),
        "currentScore": round(61.5 - day / 30, 1),
        "enabledServices": ["HasExchange", "HasSharePoint", "HasIntune", "HasTeams"],
        "licensedUserCount": 243,
        "maxScore": 118.0,
        "vendorInformation": {
            "provider": "SecureScore",
            "providerVersion": None,
            "subProvider": None,
            "vendor": "Microsoft",
        },
    }


def write_strengths() -> list[Resource]:
    """Write the authentication strengths: the three that every tenant has, and one of our own."""
    return [
        _strength("00000000-0000-0000-0000-000000000002", "Multifactor authentication", _MULTIFACTOR),
        _strength("00000000-0000-0000-0000-000000000003", "Passwordless MFA", _PASSWORDLESS),
        _strength("00000000-0000-0000-0000-000000000004", "Phishing-resistant MFA", _RESISTANT),
        _strength(guid("strength", "beheer"), "Beheer: passkey", ("fido2",)) | {"policyType": "custom"},
    ]


def _strength(identifier: str, name: str, combinations: tuple[str, ...]) -> Resource:
    return {
        "id": identifier,
        "allowedCombinations": list(combinations),
        "createdDateTime": "2021-12-01T00:00:00Z",
        "description": None,
        "displayName": name,
        "modifiedDateTime": "2021-12-01T00:00:00Z",
        "policyType": "builtIn",
        "requirementsSatisfied": "mfa",
        "combinationConfigurations": [],
    }


def write_boundaries() -> dict[str, Resource]:
    """Write, by path, what holds for other tenants and for devices that want to join."""
    return {
        "/policies/crossTenantAccessPolicy/default": {
            "isServiceDefault": True,
            "automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": False},
            "b2bCollaborationInbound": _for_all("allowed"),
            "b2bCollaborationOutbound": _for_all("allowed"),
            "b2bDirectConnectInbound": _for_all("blocked"),
            "b2bDirectConnectOutbound": _for_all("blocked"),
            "inboundTrust": {
                "isCompliantDeviceAccepted": False,
                "isHybridAzureADJoinedDeviceAccepted": False,
                "isMfaAccepted": False,
            },
            "tenantRestrictions": _for_all("blocked") | {"devices": None},
        },
        "/policies/deviceRegistrationPolicy": {
            "id": "deviceRegistrationPolicy",
            "azureADJoin": {"allowedToJoin": _anybody(), "isAdminConfigurable": True, "localAdmins": _local_admins()},
            "azureADRegistration": {"allowedToRegister": _anybody(), "isAdminConfigurable": False},
            "description": "Tenant-wide policy that manages initial provisioning controls.",
            "displayName": "Device Registration Policy",
            "localAdminPassword": {"isEnabled": False},
            "multiFactorAuthConfiguration": "notRequired",
            "userDeviceQuota": 50,
        },
    }


def write_partners() -> list[Resource]:
    """Write what holds for particular other tenants: the MFA of one is trusted."""
    return [
        {
            "tenantId": guid("tenant", domain),
            "automaticUserConsentSettings": {"inboundAllowed": None, "outboundAllowed": None},
            "b2bCollaborationInbound": None,
            "b2bCollaborationOutbound": None,
            "b2bDirectConnectInbound": None,
            "b2bDirectConnectOutbound": None,
            "inboundTrust": {
                "isCompliantDeviceAccepted": False,
                "isHybridAzureADJoinedDeviceAccepted": False,
                "isMfaAccepted": trusted,
            },
            "isInMultiTenantOrganization": False,
            "isServiceProvider": False,
            "tenantRestrictions": None,
        }
        for domain, trusted in (("waddenwind.example", True), ("meetwerk.example", False))
    ]


def _for_all(access: str) -> Resource:
    return {
        "applications": {
            "accessType": access,
            "targets": [{"target": "AllApplications", "targetType": "application"}],
        },
        "usersAndGroups": {"accessType": access, "targets": [{"target": "AllUsers", "targetType": "user"}]},
    }


def _anybody() -> Resource:
    return {"@odata.type": "#microsoft.graph.allDeviceRegistrationMembership"}


def _local_admins() -> Resource:
    return {"enableGlobalAdmins": True, "registeringUsers": _anybody()}


def write_health() -> tuple[list[Resource], list[Resource]]:
    """Write the health of each service with its issues, and those issues by themselves."""
    issues = [_issue("TM1187205", 0.4, resolved=False), _issue("TM1151102", 32, resolved=True)]
    overviews: list[Resource] = [
        {
            "id": identifier,
            "issues": issues if identifier == "microsoftteams" else [],
            "service": service,
            "status": status,
        }
        for service, identifier, status in _SERVICES
    ]
    return overviews, issues


def _issue(number: str, days: float, *, resolved: bool) -> Resource:
    return {
        "id": number,
        "classification": "incident" if resolved else "advisory",
        "details": [],
        "endDateTime": stamp(ago(days - 0.2)) if resolved else None,
        "feature": "Teams Components",
        "featureGroup": "Teams Components",
        "impactDescription": "Some users may be unable to see who is in a meeting.",
        "isResolved": resolved,
        "lastModifiedDateTime": fine_stamp(ago(days - 0.2)),
        "origin": "microsoft",
        "posts": [],
        "service": "Microsoft Teams",
        "startDateTime": stamp(ago(days)),
        "status": "serviceRestored" if resolved else "serviceDegradation",
        "title": "Some users can't see meeting participants",
    }
