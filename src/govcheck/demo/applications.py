"""Applications that the tenant itself registered."""

from __future__ import annotations

from govcheck.demo.basis import DOMAIN, Resource, ago, guid, stamp

_NOBODY = {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None}


def register_applications() -> list[Resource]:
    """Write the registrations: one in good order, a forgotten script of years ago, one open to other tenants."""
    forgotten = {"createdDateTime": stamp(ago(1900)), "isFallbackPublicClient": True}
    implicit = {"implicitGrantSettings": {"enableAccessTokenIssuance": True, "enableIdTokenIssuance": True}}
    return [
        _application("Werkbonnen", "https://werkbonnen.noorderlicht.example/signin")
        | {"serviceManagementReference": "CMDB-0412"},
        _with_web(_application("Migratiescript 2021", "http://localhost:8080") | forgotten, implicit),
        _application("Meetdata-API", "https://meetdata.noorderlicht.example/auth")
        | {"signInAudience": "AzureADMultipleOrgs", "identifierUris": [f"api://meetdata.{DOMAIN}"]},
    ]


def _with_web(application: Resource, changes: Resource) -> Resource:
    return application | {"web": application["web"] | changes}


def _application(name: str, redirect: str) -> Resource:
    return {
        "id": guid("application", name),
        "deletedDateTime": None,
        "addIns": [],
        "appId": guid("app", name),
        "applicationTemplateId": None,
        "appRoles": [],
        "createdDateTime": stamp(ago(500)),
        "description": None,
        "disabledByMicrosoftStatus": None,
        "displayName": name,
        "identifierUris": [],
        "info": {
            "logoUrl": None,
            "marketingUrl": None,
            "privacyStatementUrl": None,
            "supportUrl": None,
            "termsOfServiceUrl": None,
        },
        "isFallbackPublicClient": None,
        "keyCredentials": [],
        "notes": None,
        "passwordCredentials": [],
        "publicClient": {"redirectUris": []},
        "publisherDomain": DOMAIN,
        "requiredResourceAccess": [],
        "serviceManagementReference": None,
        "servicePrincipalLockConfiguration": {"isEnabled": True, "allProperties": True},
        "signInAudience": "AzureADMyOrg",
        "spa": {"redirectUris": []},
        "tags": [],
        "uniqueName": None,
        "verifiedPublisher": _NOBODY,
        "web": {
            "homePageUrl": None,
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
            "logoutUrl": None,
            "redirectUris": [redirect],
        },
    }
