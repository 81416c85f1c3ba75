"""The SQL of an expression grows with the expression, not with its square or worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from govcheck.model import Reason
from oracle.adapter import engine_sql
from oracle.world import World

WORLD = World(missing={"users.department": Reason.NOT_PERMITTED, "users.is_mfa_capable": Reason.NOT_LICENSED})

GROWING: Mapping[str, Callable[[int], str]] = {
    "a sum": lambda terms: "1" + " + 1" * terms + " > 0",
    "a quotient": lambda terms: "1" + " / size(methods_registered)" * terms + " > 0",
    "coalesce in coalesce": lambda depth: "coalesce(" * depth + "mail" + ", 'a')" * depth + " = 'a'",
    "coalesce in coalesce over a gap": lambda depth: "coalesce(" * depth + "department" + ", 'a')" * depth + " = 'a'",
    "CASE in CASE over a gap": lambda depth: (
        "CASE WHEN " * depth + "is_mfa_capable" + " THEN TRUE ELSE FALSE END" * depth
    ),
    "IS NULL of IS NULL over a gap": lambda depth: "(" * depth + "is_mfa_capable" + " IS NULL)" * depth,
    "OR in AND over a gap": lambda depth: "(account_enabled AND (is_mfa_capable OR " * depth + "TRUE" + "))" * depth,
}


@pytest.mark.parametrize("write", [pytest.param(write, id=name) for name, write in GROWING.items()])
def test_twice_the_expression_is_about_twice_the_sql(write: Callable[[int], str]) -> None:
    small, large = (len(engine_sql("users", write(size), WORLD)) for size in (3, 6))

    assert large < 3 * small
