"""Inventing rules for device filters, in the documented syntax."""

from __future__ import annotations

from random import Random

VALUES = {
    "isCompliant": ["True", "true", "False", '"True"'],
    "trustType": ['"ServerAD"', '"AzureAD"', "'Workplace'", '"serverad"'],
    "model": ['"Surface Pro"', '"surface"', '"ThinkPad"'],
    "operatingSystem": ['"Windows"', '"Android"'],
    "deviceOwnership": ['"Company"', '"Personal"'],
    "physicalIds": ['"[ZTDId]:1"', '"[ZTDId]"'],
}
"""Attributes, and what rules compare them with."""

_EQUALITY = ("eq", "ne")
_TEXT = (*_EQUALITY, "startsWith", "notStartsWith", "endsWith", "notEndsWith", "contains", "notContains")
_LIST = ("contains", "notContains")
_OPERATORS = {"model": _TEXT, "operatingSystem": _TEXT, "physicalIds": _LIST}


def invent_rule(random: Random, depth: int) -> str:
    """Invent a rule: a comparison, or several joined, with or without parentheses."""
    kind = random.choice(["and", "or", "not", "comparison", "comparison"]) if depth else "comparison"
    if kind == "comparison":
        return invent_comparison(random)
    if kind == "not":
        return f"-not ({invent_rule(random, depth - 1)})"
    left, right = invent_rule(random, depth - 1), invent_rule(random, depth - 1)
    return random.choice(["{} -{} {}", "({}) -{} ({})", "({} -{} {})"]).format(left, kind, right)


def invent_comparison(random: Random) -> str:
    """Invent one comparison, with a list of values now and then."""
    attribute = random.choice(list(VALUES))
    if attribute in ("model", "operatingSystem") and random.random() < 0.3:
        values = ", ".join(random.sample(VALUES[attribute], 2))
        return f"device.{attribute} -{random.choice(['in', 'notIn'])} [{values}]"
    operator = random.choice(_OPERATORS.get(attribute, _EQUALITY))
    return f"device.{attribute} -{operator} {random.choice(VALUES[attribute])}"
