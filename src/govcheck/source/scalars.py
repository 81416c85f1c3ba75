"""YAML 1.2's core schema: which plain scalars are no text."""

from __future__ import annotations

import math
import re

_KEYWORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NON_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INT64_DIGITS = 19


def resolve(plain: str) -> str | int | float | bool | None:
    """The value of a plain scalar. Raises `OverflowError` for a number that no table can hold."""
    if plain in _KEYWORDS:
        return _KEYWORDS[plain]
    if _INTEGER.fullmatch(plain):
        # Counted first: turning a million digits into a number takes Python minutes.
        return _in_range(int(plain) if len(plain.lstrip("+-0")) <= _INT64_DIGITS else 1 << 64, plain)
    if _PREFIXED.fullmatch(plain):
        return _in_range(int(plain, 0), plain)
    if _FLOAT.fullmatch(plain):
        value = float(plain)
        if not math.isfinite(value):
            raise OverflowError(plain)
        return value
    if _NON_FINITE.fullmatch(plain):
        raise OverflowError(plain)
    return plain


def _in_range(value: int, plain: str) -> int:
    if not -(1 << 63) <= value < 1 << 63:
        raise OverflowError(plain)
    return value
