"""Filters for devices: parsed once, and decided for a device as far as its attributes are known.

The grammar is that of rules for dynamic groups, as Microsoft documents it for this condition: comparisons of
`device.<attribute>` joined with `-and`, `-or` and `-not`, in that order of binding from loose to tight `-or`, `-and`,
`-not`. A comparison we do not know, and a rule we cannot read, are undecided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govcheck.access.truth import Truth, both, either, opposite

Device = Mapping[str, object] | None
"""Attributes in lower case to values; None for a device that is not registered."""

_NEGATIVE = {
    "ne": "eq",
    "notstartswith": "startswith",
    "notendswith": "endswith",
    "notcontains": "contains",
    "notin": "in",
}
_POSITIVE = frozenset(_NEGATIVE.values())
_SAME = {"deviceownership": "ownership"}
"""Rules and scenarios call the same thing by different names."""
_DOCUMENTED = (
    "deviceId", "displayName", "enrollmentProfileName", "isCompliant", "manufacturer", "mdmAppId", "model",
    "operatingSystem", "operatingSystemVersion", "ownership", "physicalIds", "profileType", "systemLabels", "trustType",
    *(f"extensionAttribute{number}" for number in range(1, 16)),
)  # fmt: skip
_SPELLED = {name.lower(): name for name in _DOCUMENTED}
_TOKEN = re.compile(r"""\s*(?:(?P<text>"(?:[^"\\`]|[\\`].)*"|'[^']*')|(?P<mark>[()\[\],])|(?P<word>[^\s()\[\],"']+))""")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One attribute against one or more values. `negative` turns the operator's answer round."""

    attribute: str
    operator: str
    values: tuple[str, ...]
    negative: bool

    @property
    def decidable(self) -> bool:
        """Whether the operator is one that Microsoft documents."""
        return self.operator in _POSITIVE


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a part."""

    part: Node


@dataclass(frozen=True, slots=True)
class Group:
    """Parts joined by one operator."""

    every: bool
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A rule, or a part of one, that we cannot read."""

    text: str


Node = Comparison | Not | Group | Unreadable


@dataclass(frozen=True, slots=True)
class Filter:
    """A rule and what it means."""

    rule: str
    tree: Node

    def matches(self, device: Device) -> Truth:
        """Whether a device is one of those the rule names."""
        return _decide(self.tree, device)

    def comparisons(self) -> Iterator[Comparison]:
        """Every comparison in the rule."""
        return _comparisons(self.tree)

    @property
    def readable(self) -> bool:
        """Whether every part of the rule could be read."""
        return not any(isinstance(node, Unreadable) for node in _walk(self.tree)) and all(
            comparison.decidable for comparison in self.comparisons()
        )


def parse_filter(rule: str) -> Filter:
    """Read a rule; one that makes no sense is undecided as a whole."""
    try:
        parser = _Parser(list(_tokens(rule)))
        tree = parser.whole()
    except ValueError:
        tree = Unreadable(rule)
    return Filter(rule, tree)


def attribute_name(name: str) -> str:
    """An attribute as we compare it."""
    lowered = name.lower()
    return _SAME.get(lowered, lowered)


def spelled_attribute(name: str) -> str:
    """An attribute as Graph spells it."""
    return _SPELLED.get(name, name)


def _decide(node: Node, device: Device) -> Truth:
    match node:
        case Comparison():
            return _compare(node, device)
        case Not(part):
            return opposite(_decide(part, device))
        case Group(every, parts):
            return (both if every else either)(_decide(part, device) for part in parts)
        case Unreadable():
            return None


def _compare(comparison: Comparison, device: Device) -> Truth:
    if not comparison.decidable:
        return None
    if device is None:  # every attribute is null: positive operators are false, negative ones true
        return comparison.negative
    if comparison.attribute not in device:
        return None
    value = device[comparison.attribute]
    wanted = comparison.values
    found = wanted == ("null",) if value is None else _holds(comparison.operator, value, wanted)
    return found is not comparison.negative


def _holds(operator: str, value: object, wanted: tuple[str, ...]) -> bool:
    if isinstance(value, list | tuple | set | frozenset):  # physicalIds and systemLabels hold whole strings
        return any(_text(item) in wanted for item in value)
    text = _text(value)
    match operator:
        case "startswith":
            return any(text.startswith(part) for part in wanted)
        case "endswith":
            return any(text.endswith(part) for part in wanted)
        case "contains":
            return any(part in text for part in wanted)
        case _:
            return text in wanted


def _text(value: object) -> str:
    return str(value).casefold()


def _walk(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Not(part):
            yield from _walk(part)
        case Group(_, parts):
            for part in parts:
                yield from _walk(part)


def _comparisons(node: Node) -> Iterator[Comparison]:
    return (part for part in _walk(node) if isinstance(part, Comparison))


def _tokens(rule: str) -> Iterator[tuple[str, str]]:
    at = 0
    while rule[at:].strip():
        found = _TOKEN.match(rule, at)
        if found is None:
            raise ValueError(rule)
        kind = str(found.lastgroup)
        text = found[kind]
        yield kind, re.sub(r"[\\`](.)", r"\1", text[1:-1]) if kind == "text" else text
        at = found.end()


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Node:
        """The rule to its end."""
        node = self._joined("or")
        if self._at != len(self._tokens):
            raise ValueError
        return node

    def _joined(self, operator: str) -> Node:
        parts = [self._below(operator)]
        while self._take_word(operator):
            parts.append(self._below(operator))
        return parts[0] if len(parts) == 1 else Group(operator == "and", tuple(parts))

    def _below(self, operator: str) -> Node:
        return self._joined("and") if operator == "or" else self._negated()

    def _negated(self) -> Node:
        if self._take_word("not"):
            return Not(self._negated())
        if self._take("mark", "("):
            node = self._joined("or")
            self._expect("mark", ")")
            return node
        return self._comparison()

    def _comparison(self) -> Node:
        subject = self._next("word")
        prefix, _, attribute = subject.partition(".")
        operator = self._next("word").lstrip("-").lower()
        values = self._values()
        if prefix.lower() != "device" or not attribute:
            return Unreadable(subject)
        positive = _NEGATIVE.get(operator, operator)
        name = attribute_name(attribute)
        return Comparison(name, positive, tuple(value.casefold() for value in values), operator in _NEGATIVE)

    def _values(self) -> list[str]:
        if not self._take("mark", "["):
            return [self._value()]
        values = [self._value()]
        while self._take("mark", ","):
            values.append(self._value())
        self._expect("mark", "]")
        return values

    def _value(self) -> str:
        kind, text = self._peek()
        if kind not in {"text", "word"}:
            raise ValueError
        self._at += 1
        return text

    def _take_word(self, word: str) -> bool:
        kind, text = self._peek()
        if kind == "word" and text.lstrip("-").lower() == word:
            self._at += 1
            return True
        return False

    def _take(self, kind: str, text: str) -> bool:
        if self._peek() == (kind, text):
            self._at += 1
            return True
        return False

    def _expect(self, kind: str, text: str) -> None:
        if not self._take(kind, text):
            raise ValueError

    def _next(self, kind: str) -> str:
        found, text = self._peek()
        if found != kind:
            raise ValueError
        self._at += 1
        return text

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")
