"""Tokens to a syntax tree: a small precedence parser whose grammar is the allow-list of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal as OneOf

from govcheck.expr.faults import ExpressionFault, ExpressionFaults, fault
from govcheck.expr.tokens import Token, tokenize
from govcheck.expr.tree import (
    RELATION_FUNCTIONS,
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
    Place,
    RelationCall,
)
from govcheck.model import Text
from govcheck.words import text as words

MAX_DEPTH = 50
MAX_CHOICES = 8
"""How deep CASE and coalesce may nest: where a column is missing, every level is written out twice."""
_COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")


def parse(text: str) -> Node:
    """The tree of one boolean expression. Raises `ExpressionFaults` with the first syntax fault."""
    parser = _Parser(text)
    tree = parser.disjunction()
    parser.finish()
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokenize(text)
        self.at = 0
        self.depth = 0
        self.choices = 0

    # Tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def advance(self) -> Token:
        token = self.token
        self.at += 1
        return token

    def take(self, *values: str) -> Token | None:
        """The next token if it is one of these keywords or operators."""
        token = self.token
        if token.value in values and (token.keyword or token.kind == "operator"):
            return self.advance()
        return None

    def need(self, value: str) -> Token:
        token = self.take(value)
        if token is None:
            raise self.unexpected(expected=value)
        return token

    def finish(self) -> None:
        if self.token.kind != "end":
            raise self.unexpected(helps=self._help_after_value())

    def unexpected(self, *, expected: str | None = None, helps: tuple[Text, ...] = ()) -> ExpressionFaults:
        token = self.token
        key = "unexpected-end" if token.kind == "end" else "unexpected"
        if expected is not None:
            key += "-expected"
        return _raise(
            fault(
                "syntax",
                token.offset,
                token.length,
                key=key,
                found=token.value,
                expected=expected,
                helps=helps,
            )
        )

    def _help_after_value(self) -> tuple[Text, ...]:
        if self.token.value in _COMPARISONS:
            return (words("expr.help-chained"),)
        if self.token.value == "IS":
            return (words("expr.help-is-null"),)
        return ()

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _raise(fault("too-deep", self.token.offset, self.token.length, limit=MAX_DEPTH))

    def choosing(self) -> None:
        self.choices += 1
        if self.choices > MAX_CHOICES:
            raise _raise(fault("too-many-choices", self.token.offset, self.token.length, limit=MAX_CHOICES))

    # Conditions, loosest binding first

    def disjunction(self) -> Node:
        return self._chain("OR", self.conjunction)

    def conjunction(self) -> Node:
        return self._chain("AND", self.negation)

    def _chain(self, operator: OneOf["AND", "OR"], operand: Callable[[], Node]) -> Node:
        operands = [operand()]
        while self.take(operator):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return Logic(**_over(operands[0], operands[-1]), operator=operator, operands=tuple(operands))

    def negation(self) -> Node:
        token = self.take("NOT")
        if token is None:
            return self.predicate()
        self.deeper()
        operand = self.negation()
        self.depth -= 1
        return Not(**_over(token, operand), operand=operand)

    def predicate(self) -> Node:
        left = self.sum()
        if token := self.take(*_COMPARISONS):
            right = self.sum()
            operator = "<>" if token.value == "!=" else token.value
            return Comparison(**_over(left, right), operator=operator, left=left, right=right)
        if self.take("IS"):
            negated = self.take("NOT")
            end = self.need("NULL")
            node: Node = IsNull(**_over(left, end), operand=left)
            return Not(**_over(left, end), operand=node) if negated else node
        negated = self.take("NOT")
        node = self._membership(left, required=negated is not None)
        return Not(**_over(left, node), operand=node) if negated else node

    def _membership(self, left: Node, *, required: bool) -> Node:
        if self.take("IN"):
            return self._in(left)
        if self.take("BETWEEN"):
            low = self.sum()
            self.need("AND")
            high = self.sum()
            return Between(**_over(left, high), operand=left, low=low, high=high)
        if self.take("LIKE"):
            pattern = self.sum()
            return Like(**_over(left, pattern), operand=left, pattern=pattern)
        if required:
            raise self.unexpected(expected="IN, BETWEEN, LIKE")
        return left

    def _in(self, left: Node) -> Node:
        listed = self.token.kind == "parameter"
        if listed:
            items: tuple[Node, ...] = (self.atom(),)
            end: Node | Token = items[0]
        else:
            self.need("(")
            items = self._arguments(self.sum)
            end = self.need(")")
        return In(**_over(left, end), operand=left, items=items, listed=listed)

    # Values, loosest binding first

    def sum(self) -> Node:
        return self._arithmetic(("+", "-"), self.product)

    def product(self) -> Node:
        return self._arithmetic(("*", "/"), self.unary)

    def _arithmetic(self, operators: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        depth, left = self.depth, operand()
        while token := self.take(*operators):
            self.deeper()
            right = operand()
            left = Arithmetic(**_over(left, right), operator=token.value, left=left, right=right)
        self.depth = depth
        return left

    def unary(self) -> Node:
        token = self.take("-")
        if token is None:
            return self.atom()
        self.deeper()
        operand = self.unary()
        self.depth -= 1
        return Negative(**_over(token, operand), operand=operand)

    def atom(self) -> Node:
        token = self.token
        if token.kind in ("number", "text", "parameter"):
            return self._leaf(self.advance())
        if self.take("("):
            return self._parenthesised()
        if token.keyword:
            return self._keyword(token)
        if token.kind == "name":
            return self._name(self.advance())
        raise self.unexpected(expected=None, helps=(words("expr.help-value"),))

    def _leaf(self, token: Token) -> Node:
        place = _over(token, token)
        if token.kind == "parameter":
            return Parameter(**place, name=token.value)
        value: float | str = float(token.value) if token.kind == "number" else token.value
        return Literal(**place, value=value)

    def _parenthesised(self) -> Node:
        self.deeper()
        node = self.disjunction()
        self.need(")")
        self.depth -= 1
        return node

    def _keyword(self, token: Token) -> Node:
        place = _over(token, token)
        if self.take("TRUE", "FALSE"):
            return Literal(**place, value=token.value == "TRUE")
        if self.take("NULL"):
            return Literal(**place, value=None)
        if self.take("CASE"):
            return self._case(token)
        raise self.unexpected(helps=(words("expr.help-value"),))

    def _case(self, token: Token) -> Node:
        self.deeper()
        self.choosing()
        subject = None if self.token.value == "WHEN" and self.token.keyword else self.disjunction()
        branches: list[tuple[Node, Node]] = []
        while self.take("WHEN"):
            condition = self.disjunction()
            self.need("THEN")
            branches.append((condition, self.disjunction()))
        if not branches:
            raise self.unexpected(expected="WHEN")
        default: Node = self.disjunction() if self.take("ELSE") else Literal(**_over(token, token), value=None)
        end = self.need("END")
        self.choices -= 1
        self.depth -= 1
        return Case(**_over(token, end), subject=subject, branches=tuple(branches), default=default)

    def _name(self, token: Token) -> Node:
        if self.take("("):
            return self._call(token)
        if token.value == "parent" and self.take("."):
            column = self.advance()
            if column.kind != "name":
                self.at -= 1
                raise self.unexpected(helps=(words("expr.help-parent"),))
            return Column(**_over(token, column), name=column.value, outer=True)
        return Column(**_over(token, token), name=token.value)

    def _call(self, token: Token) -> Node:
        self.deeper()
        node = self._relation_call(token) if token.value in RELATION_FUNCTIONS else self._function_call(token)
        self.depth -= 1
        return node

    def _function_call(self, token: Token) -> Node:
        if token.value == "coalesce":
            self.choosing()
        arguments = () if self.token.value == ")" else self._arguments(self.disjunction)
        end = self.need(")")
        if token.value == "coalesce":
            self.choices -= 1
        return Call(**_over(token, end), name=token.value, arguments=arguments)

    def _relation_call(self, token: Token) -> Node:
        relation = self.advance()
        if relation.kind != "name" or relation.keyword:
            self.at -= 1
            raise self.unexpected(helps=(words("expr.help-relation"),))
        condition = self.disjunction() if self.take(",") else None
        end = self.need(")")
        return RelationCall(
            **_over(token, end),
            function=token.value,
            relation=relation.value,
            relation_offset=relation.offset,
            condition=condition,
        )

    def _arguments(self, argument: Callable[[], Node]) -> tuple[Node, ...]:
        arguments = [argument()]
        while self.take(","):
            arguments.append(argument())
        return tuple(arguments)


def _over(first: Node | Token, last: Node | Token) -> Place:
    """Place from the start of `first` to the end of `last`."""
    return Place(offset=first.offset, length=last.offset + last.length - first.offset)


def _raise(problem: ExpressionFault) -> ExpressionFaults:
    return ExpressionFaults((problem,))
