"""Paths: which rows of the tenant a request is about, and which service answers for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from emulator.delta import TRACKED_LINKS
from emulator.directory import TYPES, Directory
from emulator.errors import bad_request, not_found
from emulator.rows import Row

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
    "/directoryRoles": Kind(type="directoryRole"),
    "/devices": Kind(type="device"),
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
    rows: Sequence[Row | None] | None = None
    """None among them is a row that was removed."""
    item: Row | None = None
    counts: bool = False
    """Whether only the number of rows is asked for."""
    tracked: bool = False
    """Whether changes are asked for."""


_DELTA = re.compile(r"(/\w+)/(?:microsoft\.graph\.)?delta(?:\(\))?", re.IGNORECASE)
_LINKS: Mapping[str, tuple[str, ...]] = {
    "/users": ("manager", "directReports"),
    "/groups": ("members", "owners", "transitiveMembers"),
    "/directoryRoles": ("members",),
}


class Router:
    """Finds what a path leads to in a directory. Paths are compared without regard to case."""

    def __init__(self, directory: Directory) -> None:
        """Route to `directory`."""
        self.directory = directory
        self._paths = {path.lower(): path for path in (*directory.collections, *directory.singletons)}

    def find(self, path: str) -> Target:
        """Find a path below the version. Raises Graph's 400 for an unknown segment and 404 for an unknown id."""
        counts = path.lower().endswith("/$count")
        bare = path[: -len("/$count")] if counts else path
        known = self._paths.get(bare.lower(), "")
        if known in self.directory.singletons:
            return Target(kind=KINDS[known], path=known, template=known, item=self.directory.singletons[known])
        if known:
            rows = self.directory.collections[known]
            return Target(kind=KINDS[known], path=known, template=known, rows=rows, counts=counts)
        delta = _DELTA.fullmatch(bare)
        if delta:
            return self._tracked(delta[1])
        parent, _, key = bare.rpartition("/")
        collection = self._paths.get(parent.lower(), "")
        if collection in self.directory.collections:
            template = f"{collection}/{{id}}"
            return Target(kind=KINDS[collection], path=collection, template=template, item=self._item(collection, key))
        return self._link(bare, counts=counts)

    def _tracked(self, path: str) -> Target:
        known = self._paths.get(path.lower(), "")
        if known not in TRACKED_LINKS:
            raise bad_request("Resource not found for the segment 'delta'.")
        rows = self.directory.collections[known]
        return Target(kind=KINDS[known], path=known, template=f"{known}/delta", rows=rows, tracked=True)

    def _item(self, collection: str, key: str) -> Row:
        found = self.directory.collections[collection].get(key)
        if found is None:
            raise not_found(key)
        return found

    def _link(self, path: str, *, counts: bool) -> Target:
        """Follow a navigation property: `/groups/{id}/members`, perhaps cast, or `/users/{id}/manager`."""
        segments = path.strip("/").split("/")
        cast = segments.pop() if segments[-1].lower().startswith("microsoft.graph.") else None
        collection = self._paths.get(f"/{segments[0].lower()}", "")
        links = {link.lower(): link for link in _LINKS.get(collection, ())}
        if len(segments) != 3 or segments[2].lower() not in links:
            raise bad_request(f"Resource not found for the segment '{segments[-1]}'.")
        source, link = self._item(collection, segments[1]), links[segments[2].lower()]
        template = f"{collection}/{{id}}/{link}"
        if link == "manager":
            manager = self.linked(collection, source["id"], link)
            if not manager:
                raise not_found("manager")
            return Target(kind=MEMBER, path=path, template=template, item=manager[0])
        rows = self.linked(collection, source["id"], link)
        if cast:
            rows = [row for row in rows if row["@odata.type"].lower() == f"#{cast.lower()}"]
        return Target(kind=MEMBER, path="/directoryObjects", template=template, rows=rows, counts=counts)

    def linked(self, collection: str, source: str, link: str) -> list[Row]:
        """Follow a navigation property to typed directory objects; what was removed is not among them."""
        directory = self.directory
        match link:
            case "transitiveMembers":
                found = [("user", user) for user in directory.transitive_members(source)]
                found += [("group", group) for group in directory.transitive_groups(source)]
            case "directReports":
                found = [("user", user) for user, manager in directory.managers.items() if manager == source]
            case _ if link in _LINKS.get(collection, ()):
                found = directory.references(collection, source, link)
            case _:
                raise bad_request(f"Resource not found for the segment '{link}'.")
        rows = ((kind, directory.collections[_HOMES[kind]].get(target)) for kind, target in found)
        return [{"@odata.type": f"#microsoft.graph.{kind}", **row} for kind, row in rows if row is not None]


_HOMES = {kind: path for path, kind in TYPES.items()}
