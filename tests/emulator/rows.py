"""The rows of a collection, each in a place of its own that it keeps whatever happens around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

Row = Mapping[str, Any]
_SOMETHING: Row = {}


@runtime_checkable
class Findable(Protocol):
    """Rows that know by themselves where one with an id is."""

    def find(self, key: str) -> int | None:
        """Find the place of a row by its id, or by its user principal name in lower case."""


class Rows(Sequence[Row | None]):
    """Rows that can be edited over a base that is not: a removed row leaves a hole, a new one goes to the end.

    So a page that begins at a place begins there still when rows before it are gone.
    """

    def __init__(self, base: Sequence[Row]) -> None:
        """Begin as `base` has it."""
        self.base = base
        self._edited: dict[int, Row | None] = {}
        self._places: dict[str, int] = {}
        self._end = len(base)
        self._find = base.find if isinstance(base, Findable) else self._find_by_reading

    def __len__(self) -> int:
        """Count places, holes among them."""
        return self._end

    def __getitem__(self, place: Any) -> Any:
        """Read the row at a place, None where it was removed; a slice gives a list."""
        if isinstance(place, slice):
            places = range(*place.indices(self._end))
            if not self._edited:
                return self.base[place]
            return [self._at(number) for number in places]
        return self._at(range(self._end)[place])

    def _at(self, place: int) -> Row | None:
        return self._edited[place] if place in self._edited else self.base[place]

    def living(self) -> Iterator[Row]:
        """Give the rows that are there."""
        return (row for row in self if row is not None)

    def has(self, place: int) -> bool:
        """Whether there is a row at a place."""
        return self._edited.get(place, _SOMETHING) is not None

    def untouched(self, start: int, stop: int) -> bool:
        """Whether the base has these places as they are now."""
        if stop > len(self.base):
            return False
        if stop - start < len(self._edited):
            return not any(place in self._edited for place in range(start, stop))
        return not any(start <= place < stop for place in self._edited)

    def find(self, key: str) -> int | None:
        """Find the place of a row by its id, or by its user principal name, whatever the case."""
        key = key.lower()
        place = self._places.get(key)
        if place is None:
            place = self._find(key)
        if place is None or place not in self._edited:
            return place
        row = self._edited[place]
        return place if row is not None and key in keys_of(row) else None

    def get(self, key: str) -> Row | None:
        """Find a row by the same keys."""
        place = self.find(key)
        return None if place is None else self._at(place)

    def put(self, row: Row) -> None:
        """Replace the row with this id, or add it at the end."""
        place = self.find(row["id"])
        if place is None:
            place, self._end = self._end, self._end + 1
        self._edited[place] = row
        self._places |= dict.fromkeys(keys_of(row), place)

    def drop(self, key: str) -> None:
        """Leave a hole where the row with this id is."""
        place = self.find(key)
        if place is not None:
            self._edited[place] = None

    def _find_by_reading(self, key: str) -> int | None:
        return self._base_places.get(key)

    @cached_property
    def _base_places(self) -> dict[str, int]:
        return {key: place for place, row in enumerate(self.base) for key in keys_of(row)}


def keys_of(row: Row) -> tuple[str, ...]:
    """What a row can be found by, in lower case."""
    return tuple(str(row[name]).lower() for name in ("id", "userPrincipalName") if name in row)
