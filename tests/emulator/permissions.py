"""Which application permission opens which path, as Microsoft publishes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from emulator.csdl import GRAPH_FILES

_FILE = GRAPH_FILES / "permissions.json"
_CONDITIONAL_ACCESS = "/identity/conditionalaccess"
_ROLES = "/rolemanagement/directory"
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
        "Application.Read.All",
        "AuditLog.Read.All",
        "Device.Read.All",
        "DeviceManagementManagedDevices.Read.All",
        "Directory.Read.All",
        "GroupMember.Read.All",
        "LicenseAssignment.Read.All",
        "Organization.Read.All",
        "Policy.Read.All",
        "Policy.Read.AuthenticationMethod",
        "RoleManagement.Read.Directory",
        "User.Read.All",
    }
)
"""What the demo tenant granted: everything but the settings of SharePoint and of usage reports."""


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
