"""Directory roles and who holds them."""

from __future__ import annotations

from collections.abc import Mapping

from govcheck.demo.basis import Resource, guid
from govcheck.demo.teams import AUDITORS, PARTNER_ADMINS, group_id

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"

_TEMPLATES = {
    "Global Administrator": GLOBAL_ADMINISTRATOR,
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Privileged Authentication Administrator": "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "Security Administrator": "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "Conditional Access Administrator": "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    "Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "SharePoint Administrator": "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
    "Teams Administrator": "69091246-20e8-4a56-aa4d-066075b2a7a8",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "Helpdesk Administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Application Administrator": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
    "Authentication Administrator": "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "Password Administrator": "966707d0-3269-4727-9be2-8c3a10f19b9d",
    "Intune Administrator": "3a2c62db-5318-420d-8d74-23affee5d9d5",
    "Groups Administrator": "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "Hybrid Identity Administrator": "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2",
    "Billing Administrator": "b0f54661-2d74-4c50-afa3-1ec803f12efe",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Guest Inviter": "95e79109-95c0-4d8e-aee3-d01accf2d47b",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
}
"""Display name to template id, the same in every tenant."""

_PRIVILEGED = (
    "Global Administrator", "Privileged Role Administrator", "Privileged Authentication Administrator",
    "Security Administrator", "Conditional Access Administrator", "Exchange Administrator",
    "SharePoint Administrator", "User Administrator", "Helpdesk Administrator", "Application Administrator",
    "Cloud Application Administrator", "Authentication Administrator", "Password Administrator",
    "Billing Administrator",
)  # fmt: skip
PRIVILEGED = tuple(_TEMPLATES[name] for name in _PRIVILEGED)
"""The roles that Conditional Access policies for administrators name."""

_HELD: tuple[tuple[str, str], ...] = (
    ("Global Administrator", "Noodtoegang 1"),
    ("Global Administrator", "Noodtoegang 2"),
    ("Global Administrator", "Jelle Terpstra"),
    ("Global Administrator", "Wouter Dijkstra"),
    ("Global Administrator", "Daan Vermeulen"),
    ("Security Administrator", "Mourad El Amrani"),
    ("Conditional Access Administrator", "Priya Ramdin"),
    ("User Administrator", "Marieke de Boer"),
    ("Helpdesk Administrator", "Daan Vermeulen"),
    ("Intune Administrator", "Daan Vermeulen"),
    ("Teams Administrator", "Tom Whitfield"),
    ("Exchange Administrator", "Rob Schuurman"),
    ("Hybrid Identity Administrator", "svc-adsync"),
)
"""Role and holder. Rob Schuurman has left, and still holds his."""
ACTIVATED = ("Security Administrator", "Agnieszka Kowalczyk")
"""Role and who may activate it, and did so this morning: for as long as that lasts it is an assignment too."""


def define_roles() -> list[Resource]:
    """Write the role definitions; those of built-in roles have their template's id."""
    return [
        {
            "id": template,
            "description": f"Built-in role: {name}",
            "displayName": name,
            "isBuiltIn": True,
            "isEnabled": True,
            "resourceScopes": ["/"],
            "rolePermissions": [
                {"allowedResourceActions": ["microsoft.directory/users/standard/read"], "condition": None}
            ],
            "templateId": template,
            "version": "1",
        }
        for name, template in _TEMPLATES.items()
    ]


def assign_roles(ids: Mapping[str, str]) -> list[Resource]:
    """Write the active assignments; `ids` tells each holder's id by display name."""
    held = [(_TEMPLATES[role], ids[holder], "/") for role, holder in (*_HELD, ACTIVATED)]
    held.append((_TEMPLATES["Security Reader"], group_id(AUDITORS), "/"))
    one_application = f"/{guid('application', 'Meetdata-API')}"
    held.append((_TEMPLATES["Application Administrator"], group_id(PARTNER_ADMINS), one_application))
    return [
        {
            "id": guid("role-assignment", f"{role}/{principal}"),
            "appScopeId": None,
            "condition": None,
            "directoryScopeId": scope,
            "principalId": principal,
            "principalOrganizationId": None,
            "roleDefinitionId": role,
        }
        for role, principal, scope in held
    ]
