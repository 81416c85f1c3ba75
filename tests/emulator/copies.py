"""Many copies of a few rows, made when they are asked for: each with ids and names of its own.

A copy of a row says what the row says, but for the ids of what is copied along with it, and for names and addresses,
which get the copy's number. Copy 0 is the row itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from emulator.rows import Row, keys_of

_NUMBERED = frozenset(
    {
        "displayName",
        "userDisplayName",
        "deviceName",
        "managedDeviceName",
        "mailNickname",
        "description",
        "title",
        "Team Name",
    }
)
"""Names that say which copy this is."""
_MARK = "\ue000"
"""Stands where the number of a copy goes."""
_ID = re.compile(r"[0-9a-f]{8}(?:(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{20})")
"""Ids as they are written, Planner's shorter ones too."""
_SLOT = re.compile(rf"{_ID.pattern}|{_MARK}")
_NUMBERED_ADDRESS = re.compile(r"\.(\d+)(?=@)")

# Multiplying by an odd number permutes the 32-bit numbers, and its inverse goes back.
_ODD, _INVERSE, _MASK = 0x9E3779B1, pow(0x9E3779B1, -1, 2**32), 0xFFFFFFFF


def shift(copy: int) -> int:
    """What a copy's ids differ by from those of the original, in their first eight digits."""
    return copy * _ODD & _MASK


def copied_id(identifier: str, copy: int) -> str:
    """The id that an object has in a copy."""
    return f"{int(identifier[:8], 16) ^ shift(copy):08x}{identifier[8:]}"


@dataclass(frozen=True, slots=True)
class _Template:
    """A row as JSON with holes, and what goes into them: the start of an id, or -1 for the number of the copy."""

    text: bytes
    holes: tuple[int, ...]

    def fill(self, copy: int) -> bytes:
        by = shift(copy)
        return self.text % tuple(hole ^ by if hole >= 0 else copy for hole in self.holes)


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids that are copied along, each known by all but its first eight digits."""

    starts: Mapping[str, int]

    @classmethod
    def of(cls, identifiers: Collection[str]) -> Ids:
        """Copy these along; an id of another form, such as a channel's, gets the number of its copy instead."""
        fit = (identifier for identifier in identifiers if _ID.fullmatch(identifier))
        return cls({identifier[8:]: int(identifier[:8], 16) for identifier in fit})

    def origin(self, identifier: str) -> tuple[str, int] | None:
        """Find the original of an id and the number of its copy."""
        start = self.starts.get(identifier[8:])
        try:
            by = None if start is None else start ^ int(identifier[:8], 16)
        except ValueError:
            return None
        return None if by is None or start is None else (f"{start:08x}{identifier[8:]}", by * _INVERSE & _MASK)

    def template(self, row: Row) -> _Template:
        """Make holes in a row for the ids that are copied along and for numbers."""
        text = json.dumps(_mark(row), ensure_ascii=False, separators=(",", ":")).replace("%", "%%")
        holes: list[int] = []

        def hole(found: re.Match[str]) -> str:
            if found[0] == _MARK:
                holes.append(-1)
                return "%d"
            start = self.starts.get(found[0][8:])
            if start is None:
                return found[0]
            holes.append(start)
            return f"%08x{found[0][8:]}"

        return _Template(_SLOT.sub(hole, text).encode(), tuple(holes))


class Copies(Sequence[Row]):
    """The rows of a collection: those at the head once, then the donors among them again for every copy."""

    def __init__(self, head: Sequence[Row], donors: Sequence[Row], copies: int, ids: Ids) -> None:
        """Hold copies 1 up to, and without, `copies` of each donor, behind the head."""
        self.head = head
        self.donors = donors
        self._copies = copies
        self._ids = ids
        self._shaped: dict[Any, list[_Template]] = {}

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.head) + len(self.donors) * (self._copies - 1)

    def __getitem__(self, place: Any) -> Any:
        """Read a row, or the list of rows of a slice."""
        places = range(len(self))[place]
        return self._read(places) if isinstance(places, int) else [self._read(number) for number in places]

    def _read(self, place: int) -> Row:
        behind = place - len(self.head)
        if behind < 0:
            return self.head[place]
        copy, donor = divmod(behind, len(self.donors))
        row: Row = json.loads(self._templates[donor].fill(copy + 1))
        return row

    def alike(self, place: int) -> Row:
        """Find the row that the one at a place is a copy of: the same but for what `differing` names."""
        behind = place - len(self.head)
        return self.head[place] if behind < 0 else self.donors[behind % len(self.donors)]

    @cached_property
    def differing(self) -> frozenset[str]:
        """The properties that are not the same in every copy."""
        return frozenset(name for row in self.donors for name in row if self._ids.template({name: row[name]}).holes)

    def find(self, key: str) -> int | None:
        """Find the place of a row by its id, or by its user principal name in lower case."""
        if key in self._head_places:
            return self._head_places[key]
        number = _NUMBERED_ADDRESS.search(key)
        if number:
            original, copy = _NUMBERED_ADDRESS.sub("", key, count=1), int(number[1])
        else:
            original, copy = self._ids.origin(key) or ("", 0)
        donor = self._donor_places.get(original)
        if donor is None or not 0 < copy < self._copies:
            return None
        return len(self.head) + (copy - 1) * len(self.donors) + donor

    def encode(self, places: Sequence[int], shape: Any, project: Any) -> Iterator[bytes]:
        """Write rows as JSON; `project` shapes a row, in the same way for the same `shape`."""
        templates = self._shaped.get(shape)
        if templates is None:
            templates = self._shaped[shape] = [self._ids.template(project(row)) for row in self.donors]
        for place in places:
            behind = place - len(self.head)
            if behind < 0:
                yield json.dumps(project(self.head[place]), ensure_ascii=False).encode()
            else:
                copy, donor = divmod(behind, len(self.donors))
                yield templates[donor].fill(copy + 1)

    @cached_property
    def _templates(self) -> list[_Template]:
        return [self._ids.template(row) for row in self.donors]

    @cached_property
    def _head_places(self) -> dict[str, int]:
        return {key: place for place, row in enumerate(self.head) for key in keys_of(row)}

    @cached_property
    def _donor_places(self) -> dict[str, int]:
        return {key: place for place, row in enumerate(self.donors) for key in keys_of(row)}


class CopiedLinks(Mapping[str, Any]):
    """What objects link to, copied like they are. A value is one id, or a sequence of them."""

    def __init__(self, base: Mapping[str, Any], copies: int, ids: Ids) -> None:
        """Copy `base` as far as it leads from and to what is copied along."""
        self._base = base
        self._copies = copies
        self._ids = ids

    def __getitem__(self, source: str) -> Any:
        """Follow the links of an object."""
        if source in self._base:
            return self._base[source]
        origin = self._ids.origin(source)
        if origin is None or origin[0] not in self._base or not 0 < origin[1] < self._copies:
            raise KeyError(source)
        return self._copied(origin[0], origin[1])

    def _copied(self, source: str, copy: int) -> Any:
        targets = self._base[source]
        if isinstance(targets, str):
            return copied_id(targets, copy)
        return [copied_id(target, copy) for target in targets if target[8:] in self._ids.starts]

    def __iter__(self) -> Iterator[str]:
        """Give the ids of everything that has links."""
        yield from self._base
        sources = [source for source in self._base if source[8:] in self._ids.starts]
        for copy in range(1, self._copies):
            yield from (copied_id(source, copy) for source in sources)

    def __len__(self) -> int:
        """Count what has links."""
        return len(self._base) + (self._copies - 1) * sum(source[8:] in self._ids.starts for source in self._base)

    def holding(self, target: str) -> list[str]:
        """Find what links to an object: links never lead from one copy into another."""
        origin = self._ids.origin(target)
        original, copy = origin or (target, 0)
        sources = [source for source, held in self._base.items() if original == held or original in _several(held)]
        if copy == 0:
            return sources
        return [copied_id(source, copy) for source in sources if source[8:] in self._ids.starts]


class CopiedChildren(Mapping[str, Sequence[Row]]):
    """Rows inside resources, copied like those are."""

    def __init__(self, base: Mapping[str, Sequence[Row]], copies: int, ids: Ids) -> None:
        """Copy the rows inside whatever is copied along."""
        self._base = base
        self._sources = CopiedLinks(dict.fromkeys(base, ()), copies, ids)
        self._ids = ids

    def __getitem__(self, parent: str) -> Sequence[Row]:
        """Make the rows inside a resource."""
        if parent in self._base:
            return self._base[parent]
        if parent not in self._sources:
            raise KeyError(parent)
        original, copy = self._ids.origin(parent) or ("", 0)
        return [json.loads(self._ids.template(row).fill(copy)) for row in self._base[original]]

    def __iter__(self) -> Iterator[str]:
        """Give the ids of the resources."""
        return iter(self._sources)

    def __len__(self) -> int:
        """Count the resources."""
        return len(self._sources)


def _several(held: Any) -> Sequence[str]:
    return () if isinstance(held, str) else held


def _mark(value: Any, name: str = "") -> Any:
    """Put the mark into every name that is numbered and every address."""
    if isinstance(value, Mapping):
        return {key: _mark(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_mark(item, name) for item in value]
    if not isinstance(value, str) or not value:
        return value
    if "@" in value:
        return value.replace("@", f".{_MARK}@", 1)
    return f"{value} {_MARK}" if name in _NUMBERED else value
