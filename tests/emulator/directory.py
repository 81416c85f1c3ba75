"""A tenant as it is now: what it was when served, what was edited since, and a log of the edits."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast, runtime_checkable

from emulator.rows import Row, Rows

Reason = Literal["changed", "deleted"]
"""Why something is gone: deleted but yet to be restored, or for good."""
TYPES: Mapping[str, str] = {
    "/users": "user",
    "/groups": "group",
    "/servicePrincipals": "servicePrincipal",
    "/devices": "device",
}
"""What can be a member or an owner, by the collection that it is in."""


class Hosted(Protocol):
    """A tenant that can be served; `govcheck.demo.Tenant` says what each part means."""

    @property
    def id(self) -> str: ...
    @property
    def collections(self) -> Mapping[str, Sequence[Row]]: ...
    @property
    def singletons(self) -> Mapping[str, Row]: ...
    @property
    def members(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def owners(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def member_groups(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def managers(self) -> Mapping[str, str]: ...
    @property
    def nested(self) -> Mapping[str, Mapping[str, Sequence[Row]]]: ...
    @property
    def reports(self) -> Mapping[str, Sequence[Row]]: ...


@runtime_checkable
class Backwards(Protocol):
    """Links that can be followed backwards without trying them all."""

    def holding(self, target: str) -> list[str]:
        """Find what links to an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One edit to one object, in a collection."""

    path: str
    id: str
    names: frozenset[str] = frozenset()
    """Properties that were written; none where the object came or went."""
    link: str = ""
    target: str = ""
    """Navigation property, and the object that it leads to since, or no longer."""
    whole: bool = False
    """Whether the object came or went."""


class Directory:
    """A tenant that is edited while it is served. Every edit is one entry of the log; nothing else grows."""

    def __init__(self, tenant: Hosted) -> None:
        """Begin with `tenant`, which stays as it is."""
        self.id = tenant.id
        self.collections = {path: Rows(rows) for path, rows in tenant.collections.items()}
        self.singletons = dict(tenant.singletons)
        self.members = _over(tenant.members)
        self.owners = _over(tenant.owners)
        self.member_groups = _over(tenant.member_groups)
        self.managers = _over(tenant.managers)
        self.nested = {template: _over(children) for template, children in tenant.nested.items()}
        self.reports = dict(tenant.reports)
        self.role_members: dict[str, Sequence[str]] = {
            role["id"]: self._assigned(role["roleTemplateId"]) for role in tenant.collections.get("/directoryRoles", ())
        }
        self.log: list[Change] = []
        self.gone: dict[str, tuple[Reason, str]] = {}
        """Why an object is gone, and the collection that it was in."""
        self.void: dict[str, int] = {}
        """Collection to the length of the log below which its delta tokens no longer hold."""

    def _assigned(self, role: str) -> list[str]:
        rows = self.collections["/roleManagement/directory/roleAssignments"].living()
        return [row["principalId"] for row in rows if row["roleDefinitionId"] == role]

    def references(self, path: str, source: str, link: str) -> list[tuple[str, str]]:
        """Follow a navigation property one step: type and id of each object there."""
        match path, link:
            case "/groups", "members":
                return [("user", user) for user in self.members.get(source, ())] + [
                    ("group", group) for group in self.member_groups.get(source, ())
                ]
            case "/groups", "owners":
                return [("user", user) for user in self.owners.get(source, ())]
            case "/users", "manager":
                manager = self.managers.get(source)
                return [("user", manager)] if manager else []
            case "/directoryRoles", "members":
                return [(self.type_of(target), target) for target in self.role_members.get(source, ())]
            case _:
                return []

    def type_of(self, identifier: str) -> str:
        """Tell what kind of directory object has, or had, an id."""
        for path, name in TYPES.items():
            if path in self.collections and self.collections[path].find(identifier) is not None:
                return name
        _, path = self.gone.get(identifier, ("", ""))
        return TYPES.get(path, "directoryObject")

    def holding(self, held: ChainMap[str, Any], target: str) -> list[str]:
        """Find what links to an object in one of the maps of links."""
        edited, base = held.maps
        if isinstance(base, Backwards):
            found = base.holding(target)
        else:
            found = [source for source, targets in base.items() if _leads(targets, target)]
        return [source for source in found if source not in edited] + [
            source for source, targets in edited.items() if _leads(targets, target)
        ]

    def transitive_groups(self, group: str) -> list[str]:
        """Find the groups inside `group`, however deep, each once."""
        found: dict[str, None] = {}
        pending = list(self.member_groups.get(group, ()))
        while pending:
            inner = pending.pop(0)
            if inner not in found and inner != group:
                found[inner] = None
                pending += self.member_groups.get(inner, ())
        return list(found)

    def transitive_members(self, group: str) -> list[str]:
        """Find the users in `group` and in the groups inside it, each once."""
        groups = (group, *self.transitive_groups(group))
        return list(dict.fromkeys(user for inner in groups for user in self.members.get(inner, ())))


def _over(base: Mapping[str, Any]) -> ChainMap[str, Any]:
    """Lay an empty map over `base` for what is edited."""
    # The type asks for a map that can be written; only the first ever is.
    return ChainMap({}, cast("MutableMapping[str, Any]", base))


def _leads(targets: Any, target: str) -> bool:
    return targets == target if isinstance(targets, str) or targets is None else target in targets
