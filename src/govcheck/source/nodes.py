"""A YAML value with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from govcheck.model import Span
from govcheck.source.align import Place, align
from govcheck.source.text import Source

Scalar = str | int | float | bool | None


@dataclass(slots=True, eq=False)
class Node:
    """A scalar, a mapping of names to nodes, or a list of nodes, and where it stands.

    `start` and `end` are offsets in `source.text`; `style` is that of a scalar: None for plain, or `'`, `"`,
    `|`, `>`. A node behind an alias is the anchor's own, with the anchor's place.
    """

    value: Scalar | dict[str, Node] | list[Node]
    source: Source
    start: int
    end: int
    style: str | None = None
    keys: dict[str, Node] = field(default_factory=dict)
    """For mappings: each key as it stands in the file."""
    _places: list[Place] | None = None
    """Where the characters of a text stand, once somebody has asked."""

    @property
    def span(self) -> Span:
        """The place of the whole value, without the line breaks that end a block scalar."""
        return self.source.span(self.start, self.start + len(self.written.rstrip("\r\n ")))

    @property
    def written(self) -> str:
        """The value as it stands in the file, quotes and all."""
        return self.source.text[self.start : self.end]

    def plain(self) -> Any:
        """The value without places, as a JSON reader would have given it."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def get(self, key: str) -> Node | None:
        """The child under `key`, if this is a mapping that has it."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def items(self) -> Iterator[tuple[str, Node]]:
        """Keys and children of a mapping, in file order; nothing for another value."""
        return iter(self.value.items() if isinstance(self.value, dict) else ())

    def children(self) -> Iterator[Node]:
        """The items of a list, in file order; nothing for another value."""
        return iter(self.value if isinstance(self.value, list) else ())

    def at(self, path: Sequence[str | int]) -> Node:
        """The node that a JSON path leads to. Raises `KeyError` or `IndexError` where it leads nowhere."""
        node = self
        for step in path:
            if isinstance(node.value, dict):
                node = node.value[str(step)]
            elif isinstance(node.value, list):
                node = node.value[int(step)]
            else:
                raise KeyError(step)
        return node

    def spot(self, offset: int, length: int = 1) -> Span:
        """The place of `length` characters of this text from `offset`, or just behind it at its end."""
        if not isinstance(self.value, str):
            return self.span
        if self._places is None:
            self._places = align(self.written, self.value, self.style)
        places = self._places
        if not places:
            return self.span
        first = min(offset, len(places) - 1)
        last = min(max(offset + length - 1, first), len(places) - 1)
        start, end = places[first][0], places[last][1]
        if offset >= len(places):
            start = end
        return self.source.span(self.start + start, self.start + end)
