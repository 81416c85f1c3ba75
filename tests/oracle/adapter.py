"""The only place where the oracle's tests touch the real program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from threading import Timer
from typing import Any

import duckdb

from govcheck.catalogue import Relation, Table, tables
from govcheck.engine.duck import add_rows, connect
from govcheck.engine.parameters import Parameters
from govcheck.engine.plan import rank, rule_reads
from govcheck.engine.verdicts import FAIL, PASS, UNDECIDED, reason_of, verdict_query
from govcheck.expr import ExpressionFaults, compile_expression
from govcheck.expr.lower import Surroundings
from govcheck.model import Severity, Span, Text
from govcheck.policy.types import Rule
from oracle.world import Cells, World

Question = tuple[str | None, str]
"""What `where` and `expect` say; a rule may do without `where`."""

_NOWHERE = Span(path="", line=1, column=1, end_line=1, end_column=1)
_WORDS = {None: "out", UNDECIDED: "undecided", PASS: "pass", FAIL: "fail"}


def faults_of(text: str, table: str, parameters: Mapping[str, Any]) -> list[str]:
    """Return the codes of the faults that the real compiler finds; none when it accepts the text."""
    try:
        compile_expression(text, tables()[table], parameters)
    except ExpressionFaults as refusal:
        return [fault.code for fault in refusal.faults]
    return []


def engine_words(table: str, questions: Sequence[Question], rows: Sequence[Cells], world: World) -> list[list[str]]:
    """Return what the real engine makes of each row, in the words of `outcomes.word`, for every question.

    All questions go into one scan of the table, as the rules of a run do.
    """
    checked = tables()[table]
    rules = [_rule(checked, where, expect, world) for where, expect in questions]
    everything: dict[str, list[dict[str, Any]]] = {name: [] for rule in rules for name in rule_reads(rule)}
    everything |= {name: [_stored(row) for row in found] for name, found in world.tables.items()}
    everything[table] = []
    for row in rows:
        _add(checked, row, everything)
    for name, found in everything.items():
        add_rows(_connection(), tables()[name], found)
    parameters = Parameters(policies={"p": world.parameters}, organisation={}, settings={}, units={})
    query = verdict_query(checked, rules, parameters, _around(world), "tenant")
    answers = _connection().execute(query.sql("duckdb"))
    columns = [column for column, *_ in answers.description or ()]
    codes = {answer[0]: dict(zip(columns, answer, strict=True)) for answer in answers.fetchall()}
    keys = ["/".join(str(row[key]) for key in checked.key) for row in rows]
    return [[_word(codes[key][f"r{number}"]) for key in keys] for number in range(len(rules))]


def _word(code: int | None) -> str:
    return _WORDS.get(code) or str(reason_of(code or 0))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop the real engine when it takes longer, with an exception."""
    timer = Timer(seconds, _connection().interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _rule(table: Table, where: str | None, expect: str, world: World) -> Rule:
    return Rule(
        id="R",
        policy="p",
        title=Text(en="R"),
        severity=Severity.LOW,
        table=table.name,
        where=compile_expression(where, table, world.parameters) if where else None,
        expect=compile_expression(expect, table, world.parameters),
        span=_NOWHERE,
    )


@lru_cache
def _connection() -> duckdb.DuckDBPyConnection:
    return connect()


def _around(world: World) -> Surroundings:
    """Return the world as the engine knows it around a scan."""

    def rank_of(table: str, column: str | None) -> int | None:
        gap = world.gap(table, column)
        return None if gap is None else rank(gap.reason)

    return Surroundings(as_of=world.as_of, parameters={}, gap_of=rank_of)


def _stored(row: Cells) -> dict[str, Any]:
    """Return a row as tables hold it: times without a zone, in UTC."""
    return {
        name: cell.astimezone(UTC).replace(tzinfo=None) if isinstance(cell, datetime) else cell
        for name, cell in row.items()
    }


def _add(table: Table, row: Cells, everything: dict[str, list[dict[str, Any]]]) -> None:
    """Add a row to its table, and the rows that nest in it to theirs, tied to it as the catalogue says."""
    everything.setdefault(table.name, []).append(_stored({name: row[name] for name in row if name in table.columns}))
    for name, relation in table.relations.items():
        for nested in row.get(name) or ():
            _add_related(row, relation, nested, everything)


def _add_related(row: Cells, relation: Relation, nested: Cells, everything: dict[str, list[dict[str, Any]]]) -> None:
    fixed = dict(relation.only)
    if relation.via is None:
        fixed |= {theirs: row[ours] for ours, theirs in relation.match}
    else:
        link = dict(relation.where)
        link |= {theirs: row[ours] for ours, theirs in relation.match}
        link |= {theirs: nested[ours] for theirs, ours in relation.to}
        links = everything.setdefault(relation.via, [])
        links.extend([link] if link not in links else [])
    _add(tables()[relation.table], {**nested, **fixed}, everything)
