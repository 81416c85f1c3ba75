"""Types: every name is known, every operator fits its operands, and texts beside times become times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from govcheck.catalogue import ColumnType, Table, tables
from govcheck.diagnostics import nearest
from govcheck.expr.faults import ExpressionFault, fault
from govcheck.expr.functions import FUNCTIONS
from govcheck.expr.patterns import like_problem, regex_problem
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
)
from govcheck.model import Text
from govcheck.words import text as words

MAX_RELATION_DEPTH = 2
_COLUMN_TYPES: Mapping[ColumnType, Type] = {
    "bool": "bool",
    "int": "number",
    "float": "number",
    "text": "text",
    "time": "time",
    "list": "list",
    "json": "json",
}
_ORDERED: tuple[Type, ...] = ("number", "text", "time")
_ITEM: Mapping[Type, Type] = {"list": "text", "numbers": "number"}

ParameterValue = bool | int | float | str | tuple[str, ...] | tuple[float, ...]
AnyNode = TypeVar("AnyNode", bound=Node)


def parameter_type(value: ParameterValue) -> Type:
    """The type of a parameter, told by its value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "numbers" if value and all(isinstance(item, int | float) for item in value) else "list"


@dataclass(slots=True)
class Checker:
    """Checks the nodes of one expression and gathers all its faults."""

    parameters: Mapping[str, ParameterValue]
    faults: list[ExpressionFault] = field(default_factory=list)

    def condition(self, node: Node, rows: Sequence[Table]) -> Node:
        """Check that `node` is true or false for a row of `rows[-1]`; earlier entries are its enclosing rows."""
        checked = self.check(node, rows)
        if checked.type not in ("bool", "error"):
            self._fault("not-a-condition", node, type=_named(checked.type))
        return checked

    def check(self, node: Node, rows: Sequence[Table]) -> Node:  # noqa: C901, PLR0912 - one branch per kind of node
        """The node with types filled in, `error` where something is at fault."""
        match node:
            case Literal():
                return replace(node, type=_literal_type(node))
            case Parameter():
                return self._parameter(node)
            case Column():
                return self._column(node, rows)
            case RelationCall():
                return self._relation(node, rows)
            case Call():
                return self._call(node, rows)
            case Case():
                return self._case(node, rows)
            case Logic():
                return replace(node, type="bool", operands=tuple(self.condition(x, rows) for x in node.operands))
            case Not():
                return replace(node, type="bool", operand=self.condition(node.operand, rows))
            case IsNull():
                return replace(node, type="bool", operand=self.check(node.operand, rows))
            case Negative():
                operand = self._number(node.operand, rows)
                return replace(node, type=operand.type, operand=operand)
            case Arithmetic():
                left, right = self._number(node.left, rows), self._number(node.right, rows)
                return replace(node, type=_common((left, right)), left=left, right=right)
            case Comparison():
                left, right = self._pair(self.check(node.left, rows), self.check(node.right, rows))
                self._comparable(node, left, right)
                return replace(node, type="bool", left=left, right=right)
            case Between():
                return self._between(node, rows)
            case In():
                return self._in(node, rows)
            case Like():
                return self._like(node, rows)
        raise AssertionError(node)

    # Names

    def _parameter(self, node: Parameter) -> Node:
        if node.name in self.parameters:
            return replace(node, type=parameter_type(self.parameters[node.name]))
        near = nearest(node.name, self.parameters)
        self._fault("unknown-parameter", node, name=node.name, helps=_suggest(near and f":{near}"))
        return node

    def _column(self, node: Column, rows: Sequence[Table]) -> Node:
        if node.outer and len(rows) < 2:  # noqa: PLR2004 - a row and the one around it
            self._fault("no-parent", node)
            return node
        table = rows[-2] if node.outer else rows[-1]
        column = table.columns.get(node.name)
        if column is not None:
            return replace(node, type=_COLUMN_TYPES[column.type])
        self._fault("unknown-column", node, name=node.name, table=table.name, helps=_column_helps(node, table))
        return node

    def _relation(self, node: RelationCall, rows: Sequence[Table]) -> Node:
        answer: Type = "bool" if node.function in ("any_of", "all_of") else "number"
        relation = rows[-1].relations.get(node.relation)
        if relation is None:
            near = nearest(node.relation, rows[-1].relations)
            known = ", ".join(rows[-1].relations) or "–"
            helps = _suggest(near) or (words("expr.help-relations", table=rows[-1].name, known=known),)
            self.faults.append(
                fault(
                    "unknown-relation",
                    node.relation_offset,
                    len(node.relation),
                    name=node.relation,
                    table=rows[-1].name,
                    helps=helps,
                )
            )
            return replace(node, condition=None, type="error")
        if len(rows) > MAX_RELATION_DEPTH:
            self._fault("relations-too-deep", node, limit=MAX_RELATION_DEPTH)
            return replace(node, condition=None, type="error")
        if node.condition is None:
            if node.function != "count_of":
                self._fault("missing-condition", node, function=node.function)
            return replace(node, type=answer)
        condition = self.condition(node.condition, [*rows, tables()[relation.table]])
        return replace(node, condition=condition, type=answer)

    # Operators

    def _number(self, node: Node, rows: Sequence[Table]) -> Node:
        checked = self.check(node, rows)
        if checked.type in ("number", "error"):
            return checked
        self._fault("not-a-number", node, type=_named(checked.type))
        return replace(checked, type="error")

    def _pair(self, left: Node, right: Node) -> tuple[Node, Node]:
        """Both sides, a text literal or parameter beside a time read as a time."""
        if left.type == "time":
            return left, self._as_time(right)
        if right.type == "time":
            return self._as_time(left), right
        return left, right

    def _as_time(self, node: Node) -> Node:
        if node.type != "text":
            return node
        text = self.parameters.get(node.name) if isinstance(node, Parameter) else getattr(node, "value", None)
        if not isinstance(text, str):
            return node
        moment = parse_time(text)
        if moment is None:
            self._fault("not-a-time", node, text=text)
            return replace(node, type="error")
        if isinstance(node, Literal):
            return replace(node, value=moment, type="time")
        return replace(node, type="time")

    def _comparable(self, node: Comparison, left: Node, right: Node) -> None:
        if "error" in (left.type, right.type):
            return
        if "null" in (left.type, right.type):
            self._fault("compare-null", node)
        elif "json" in (left.type, right.type):
            self._fault("json-column", left if left.type == "json" else right)
        elif left.type != right.type:
            self._fault("type-mismatch", node, left=_named(left.type), right=_named(right.type))
        elif left.type in _ITEM:
            self._fault("compare-list", node, helps=(words("expr.help-contains"),))
        elif node.operator not in ("=", "<>") and left.type not in _ORDERED:
            self._fault("no-order", node, type=_named(left.type))

    def _between(self, node: Between, rows: Sequence[Table]) -> Node:
        operand = self.check(node.operand, rows)
        operand, low = self._pair(operand, self.check(node.low, rows))
        operand, high = self._pair(operand, self.check(node.high, rows))
        for operator, bound in ((">=", low), ("<=", high)):
            self._comparable(Comparison(**node.place, operator=operator, left=operand, right=bound), operand, bound)
        return replace(node, type="bool", operand=operand, low=low, high=high)

    def _in(self, node: In, rows: Sequence[Table]) -> Node:
        operand = self.check(node.operand, rows)
        items = [self.check(item, rows) for item in node.items]
        if node.listed:
            self._in_list(node, operand, items[0])
            return replace(node, type="bool", operand=operand, items=tuple(items))
        refused: set[Type] = set()
        for at, item in enumerate(items):
            operand, items[at] = self._pair(operand, item)
            known = len(self.faults)
            if items[at].type not in refused:
                pair = Comparison(**item.place, operator="=", left=operand, right=items[at])
                self._comparable(pair, operand, items[at])
            if len(self.faults) > known:
                refused.add(items[at].type)
        return replace(node, type="bool", operand=operand, items=tuple(items))

    def _in_list(self, node: In, operand: Node, items: Node) -> None:
        if "error" in (operand.type, items.type):
            return
        if operand.type != _ITEM.get(items.type):
            self._fault("type-mismatch", node, left=_named(operand.type), right=_named(items.type))

    def _like(self, node: Like, rows: Sequence[Table]) -> Node:
        operand = self._of_type(node.operand, rows, "text")
        pattern = self._pattern(node.pattern, rows, like=True)
        return replace(node, type="bool", operand=operand, pattern=pattern)

    def _pattern(self, node: Node, rows: Sequence[Table], *, like: bool) -> Node:
        checked = self._of_type(node, rows, "text")
        if checked.type == "error":
            return checked
        if not isinstance(checked, Literal | Parameter):
            self._fault("pattern-not-constant", node)
            return checked
        pattern = self.parameters[checked.name] if isinstance(checked, Parameter) else checked.value
        problem = (like_problem if like else regex_problem)(str(pattern))
        if problem is not None:
            self._fault("like-backslash" if like else "bad-regex", node, problem=problem)
        return checked

    def _of_type(self, node: Node, rows: Sequence[Table], wanted: Type) -> Node:
        checked = self.check(node, rows)
        if wanted == "time":
            checked = self._as_time(checked)
        if checked.type not in (wanted, "error"):
            self._fault("wrong-argument", node, wanted=_named(wanted), type=_named(checked.type))
        return checked

    # CASE and functions

    def _case(self, node: Case, rows: Sequence[Table]) -> Node:
        subject = None if node.subject is None else self.check(node.subject, rows)
        branches: list[tuple[Node, Node]] = []
        for when, then in node.branches:
            condition = self.condition(when, rows) if subject is None else self._when(subject, when, rows)
            branches.append((condition, self.check(then, rows)))
        default = self.check(node.default, rows)
        values = self._one_type(node, [value for _, value in branches] + [default])
        checked = replace(
            node,
            subject=None,
            branches=tuple((when, value) for (when, _), value in zip(branches, values[:-1], strict=True)),
            default=values[-1],
        )
        return replace(checked, type=_common(values))

    def _when(self, subject: Node, when: Node, rows: Sequence[Table]) -> Node:
        left, right = self._pair(subject, self.check(when, rows))
        comparison = Comparison(**when.place, type="bool", operator="=", left=left, right=right)
        self._comparable(comparison, left, right)
        return comparison

    def _one_type(self, node: Node, values: list[Node]) -> list[Node]:
        if any(value.type == "time" for value in values):
            values = [self._as_time(value) for value in values]
        types = {value.type for value in values} - {"null", "error"}
        if "json" in types:
            self._fault("json-column", node)
        elif len(types) > 1:
            self._fault("mixed-types", node, types=", ".join(sorted(types)))
        return values

    def _call(self, node: Call, rows: Sequence[Table]) -> Node:
        if node.name not in FUNCTIONS:
            near = nearest(node.name, [*FUNCTIONS, "count_of", "any_of", "all_of", "share_of"])
            helps = _suggest(near) or (words("expr.help-functions", known=", ".join(FUNCTIONS)),)
            self._fault("unknown-function", replace(node, length=len(node.name)), name=node.name, helps=helps)
            return node
        wanted, answer = FUNCTIONS[node.name]
        if node.name == "coalesce":
            return self._coalesce(node, rows)
        if len(wanted) != len(node.arguments):
            self._fault("argument-count", node, name=node.name, count=len(wanted), given=len(node.arguments))
            return node
        if node.name == "contains":
            return self._contains(node, rows)
        arguments = [
            self._pattern(argument, rows, like=False) if kind == "pattern" else self._argument(argument, rows, kind)
            for argument, kind in zip(node.arguments, wanted, strict=True)
        ]
        return replace(node, type=answer, arguments=tuple(arguments))

    def _argument(self, node: Node, rows: Sequence[Table], kind: str) -> Node:
        if kind != "list":
            return self._of_type(node, rows, kind)  # type: ignore[arg-type] # the other kinds are types
        checked = self.check(node, rows)
        if checked.type not in (*_ITEM, "error"):
            self._fault("wrong-argument", node, wanted=_named("list"), type=_named(checked.type))
        return checked

    def _contains(self, node: Call, rows: Sequence[Table]) -> Node:
        items, value = self._argument(node.arguments[0], rows, "list"), self.check(node.arguments[1], rows)
        wanted = _ITEM.get(items.type)
        if wanted is not None and value.type not in (wanted, "error"):
            self._fault("wrong-argument", node.arguments[1], wanted=_named(wanted), type=_named(value.type))
        return replace(node, type="bool", arguments=(items, value))

    def _coalesce(self, node: Call, rows: Sequence[Table]) -> Node:
        if not node.arguments:
            self._fault("argument-count", node, name=node.name, count=1, given=0)
            return node
        values = self._one_type(node, [self.check(argument, rows) for argument in node.arguments])
        return replace(node, type=_common(values), arguments=tuple(values))

    def _fault(self, code: str, node: Node, *, helps: tuple[Text, ...] = (), **params: str | int | None) -> None:
        found = fault(code, node.offset, node.length, key=None, helps=helps, **params)
        if found not in self.faults:  # BETWEEN and CASE look twice at the same operand
            self.faults.append(found)


def _literal_type(node: Literal) -> Type:
    if node.value is None:
        return "null"
    return parameter_type(node.value)  # type: ignore[arg-type] # literals of the parser are no times yet


def _common(values: Sequence[Node]) -> Type:
    types = {value.type for value in values} - {"null"}
    if not types:
        return "null"
    return types.pop() if len(types) == 1 and "json" not in types else "error"


def _named(kind: Type) -> str:
    return {"numbers": "list of numbers", "list": "list of texts", "null": "NULL"}.get(kind, kind)


def _suggest(name: str | None) -> tuple[Text, ...]:
    return (words("expr.help-did-you-mean", name=name),) if name else ()


def _column_helps(node: Column, table: Table) -> tuple[Text, ...]:
    name = node.name
    if name in table.relations:
        return (words("expr.help-is-relation", name=name),)
    suggestion = _suggest(nearest(name, table.columns))
    return suggestion or (
        words("expr.help-quote", name=name),
        words("expr.help-list-tables", table=table.name),
    )
