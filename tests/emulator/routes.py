"""Paths: which rows of the tenant a request is about, and which service answers for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from emulator.errors import bad_request, not_found
from govcheck.demo import Tenant

Row = Mapping[str, Any]

_USER_DEFAULT = (
    "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What holds for one kind of resource, wherever it is asked for."""

    type: str
    workload: str = "directory"
    page: int = 100
    """Rows on a page where `$top` says nothing."""
    most: int = 999
    """The largest `$top`."""
    licence: str | None = None
    """Service plan without which the service refuses."""
    default: tuple[str, ...] = ()
    """What comes back without `$select`; empty means everything."""

    @property
    def directory(self) -> bool:
        """Whether advanced queries need `ConsistencyLevel: eventual`."""
        return self.workload == "directory"


_INTUNE = Kind(type="managedDevice", workload="intune", page=1000, most=1000, licence="INTUNE_A")
_POLICY = Kind(type="conditionalAccessPolicy", workload="conditional_access", licence="AAD_PREMIUM")
MEMBER = Kind(type="directoryObject")
KINDS: Mapping[str, Kind] = {
    "/users": Kind(type="user", default=_USER_DEFAULT),
    "/groups": Kind(type="group"),
    "/organization": Kind(type="organization"),
    "/subscribedSkus": Kind(type="subscribedSku"),
    "/reports/authenticationMethods/userRegistrationDetails": Kind(
        type="userRegistrationDetails", workload="reports", licence="AAD_PREMIUM"
    ),
    "/identity/conditionalAccess/policies": _POLICY,
    "/identity/conditionalAccess/namedLocations": replace(_POLICY, type="namedLocation"),
    "/roleManagement/directory/roleDefinitions": Kind(type="unifiedRoleDefinition"),
    "/roleManagement/directory/roleAssignments": Kind(type="unifiedRoleAssignment"),
    "/servicePrincipals": Kind(type="servicePrincipal"),
    "/oauth2PermissionGrants": Kind(type="oAuth2PermissionGrant"),
    "/deviceManagement/managedDevices": _INTUNE,
    "/policies/authorizationPolicy": Kind(type="authorizationPolicy"),
    "/policies/identitySecurityDefaultsEnforcementPolicy": Kind(type="identitySecurityDefaultsEnforcementPolicy"),
    "/policies/authenticationMethodsPolicy": Kind(type="authenticationMethodsPolicy"),
    "/policies/adminConsentRequestPolicy": Kind(type="adminConsentRequestPolicy"),
    "/admin/sharepoint/settings": Kind(type="sharepointSettings", workload="sharepoint"),
    "/admin/reportSettings": Kind(type="adminReportSettings", workload="usage_reports"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a path leads to: the rows of a collection, or one resource."""

    kind: Kind
    path: str
    """The path as the metadata spells it."""
    template: str
    """The path with `{id}` for ids, as permissions are published."""
    rows: Sequence[Row] | None = None
    item: Row | None = None
    counts: bool = False
    """Whether only the number of rows is asked for."""


@dataclass(frozen=True)
class Router:
    """Finds what a path leads to in a tenant. Paths are compared without regard to case."""

    tenant: Tenant

    @cached_property
    def users(self) -> dict[str, Row]:
        """The users by id and by user principal name, in lower case."""
        rows = self.tenant.collections["/users"]
        return {row["userPrincipalName"].lower(): row for row in rows} | {row["id"]: row for row in rows}

    @cached_property
    def groups(self) -> dict[str, Row]:
        """The groups by id."""
        return {row["id"]: row for row in self.tenant.collections["/groups"]}

    @cached_property
    def _paths(self) -> dict[str, str]:
        return {path.lower(): path for path in (*self.tenant.collections, *self.tenant.singletons)}

    def find(self, path: str) -> Target:
        """Find a path below the version. Raises Graph's 400 for an unknown segment and 404 for an unknown id."""
        counts = path.lower().endswith("/$count")
        bare = path[: -len("/$count")] if counts else path
        known = self._paths.get(bare.lower(), "")
        if known in self.tenant.singletons:
            return Target(kind=KINDS[known], path=known, template=known, item=self.tenant.singletons[known])
        if known:
            rows = self.tenant.collections[known]
            return Target(kind=KINDS[known], path=known, template=known, rows=rows, counts=counts)
        parent, _, key = bare.rpartition("/")
        collection = self._paths.get(parent.lower(), "")
        if collection in self.tenant.collections:
            item = self._item(collection, key)
            template = f"{collection}/{{id}}"
            return Target(kind=KINDS[collection], path=collection, template=template, item=item)
        return self._link(bare, counts=counts)

    def _item(self, collection: str, key: str) -> Row:
        by_key = {"/users": self.users, "/groups": self.groups}.get(collection)
        if by_key is None:
            by_key = {row["id"].lower(): row for row in self.tenant.collections[collection]}
        found = by_key.get(key.lower())
        if found is None:
            raise not_found(key)
        return found

    def _link(self, path: str, *, counts: bool) -> Target:
        """Follow a navigation property: `/groups/{id}/members`, perhaps cast, or `/users/{id}/manager`."""
        segments = path.strip("/").split("/")
        cast = segments.pop() if segments[-1].lower().startswith("microsoft.graph.") else None
        links = {"groups": ("members", "owners", "transitivemembers"), "users": ("manager", "directreports")}
        root, key, link = (*(segment.lower() for segment in segments), "", "", "")[:3]
        if len(segments) != 3 or link not in links.get(root, ()):
            raise bad_request(f"Resource not found for the segment '{segments[-1]}'.")
        source = self._item(f"/{root}", key)
        template = f"/{root}/{{id}}/{link}"
        if link == "manager":
            manager = self.manager(source["id"])
            if manager is None:
                raise not_found("manager")
            return Target(kind=MEMBER, path=path, template=template, item=manager)
        rows = self.linked(source["id"], link)
        if cast:
            rows = [row for row in rows if row["@odata.type"].lower() == f"#{cast.lower()}"]
        return Target(kind=MEMBER, path="/directoryObjects", template=template, rows=rows, counts=counts)

    def manager(self, user: str) -> Row | None:
        """Find somebody's manager, as a typed directory object."""
        manager = self.tenant.managers.get(user)
        return _typed("user", self.users[manager]) if manager else None

    def linked(self, source: str, link: str) -> list[Row]:
        """Follow a to-many navigation property from a group or a user, to typed directory objects."""
        tenant = self.tenant
        users: Sequence[str] = ()
        groups: Sequence[str] = ()
        match link.lower():
            case "members":
                users, groups = tenant.members[source], tenant.member_groups.get(source, ())
            case "transitivemembers":
                users, groups = tenant.transitive_members(source), tenant.transitive_groups(source)
            case "owners":
                users = tenant.owners.get(source, ())
            case "directreports":
                users = [user for user, manager in tenant.managers.items() if manager == source]
            case _:
                raise bad_request(f"Resource not found for the segment '{link}'.")
        return [_typed("user", self.users[user]) for user in users] + [
            _typed("group", self.groups[group]) for group in groups
        ]


def _typed(name: str, row: Row) -> Row:
    return {"@odata.type": f"#microsoft.graph.{name}", **row}
