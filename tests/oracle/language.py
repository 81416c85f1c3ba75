"""The rule language as one function: what a text is worth on a row of a table."""

from __future__ import annotations

from govcheck.catalogue import tables
from oracle.nodes import Node
from oracle.parser import parse
from oracle.world import Cells, Gap, Scope, Value, World

__all__ = ["Cells", "Gap", "Node", "Value", "World", "evaluate", "evaluate_text"]


def evaluate(node: Node, table: str, row: Cells, world: World) -> Value:
    """Return what a parsed expression is worth on a row."""
    return node.value(Scope(world, tables()[table], row))


def evaluate_text(text: str, table: str, row: Cells, world: World) -> Value:
    """Parse and evaluate; None is NULL, a `Gap` says why something was never collected."""
    return evaluate(parse(text, tables()[table]), table, row, world)
