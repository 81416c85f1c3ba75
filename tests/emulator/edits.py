"""Edits to a tenant while it is served: every endpoint answers by them from then on, and delta reports them."""

from __future__ import annotations

import uuid
from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from emulator.directory import Change, Directory, Reason
from emulator.rows import Row

_DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
_ASSIGNMENTS = "/roleManagement/directory/roleAssignments"
_RESTORABLE = ("/users", "/groups", "/servicePrincipals", "/applications")

_Holders = MutableMapping[str, Sequence[str]]
"""Who holds whom: the id of a group or role to the ids that it links to."""


class Edit:
    """Edits a tenant. Raises `KeyError` for what is not there."""

    def __init__(self, directory: Directory) -> None:
        """Edit `directory`."""
        self._directory = directory

    def update(self, path: str, identifier: str, changes: Mapping[str, Any]) -> None:
        """Write properties of an object in the collection at `path`, such as `/users`."""
        row = self._row(path, identifier)
        self._directory.collections[path].put({**row, **changes})
        self._log(Change(path=path, id=row["id"], names=frozenset(changes)))

    def change(self, path: str, changes: Mapping[str, Any]) -> None:
        """Write properties of a resource that there is one of, such as `/policies/authorizationPolicy`."""
        self._directory.singletons[path] = {**self._directory.singletons[path], **changes}

    def add(self, path: str, row: Mapping[str, Any]) -> str:
        """Add an object to a collection, or restore it, and return its id, made up where `row` has none."""
        identifier: str = row.get("id") or str(uuid.uuid4())
        self._directory.collections[path].put({**row, "id": identifier})
        if path == "/groups":
            self._directory.members.setdefault(identifier, ())
        if path == _ASSIGNMENTS:
            self._relink(row["roleDefinitionId"], row["principalId"], held=True)
        self._log(Change(path=path, id=identifier, whole=True))
        return identifier

    def remove(self, path: str, identifier: str, *, permanently: bool = False) -> None:
        """Remove an object with all that links to it; users, groups and apps can be restored unless `permanently`."""
        row = self._row(path, identifier)
        if path in ("/users", "/groups"):
            self._release(row["id"])
        if path == _ASSIGNMENTS:
            self._relink(row["roleDefinitionId"], row["principalId"], held=False)
        reason: Reason = "changed" if path in _RESTORABLE and not permanently else "deleted"
        self._directory.gone[row["id"]] = (reason, path)
        self._directory.collections[path].drop(row["id"])
        self._log(Change(path=path, id=row["id"], whole=True))

    def fill(self, template: str, parent: str, rows: Sequence[Row]) -> None:
        """Replace what is inside a resource: the rows of, say, `/teams/{id}/channels` of one team."""
        self._directory.nested[template][parent] = rows

    def add_member(self, group: str, member: str) -> None:
        """Put a user, or a group, into a group."""
        self._link("/groups", "members", self._members(member), group, member)

    def remove_member(self, group: str, member: str) -> None:
        """Take a user, or a group, out of a group."""
        self._unlink("/groups", "members", self._members(member), group, member)

    def set_owner(self, group: str, *owners: str) -> None:
        """Make these users the owners of a group, and nobody else."""
        held = self._directory.owners
        for user in [user for user in held.get(group, ()) if user not in owners]:
            self._unlink("/groups", "owners", held, group, user)
        for user in owners:
            self._link("/groups", "owners", held, group, user)

    def set_manager(self, user: str, manager: str | None) -> None:
        """Give somebody another manager, or none."""
        before = self._directory.managers.get(user)
        self._directory.managers[user] = manager
        for target in (before, manager):
            if target and before != manager:
                self._log(Change(path="/users", id=user, link="manager", target=target))

    def reset(self, path: str) -> None:
        """Void every delta token so far of the collection at `path`, as Graph does for its own maintenance."""
        self._log(Change(path=path, id=""))
        self._directory.void[path] = len(self._directory.log)

    def _row(self, path: str, identifier: str) -> Row:
        row = self._directory.collections[path].get(identifier)
        if row is None:
            raise KeyError(identifier)
        return row

    def _release(self, identifier: str) -> None:
        """Take a user or a group out of everything that refers to it."""
        directory = self._directory
        for link, held in (("members", self._members(identifier)), ("owners", directory.owners)):
            for group in directory.holding(held, identifier):
                self._unlink("/groups", link, held, group, identifier)
        for user in directory.holding(directory.managers, identifier):
            self.set_manager(user, None)
        assignments = directory.collections.get(_ASSIGNMENTS, ())
        for row in [row for row in assignments if row is not None and row["principalId"] == identifier]:
            self.remove(_ASSIGNMENTS, row["id"])
        if _DETAILS in directory.collections:
            directory.collections[_DETAILS].drop(identifier)

    def _members(self, member: str) -> ChainMap[str, Any]:
        """Find which map holds a member: users and groups have one each."""
        is_group = self._directory.collections["/groups"].find(member) is not None
        return self._directory.member_groups if is_group else self._directory.members

    def _relink(self, template: str, principal: str, *, held: bool) -> None:
        """Let the activated role keep up with an assignment."""
        for role in self._directory.collections.get("/directoryRoles", ()):
            if role is not None and role["roleTemplateId"] == template:
                act = self._link if held else self._unlink
                act("/directoryRoles", "members", self._directory.role_members, role["id"], principal)

    def _link(self, path: str, link: str, held: _Holders, source: str, target: str) -> None:
        if target not in held.get(source, ()):
            held[source] = (*held.get(source, ()), target)
            self._log(Change(path=path, id=source, link=link, target=target))

    def _unlink(self, path: str, link: str, held: _Holders, source: str, target: str) -> None:
        if target not in held.get(source, ()):
            raise KeyError(target)
        held[source] = tuple(other for other in held[source] if other != target)
        self._log(Change(path=path, id=source, link=link, target=target))

    def _log(self, change: Change) -> None:
        self._directory.log.append(change)
