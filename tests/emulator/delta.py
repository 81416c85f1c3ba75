"""Delta: a collection whole at first, and after that only what changed, in rounds that the client keeps track of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from emulator import faults
from emulator.directory import Change, Directory
from emulator.errors import GraphError, bad_request, unsupported_query
from emulator.odata import Options
from emulator.paging import Pager
from emulator.rows import Row

TRACKED_LINKS: Mapping[str, tuple[str, ...]] = {
    "/users": ("manager",),
    "/groups": ("members", "owners"),
    "/directoryRoles": ("members",),
    "/devices": (),
    "/servicePrincipals": (),
    "/applications": (),
    "/oauth2PermissionGrants": (),
}
"""The collections that can be tracked, each with the links that `$select` may name."""

DELTA_TOKEN_LIFETIME = 7 * 86_400.0
_UNASKED_LINKS = ("manager", "members")
"""Links that come without `$select`."""
_UNSUPPORTED = ("top", "expand", "orderby", "search", "count")
_UNTRACKED = ("signInActivity",)
_ID = re.compile(r"\s*id eq '([^']+)'\s*", re.IGNORECASE)
_MOST_IDS = 50
_OBJECTS_ON_A_PAGE = 200
_ENTRIES_PER_OBJECT = 5
"""A page has room for so many members for each object that it has room for; Graph has published neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How far a client is: it has had everything in the log below `since`, and this round goes up to `upto`."""

    query: Mapping[str, str]
    since: int | None
    """None in the first round, which gives the whole collection."""
    upto: int
    place: int = 0
    entry: int = 0
    """How many members of the object at `place` it has had."""
    seen: int = 0
    """Length of the log when the last page was made."""
    before: int | None = None
    """Where the round before this one began."""


@dataclass(slots=True)
class _Touched:
    """What the log says of one object in one round."""

    names: set[str] = field(default_factory=set)
    links: dict[tuple[str, str], None] = field(default_factory=dict)
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request for a page: what is tracked, what is chosen of it, and where links begin."""

    path: str
    base: str
    options: Options
    default: tuple[str, ...]
    minimal: bool
    effect: faults.Effect | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """Answers delta queries about a directory."""

    directory: Directory
    pager: Pager
    page_size: int | None = None

    def resume(self, path: str, query: Mapping[str, str], *, base: str, replay: bool) -> Round:
        """Find the round that a request continues or begins. Raises what Graph raises for a token that is no good."""
        for option in _UNSUPPORTED:
            if option in query:
                raise unsupported_query(f"'${option}' is not supported by the service for change tracking.")
        now = len(self.directory.log)
        kind = "skip" if "skiptoken" in query else "delta"
        token = query.get(f"{kind}token", "")
        fresh = {name: value for name, value in query.items() if name in ("select", "filter")}
        if not token:
            return Round(query=fresh, since=None, upto=now, seen=now)
        if token.lower() == "latest" and kind == "delta":
            return Round(query=fresh, since=now, upto=now, seen=now)
        known = self._open(kind, path, token, base)
        if kind == "skip":
            return known
        since = known.before if replay and known.before is not None else known.upto
        return Round(query=known.query, since=since, upto=now, seen=now, before=known.upto)

    def _open(self, kind: str, path: str, token: str, base: str) -> Round:
        sealed = self.pager.read(kind, path, token)
        if sealed is None:
            raise bad_request("Badly formed content. The specified state token is invalid.", "Request_BadRequest")
        known = Round(**sealed.content)
        if sealed.age > DELTA_TOKEN_LIFETIME:
            raise GraphError(
                400,
                "syncStateNotFound",
                "The sync state generation is not found. The delta token is expired and data must be synchronized "
                "again.",
            )
        if known.upto < self.directory.void.get(path, 0):
            anew = {f"${name}": value for name, value in known.query.items()} | {"$deltatoken": ""}
            location = f"{base}{path}/delta?{urlencode(anew, quote_via=quote, safe='$,')}"
            message = "Resync required. Any held state must be discarded and a full synchronization started."
            raise GraphError(410, "resyncRequired", message, headers={"Location": location})
        return known

    def page(self, ask: Ask, current: Round) -> dict[str, Any]:
        """Write one page of a round: its objects and the link to the next page, or to the next round."""
        chosen = f"({','.join(ask.options.select)})" if ask.options.select else ""
        body: dict[str, Any] = {"@odata.context": f"{ask.base}/$metadata#{ask.path.strip('/')}{chosen}"}
        walk = _Walk(self.directory, ask, current)
        objects = self.page_size or _OBJECTS_ON_A_PAGE
        if isinstance(ask.effect, faults.EmptyPage):
            objects = 0
        value, place, entry = walk.fill(objects, objects * _ENTRIES_PER_OBJECT)
        base = f"{ask.effect.host}/v1.0" if isinstance(ask.effect, faults.ForeignNextLink) else ask.base
        link = f"{base}{ask.path}/delta?"
        if place < len(walk.candidates):
            onward = replace(current, place=place, entry=entry, seen=len(self.directory.log))
            body["@odata.nextLink"] = f"{link}$skiptoken={self.pager.write('skip', ask.path, asdict(onward))}"
        else:
            done = replace(current, place=0, entry=0, before=current.since)
            body["@odata.deltaLink"] = f"{link}$deltatoken={self.pager.write('delta', ask.path, asdict(done))}"
        return body | {"value": value}


class _Walk:
    """The objects that a round reports, from where its client is."""

    def __init__(self, directory: Directory, ask: Ask, current: Round) -> None:
        self._directory = directory
        self._ask = ask
        self._round = current
        self._rows = directory.collections[ask.path]
        links = TRACKED_LINKS[ask.path]
        selected = ask.options.select
        self._links = [link for link in links if link in (selected or _UNASKED_LINKS)]
        chosen = selected or ask.default
        self._names = tuple(name for name in chosen if name not in links) if chosen else None
        self._written = _written(directory.log, ask.path)
        self._touched = self._read_log() if current.since is not None else {}
        self.candidates = self._candidates()

    def fill(self, objects: int, entries: int) -> tuple[list[dict[str, Any]], int, int]:
        """Take objects until the page is full: they, and where the next page begins.

        An object with more members than there is room for gets a page to itself, and another, until it is through.
        """
        value: list[dict[str, Any]] = []
        place, entry = self._round.place, self._entry()
        while place < len(self.candidates) and len(value) < objects:
            described = self._describe(self.candidates[place])
            if described is not None:
                properties, links = described
                if len(links) - entry > entries and value:
                    break
                part = links[entry : entry + entries]
                value.append(properties | _by_link(part))
                entry, entries = entry + len(part), entries - len(part)
                if entry < len(links):
                    break
            place, entry = place + 1, 0
        return value, place, entry

    def _entry(self) -> int:
        """Where to go on in a large group: from its beginning again if its members changed since the last page."""
        current = self._round
        if not current.entry or current.since is not None:
            return current.entry
        row = self._rows[self.candidates[current.place]]
        moved = any(
            change.link and change.id == (row or {}).get("id") for change in self._directory.log[current.seen :]
        )
        return 0 if moved else current.entry

    def _candidates(self) -> Sequence[Any]:
        """Places of rows in the first round, ids after that; of a filtered round only those that it names."""
        wanted = _wanted(self._round.query.get("filter"))
        if self._round.since is not None:
            return [key for key in self._touched if wanted is None or key in wanted]
        if wanted is None:
            return range(len(self._rows))
        return sorted(place for key in wanted if (place := self._rows.find(key)) is not None)

    def _read_log(self) -> dict[str, _Touched]:
        """Sum up the edits of this round that concern what is selected."""
        found: dict[str, _Touched] = {}
        for change in islice(self._directory.log, self._round.since, self._round.upto):
            if change.path == self._ask.path and self._concerns(change):
                touched = found.setdefault(change.id, _Touched())
                touched.names |= change.names
                touched.whole |= change.whole
                if change.link:
                    touched.links[change.link, change.target] = None
        return found

    def _concerns(self, change: Change) -> bool:
        written = change.names if self._names is None else change.names.intersection(self._names)
        return change.whole or change.link in self._links or bool(written)

    def _describe(self, candidate: Any) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]] | None:
        """Write an object's properties and, apart from them, its links; nothing where a row is gone."""
        if isinstance(candidate, int):
            row = self._rows[candidate]
            return None if row is None else (self._properties(row), list(self._all_links(row["id"])))
        touched, row = self._touched[candidate], self._rows.get(candidate)
        if row is None:
            reason, _ = self._directory.gone[candidate]
            return {"id": candidate, "@removed": {"reason": reason}}, []
        changed = list(self._changed_links(candidate, touched))
        if touched.whole:
            lost = (entry for entry in changed if "@removed" in entry[1])
            return self._properties(row), [*self._all_links(candidate), *lost]
        return self._properties(row, touched.names if self._ask.minimal else None), changed

    def _properties(self, row: Row, only: Collection[str] | None = None) -> dict[str, Any]:
        """Write what is selected; a property that never had a value is left out, one that lost it is null."""
        names = self._names if self._names is not None else tuple(row)
        written = self._written.get(row["id"], ())
        shown = {
            name: row[name]
            for name in names
            if name in row and (only is None or name in only) and (row[name] is not None or name in written)
        }
        return {"id": row["id"]} | shown

    def _all_links(self, source: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for link in self._links:
            for kind, target in self._directory.references(self._ask.path, source, link):
                yield link, _reference(kind, target)

    def _changed_links(self, source: str, touched: _Touched) -> Iterator[tuple[str, dict[str, Any]]]:
        now = {
            (link, target): kind
            for link in self._links
            for kind, target in self._directory.references(self._ask.path, source, link)
        }
        for link, target in touched.links:
            if link in self._links:
                kind = now.get((link, target))
                removed = {} if kind else {"@removed": {"reason": "deleted"}}
                yield link, _reference(kind or self._directory.type_of(target), target) | removed


def check_selection(options: Options) -> None:
    """Refuse to track what is kept outside the directory."""
    for name in options.select:
        if name in _UNTRACKED:
            raise unsupported_query(f"Change tracking is not supported for property '{name}'.")


def _wanted(filter_text: str | None) -> list[str] | None:
    """Read the ids that a filter names. Raises Graph's 400 for any other filter."""
    if filter_text is None:
        return None
    found = [_ID.fullmatch(part) for part in re.split(r"\s+or\s+", filter_text, flags=re.IGNORECASE)]
    if not all(found) or len(found) > _MOST_IDS:
        raise unsupported_query("Only filters on the id of at most 50 objects are supported for change tracking.")
    return [match[1].lower() for match in found if match]


def _written(log: Sequence[Change], path: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for change in log:
        if change.path == path and change.names:
            found.setdefault(change.id, set()).update(change.names)
    return found


def _reference(kind: str, target: str) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": target}


def _by_link(entries: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for link, reference in entries:
        found.setdefault(f"{link}@delta", []).append(reference)
    return found
