"""Privileged Identity Management: who may activate a role, who has, and on what conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from govcheck.demo.basis import TENANT_ID, Resource, ago, guid, stamp
from govcheck.demo.roles import ACTIVATED, GLOBAL_ADMINISTRATOR

_ELIGIBLE: tuple[tuple[str, str, float | None], ...] = (
    ("Global Administrator", "Mourad El Amrani", None),
    ("Security Administrator", "Agnieszka Kowalczyk", 170),
    ("Privileged Role Administrator", "Priya Ramdin", 170),
    ("Intune Administrator", "Jelle Terpstra", 20),
    ("Exchange Administrator", "Rob Schuurman", None),
)
"""Role, holder and for how many days more; None never ends. Rob Schuurman has left."""


def make_eligible(ids: Mapping[str, str], definitions: Iterable[Resource]) -> list[Resource]:
    """Write the role eligibilities that hold now; `ids` tells each holder's id by display name."""
    roles = {definition["displayName"]: definition["id"] for definition in definitions}
    return [
        _instance("eligibility", roles[role], ids[holder])
        | {
            "endDateTime": None if days is None else stamp(ago(-days)),
            "memberType": "Direct",
            "roleEligibilityScheduleId": guid("eligibility-schedule", f"{roles[role]}/{ids[holder]}"),
            "startDateTime": stamp(ago(195)),
        }
        for role, holder, days in _ELIGIBLE
    ]


def activate(
    ids: Mapping[str, str], definitions: Iterable[Resource], assignments: Iterable[Resource]
) -> list[Resource]:
    """Write the role assignments that hold now: the standing ones, and one that was activated this morning."""
    roles = {definition["displayName"]: definition["id"] for definition in definitions}
    role, holder = roles[ACTIVATED[0]], ids[ACTIVATED[1]]
    standing = [
        _active(assignment["roleDefinitionId"], assignment["principalId"], "Assigned")
        | {"directoryScopeId": assignment["directoryScopeId"], "roleAssignmentOriginId": assignment["id"]}
        for assignment in assignments
        if (assignment["roleDefinitionId"], assignment["principalId"]) != (role, holder)
    ]
    span = {"startDateTime": stamp(ago(0.05)), "endDateTime": stamp(ago(-0.28))}
    return [*standing, _active(role, holder, "Activated") | span]


def _active(role: str, principal: str, kind: str) -> Resource:
    instance = _instance(kind, role, principal)
    return instance | {
        "assignmentType": kind,
        "endDateTime": None,
        "memberType": "Direct",
        "roleAssignmentOriginId": instance["id"],
        "roleAssignmentScheduleId": guid("assignment-schedule", f"{role}/{principal}"),
        "startDateTime": None,
    }


def _instance(kind: str, role: str, principal: str) -> Resource:
    return {
        "id": guid(kind, f"{role}/{principal}"),
        "appScopeId": None,
        "directoryScopeId": "/",
        "principalId": principal,
        "roleDefinitionId": role,
    }


def set_conditions(definitions: Sequence[Resource]) -> list[Resource]:
    """Write the policy of each role with its rules; only that of global administrators asks for approval."""
    return [_assigned_policy(definition["id"]) for definition in definitions]


def _assigned_policy(role: str) -> Resource:
    policy = f"DirectoryRole_{TENANT_ID}_{guid('role-policy', role)}"
    strict = role == GLOBAL_ADMINISTRATOR
    return {
        "id": f"{policy}_{role}",
        "policyId": policy,
        "roleDefinitionId": role,
        "scopeId": "/",
        "scopeType": "DirectoryRole",
        "policy": {
            "id": policy,
            "description": "DirectoryRole",
            "displayName": "DirectoryRole",
            "isOrganizationDefault": False,
            "lastModifiedBy": {"displayName": "Jelle Terpstra", "id": None},
            "lastModifiedDateTime": stamp(ago(260)),
            "scopeId": "/",
            "scopeType": "DirectoryRole",
            "rules": _rules(strict=strict),
        },
    }


def _rules(*, strict: bool) -> list[Resource]:
    enabled = ["MultiFactorAuthentication", "Justification"] if strict else ["Justification"]
    return [
        _rule("Expiration", "Admin_Eligibility", "Admin", "Eligibility")
        | {"isExpirationRequired": False, "maximumDuration": "P365D"},
        _rule("Expiration", "Admin_Assignment", "Admin", "Assignment")
        | {"isExpirationRequired": strict, "maximumDuration": "P180D"},
        _rule("Expiration", "EndUser_Assignment", "EndUser", "Assignment")
        | {"isExpirationRequired": True, "maximumDuration": "PT4H" if strict else "PT8H"},
        _rule("Enablement", "EndUser_Assignment", "EndUser", "Assignment") | {"enabledRules": enabled},
        _rule("Approval", "EndUser_Assignment", "EndUser", "Assignment")
        | {
            "setting": {
                "approvalMode": "SingleStage",
                "approvalStages": [],
                "isApprovalRequired": strict,
                "isApprovalRequiredForExtension": False,
                "isRequestorJustificationRequired": True,
            }
        },
    ]


def _rule(kind: str, name: str, caller: str, level: str) -> Resource:
    return {
        "@odata.type": f"#microsoft.graph.unifiedRoleManagementPolicy{kind}Rule",
        "id": f"{kind}_{name}",
        "target": {
            "caller": caller,
            "enforcedSettings": [],
            "inheritableSettings": [],
            "level": level,
            "operations": ["all"],
        },
    }
