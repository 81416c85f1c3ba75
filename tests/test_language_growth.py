"""The work for an expression grows with the expression, not with a power of it."""

from __future__ import annotations

import pytest

from govcheck.model import Reason
from oracle.adapter import engine_words, time_limit
from oracle.language import evaluate_text
from oracle.outcomes import Row, word
from oracle.world import World

WORLD = World(missing={"users.department": Reason.NOT_PERMITTED, "users.is_mfa_capable": Reason.NOT_LICENSED})
ROW = {"id": "x", "mail": "a", "methods_registered": ["sms", "voice"], "account_enabled": True}

LARGE = {
    "a sum of literals": "1" + " + 1" * 40 + " > 0",
    "a sum of columns": "0" + " + size(methods_registered)" * 40 + " = 80",
    "a product": "1" + " * size(methods_registered)" * 40 + " > 1e12",
    "a quotient": "1" + " / size(methods_registered)" * 40 + " < 1",
    "a quotient from the right": "1 / (" * 20 + "size(methods_registered)" + ")" * 20 + " = 2",
    "one minus one minus": "1 - (" * 20 + "size(methods_registered)" + ")" * 20 + " = 2",
    "coalesce in coalesce": "coalesce(" * 8 + "mail" + ", 'a')" * 8 + " = 'a'",
    "coalesce in coalesce over a gap": "coalesce(" * 8 + "department" + ", 'a')" * 8 + " = 'a'",
    "CASE in CASE over a gap": "CASE WHEN " * 8 + "is_mfa_capable" + " THEN TRUE ELSE FALSE END" * 8,
    "IS NULL of IS NULL over a gap": "(" * 20 + "is_mfa_capable" + " IS NULL)" * 20,
    "OR in AND over a gap": "(account_enabled AND (is_mfa_capable OR " * 20 + "TRUE" + "))" * 20,
    "a long OR over a gap": "is_mfa_capable" + " OR account_enabled AND is_mfa_capable" * 200,
    "a long IN over a gap": "mail IN (department" + ", 'b'" * 200 + ")",
    "comparisons of comparisons over a gap": "(" * 20 + "is_mfa_capable" + " = TRUE)" * 20,
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in LARGE.items()])
def test_a_large_expression_is_answered_in_no_time(text: str) -> None:
    with time_limit(seconds=15):
        found = engine_words("users", [(None, text)], [ROW], WORLD)

    assert found == [[word(Row(id="x", expect=evaluate_text(text, "users", ROW, WORLD)))]]
