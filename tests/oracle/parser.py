"""How the rule language reads: from text to nodes, by one method per level of precedence.

Only well-formed text is its business; what must be refused is a matter for the real compiler's tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from govcheck.catalogue import Table, tables
from oracle.nodes import (
    COMPARISONS,
    STRICT,
    Apply,
    Case,
    Coalesce,
    Column,
    Comparison,
    In,
    IsNull,
    Literal,
    Logic,
    Node,
    Not,
    Now,
    Over,
    Parameter,
    Parent,
    conjunction,
    disjunction,
)

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<text>'(?:[^']|'')*')
      |(?P<parameter>:[A-Za-z_]\w*)
      |(?P<name>[A-Za-z_]\w*)
      |(?P<symbol><>|!=|<=|>=|[=<>+\-*/(),.])
      |(?P<end>$))""",
    re.VERBOSE,
)
_OVER = ("any_of", "all_of", "count_of", "share_of")


def parse(text: str, table: Table) -> Node:
    """Read an expression over the rows of a table.

    Raises:
        ValueError: the text is not of the language.
    """
    parser = _Parser(text, table)
    node = parser.disjunction()
    if parser.kind != "end":
        raise ValueError(f"{parser.word!r} after the end")
    return node


class _Parser:
    """One pass over the tokens; `table` is what bare names belong to, `parents` the tables around it."""

    def __init__(self, text: str, table: Table) -> None:
        self.text = text
        self.table = table
        self.parents: list[Table] = []
        self.position = 0
        self.advance()

    def advance(self) -> str:
        """Move to the next token and return the word just left."""
        left = getattr(self, "word", "")
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            raise ValueError(f"no token at {self.text[self.position :]!r}")
        self.position = match.end()
        self.kind = str(match.lastgroup)
        self.word = match[self.kind]
        return left

    def found(self, *words: str) -> bool:
        """Take these words if they come next, whatever their case."""
        before = (self.position, self.kind, self.word)
        for word in words:
            if self.kind not in ("name", "symbol") or self.word.upper() != word:
                self.position, self.kind, self.word = before
                return False
            self.advance()
        return True

    def expect(self, word: str) -> None:
        """Take a word that has to come next."""
        if not self.found(word):
            raise ValueError(f"{word} expected, not {self.word!r}")

    def series(self, item: Callable[[], Node], separator: str) -> tuple[Node, ...]:
        """Read one item or more."""
        items = [item()]
        while self.found(separator):
            items.append(item())
        return tuple(items)

    def disjunction(self) -> Node:
        operands = self.series(self.conjunction, "OR")
        return operands[0] if len(operands) == 1 else Logic(disjunction, operands)

    def conjunction(self) -> Node:
        operands = self.series(self.inversion, "AND")
        return operands[0] if len(operands) == 1 else Logic(conjunction, operands)

    def inversion(self) -> Node:
        return Not(self.inversion()) if self.found("NOT") else self.predicate()

    def predicate(self) -> Node:
        left = self.sum()
        if self.found("IS", "NOT", "NULL"):
            return Not(IsNull(left))
        if self.found("IS", "NULL"):
            return IsNull(left)
        symbol = "<>" if self.word == "!=" else self.word
        if self.kind == "symbol" and symbol in COMPARISONS:
            self.advance()
            return Comparison(symbol, left, self.sum())
        if self.found("NOT"):
            return Not(self.membership(left))
        return self.membership(left) if self.word.upper() in ("IN", "LIKE", "BETWEEN") else left

    def membership(self, left: Node) -> Node:
        if self.found("LIKE"):
            return Apply("like", (left, self.sum()))
        if self.found("BETWEEN"):
            low = self.sum()
            self.expect("AND")
            bounds = (Comparison(">=", left, low), Comparison("<=", left, self.sum()))
            return Logic(conjunction, bounds)
        self.expect("IN")
        if self.kind == "parameter":
            return In(left, (self.primary(),))
        self.expect("(")
        items = self.series(self.disjunction, ",")
        self.expect(")")
        return In(left, items)

    def sum(self) -> Node:
        return self.left_to_right(self.product, "+-")

    def product(self) -> Node:
        return self.left_to_right(self.sign, "*/")

    def left_to_right(self, operand: Callable[[], Node], symbols: str) -> Node:
        node = operand()
        while self.kind == "symbol" and self.word in symbols:
            symbol = self.advance()
            node = Apply(symbol, (node, operand()))
        return node

    def sign(self) -> Node:
        return Apply("negative", (self.sign(),)) if self.found("-") else self.primary()

    def primary(self) -> Node:
        if self.kind == "number":
            return Literal(float(self.advance()))
        if self.kind == "text":
            return Literal(self.advance()[1:-1].replace("''", "'"))
        if self.kind == "parameter":
            return Parameter(self.advance()[1:])
        if self.found("("):
            node = self.disjunction()
            self.expect(")")
            return node
        return self.named()

    def named(self) -> Node:
        if self.found("TRUE"):
            return Literal(content=True)
        if self.found("FALSE"):
            return Literal(content=False)
        if self.found("CASE"):
            return self.case()
        if self.found("PARENT", "."):
            return Parent(self.column(self.parents[-1]))
        ahead = _TOKEN.match(self.text, self.position)
        return self.call() if ahead and ahead["symbol"] == "(" else self.column(self.table)

    def column(self, table: Table) -> Node:
        """Read a column's name; a computed column is its expression."""
        column = table.columns[self.advance()]
        return parse(column.computed, table) if column.computed else Column(column.name)

    def case(self) -> Node:
        subject = None if self.word.upper() == "WHEN" else self.disjunction()
        branches: list[tuple[Node, Node]] = []
        while self.found("WHEN"):
            condition = self.disjunction()
            self.expect("THEN")
            tested = condition if subject is None else Comparison("=", subject, condition)
            branches.append((tested, self.disjunction()))
        otherwise = self.disjunction() if self.found("ELSE") else Literal(None)
        self.expect("END")
        return Case(tuple(branches), otherwise)

    def call(self) -> Node:
        function = self.advance()
        self.expect("(")
        if function in _OVER:
            return self.over(function)
        operands = self.series(self.disjunction, ",")
        self.expect(")")
        if function == "coalesce":
            return Coalesce(operands)
        if function == "days_since":
            return Apply("days_between", (*operands, Now()))
        if function == "days_until":
            return Apply("days_between", (Now(), *operands))
        if function not in STRICT:
            raise ValueError(f"no function {function}")
        return Apply(function, operands)

    def over(self, function: str) -> Node:
        relation = self.table.relations[self.advance()]
        self.parents.append(self.table)
        self.table = tables()[relation.table]
        predicate = self.disjunction() if self.found(",") else Literal(content=True)
        self.table = self.parents.pop()
        self.expect(")")
        return Over(function, relation.name, predicate)
