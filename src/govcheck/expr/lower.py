"""Checked expressions to SQL, as sqlglot nodes: one rule, every engine.

SQL's NULL cannot tell "the tenant holds no value" from "we could not collect it". So an expression becomes two:
its `value`, NULL when undecided, and its `gap`, the rank of the reason when a gap (perhaps with a null besides)
is why, else NULL. Where no gap is in reach, which is nearly always, `gap` is absent and costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlglot import exp

from govcheck.expr.checker import ParameterValue
from govcheck.expr.sql import balanced, case, cast, double, is_null, least, negated, paren
from govcheck.expr.times import parse_time
from govcheck.expr.tree import (
    Arithmetic,
    Between,
    Call,
    Case,
    Column,
    Comparison,
    In,
    IsNull,
    Like,
    Literal,
    Logic,
    Negative,
    Node,
    Not,
    Parameter,
    RelationCall,
    Type,
    children,
)

_LARGEST_DOUBLE = 1.7976931348623157e308
_MICROSECONDS_PER_HOUR = 3_600_000_000
_MICROSECONDS_PER_DAY = 24 * _MICROSECONDS_PER_HOUR
_COMPARISONS: Mapping[str, type[exp.Expression]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_SQL_TYPES: Mapping[Type, str] = {
    "bool": "boolean",
    "null": "boolean",
    "number": "double",
    "text": "text",
    "time": "timestamp",
    "list": "array<text>",
    "numbers": "array<text>",
}
_ARITHMETIC: Mapping[str, type[exp.Expression]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul, "/": exp.Div}


@dataclass(frozen=True, slots=True)
class Lowered:
    """SQL for a value and, where a gap is in reach, SQL for the rank of its reason."""

    value: exp.Expression
    gap: exp.Expression | None = None

    @property
    def missing(self) -> bool:
        """Whether no row can have a value, since the gap is there for all of them."""
        return isinstance(self.gap, exp.Literal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an expression is evaluated against besides its row."""

    as_of: datetime
    parameters: Mapping[str, ParameterValue]
    gap_of: Callable[[str, str | None], int | None]
    """Rank of the reason why a table's column, or the table itself for None, is missing; else None."""


class Rows(Protocol):
    """The rows that an expression is about, as SQL can name their values."""

    def column(self, name: str) -> Lowered:
        """A column of the row."""
        ...

    def outer_column(self, name: str) -> Lowered:
        """A column of the enclosing row."""
        ...

    def relation(self, call: RelationCall, around: Surroundings) -> Lowered:
        """The answer of a relation function."""
        ...


def lower(node: Node, scan: Rows, around: Surroundings) -> Lowered:
    """SQL for a checked node over the rows of `scan`."""
    lowered = _lower(node, scan, around)
    # Infinity and NaN stay what they are through a chain of operators, so its end tells; divisors are looked at apart.
    return Lowered(finite(lowered.value), lowered.gap) if _may_overflow(node) else lowered


def _lower(node: Node, scan: Rows, around: Surroundings) -> Lowered:
    match node:
        case Literal():
            return Lowered(_constant(node.value))
        case Parameter():
            return Lowered(_constant(_parameter(node, around)))
        case Column():
            return scan.outer_column(node.name) if node.outer else scan.column(node.name)
        case RelationCall():
            return scan.relation(node, around)
        case IsNull():
            return _is_null(lower(node.operand, scan, around))
        case Case():
            return _case(node, scan, around)
        case Call(name="coalesce"):
            return _coalesce([lower(argument, scan, around) for argument in node.arguments])
        case In():
            return _in(node, scan, around)
    into = _lower if isinstance(node, Arithmetic | Negative) else lower
    operands = [into(child, scan, around) for child in children(node)]
    value = _strict(node, [operand.value for operand in operands], around)
    return Lowered(value, _gap_of(value, operands))


def _may_overflow(node: Node) -> bool:
    return isinstance(node, Arithmetic) or (isinstance(node, Negative) and _may_overflow(node.operand))


def _gap_of(value: exp.Expression, operands: Sequence[Lowered]) -> exp.Expression | None:
    """A gap decides only where the value is NULL: `FALSE AND gap` is FALSE, `TRUE OR gap` is TRUE."""
    gaps = [operand.gap for operand in operands if operand.gap is not None]
    if not gaps:
        return None
    return case((is_null(value), least(gaps)))


def _strict(node: Node, values: list[exp.Expression], around: Surroundings) -> exp.Expression:
    match node:
        case Logic():
            return balanced(exp.And if node.operator == "AND" else exp.Or, values)
        case Not():
            return negated(values[0])
        case Negative():
            return paren(exp.Neg(this=paren(values[0])))
        case Comparison():
            return paren(_COMPARISONS[node.operator](this=values[0], expression=values[1]))
        case Arithmetic():
            return _arithmetic(node.operator, values[0], values[1])
        case Between():
            low, high = (
                exp.GTE(this=values[0], expression=values[1]),
                exp.LTE(this=values[0], expression=values[2]),
            )
            return balanced(exp.And, [low, high])
        case Like():
            return paren(exp.Like(this=values[0], expression=values[1]))
        case Call():
            return _function(node.name, values, around)
    raise AssertionError(node)


def _arithmetic(operator: str, left: exp.Expression, right: exp.Expression) -> exp.Expression:
    if operator == "/":
        right = finite(right, nonzero=True)
    return paren(_ARITHMETIC[operator](this=paren(left), expression=paren(right)))


def finite(value: exp.Expression, *, nonzero: bool = False) -> exp.Expression:
    """NULL for NaN and infinity, so that nothing missing compares as large; with `nonzero` for 0 too."""
    # A lambda names its operand once. CASE and NULLIF repeat theirs, and nested ones repeat the repetition.
    held = exp.column("v")
    sound: exp.Expression = exp.LTE(this=exp.Abs(this=held), expression=double(_LARGEST_DOUBLE))
    if nonzero:
        sound = exp.And(this=sound, expression=exp.NEQ(this=held, expression=double(0)))
    kept = exp.Lambda(this=case((sound, held)), expressions=[exp.to_identifier("v")])
    listed = exp.Transform(this=exp.Array(expressions=[value]), expression=kept)
    # Counted from 1 as DuckDB does: from 0, sqlglot works out the type of all that stands inside to shift the index.
    return exp.Bracket(this=listed, expressions=[exp.Literal.number(1)], offset=1)


def _function(name: str, values: list[exp.Expression], around: Surroundings) -> exp.Expression:
    match name:
        case "contains":
            return _contains(values[0], values[1])
        case "size":
            return cast(exp.ArraySize(this=values[0]), "double")
        case "lower":
            return exp.Lower(this=values[0])
        case "upper":
            return exp.Upper(this=values[0])
        case "length":
            return cast(exp.Length(this=values[0]), "double")
        case "starts_with":
            return exp.StartsWith(this=values[0], expression=values[1])
        case "ends_with":
            return exp.EndsWith(this=values[0], expression=values[1])
        case "matches":
            return exp.RegexpLike(this=values[0], expression=values[1])
        case "days_since":
            return _elapsed(values[0], _constant(around.as_of), _MICROSECONDS_PER_DAY)
        case "days_until":
            return _elapsed(_constant(around.as_of), values[0], _MICROSECONDS_PER_DAY)
        case "hours_between":
            return _elapsed(values[0], values[1], _MICROSECONDS_PER_HOUR)
    raise AssertionError(name)


def _contains(items: exp.Expression, value: exp.Expression) -> exp.Expression:
    """Membership as SQL's `IN` has it: an unknown value is in no list we can tell, not even in an empty one."""
    found = exp.ArrayContains(this=items, expression=value)
    sure = isinstance(value, exp.Literal) or (isinstance(items, exp.Array) and items.expressions)
    # DuckDB says FALSE of an empty list whatever the value; the CASE is left out where the list cannot be empty,
    # for planning it costs more than running it.
    return found if sure else case((negated(is_null(value)), found))


def _elapsed(start: exp.Expression, end: exp.Expression, unit: int) -> exp.Expression:
    elapsed = exp.TimestampDiff(this=end, expression=start, unit=exp.var("MICROSECOND"))
    return paren(exp.Div(this=cast(elapsed, "double"), expression=double(unit)))


def _is_null(operand: Lowered) -> Lowered:
    value = is_null(operand.value)
    if operand.gap is None:
        return Lowered(paren(value))
    if operand.missing:
        return Lowered(cast(exp.Null(), "boolean"), operand.gap)
    return Lowered(case((is_null(operand.gap), value)), operand.gap)


def _coalesce(values: list[Lowered]) -> Lowered:
    """The first value that is there; a gap on the way leaves the answer undecided."""
    first, rest = values[0], values[1:]
    if not rest or first.missing:
        return first
    if all(value.gap is None for value in values):
        return Lowered(exp.Coalesce(this=first.value, expressions=[value.value for value in rest]))
    tail = _coalesce(rest)
    found = exp.Not(this=is_null(first.value))
    if first.gap is None:
        assert tail.gap is not None
        either = exp.Coalesce(this=first.value, expressions=[tail.value])
        return Lowered(either, case((negated(found), tail.gap)))
    value = case((found, first.value), (is_null(first.gap), tail.value))
    gap_branches = [(negated(is_null(first.gap)), first.gap)]
    gap = case((found, exp.Null()), *gap_branches, default=tail.gap)
    return Lowered(value, gap)


def _case(node: Case, scan: Rows, around: Surroundings) -> Lowered:
    whens = [(lower(when, scan, around), lower(then, scan, around)) for when, then in node.branches]
    default = lower(node.default, scan, around)
    if all(part.gap is None for pair in whens for part in pair) and default.gap is None:
        plain = case(*((when.value, then.value) for when, then in whens), default=default.value)
        return Lowered(_typed(plain, node))
    values: list[tuple[exp.Expression, exp.Expression]] = []
    gaps: list[tuple[exp.Expression, exp.Expression]] = []
    for when, then in whens:
        if when.missing:  # nothing after this condition is ever looked at
            default = Lowered(exp.Null(), when.gap)
            break
        if when.gap is not None:
            unknown = negated(is_null(when.gap))
            values.append((unknown, exp.Null()))
            gaps.append((unknown, when.gap))
        values.append((when.value, then.value))
        gaps.append((when.value, then.gap or exp.Null()))
    if not values:
        return Lowered(cast(exp.Null(), _SQL_TYPES[node.type]), default.gap)
    return Lowered(_typed(case(*values, default=default.value), node), case(*gaps, default=default.gap))


def _typed(value: exp.Expression, node: Node) -> exp.Expression:
    """A CASE of NULLs only has no type of its own; a condition must be a boolean."""
    return cast(value, "boolean") if node.type in ("bool", "null") else value


def _in(node: In, scan: Rows, around: Surroundings) -> Lowered:
    operand = lower(node.operand, scan, around)
    if node.listed:
        listed = _parameter(node.items[0], around)
        assert isinstance(listed, tuple)
        if not listed:
            return Lowered(exp.false())
        items = [Lowered(_constant(item)) for item in listed]
    else:
        items = [lower(item, scan, around) for item in node.items]
    value = paren(exp.In(this=operand.value, expressions=[item.value for item in items]))
    return Lowered(value, _gap_of(value, [operand, *items]))


def _parameter(node: Node, around: Surroundings) -> ParameterValue | datetime:
    assert isinstance(node, Parameter)
    value = around.parameters[node.name]
    if node.type == "time":
        moment = parse_time(str(value))
        assert moment is not None
        return moment
    return value


def _constant(value: ParameterValue | datetime | None) -> exp.Expression:
    match value:
        case None:
            return exp.Null()
        case bool():
            return exp.true() if value else exp.false()
        case int() | float():
            return double(value)
        case str():
            return exp.Literal.string(value)
        case datetime():
            return cast(exp.Literal.string(value.replace(tzinfo=None).isoformat(" ", "microseconds")), "timestamp")
    return exp.Array(expressions=[_constant(item) for item in value])
