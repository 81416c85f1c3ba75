"""The made-up rows inside a rule: their names and types are those of the checked table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from govcheck.catalogue import Column, ColumnType, Relation, Table, tables
from govcheck.diagnostics import error
from govcheck.expr.times import parse_time
from govcheck.policy.documents import Faults
from govcheck.policy.translate import value_helps
from govcheck.policy.types import Example
from govcheck.source import Node


def read_examples(node: Node | None, table: Table, faults: Faults) -> tuple[Example, ...]:
    """The examples of a rule over `table`; what is wrong in them goes to `faults`."""
    examples: list[Example] = []
    for outcome in ("pass", "fail"):
        rows = node.get(outcome) if node is not None else None
        for row in rows.children() if rows is not None else ():
            read = _row(row, table, faults)
            examples.append(Example(row=read, passes=outcome == "pass", span=row.span))
    return tuple(examples)


def _row(node: Node, table: Table, faults: Faults) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, child in node.items():
        if name in table.columns:
            row[name] = _cell(child, table.columns[name], faults)
        elif name in table.relations:
            row[name] = _related(child, table.relations[name], faults)
        elif not name.startswith("x-"):
            helps = value_helps(name, [*table.columns, *table.relations])
            faults.hard.append(error("example-unknown", node.keys[name].span, helps=helps, name=name, table=table.name))
    return row


def _cell(node: Node, column: Column, faults: Faults) -> Any:
    if node.value is not None and not _FITS[column.type](node):
        faults.hard.append(error("example-type", node.span, key=f"example-{column.type}", name=column.name))
    return node.plain()


def _related(node: Node, relation: Relation, faults: Faults) -> Any:
    table = tables()[relation.table]
    if relation.one and isinstance(node.value, dict):
        return _row(node, table, faults)
    if not relation.one and isinstance(node.value, list):
        for child in node.value:
            if not isinstance(child.value, dict):
                faults.hard.append(error("example-relation", child.span, key="example-row", name=relation.name))
        return [_row(child, table, faults) for child in node.value]
    if node.value is not None:
        key = "example-one" if relation.one else "example-many"
        faults.hard.append(error("example-relation", node.span, key=key, name=relation.name))
    return None


def _is_bool(node: Node) -> bool:
    return isinstance(node.value, bool)


def _is_int(node: Node) -> bool:
    return isinstance(node.value, int) and not isinstance(node.value, bool)


def _is_number(node: Node) -> bool:
    return isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _is_text(node: Node) -> bool:
    return isinstance(node.value, str)


def _is_time(node: Node) -> bool:
    return isinstance(node.value, str) and parse_time(node.value) is not None


def _is_list(node: Node) -> bool:
    return isinstance(node.value, list) and all(isinstance(item.value, str) for item in node.value)


def _is_anything(_: Node) -> bool:
    return True


_FITS: dict[ColumnType, Callable[[Node], bool]] = {
    "bool": _is_bool,
    "int": _is_int,
    "float": _is_number,
    "text": _is_text,
    "time": _is_time,
    "list": _is_list,
    "json": _is_anything,
}
