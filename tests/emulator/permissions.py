"""Which application permission opens which path, as Microsoft publishes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from emulator.csdl import GRAPH_FILES

_FILE = GRAPH_FILES / "permissions.json"
_CONDITIONAL_ACCESS = "/identity/conditionalaccess"
_ROLES = "/rolemanagement/directory"
_REVIEWS = "/identitygovernance/accessreviews"
_BUILT_IN: Mapping[str, tuple[str, ...]] = {
    "/users": ("User.Read.All", "Directory.Read.All"),
    "/users/{id}": ("User.Read.All", "Directory.Read.All"),
    "/users/{id}/manager": ("User.Read.All", "Directory.Read.All"),
    "/users/{id}/directreports": ("User.Read.All", "Directory.Read.All"),
    "/groups": ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"),
    "/groups/{id}": ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"),
    "/groups/{id}/members": ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"),
    "/groups/{id}/owners": ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"),
    "/groups/{id}/transitivemembers": ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"),
    "/organization": ("Organization.Read.All", "Directory.Read.All"),
    "/subscribedskus": ("LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All"),
    "/reports/authenticationmethods/userregistrationdetails": ("AuditLog.Read.All",),
    f"{_CONDITIONAL_ACCESS}/policies": ("Policy.Read.All",),
    f"{_CONDITIONAL_ACCESS}/policies/{{id}}": ("Policy.Read.All",),
    f"{_CONDITIONAL_ACCESS}/namedlocations": ("Policy.Read.All",),
    f"{_ROLES}/roledefinitions": ("RoleManagement.Read.Directory", "Directory.Read.All"),
    f"{_ROLES}/roleassignments": ("RoleManagement.Read.Directory", "Directory.Read.All"),
    "/directoryroles": ("RoleManagement.Read.Directory", "Directory.Read.All"),
    "/directoryroles/{id}/members": ("RoleManagement.Read.Directory", "Directory.Read.All"),
    "/devices": ("Device.Read.All", "Directory.Read.All"),
    "/serviceprincipals": ("Application.Read.All", "Directory.Read.All"),
    "/oauth2permissiongrants": ("Directory.Read.All",),
    "/serviceprincipals/{id}/approleassignedto": ("Application.Read.All", "Directory.Read.All"),
    f"{_ROLES}/roleeligibilityscheduleinstances": ("RoleEligibilitySchedule.Read.Directory",),
    f"{_ROLES}/roleassignmentscheduleinstances": ("RoleAssignmentSchedule.Read.Directory",),
    "/policies/rolemanagementpolicyassignments": ("RoleManagement.Read.Directory",),
    f"{_REVIEWS}/definitions": ("AccessReview.Read.All",),
    f"{_REVIEWS}/definitions/{{id}}/instances": ("AccessReview.Read.All",),
    "/identitygovernance/lifecycleworkflows/workflows": ("LifecycleWorkflows-Workflow.ReadBasic.All",),
    "/auditlogs/signins": ("AuditLog.Read.All",),
    "/teams": ("Team.ReadBasic.All", "Group.Read.All", "Directory.Read.All"),
    "/teams/{id}": ("TeamSettings.Read.All", "Group.Read.All", "Directory.Read.All"),
    "/teams/{id}/channels": ("Channel.ReadBasic.All", "Group.Read.All", "Directory.Read.All"),
    "/teams/{id}/tags": ("TeamworkTag.Read.All",),
    "/groups/{id}/planner/plans": ("Tasks.Read.All", "Group.Read.All"),
    "/planner/plans/{id}/tasks": ("Tasks.Read.All", "Group.Read.All"),
    "/applications": ("Application.Read.All", "Directory.Read.All"),
    "/policies/crosstenantaccesspolicy/partners": ("Policy.Read.All",),
    "/policies/rolemanagementpolicies/{id}/rules": ("RoleManagement.Read.Directory",),
    "/reports/security/getattacksimulationsimulationusercoverage": ("AttackSimulation.Read.All",),
    "/devicemanagement/devicecompliancepolicies/{id}/assignments": ("DeviceManagementConfiguration.Read.All",),
    "/devicemanagement/deviceconfigurations/{id}/assignments": ("DeviceManagementConfiguration.Read.All",),
    "/devicemanagement/devicecompliancepolicydevicestatesummary": ("DeviceManagementConfiguration.Read.All",),
    "/devicemanagement/termsandconditions": ("DeviceManagementServiceConfig.Read.All",),
    "/devicemanagement/termsandconditions/{id}/acceptancestatuses": ("DeviceManagementServiceConfig.Read.All",),
    "/devicemanagement/devicecompliancepolicies": ("DeviceManagementConfiguration.Read.All",),
    "/devicemanagement/deviceconfigurations": ("DeviceManagementConfiguration.Read.All",),
    "/reports/getteamsteamactivitydetail(period={value})": ("Reports.Read.All",),
    "/security/securescores": ("SecurityEvents.Read.All",),
    "/policies/authenticationstrengthpolicies": ("Policy.Read.AuthenticationMethod", "Policy.Read.All"),
    "/policies/crosstenantaccesspolicy/default": ("Policy.Read.All",),
    "/policies/deviceregistrationpolicy": ("Policy.Read.DeviceConfiguration",),
    "/admin/serviceannouncement/healthoverviews": ("ServiceHealth.Read.All",),
    "/admin/serviceannouncement/issues": ("ServiceHealth.Read.All",),
    "/devicemanagement/manageddevices": ("DeviceManagementManagedDevices.Read.All",),
    "/policies/authorizationpolicy": ("Policy.Read.All",),
    "/policies/identitysecuritydefaultsenforcementpolicy": ("Policy.Read.All",),
    "/policies/authenticationmethodspolicy": ("Policy.Read.AuthenticationMethod", "Policy.Read.All"),
    "/policies/adminconsentrequestpolicy": ("Policy.Read.All", "Directory.Read.All"),
    "/admin/sharepoint/settings": ("SharePointTenantSettings.Read.All",),
    "/admin/reportsettings": ("ReportSettings.Read.All",),
}
"""What serves where Microsoft's list is not at hand."""

DEMO_ROLES = frozenset(
    {
        "AccessReview.Read.All",
        "Application.Read.All",
        "AttackSimulation.Read.All",
        "AuditLog.Read.All",
        "Channel.ReadBasic.All",
        "Device.Read.All",
        "DeviceManagementConfiguration.Read.All",
        "DeviceManagementManagedDevices.Read.All",
        "DeviceManagementServiceConfig.Read.All",
        "Directory.Read.All",
        "GroupMember.Read.All",
        "LicenseAssignment.Read.All",
        "LifecycleWorkflows-Workflow.ReadBasic.All",
        "Organization.Read.All",
        "Policy.Read.All",
        "Policy.Read.AuthenticationMethod",
        "Policy.Read.DeviceConfiguration",
        "Reports.Read.All",
        "RoleManagement.Read.Directory",
        "RoleAssignmentSchedule.Read.Directory",
        "RoleEligibilitySchedule.Read.Directory",
        "SecurityEvents.Read.All",
        "ServiceHealth.Read.All",
        "Tasks.Read.All",
        "Team.ReadBasic.All",
        "TeamSettings.Read.All",
        "TeamworkTag.Read.All",
        "User.Read.All",
    }
)
"""What the demo tenant granted: everything but the settings of SharePoint, and usage reports with theirs."""


def needed(template: str) -> list[str]:
    """Find the application permissions, any of which opens a GET of this path with `{id}` for ids."""
    path = template.lower()
    return sorted(_published().get(path) or _published().get(path.removesuffix("/delta"), ()))


@cache
def _published() -> Mapping[str, frozenset[str] | tuple[str, ...]]:
    if not _FILE.exists():
        return _BUILT_IN
    paths: dict[str, set[str]] = {}
    for name, permission in json.loads(_FILE.read_text("utf-8"))["permissions"].items():
        for path_set in permission["pathSets"]:
            if "Application" in path_set["schemeKeys"] and "GET" in path_set["methods"]:
                for path in path_set["paths"]:
                    paths.setdefault(path.lower(), set()).add(name)
    return {path: frozenset(names) for path, names in paths.items()}
