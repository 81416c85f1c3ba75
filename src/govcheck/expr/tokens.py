"""Text to tokens, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from govcheck.expr.faults import ExpressionFault, ExpressionFaults, fault
from govcheck.words import text as words

Kind = Literal["number", "text", "operator", "name", "parameter", "end"]

MAX_LENGTH = 10_000
KEYWORDS = frozenset(
    "AND OR NOT IN BETWEEN LIKE IS NULL TRUE FALSE CASE WHEN THEN ELSE END".split()  # noqa: SIM905 - reads as SQL
)

_TOKEN = re.compile(
    r"(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<parameter>:[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<comment>--|/\*)"
    r"|(?P<operator><>|!=|<=|>=|[=<>(),+\-*/.])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
)
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is the keyword in capitals, the text without quotes, or the token as written."""

    kind: Kind
    value: str
    offset: int
    length: int
    keyword: bool = False


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, closed by one of kind `end`. Raises `ExpressionFaults` at the first bad one."""
    if len(text) > MAX_LENGTH:
        raise ExpressionFaults((fault("too-long", MAX_LENGTH, 1, limit=MAX_LENGTH),))
    tokens: list[Token] = []
    at = _skip(text, 0)
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup == "comment":
            raise ExpressionFaults((_bad_character(text, at),))
        tokens.append(_token(match))
        at = _skip(text, match.end())
    tokens.append(Token("end", "", len(text.rstrip()), 1))
    return tokens


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _token(match: re.Match[str]) -> Token:
    kind, value = match.lastgroup, match.group()
    at, length = match.start(), len(value)
    if kind == "text":
        return Token("text", value[1:-1].replace("''", "'"), at, length)
    if kind == "number":
        if float(value) == float("inf"):
            raise ExpressionFaults((fault("number-too-large", at, length, number=value),))
        return Token("number", value, at, length)
    if kind == "name" and value.upper() in KEYWORDS:
        return Token("name", value.upper(), at, length, keyword=True)
    return Token(kind, value.removeprefix(":"), at, length)  # type: ignore[arg-type] # the group names are the kinds


def _bad_character(text: str, at: int) -> ExpressionFault:
    character = text[at]
    if text.startswith(("--", "/*"), at):
        return fault("comment", at, 2)
    if character == "'":
        return fault("unclosed-text", at, len(text) - at)
    helps = (words("expr.help-single-quotes"),) if character in '"`’‘”“' else ()
    return fault("unexpected-character", at, 1, character=character, helps=helps)
