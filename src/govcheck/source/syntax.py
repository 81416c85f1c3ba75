"""What the YAML parser stumbled over, in words and with a place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from govcheck.diagnostics import Diagnostic, error
from govcheck.model import Span, Text
from govcheck.source.text import Source
from govcheck.words import text as words

if TYPE_CHECKING:
    from yaml import YAMLError

_PROBLEMS = {
    "mapping values are not allowed in this context": "yaml-colon",
    "found unexpected end of stream": "yaml-unclosed-quote",
    "found unexpected document indicator": "yaml-unclosed-quote",
    "did not find expected ',' or ']'": "yaml-list",
    "did not find expected ',' or '}'": "yaml-map",
    "did not find expected key": "yaml-expected-key",
    "did not find expected '-' indicator": "yaml-expected-item",
    "could not find expected ':'": "yaml-missing-colon",
    "found character that cannot start any token": "yaml-bad-start",
    "found a tab character that violates indentation": "yaml-tab",
    "found a tab character where an indentation space is expected": "yaml-tab",
    "did not find expected node content": "yaml-expected-value",
    "found unknown escape character": "yaml-escape",
    "found invalid Unicode character escape code": "yaml-escape",
    "did not find expected hexdecimal number": "yaml-escape",
    "did not find expected alphabetic or numeric character": "yaml-anchor",
    "block sequence entries are not allowed in this context": "yaml-item-here",
    "mapping keys are not allowed in this context": "yaml-key-here",
    "did not find expected <document start>": "yaml-document-start",
    "did not find expected comment or line break": "yaml-block-header",
    "exceeded maximum nesting depth": "too-deep",
}
_CONTEXTS = {
    "while parsing a flow sequence": "list-opened",
    "while parsing a flow mapping": "map-opened",
    "while parsing a block collection": "list-began",
    "while parsing a block mapping": "map-began",
}
_AT_CONTEXT = ("yaml-unclosed-quote", "yaml-missing-colon")
"""Faults whose cause stands where the parser began, not where it gave up."""

_KEY = re.compile(r"\s*(?:- +)*(?P<key>[A-Za-z_][\w-]*)\s*:")
_EXPRESSION_KEYS = frozenset({"where", "expect", "at_least", "trigger"})
_TEXT_KEYS = frozenset({"title", "message", "why", "fix", "reason", "name", "nl", "en"})


def syntax_fault(source: Source, problem: YAMLError, limit: int) -> Diagnostic:
    """The diagnostic for what stopped the YAML parser."""
    mark = getattr(problem, "problem_mark", None)
    at = min(mark.index if mark else 0, len(source.text))
    opened = getattr(problem, "context_mark", None)
    key = _PROBLEMS.get(getattr(problem, "problem", ""), "yaml-other")
    if key == "yaml-bad-start" and source.text[at : at + 1] == "\t":
        key = "yaml-tab"
    if key in _AT_CONTEXT and opened is not None:
        at, opened = opened.index, None
    span = source.span(at, at + 1)
    if key == "too-deep":
        return error("too-deep", span, limit=limit)
    return error(
        "yaml-syntax",
        span,
        key=key,
        helps=_helps(source, span) if key != "yaml-unclosed-quote" else (),
        related=_opened(source, problem, at),
        character=source.text[at : at + 1],
    )


def _opened(source: Source, problem: YAMLError, at: int) -> tuple[tuple[Span, Text], ...]:
    mark = getattr(problem, "context_mark", None)
    key = _CONTEXTS.get(getattr(problem, "context", None) or "")
    if mark is None or key is None or mark.index == at:
        return ()
    return ((source.span(mark.index, mark.index + 1), words(f"diagnostics.{key}")),)


def _helps(source: Source, span: Span) -> tuple[Text, ...]:
    """Advice by the nearest key at or above the fault: expressions are what breaks YAML most often."""
    for number in range(span.line, 0, -1):
        found = _KEY.match(source.line(number))
        if found is None:
            continue
        if found["key"] in _EXPRESSION_KEYS:
            return (words("diagnostics.help-quote-expression", name=found["key"]),)
        if found["key"] in _TEXT_KEYS:
            return (words("diagnostics.help-quote-text", name=found["key"]),)
        return ()
    return ()
