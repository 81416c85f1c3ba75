"""The rule of a device filter: comparisons joined by `-and`, `-or` and `-not`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from oracle_access.truth import Truth, all_of, any_of, negate

Raw = Mapping[str, Any]

_TOKEN = re.compile(r"""\s*("(?:[^"`]|`.)*"|'(?:[^']|'')*'|[()\[\],]|[^\s()\[\],"']+)""")
_POSITIVE = ("eq", "startswith", "endswith", "contains", "in")
_NEGATIVE = {
    "ne": "eq",
    "notstartswith": "startswith",
    "notendswith": "endswith",
    "notcontains": "contains",
    "notin": "in",
}
_OTHER_NAMES = {"deviceownership": "ownership"}


class NoRuleError(ValueError):
    """The text is no rule in the documented syntax."""


def is_registered(device: Raw | None) -> bool:
    """A device is registered when it says how it is joined."""
    return device is not None and device.get("trustType") is not None


def matches_rule(rule: str, device: Raw | None) -> Truth:
    """Tell whether a device meets the rule; a rule that cannot be read decides nothing."""
    try:
        return _Reader(rule, device).read()
    except NoRuleError:
        return None


class _Reader:
    """Reads and decides in one go; loosest first: or, and, not, a comparison or parentheses."""

    def __init__(self, rule: str, device: Raw | None) -> None:
        if _TOKEN.sub("", rule).strip():
            raise NoRuleError
        self._tokens = _TOKEN.findall(rule)
        self._device = device

    def read(self) -> Truth:
        value = self._either()
        if self._tokens:
            raise NoRuleError
        return value

    def _take(self) -> str:
        if not self._tokens:
            raise NoRuleError
        token: str = self._tokens.pop(0)
        return token

    def _accept(self, *words: str) -> bool:
        if self._tokens and self._tokens[0].lower() in words:
            self._tokens.pop(0)
            return True
        return False

    def _either(self) -> Truth:
        values = [self._both()]
        while self._accept("-or", "or"):
            values.append(self._both())
        return any_of(values)

    def _both(self) -> Truth:
        values = [self._single()]
        while self._accept("-and", "and"):
            values.append(self._single())
        return all_of(values)

    def _single(self) -> Truth:
        if self._accept("-not", "not"):
            return negate(self._single())
        if self._accept("("):
            value = self._either()
            if self._take() != ")":
                raise NoRuleError
            return value
        return self._comparison()

    def _comparison(self) -> Truth:
        attribute = self._take().lower()
        operator = self._take().lower().removeprefix("-")
        if not attribute.startswith("device."):
            raise NoRuleError
        values = self._values()
        name = attribute.removeprefix("device.")
        if operator in _NEGATIVE:
            return negate(_compare(self._device, name, _NEGATIVE[operator], values))
        if operator in _POSITIVE:
            return _compare(self._device, name, operator, values)
        raise NoRuleError

    def _values(self) -> list[str | None]:
        if not self._accept("["):
            return [_text(self._take())]
        values = [_text(self._take())]
        while self._accept(","):
            values.append(_text(self._take()))
        if self._take() != "]":
            raise NoRuleError
        return values


def _text(token: str) -> str | None:
    """What a value says, in small letters; the bare word null says that there is none."""
    if token.lower() in ("null", "$null"):
        return None
    if token[0] == '"':
        return re.sub("`(.)", r"\1", token[1:-1]).lower()
    return token[1:-1].replace("''", "'").lower() if token[0] == "'" else token.lower()


def _compare(device: Raw | None, attribute: str, operator: str, values: list[str | None]) -> Truth:
    """Positive operators only, so that null is plainly false; upper and lower case are one."""
    if device is None or not is_registered(device):
        return False
    given = {key.lower(): value for key, value in device.items()}
    name = attribute if attribute in given else _OTHER_NAMES.get(attribute, attribute)
    if name not in given:
        return None
    if given[name] is None or None in values:
        return operator == "eq" and values == [given[name]]
    return _holds(given[name], operator, [value for value in values if value is not None])


def _holds(given: Any, operator: str, values: list[str]) -> bool:
    if isinstance(given, list):
        return operator == "contains" and values[0] in [item.lower() for item in given]
    text = given.lower() if isinstance(given, str) else json.dumps(given)
    match operator:
        case "eq":
            return text == values[0]
        case "startswith":
            return text.startswith(values[0])
        case "endswith":
            return text.endswith(values[0])
        case "contains":
            return values[0] in text
    return text in values
