"""The real engine and the oracle agree on conditions and worlds that nobody thought of."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.adapter import Question, engine_words
from oracle.language import evaluate_text
from oracle.outcomes import Row, word
from oracle.strategies import TABLES, conditions, worlds
from oracle.world import World


def oracle_words(table: str, question: Question, world: World) -> list[str]:
    where, expect = question
    return [
        word(
            Row(
                id="",
                where=True if where is None else evaluate_text(where, table, row, world),
                expect=evaluate_text(expect, table, row, world),
            )
        )
        for row in world.tables[table]
    ]


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), world=worlds(), table=st.sampled_from(TABLES))
def test_the_engine_gives_every_row_the_answer_of_the_oracle(data: st.DataObject, world: World, table: str) -> None:
    if table not in world.tables:
        return
    expectations = data.draw(st.lists(conditions(table), min_size=4, max_size=8), label="expect")
    scope = data.draw(conditions(table), label="where")
    questions: list[Question] = [(scope, expectations[0]), *((None, text) for text in expectations)]

    found = engine_words(table, questions, world.tables[table], world)

    for question, answers in zip(questions, found, strict=True):
        assert (question, answers) == (question, oracle_words(table, question, world))
