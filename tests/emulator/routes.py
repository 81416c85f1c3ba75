"""Paths: which rows of the tenant a request is about, and which service answers for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from emulator.delta import TRACKED_LINKS
from emulator.directory import TYPES, Directory
from emulator.errors import bad_request, not_found
from emulator.kinds import DIRECTORY_OBJECT, KINDS, REPORT, Kind
from emulator.reports import find_report
from emulator.rows import Row


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
    report: str = ""
    """The usage report that is asked for."""


_DELTA = re.compile(r"(/\w+)/(?:microsoft\.graph\.)?delta(?:\(\))?", re.IGNORECASE)
_LINKS: Mapping[str, tuple[str, ...]] = {
    "/users": ("manager", "directReports"),
    "/groups": ("members", "owners", "transitiveMembers"),
    "/directoryRoles": ("members",),
}


class Linked(Sequence[Row]):
    """Directory objects that something links to, read one by one; what was removed is not among them."""

    def __init__(self, directory: Directory, found: Iterable[tuple[str, str]]) -> None:
        """Read these from `directory`: the type and the id of each."""
        self._directory = directory
        self._homes = {kind: directory.collections[path] for path, kind in TYPES.items()}
        self._found = [(kind, target) for kind, target in found if self._homes[kind].find(target) is not None]

    def __len__(self) -> int:
        """Count them."""
        return len(self._found)

    def __getitem__(self, place: Any) -> Any:
        """Read one, or the list of them in a slice."""
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        kind, target = self._found[place]
        return {**self.reference(place), **(self._homes[kind].get(target) or {})}

    def reference(self, place: int) -> Row:
        """Tell type and id of one without reading it."""
        kind, target = self._found[place]
        return {"@odata.type": f"#microsoft.graph.{kind}", "id": target}

    def only(self, cast: str) -> Linked:
        """Keep those of one type, such as `microsoft.graph.user`."""
        wanted = cast.lower().removeprefix("microsoft.graph.")
        return Linked(self._directory, [(kind, target) for kind, target in self._found if kind.lower() == wanted])


class Router:
    """Finds what a path leads to in a directory. Paths are compared without regard to case."""

    def __init__(self, directory: Directory) -> None:
        """Route to `directory`."""
        self.directory = directory
        self._paths = {path.lower(): path for path in (*directory.collections, *directory.singletons)}
        self._children = {
            template: re.compile(re.escape(template).replace(r"\{id\}", "([^/]+)"), re.IGNORECASE)
            for template in directory.nested
        }

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
            kind = replace(KINDS[collection], default=()) if collection == "/teams" else KINDS[collection]
            template = f"{collection}/{{id}}"
            return Target(kind=kind, path=collection, template=template, item=self._item(collection, key))
        report = find_report(self.directory, bare)
        if report:
            return Target(kind=REPORT, path=bare, template=f"{report}(period={{value}})", report=report)
        return self._inside(bare) or self._link(bare, counts=counts)

    def _inside(self, path: str) -> Target | None:
        """Find a collection inside a resource, such as `/teams/{id}/channels`."""
        for template, pattern in self._children.items():
            found = pattern.fullmatch(path)
            if found:
                rows = self._children_of(template, found[1])
                return Target(kind=KINDS[template], path=path, template=template, rows=rows)
        return None

    def _children_of(self, template: str, parent: str) -> Sequence[Row]:
        children: Mapping[str, Sequence[Row]] = self.directory.nested[template]
        collection = template.partition("/{id}")[0]
        if collection in self.directory.collections:
            return children.get(self._item(collection, parent)["id"], ())
        if parent not in children:
            raise not_found(parent, KINDS[template].workload)
        return children[parent]

    def _tracked(self, path: str) -> Target:
        known = self._paths.get(path.lower(), "")
        if known not in TRACKED_LINKS:
            raise bad_request("Resource not found for the segment 'delta'.")
        rows = self.directory.collections[known]
        return Target(kind=KINDS[known], path=known, template=f"{known}/delta", rows=rows, tracked=True)

    def _item(self, collection: str, key: str) -> Row:
        found = self.directory.collections[collection].get(key)
        if found is None:
            raise not_found(key, KINDS[collection].workload)
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
            return Target(kind=DIRECTORY_OBJECT, path=path, template=template, item=manager[0])
        rows = self.linked(collection, source["id"], link)
        if cast:
            rows = rows.only(cast)
        return Target(kind=DIRECTORY_OBJECT, path="/directoryObjects", template=template, rows=rows, counts=counts)

    def referred(self, name: str, reference: str) -> Row:
        """Find the object that a property such as `principalId` refers to; of one that is gone there is only its id."""
        gone = {"id": reference}
        if name in _REFERRED:
            return self.directory.collections[_REFERRED[name]].get(reference) or gone
        kind = self.directory.type_of(reference)
        home = next((path for path, other in TYPES.items() if other == kind), None)
        found = self.directory.collections[home].get(reference) if home else None
        return {"@odata.type": f"#microsoft.graph.{kind}", **(found or gone)}

    def linked(self, collection: str, source: str, link: str) -> Linked:
        """Follow a navigation property to typed directory objects; what was removed is not among them."""
        directory = self.directory
        match link:
            case "transitiveMembers":
                found = [("user", user) for user in directory.transitive_members(source)]
                found += [("group", group) for group in directory.transitive_groups(source)]
            case "directReports":
                found = [("user", user) for user in directory.holding(directory.managers, source)]
            case _ if link in _LINKS.get(collection, ()):
                found = directory.references(collection, source, link)
            case _:
                raise bad_request(f"Resource not found for the segment '{link}'.")
        return Linked(directory, found)


_REFERRED = {"roleDefinition": "/roleManagement/directory/roleDefinitions"}
