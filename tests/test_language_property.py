"""The real engine and the oracle agree on conditions and worlds that nobody thought of."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracle.adapter import engine_words
from oracle.language import evaluate_text
from oracle.outcomes import Row, word
from oracle.strategies import TABLES, conditions, worlds
from oracle.world import World


def oracle_words(table: str, where: str | None, expect: str, world: World) -> list[str]:
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


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), world=worlds(), table=st.sampled_from(TABLES))
def test_the_engine_gives_every_row_the_answer_of_the_oracle(data: st.DataObject, world: World, table: str) -> None:
    if table not in world.tables:
        return
    where = data.draw(st.none() | conditions(table), label="where")
    expect = data.draw(conditions(table), label="expect")

    found = engine_words(table, where, expect, world.tables[table], world)

    assert found == oracle_words(table, where, expect, world)
