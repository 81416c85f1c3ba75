"""`$filter`: the forms that users of Graph write, and which of them need the advanced headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from emulator.errors import GraphError, bad_request, unsupported_query
from emulator.vocabulary import Vocabulary, vocabulary

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')"
    r"|(?P<time>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)"
    r"|(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_$][\w.$]*(?:/[\w.$]+)*)"
    r"|(?P<mark>[(),:]))"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: left is not None and right is not None and bool(left > right),
    "ge": lambda left, right: left is not None and right is not None and bool(left >= right),
    "lt": lambda left, right: left is not None and right is not None and bool(left < right),
    "le": lambda left, right: left is not None and right is not None and bool(left <= right),
}
_FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": lambda text, part: part in text,
}
_ADVANCED = {"ne": "NotEqualsMatch", "not": "Not", "endswith": "EndsWith", "$count": "Count"}

Scope = Mapping[str, Any]
"""The row under the empty name, and the variables of lambdas under theirs."""
Test = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter ready to run; `advanced` names the operators that need `ConsistencyLevel: eventual`."""

    test: Callable[[Mapping[str, Any]], bool]
    advanced: frozenset[str]
    properties: frozenset[str]


def parse_filter(text: str, names: Vocabulary, *, directory: bool) -> Filter:
    """Read a filter over rows of the vocabulary's type. Raises Graph's 400 for what it cannot run."""
    parser = _Parser(_tokens(text), names, directory)
    test = parser.disjunction()
    parser.finish()
    return Filter(lambda row: bool(test({"": row})), frozenset(parser.advanced), frozenset(parser.properties))


def _invalid(detail: str) -> GraphError:
    return bad_request(f"Invalid filter clause: {detail}")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _invalid(f"Syntax error at position {position} in '{text}'.")
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


@dataclass(slots=True)
class _Parser:
    tokens: Sequence[tuple[str, str]]
    names: Vocabulary
    directory: bool
    advanced: set[str] = field(default_factory=set)
    properties: set[str] = field(default_factory=set)
    position: int = 0
    variables: dict[str, Vocabulary] = field(default_factory=dict)

    def finish(self) -> None:
        if self.position < len(self.tokens):
            raise _invalid(f"Syntax error: unexpected '{self.tokens[self.position][1]}'.")

    def disjunction(self) -> Test:
        parts = [self._conjunction()]
        while self._word("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda scope: any(part(scope) for part in parts)

    def _conjunction(self) -> Test:
        parts = [self._negation()]
        while self._word("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda scope: all(part(scope) for part in parts)

    def _negation(self) -> Test:
        if self._word("not"):
            self.advanced.add(_ADVANCED["not"])
            inner = self._negation()
            return lambda scope: not inner(scope)
        if self._mark("("):
            inner = self.disjunction()
            self._expect(")")
            return inner
        return self._condition()

    def _condition(self) -> Test:
        name = self._next("name")
        head, _, last = name.rpartition("/")
        if last.lower() in ("any", "all") and self._mark("("):
            return self._quantifier(head, last.lower())
        if name.lower() in _FUNCTIONS and self._mark("("):
            return self._function(name.lower())
        if name.lower() == "isof" and self._mark("("):
            wanted = "#" + self._literal().strip("'")
            self._expect(")")
            return lambda scope: scope[""].get("@odata.type") == wanted
        value = self._path(name)
        operator = self._next("name").lower()
        if operator == "in":
            return self._membership(value)
        if operator not in _COMPARISONS:
            raise _invalid(f"Syntax error: unknown operator '{operator}'.")
        if operator in _ADVANCED:
            self.advanced.add(_ADVANCED[operator])
        compare, right = _COMPARISONS[operator], self._literal()
        return lambda scope: compare(_comparable(value(scope), right), right)

    def _membership(self, value: Test) -> Test:
        self._expect("(")
        options = [self._literal()]
        while self._mark(","):
            options.append(self._literal())
        self._expect(")")
        return lambda scope: any(_comparable(value(scope), option) == option for option in options)

    def _function(self, name: str) -> Test:
        if name == "contains" and self.directory:
            raise unsupported_query("Unsupported Query.")
        if name in _ADVANCED:
            self.advanced.add(_ADVANCED[name])
        value, test = self._path(self._next("name")), _FUNCTIONS[name]
        self._expect(",")
        wanted = str(self._literal())
        self._expect(")")
        return lambda scope: test(str(value(scope) or "").lower(), wanted)

    def _quantifier(self, path: str, kind: str) -> Test:
        items, inside = self._path(path), self._vocabulary(path)
        variable = self._next("name")
        self._expect(":")
        self.variables[variable] = inside
        test = self.disjunction()
        self._expect(")")
        del self.variables[variable]
        settle = any if kind == "any" else all
        return lambda scope: settle(test({**scope, variable: item}) for item in items(scope) or ())

    def _vocabulary(self, path: str) -> Vocabulary:
        names = self.names
        for segment in path.split("/"):
            found = names.find(segment)
            if found:
                names = names.within(found[1])
        return names

    def _path(self, path: str) -> Test:
        first, *rest = path.split("/")
        if first in self.variables:
            variable, names, segments = first, self.variables[first], rest
        else:
            variable, names, segments = "", self.names, [first, *rest]
        keys = []
        for segment in segments:
            if segment == "$count":
                self.advanced.add(_ADVANCED["$count"])
                keys.append(segment)
            elif segment.startswith("microsoft.graph."):
                names = vocabulary(segment.removeprefix("microsoft.graph."), ())
            else:
                key, names = self._property(segment, names)
                keys.append(key)
        if not variable:
            self.properties.add(keys[0])
        return lambda scope: _walk(scope[variable], keys)

    def _property(self, segment: str, names: Vocabulary) -> tuple[str, Vocabulary]:
        found = names.find(segment)
        if found is None:
            raise _invalid(f"Could not find a property named '{segment}' on type 'microsoft.graph.{names.type}'.")
        return found[0], names.within(found[1])

    def _literal(self) -> Any:
        kind, text = self._advance()
        match kind:
            case "string":
                return text[1:-1].replace("''", "'").lower()
            case "time":
                return datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+00:00")
            case "number":
                return float(text)
            case "guid":
                return text.lower()
            case "name" if text in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[text]
            case _:
                raise _invalid(f"Syntax error: '{text}' is no value.")

    def _word(self, word: str) -> bool:
        return self._accept("name", word)

    def _mark(self, mark: str) -> bool:
        return self._accept("mark", mark)

    def _accept(self, kind: str, text: str) -> bool:
        fits = self.position < len(self.tokens) and self.tokens[self.position] == (kind, text)
        self.position += fits
        return fits

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            raise _invalid(f"Syntax error: '{mark}' expected.")

    def _next(self, kind: str) -> str:
        found, text = self._advance()
        if found != kind:
            raise _invalid(f"Syntax error: unexpected '{text}'.")
        return text

    def _advance(self) -> tuple[str, str]:
        if self.position >= len(self.tokens):
            raise _invalid("Syntax error: the clause ends too soon.")
        self.position += 1
        return self.tokens[self.position - 1]


def _walk(value: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        if value is None:
            return None
        value = len(value) if key == "$count" else value.get(key)
    return value


def _comparable(value: Any, literal: Any) -> Any:
    """Bring a row's value to the literal's kind: text compares without regard to case, times as times."""
    if isinstance(literal, datetime):
        return datetime.fromisoformat(value) if value else None
    return value.lower() if isinstance(value, str) else value
