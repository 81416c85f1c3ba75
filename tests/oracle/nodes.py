"""What an expression is worth on a row: SQL's three-valued logic, with gaps as a fourth answer.

A gap outranks an empty value wherever both would leave the answer open, and is silent wherever the answer is
certain without it: FALSE AND gap is FALSE, TRUE OR gap is TRUE.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from oracle.world import Gap, Scope, Value, gaps_among, parse_time, worst


class Node(Protocol):
    """A piece of an expression."""

    def value(self, scope: Scope) -> Value:
        """Return what the piece is worth on a row."""
        ...


def negation(value: Value) -> Value:
    """NOT: what is open stays open."""
    return not value if isinstance(value, bool) else value


def conjunction(values: Iterable[Value]) -> Value:
    """AND over any number of operands."""
    seen = list(values)
    if any(value is False for value in seen):
        return False
    gaps = gaps_among(seen)
    if gaps:
        return worst(gaps)
    return None if None in seen else True


def disjunction(values: Iterable[Value]) -> Value:
    """OR over any number of operands."""
    return negation(conjunction(negation(value) for value in values))


def strictly(function: Callable[..., Value], *operands: Value) -> Value:
    """Apply a function that needs all its operands: a gap wins over an empty one, either wins over a value."""
    gaps = gaps_among(operands)
    if gaps:
        return worst(gaps)
    return None if None in operands else function(*operands)


def compare(symbol: str, left: Value, right: Value) -> Value:
    """Compare two values; text beside a time is a time."""
    if isinstance(left, datetime) and isinstance(right, str):
        right = parse_time(right)
    if isinstance(right, datetime) and isinstance(left, str):
        left = parse_time(left)
    return strictly(COMPARISONS[symbol], left, right)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _time(value: Any) -> datetime:
    return parse_time(value) if isinstance(value, str) else value


def _search(text: str, pattern: str) -> bool:
    # RE2's `$` is the very end of the text and its classes are ASCII; Python's are not, unless told.
    end_only = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|\$", lambda m: r"\Z" if m[0] == "$" else m[0], pattern)
    return re.search(end_only, text, re.ASCII) is not None


def _is_like(text: str, pattern: str) -> bool:
    wildcards = {"%": ".*", "_": "."}
    expression = "".join(wildcards.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

STRICT: Mapping[str, Callable[..., Value]] = {
    "+": lambda a, b: _finite(a + b),
    "-": lambda a, b: _finite(a - b),
    "*": lambda a, b: _finite(a * b),
    "/": lambda a, b: _finite(a / b) if b else None,
    "negative": lambda a: -a,
    "contains": lambda items, item: item in items,
    "size": lambda items: float(len(items)),
    "lower": str.lower,
    "upper": str.upper,
    "length": lambda text: float(len(text)),
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "matches": _search,
    "like": _is_like,
    "days_between": lambda a, b: (_time(b) - _time(a)) / timedelta(days=1),
    "hours_between": lambda a, b: (_time(b) - _time(a)) / timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the text."""

    content: Value

    def value(self, scope: Scope) -> Value:  # noqa: ARG002
        """Return the value itself."""
        return self.content


@dataclass(frozen=True, slots=True)
class Parameter:
    """`:name`; numbers are doubles, lists stay lists."""

    name: str

    def value(self, scope: Scope) -> Value:
        """Return the parameter's value in this run."""
        content = scope.world.parameters[self.name]
        is_whole = isinstance(content, int) and not isinstance(content, bool)
        return float(content) if is_whole else content


@dataclass(frozen=True, slots=True)
class Now:
    """The run's `as_of`."""

    def value(self, scope: Scope) -> Value:
        """Return the moment of the run."""
        return scope.world.as_of


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the row at hand."""

    name: str

    def value(self, scope: Scope) -> Value:
        """Return the cell, None where it is empty, a gap where it was not collected."""
        return scope.column(self.name)


@dataclass(frozen=True, slots=True)
class Parent:
    """`parent.x`: the same piece, on the row around this one."""

    node: Node

    def value(self, scope: Scope) -> Value:
        """Return the piece's worth on the enclosing row."""
        assert scope.parent is not None
        return self.node.value(scope.parent)


@dataclass(frozen=True, slots=True)
class Logic:
    """AND or OR of two operands."""

    combine: Callable[[Iterable[Value]], Value]
    operands: tuple[Node, ...]

    def value(self, scope: Scope) -> Value:
        """Combine what the operands are worth."""
        return self.combine(operand.value(scope) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Not:
    """NOT of one operand; also behind NOT IN, NOT LIKE, NOT BETWEEN and IS NOT NULL."""

    operand: Node

    def value(self, scope: Scope) -> Value:
        """Negate what the operand is worth."""
        return negation(self.operand.value(scope))


@dataclass(frozen=True, slots=True)
class Comparison:
    """`=`, `<>`, `<`, `<=`, `>` or `>=`."""

    symbol: str
    left: Node
    right: Node

    def value(self, scope: Scope) -> Value:
        """Compare both sides."""
        return compare(self.symbol, self.left.value(scope), self.right.value(scope))


@dataclass(frozen=True, slots=True)
class IsNull:
    """IS NULL."""

    operand: Node

    def value(self, scope: Scope) -> Value:
        """Tell whether the operand is empty, which nobody knows of a gap."""
        found = self.operand.value(scope)
        return found if isinstance(found, Gap) else found is None


@dataclass(frozen=True, slots=True)
class In:
    """IN: the OR of its comparisons, and so FALSE where there is nothing to compare with."""

    operand: Node
    items: tuple[Node, ...]

    def value(self, scope: Scope) -> Value:
        """Compare with every item; an item may be a list parameter."""
        found = self.operand.value(scope)
        choices: list[Value] = []
        for item in self.items:
            choice = item.value(scope)
            choices.extend(choice if isinstance(choice, tuple) else [choice])
        return disjunction(compare("=", found, choice) for choice in choices)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator or function that needs all its operands."""

    function: str
    operands: tuple[Node, ...]

    def value(self, scope: Scope) -> Value:
        """Apply the function to what the operands are worth."""
        return strictly(STRICT[self.function], *(operand.value(scope) for operand in self.operands))


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first operand that is not empty."""

    operands: tuple[Node, ...]

    def value(self, scope: Scope) -> Value:
        """Look at the operands in order; a gap on the way is where it ends."""
        for operand in self.operands:
            found = operand.value(scope)
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True)
class Case:
    """CASE; the short form has compared its subject already."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node

    def value(self, scope: Scope) -> Value:
        """Take the first branch whose condition is TRUE; a gap on the way is where it ends."""
        for condition, result in self.branches:
            answer = condition.value(scope)
            if isinstance(answer, Gap):
                return answer
            if answer is True:
                return result.value(scope)
        return self.otherwise.value(scope)


@dataclass(frozen=True, slots=True)
class Over:
    """`any_of`, `all_of`, `count_of` or `share_of` over the related rows."""

    function: str
    relation: str
    predicate: Node

    def value(self, scope: Scope) -> Value:
        """Ask the predicate of every related row."""
        rows = scope.related(self.relation)
        if isinstance(rows, Gap):
            return rows
        answers = [self.predicate.value(row) for row in rows]
        if self.function == "any_of":
            return disjunction(answers)
        if self.function == "all_of":
            return conjunction(answers)
        count = strictly(lambda *known: float(sum(known)), *answers)
        return count if self.function == "count_of" else strictly(STRICT["/"], count, float(len(answers)))
