"""One pass over a table, and the joins its rules need.

All rules of a table share a scan. A relation is aggregated once for all of them: a subquery groups the related
rows by the columns that tie them to the row, and a left join brings the counts in. So forty rules are one scan and
a few joins, whatever they ask of their relations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from sqlglot import exp

from govcheck.catalogue import ColumnType, Relation, Table, tables
from govcheck.expr.lower import Lowered, Surroundings, finite, lower
from govcheck.expr.sql import balanced, case, cast, is_null, joined, named, negated, paren, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from govcheck.expr.tree import RelationCall


@dataclass(slots=True)
class Join:
    """A relation's aggregates, keyed by their SQL so that equal questions are asked once."""

    alias: str
    relation: Relation
    child: Scan
    parent: Scan | None
    """The enclosing rows, read again inside the subquery, when a condition looks at `parent.x`."""
    aggregates: dict[str, tuple[str, exp.Expression]] = field(default_factory=dict)


class Scan:
    """Rows of `table` under an alias; `source()` is the FROM clause once all expressions are lowered."""

    def __init__(self, table: Table, around: Surroundings, *, numbers: Iterator[int] | None = None) -> None:
        """Start a scan; nested scans share `numbers` so that every alias is unique."""
        self.table = table
        self.around = around
        self.numbers = numbers or count(1)
        self.alias = f"t{next(self.numbers)}"
        self.outer: Scan | None = None
        self.outer_used = False
        self.joins: dict[tuple[str, bool], Join] = {}

    # Columns

    def column(self, name: str) -> Lowered:
        """A column of this row."""
        column = self.table.columns[name]
        if column.computed is not None:
            from govcheck.expr import compile_expression

            return lower(compile_expression(column.computed, self.table, {}, condition=False).tree, self, self.around)
        gap = self.around.gap_of(self.table.name, name)
        if gap is not None:
            return missing(gap, column.type)
        value: exp.Expression = exp.column(name, table=self.alias, quoted=True)
        if column.type in ("int", "float"):
            value = cast(value, "double")
        return Lowered(finite(value) if column.type == "float" else value)

    def outer_column(self, name: str) -> Lowered:
        """A column of the enclosing row."""
        assert self.outer is not None
        self.outer_used = True
        return self.outer.column(name)

    def plain(self, name: str) -> exp.Expression:
        """A column as it stands, for keys and for showing."""
        return exp.column(name, table=self.alias, quoted=True)

    # Relations

    def relation(self, call: RelationCall, around: Surroundings) -> Lowered:
        """`count_of` and its like, as references to the aggregates of a join."""
        relation = self.table.relations[call.relation]
        gap = self._relation_gap(relation)
        if gap is not None:
            return missing(gap, "bool" if call.function in ("any_of", "all_of") else "float")
        join, condition = self._join(relation, call, around)
        return _Answer(self, join, condition).of(call.function)

    def _relation_gap(self, relation: Relation) -> int | None:
        """The rank of what keeps us from knowing the related rows at all."""
        gap_of = self.around.gap_of
        wanted: list[tuple[str, str | None]] = [(relation.table, None)]
        wanted += [(self.table.name, ours) for ours, _ in relation.match]
        wanted += [(relation.table, name) for name, _ in relation.only]
        if relation.via is not None:
            links = (*(link for _, link in relation.match), *(link for link, _ in (*relation.to, *relation.where)))
            wanted += [(relation.via, None), *((relation.via, link) for link in links)]
            wanted += [(relation.table, name) for _, name in relation.to]
        else:
            wanted += [(relation.table, theirs) for _, theirs in relation.match]
        ranks = [rank for table, column in wanted if (rank := gap_of(table, column)) is not None]
        return min(ranks, default=None)

    def _join(self, relation: Relation, call: RelationCall, around: Surroundings) -> tuple[Join, Lowered | None]:
        """The join for a relation; one that looks at the enclosing row gets a subquery of its own."""
        child = self._new_child(relation)
        condition = None if call.condition is None else lower(call.condition, child, around)
        key = (relation.name, child.outer_used)
        if key not in self.joins:
            parent = child.outer if child.outer_used else None
            self.joins[key] = Join(f"r{next(self.numbers)}", relation, child, parent)
        join = self.joins[key]
        if join.child is not child and call.condition is not None:
            join.child.outer_used = False
            condition = lower(call.condition, join.child, around)
        return join, condition

    def _new_child(self, relation: Relation) -> Scan:
        child = Scan(tables()[relation.table], self.around, numbers=self.numbers)
        child.outer = Scan(self.table, self.around, numbers=self.numbers)
        return child

    def aggregate(self, join: Join, value: exp.Expression) -> exp.Expression:
        """A reference to an aggregate over the related rows."""
        question = text(value)
        if question not in join.aggregates:
            join.aggregates[question] = (f"a{len(join.aggregates) + 1}", value)
        return exp.column(join.aggregates[question][0], table=join.alias)

    # SQL

    def source(self) -> exp.Select:
        """`SELECT … FROM table` with the joins; the caller adds the columns it wants."""
        select = exp.Select().from_(_table(self.table.name, self.alias), copy=False)
        for join in self.joins.values():
            select = self.add(select, join)
        return select

    def add(self, select: exp.Select, join: Join) -> exp.Select:
        """`select` with the aggregates of one relation joined in."""
        keys = self._group_keys(join)
        inner = self._related(join)
        for at, key in enumerate(keys):
            inner = inner.select(named(key, f"k{at}"), copy=False).group_by(key, copy=False)
        for name, value in join.aggregates.values():
            inner = inner.select(named(value, name), copy=False)
        subquery = inner.subquery(join.alias, copy=False)
        if not keys:
            return joined(select, subquery, kind="CROSS")
        ours = [self.plain(name) for name in self.table.key]
        if join.parent is None:
            ours = [_folded(self.plain(name), join.relation) for name, _ in join.relation.match]
        pairs = [exp.EQ(this=value, expression=exp.column(f"k{at}", table=join.alias)) for at, value in enumerate(ours)]
        return joined(select, subquery, on=balanced(exp.And, pairs), side="LEFT")

    def _group_keys(self, join: Join) -> list[exp.Expression]:
        if join.parent is not None:
            return [join.parent.plain(name) for name in self.table.key]
        side = f"{join.alias}_via" if join.relation.via else join.child.alias
        keys = [exp.column(theirs, table=side, quoted=True) for _, theirs in join.relation.match]
        return [_folded(key, join.relation) for key in keys]

    def _related(self, join: Join) -> exp.Select:
        """FROM the related rows, through the link table and beside the enclosing row where needed."""
        relation, child = join.relation, join.child
        select = child.source()
        via = f"{join.alias}_via"
        if relation.via is not None:
            pairs = [_equal(via, link, child.alias, theirs) for link, theirs in relation.to]
            pairs += [_fixed(via, name, value) for name, value in relation.where]
            select = joined(select, _table(relation.via, via), on=balanced(exp.And, pairs))
        if relation.only:
            select = select.where(*(_fixed(child.alias, name, value) for name, value in relation.only), copy=False)
        if join.parent is not None:
            side = via if relation.via else child.alias
            pairs = [_equal(join.parent.alias, ours, side, theirs, relation) for ours, theirs in relation.match]
            on = balanced(exp.And, pairs) if pairs else exp.true()
            select = joined(select, _table(join.parent.table.name, join.parent.alias), on=on)
            for nested in join.parent.joins.values():
                select = join.parent.add(select, nested)
        return select


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the counts of a join say to each relation function."""

    scan: Scan
    join: Join
    condition: Lowered | None

    def of(self, function: str) -> Lowered:
        if self.condition is None:
            return Lowered(cast(self._count(None), "double"))
        match function:
            case "any_of":
                value = case(
                    (self._some(self._met()), exp.true()),
                    (self._some(self._open()), exp.Null()),
                    default=exp.false(),
                )
            case "all_of":
                value = case(
                    (self._some(self._unmet()), exp.false()),
                    (self._some(self._open()), exp.Null()),
                    default=exp.true(),
                )
            case "count_of":
                value = case((negated(self._some(self._open())), cast(self._count(self._met()), "double")))
            case _:
                share = exp.Div(
                    this=cast(self._count(self._met()), "double"),
                    expression=cast(self._count(None), "double"),
                )
                decided = exp.And(this=negated(self._some(self._open())), expression=self._some(None))
                value = case((decided, paren(share)))
        return Lowered(value, self._gap(value))

    def _met(self) -> exp.Expression:
        assert self.condition is not None
        return self.condition.value

    def _unmet(self) -> exp.Expression:
        return negated(self._met())

    def _open(self) -> exp.Expression:
        return is_null(self._met())

    def _count(self, condition: exp.Expression | None) -> exp.Expression:
        counted: exp.Expression = exp.Count(this=exp.Star())
        if condition is not None:
            counted = exp.Filter(this=counted, expression=exp.Where(this=condition))
        return exp.Coalesce(this=self.scan.aggregate(self.join, counted), expressions=[exp.Literal.number(0)])

    def _some(self, condition: exp.Expression | None) -> exp.Expression:
        return paren(exp.GT(this=self._count(condition), expression=exp.Literal.number(0)))

    def _gap(self, value: exp.Expression) -> exp.Expression | None:
        assert self.condition is not None
        if self.condition.gap is None:
            return None
        rank = self.scan.aggregate(self.join, exp.Min(this=self.condition.gap))
        return case((is_null(value), rank))


_SQL_TYPES: dict[ColumnType, str] = {
    "bool": "boolean",
    "int": "double",
    "float": "double",
    "text": "text",
    "time": "timestamp",
    "list": "array<text>",
    "json": "text",
}


def missing(rank: int, kind: ColumnType) -> Lowered:
    """The value of what could not be collected: a typed NULL, and the rank of the reason."""
    return Lowered(cast(exp.Null(), _SQL_TYPES[kind]), exp.Literal.number(rank))


def _table(name: str, alias: str) -> exp.Expression:
    return exp.Table(this=exp.to_identifier(name), alias=exp.TableAlias(this=exp.to_identifier(alias)))


def _equal(left: str, ours: str, right: str, theirs: str, relation: Relation | None = None) -> exp.Expression:
    sides = (exp.column(ours, table=left, quoted=True), exp.column(theirs, table=right, quoted=True))
    this, expression = (_folded(side, relation) if relation is not None else side for side in sides)
    return exp.EQ(this=this, expression=expression)


def _folded(value: exp.Expression, relation: Relation) -> exp.Expression:
    return exp.Lower(this=value) if relation.fold else value


def _fixed(alias: str, name: str, value: str) -> exp.Expression:
    return exp.EQ(this=exp.column(name, table=alias, quoted=True), expression=exp.Literal.string(value))
