"""The syntax tree of a rule expression. Every node knows its place in the text; `type` is set by the checker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Literal as OneOf
from typing import TypedDict

Type = OneOf["bool", "number", "text", "time", "list", "numbers", "json", "null", "error"]
"""`list` holds texts, `numbers` holds numbers; `error` marks what is already at fault."""

RELATION_FUNCTIONS = ("count_of", "any_of", "all_of", "share_of")


class Place(TypedDict):
    """A stretch of the text, ready to be passed to a node."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A stretch of the expression: `offset` and `length` in code points of its text."""

    offset: int
    length: int
    type: Type = "error"

    @property
    def end(self) -> int:
        """Offset just after the stretch."""
        return self.offset + self.length

    @property
    def place(self) -> Place:
        """The node's stretch."""
        return Place(offset=self.offset, length=self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """A number, a text, TRUE, FALSE, NULL, or (after checking) a time."""

    value: bool | float | str | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Node):
    """`:name`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Node):
    """A column of the row at hand, or with `outer` of the enclosing row (`parent.name`)."""

    name: str
    outer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative(Node):
    """`-x`."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """`+ - * /` between numbers."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Node):
    """`= <> < <= > >=` between two values of one type."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Node):
    """AND or OR over two or more conditions."""

    operator: OneOf["AND", "OR"]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """NOT, also the one inside NOT IN, NOT LIKE, NOT BETWEEN and IS NOT NULL."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Node):
    """`x IN (a, b)`, or with `listed` `x IN :list`, whose single item is a list parameter."""

    operand: Node
    items: tuple[Node, ...]
    listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Node):
    """`x BETWEEN low AND high`, both ends included."""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Like(Node):
    """`t LIKE pattern`; the pattern is a literal or a parameter and takes no backslash."""

    operand: Node
    pattern: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNull(Node):
    """`x IS NULL`."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Node):
    """CASE; after checking every branch holds a condition, also where it was written `CASE x WHEN v`."""

    subject: Node | None
    branches: tuple[tuple[Node, Node], ...]
    default: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A function over values."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationCall(Node):
    """`count_of`, `any_of`, `all_of` or `share_of` over a relation of the row's table."""

    function: str
    relation: str
    relation_offset: int
    condition: Node | None


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`, in the order of the text."""
    for entry in fields(node):
        yield from _nodes_in(getattr(node, entry.name))


def _nodes_in(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)
