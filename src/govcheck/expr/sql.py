"""Small pieces of SQL as sqlglot nodes, built without the copies that sqlglot's own builders make.

A node may stand in several places: nothing here changes a node once it is made, and SQL is written with `text`,
which does not either. With copies, compiling the shipped packs took as long as running them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

_TYPES: dict[str, exp.DataType] = {
    name: exp.DataType.build(name) for name in ("boolean", "double", "text", "timestamp", "tinyint", "array<text>")
}


def text(query: exp.Expression) -> str:
    """The SQL that DuckDB reads."""
    return query.sql("duckdb", copy=False)


def paren(value: exp.Expression) -> exp.Expression:
    """`(value)`."""
    return exp.Paren(this=value)


def cast(value: exp.Expression, kind: str) -> exp.Expression:
    """`CAST(value AS kind)`."""
    return exp.Cast(this=value, to=_TYPES[kind])


def named(value: exp.Expression, name: str) -> exp.Expression:
    """`value AS "name"`."""
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def double(value: float) -> exp.Expression:
    """A double, so that 0.1 is what Python calls 0.1 and not a decimal."""
    literal = cast(exp.Literal.string(repr(float(abs(value)))), "double")
    return paren(exp.Neg(this=literal)) if value < 0 else literal


def negated(value: exp.Expression) -> exp.Expression:
    """`NOT (value)`."""
    return exp.Not(this=paren(value))


def is_null(value: exp.Expression) -> exp.Expression:
    """`(value) IS NULL`."""
    return exp.Is(this=paren(value), expression=exp.Null())


def least(values: Sequence[exp.Expression]) -> exp.Expression:
    """The smallest of the values that are there."""
    if len(values) == 1:
        return values[0]
    return exp.Least(this=values[0], expressions=list(values[1:]), ignore_nulls=True)


def case(*branches: tuple[exp.Expression, exp.Expression], default: exp.Expression | None = None) -> exp.Expression:
    """A searched CASE."""
    return exp.Case(ifs=[exp.If(this=when, true=then) for when, then in branches], default=default)


def balanced(kind: type[exp.Expression], values: Sequence[exp.Expression]) -> exp.Expression:
    """A chain of AND or OR as a balanced tree: engines bound how deep a condition may nest."""
    if len(values) == 1:
        return values[0]
    half = len(values) // 2
    return paren(kind(this=balanced(kind, values[:half]), expression=balanced(kind, values[half:])))


def joined(select: exp.Select, rows: exp.Expression, **how: str | exp.Expression) -> exp.Select:
    """`select` with `rows` joined in; `how` is the `on`, `side` and `kind`, which sqlglot's builder would parse."""
    select.append("joins", exp.Join(this=rows, **how))
    return select
