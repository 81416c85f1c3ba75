"""Enterprise applications and the delegated permissions they were granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from govcheck.demo.basis import TENANT_ID, Resource, ago, chance, guid, stamp

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The tenant that owns Microsoft's own applications."""

_FIRST_PARTY = {
    "Microsoft Graph": "00000003-0000-0000-c000-000000000000",
    "Windows Azure Active Directory": "00000002-0000-0000-c000-000000000000",
    "Office 365 Exchange Online": "00000002-0000-0ff1-ce00-000000000000",
    "Office 365 SharePoint Online": "00000003-0000-0ff1-ce00-000000000000",
    "Microsoft Teams Services": "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
    "Microsoft Intune": "0000000a-0000-0000-c000-000000000000",
    "Power BI Service": "00000009-0000-0000-c000-000000000000",
    "Windows Azure Service Management API": "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    "Microsoft Graph Command Line Tools": "14d82eec-204b-4c2f-b7e8-296a70dab67e",
}


@dataclass(frozen=True, slots=True)
class _App:
    name: str
    publisher: str | None
    sign_on: str | None
    assigned_only: bool
    scopes: str
    consented_by_admin: bool = True


_THIRD_PARTY: tuple[_App, ...] = (
    _App("Slack", "Slack Technologies", "saml", assigned_only=True, scopes="openid profile email User.Read"),
    _App("Miro", "Miro", "saml", assigned_only=True, scopes="openid profile User.Read"),
    _App("Jira Cloud", "Atlassian", "saml", assigned_only=True, scopes="openid profile email User.Read"),
    _App(
        "Zoom",
        "Zoom Video Communications",
        "saml",
        assigned_only=False,
        scopes="openid User.Read Calendars.Read",
    ),
    _App("Asana", "Asana", "oidc", assigned_only=True, scopes="openid profile User.Read"),
    _App("Culture Amp", "Culture Amp", "saml", assigned_only=True, scopes="openid profile User.Read"),
    _App(
        "PDF Samenvoegen <b onmouseover=alert(1)>GRATIS</b>",
        None,
        None,
        assigned_only=False,
        scopes="openid offline_access Mail.Read Files.ReadWrite.All",
        consented_by_admin=False,
    ),
    _App(
        "=Notulist+AI",
        "Notulist Labs",
        "oidc",
        assigned_only=False,
        scopes="openid offline_access User.Read Calendars.Read",
        consented_by_admin=False,
    ),
)
"""The last two came in without approval, and their publishers chose their names: markup and a formula."""


def publish(consenting: Sequence[str]) -> tuple[list[Resource], list[Resource]]:
    """Write service principals and permission grants; `consenting` are users who said yes themselves."""
    principals = [_principal(name, app_id, owner=MICROSOFT) for name, app_id in _FIRST_PARTY.items()]
    principals += [_third_party(app) for app in _THIRD_PARTY]
    principals.append(
        _principal("Werkbonnen", guid("app", "Werkbonnen"), owner=TENANT_ID, sign_on="oidc", integrated=True)
    )
    principals.append(_managed_identity("func-meetdata-prd"))
    grants = [
        _grant(guid("service-principal", app.name), app.scopes, None if app.consented_by_admin else user)
        for app in _THIRD_PARTY
        for user in ([None] if app.consented_by_admin else consenting)
    ]
    return principals, grants


def _third_party(app: _App) -> Resource:
    principal = _principal(
        app.name, guid("app", app.name), owner=guid("vendor", app.name), sign_on=app.sign_on, integrated=True
    )
    publisher = {
        "displayName": app.publisher,
        "verifiedPublisherId": app.publisher and str(int(guid("publisher", app.publisher)[:6], 16)),
        "addedDateTime": app.publisher and stamp(ago(1500)),
    }
    return principal | {"appRoleAssignmentRequired": app.assigned_only, "verifiedPublisher": publisher}


def _managed_identity(name: str) -> Resource:
    return _principal(name, guid("app", name), owner=None) | {
        "servicePrincipalType": "ManagedIdentity",
        "signInAudience": None,
        "tags": [],
    }


def _principal(
    name: str, app_id: str, *, owner: str | None, sign_on: str | None = None, integrated: bool = False
) -> Resource:
    return {
        "id": guid("service-principal", name),
        "deletedDateTime": None,
        "accountEnabled": True,
        "addIns": [],
        "alternativeNames": [],
        "appDescription": None,
        "appDisplayName": name,
        "appId": app_id,
        "applicationTemplateId": None,
        "appOwnerOrganizationId": owner,
        "appRoleAssignmentRequired": False,
        "appRoles": [],
        "description": None,
        "disabledByMicrosoftStatus": None,
        "displayName": name,
        "homepage": None,
        "info": None,
        "keyCredentials": [],
        "loginUrl": None,
        "logoutUrl": None,
        "notes": None,
        "notificationEmailAddresses": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "preferredSingleSignOnMode": sign_on,
        "preferredTokenSigningKeyThumbprint": None,
        "replyUrls": [],
        "resourceSpecificApplicationPermissions": [],
        "samlSingleSignOnSettings": None,
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMyOrg" if owner == TENANT_ID else "AzureADMultipleOrgs",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"] if integrated else [],
        "tokenEncryptionKeyId": None,
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
    }


def _grant(client: str, scope: str, user: str | None) -> Resource:
    return {
        "id": guid("grant", f"{client}/{user}").replace("-", ""),
        "clientId": client,
        "consentType": "Principal" if user else "AllPrincipals",
        "principalId": user,
        "resourceId": guid("service-principal", "Microsoft Graph"),
        "scope": scope,
    }


def assign_apps(staff: Sequence[str], seed: int) -> dict[str, list[Resource]]:
    """Write who was given which application, by service principal; `staff` are ids of who could be."""
    rng = chance(seed, "app-assignments")
    return {
        guid("service-principal", app.name): [
            _assignment(app, user)
            for user in (rng.sample(staff, len(staff) * 3 // 10) if app.assigned_only else staff[:2])
        ]
        for app in _THIRD_PARTY
    }


def _assignment(app: _App, user: str) -> Resource:
    resource = guid("service-principal", app.name)
    return {
        "id": guid("app-role-assignment", f"{resource}/{user}"),
        "deletedDateTime": None,
        "appRoleId": "00000000-0000-0000-0000-000000000000",
        "createdDateTime": stamp(ago(400)),
        "principalDisplayName": None,
        "principalId": user,
        "principalType": "User",
        "resourceDisplayName": app.name,
        "resourceId": resource,
    }
