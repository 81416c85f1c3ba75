"""Cases of the rule language: an expression, the row it is asked of and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from govcheck.model import Reason
from oracle.world import Cells, Value, World

TRUE = True
FALSE = False
NULL = None

PARAMETERS: Mapping[str, Any] = {
    "share": 0.5,
    "days": 90,
    "kind": "Guest",
    "switch": True,
    "start": "2025-12-31T13:00:00+01:00",
    "pattern": "^[a-z]+$",
    "mask": "%@contoso.nl",
    "names": ("Ana", "O'Brien"),
    "none": (),
    "levels": (1.0, 2.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An expression, the row it is asked of and the answer; `missing` says what was not collected."""

    text: str
    expected: Value
    table: str
    row: Cells
    missing: Mapping[str, Reason] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """The world around the row: nothing but the parameters and the gaps."""
        return World(missing=self.missing, parameters=PARAMETERS)


def case(name: str, text: str, expected: Value, /, *, table: str = "users", **cells: Any) -> Any:
    """Name a case on one row of made-up cells; `missing` among them is no cell but says what is."""
    missing = cells.pop("missing", {})
    row = {"id": "x", **cells} if table != "escalations" else cells
    return pytest.param(Case(text=text, expected=expected, table=table, row=row, missing=missing), id=name)


def sku(name: str, text: str, expected: Value, /, **cells: Any) -> Any:
    """Name a case on a licence, for its whole numbers."""
    return case(name, text, expected, table="subscribed_skus", **cells)


def level(name: str, text: str, expected: Value, /, **cells: Any) -> Any:
    """Name a case on a step of an escalation, for its doubles."""
    key = {"unit": "u", "path": "p", "level": 1}
    return case(name, text, expected, table="escalations", **(key | cells))
