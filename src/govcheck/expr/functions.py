"""The functions of the language as data: argument types and the type of the answer.

`any` takes every type; `pattern` takes a text literal or a text parameter that is a valid regular expression.
"""

from __future__ import annotations

from govcheck.expr.tree import Type

FUNCTIONS: dict[str, tuple[tuple[str, ...], Type]] = {
    "contains": (("list", "item"), "bool"),
    "size": (("list",), "number"),
    "lower": (("text",), "text"),
    "upper": (("text",), "text"),
    "length": (("text",), "number"),
    "starts_with": (("text", "text"), "bool"),
    "ends_with": (("text", "text"), "bool"),
    "matches": (("text", "pattern"), "bool"),
    "coalesce": (("any", "..."), "error"),
    "days_since": (("time",), "number"),
    "days_until": (("time",), "number"),
    "hours_between": (("time", "time"), "number"),
}
