"""The tenant itself: its licences and its tenant-wide settings."""

from __future__ import annotations

from govcheck.demo.basis import DOMAIN, NAME, TENANT_ID, Resource, ago, fine_stamp, guid, stamp

SKU_ENTERPRISE = "05e9a617-0261-4cee-bb44-138d3ef5d965"
SKU_FRONTLINE = "66b55226-6b4f-492c-910c-a3b7a3c9d993"

_PLANS = {
    "AAD_PREMIUM": "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
    "INTUNE_A": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    "MFA_PREMIUM": "8a256a2b-b617-496d-b51b-e76466e88db0",
    "TEAMS1": "57ff2da0-773e-42df-b2af-ffb7a2317929",
    "EXCHANGE_S_ENTERPRISE": "efb87545-963c-4e0d-99df-69c6916d9eb0",
    "SHAREPOINTENTERPRISE": "5dbe027f-2339-4123-9542-606e4d348a72",
}
"""Service plans in both licences. Entra ID P1 (AAD_PREMIUM) and Intune are among them; P2 is not."""

_ORDINARY_GUEST = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
_ALL_USERS = {"targetType": "group", "id": "all_users"}


def write_organization() -> Resource:
    """Write the one row of `/organization`."""
    return {
        "id": TENANT_ID,
        "deletedDateTime": None,
        "assignedPlans": [],
        "businessPhones": ["+31 50 555 0100"],
        "city": "Groningen",
        "country": None,
        "countryLetterCode": "NL",
        "createdDateTime": stamp(ago(3200)),
        "defaultUsageLocation": "NL",
        "displayName": NAME,
        "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": stamp(ago(0.02)),
        "onPremisesSyncEnabled": True,
        "partnerTenantType": None,
        "postalCode": "9711 AA",
        "preferredLanguage": "nl",
        "privacyProfile": {"contactEmail": f"privacy@{DOMAIN}", "statementUrl": f"https://{DOMAIN}/privacy"},
        "provisionedPlans": [],
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": None,
        "street": "Noorderlichtplein 1",
        "technicalNotificationMails": [f"it@{DOMAIN}"],
        "tenantType": "AAD",
        "verifiedDomains": [
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": True,
                "isInitial": True,
                "name": DOMAIN,
                "type": "Managed",
            }
        ],
    }


def write_licences(enterprise: int, frontline: int) -> list[Resource]:
    """Write what `/subscribedSkus` gives, with this many licences in use of each kind."""
    return [_sku("SPE_E3", SKU_ENTERPRISE, enterprise), _sku("SPE_F1", SKU_FRONTLINE, frontline)]


def _sku(part: str, sku: str, used: int) -> Resource:
    return {
        "accountId": guid("account", DOMAIN),
        "accountName": NAME,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": used,
        "id": f"{TENANT_ID}_{sku}",
        "prepaidUnits": {"enabled": -(-used // 25) * 25, "lockedOut": 0, "suspended": 0, "warning": 0},
        "servicePlans": [
            {
                "servicePlanId": plan,
                "servicePlanName": name,
                "provisioningStatus": "Success",
                "appliesTo": "User",
            }
            for name, plan in _PLANS.items()
        ],
        "skuId": sku,
        "skuPartNumber": part,
        "subscriptionIds": [guid("subscription", part)],
    }


def write_settings(consent_reviewer: str) -> dict[str, Resource]:
    """Write the settings resources, by their path."""
    return {
        "/policies/authorizationPolicy": _authorization(),
        "/policies/identitySecurityDefaultsEnforcementPolicy": {
            "id": "00000000-0000-0000-0000-000000000005",
            "deletedDateTime": None,
            "description": "Security defaults is a set of basic identity security mechanisms.",
            "displayName": "Security Defaults",
            "isEnabled": False,
        },
        "/policies/authenticationMethodsPolicy": _authentication_methods(),
        "/policies/adminConsentRequestPolicy": {
            "isEnabled": True,
            "notifyReviewers": True,
            "remindersEnabled": True,
            "requestDurationInDays": 14,
            "version": 3,
            "reviewers": [{"query": f"/users/{consent_reviewer}", "queryType": "MicrosoftGraph", "queryRoot": None}],
        },
        "/admin/sharepoint/settings": _sharepoint(),
        "/admin/reportSettings": {"displayConcealedNames": False},
    }


def _authorization() -> Resource:
    return {
        "id": "authorizationPolicy",
        "deletedDateTime": None,
        "allowInvitesFrom": "everyone",
        "allowedToSignUpEmailBasedSubscriptions": True,
        "allowedToUseSSPR": True,
        "allowEmailVerifiedUsersToJoinOrganization": False,
        "allowUserConsentForRiskyApps": None,
        "blockMsolPowerShell": True,
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "guestUserRoleId": _ORDINARY_GUEST,
        "defaultUserRolePermissions": {
            "allowedToCreateApps": False,
            "allowedToCreateSecurityGroups": False,
            "allowedToCreateTenants": False,
            "allowedToReadBitlockerKeysForOwnedDevice": True,
            "allowedToReadOtherUsers": True,
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"],
        },
    }


def _authentication_methods() -> Resource:
    return {
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which methods are allowed.",
        "lastModifiedDateTime": fine_stamp(ago(41)),
        "policyVersion": "1.5",
        "policyMigrationState": "migrationInProgress",
        "reconfirmationInDays": None,
        "registrationEnforcement": {
            "authenticationMethodsRegistrationCampaign": {
                "snoozeDurationInDays": 1,
                "state": "enabled",
                "excludeTargets": [],
                "includeTargets": [_ALL_USERS | {"targetedAuthenticationMethod": "microsoftAuthenticator"}],
            }
        },
        "authenticationMethodConfigurations": [
            _method("Fido2", "fido2", "enabled")
            | {"isAttestationEnforced": True, "isSelfServiceRegistrationAllowed": True},
            _method("MicrosoftAuthenticator", "microsoftAuthenticator", "enabled") | {"isSoftwareOathEnabled": False},
            _method("Sms", "sms", "enabled"),
            _method("TemporaryAccessPass", "temporaryAccessPass", "enabled")
            | {"defaultLength": 8, "defaultLifetimeInMinutes": 60, "isUsableOnce": True},
            _method("SoftwareOath", "softwareOath", "enabled"),
            _method("Voice", "voice", "disabled") | {"isOfficePhoneAllowed": False},
            _method("Email", "email", "enabled") | {"allowExternalIdToUseEmailOtp": "default"},
            _method("X509Certificate", "x509Certificate", "disabled"),
        ],
    }


def _method(name: str, kind: str, state: str) -> Resource:
    return {
        "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration",
        "id": name,
        "state": state,
        "excludeTargets": [],
        "includeTargets": [_ALL_USERS | {"isRegistrationRequired": False}],
    }


def _sharepoint() -> Resource:
    return {
        "sharingCapability": "externalUserAndGuestSharing",
        "sharingDomainRestrictionMode": "none",
        "sharingAllowedDomainList": [],
        "sharingBlockedDomainList": [],
        "isResharingByExternalUsersEnabled": True,
        "isUnmanagedSyncAppForTenantRestricted": False,
        "isLegacyAuthProtocolsEnabled": False,
        "deletedUserPersonalSiteRetentionPeriodInDays": 30,
        "idleSessionSignOut": {
            "isEnabled": False,
            "warnAfterInSeconds": 0,
            "signOutAfterInSeconds": 0,
        },
        "tenantDefaultTimezone": "(UTC+01:00) Amsterdam, Berlijn, Bern, Rome, Stockholm, Wenen",
    }
