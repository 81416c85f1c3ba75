"""The rule language: boolean SQL over one table and its relations, three-valued, and nothing else.

`compile_expression` parses and type-checks; `lower` and `scan` turn the result into SQL when an engine runs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govcheck.catalogue import Table
from govcheck.expr.checker import Checker, ParameterValue
from govcheck.expr.faults import ExpressionFault, ExpressionFaults
from govcheck.expr.parser import parse
from govcheck.expr.tree import Column, Node, Parameter, RelationCall, children

__all__ = ["Expression", "ExpressionFault", "ExpressionFaults", "ParameterValue", "compile_expression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A checked expression over the rows of `table`."""

    text: str
    table: str
    tree: Node

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the checked table that it reads outside relations, in no order."""
        return frozenset(node.name for node in _own_nodes(self.tree) if isinstance(node, Column))

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters it names, in relations too."""
        return frozenset(node.name for node in walk(self.tree) if isinstance(node, Parameter))

    @property
    def calls(self) -> tuple[RelationCall, ...]:
        """Its outermost relation calls, in the order of the text."""
        return tuple(node for node in _own_nodes(self.tree) if isinstance(node, RelationCall))

    def excerpt(self, node: Node) -> str:
        """The text of a node, white space folded."""
        return " ".join(self.text[node.offset : node.end].split())


def compile_expression(
    text: str, table: Table, parameters: Mapping[str, ParameterValue], *, condition: bool = True
) -> Expression:
    """Parse and type-check one expression over `table`. Raises `ExpressionFaults` with everything wrong in it.

    With `condition` False any type is accepted, as for computed columns.
    """
    tree = parse(text)
    checker = Checker(parameters)
    checked = checker.condition(tree, [table]) if condition else checker.check(tree, [table])
    if checker.faults:
        raise ExpressionFaults(tuple(sorted(checker.faults, key=lambda found: found.offset)))
    return Expression(text=text, table=table.name, tree=checked)


def walk(node: Node, *, into_relations: bool = True) -> Iterator[Node]:
    """The node and every node below it, first things first."""
    yield node
    if isinstance(node, RelationCall) and not into_relations:
        return
    for child in children(node):
        yield from walk(child, into_relations=into_relations)


def _own_nodes(tree: Node) -> Iterator[Node]:
    return walk(tree, into_relations=False)
