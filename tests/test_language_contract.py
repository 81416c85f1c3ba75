"""The rule language, sentence by sentence, held against the oracle and against the real engine."""

from __future__ import annotations

import pytest

from oracle.adapter import engine_words
from oracle.cases import Case
from oracle.cases_of_conditions import CONDITIONS
from oracle.cases_of_rows import ROWS
from oracle.cases_of_values import VALUES
from oracle.language import evaluate_text
from oracle.outcomes import Row, word

EVERY_CASE = CONDITIONS + VALUES + ROWS


@pytest.mark.parametrize("case", EVERY_CASE)
def test_the_oracle_answers_as_the_contract_says(case: Case) -> None:
    answer = evaluate_text(case.text, case.table, case.row, case.world)

    assert answer == case.expected
    assert type(answer) is type(case.expected)


@pytest.mark.parametrize("case", EVERY_CASE)
def test_the_engine_answers_as_the_contract_says(case: Case) -> None:
    ((answer,),) = engine_words(case.table, [(None, case.text)], [case.row], case.world)

    assert answer == word(Row(id="x", expect=case.expected))
