"""`govcheck test`: the rows a rule calls good and bad, put through the real engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import duckdb

from govcheck.catalogue import Relation, Table, tables
from govcheck.engine.duck import connect, naive
from govcheck.engine.plan import rule_reads
from govcheck.engine.rows import codes_query, judge_world
from govcheck.engine.verdicts import FAIL, PASS, UNDECIDED
from govcheck.expr.times import parse_time
from govcheck.policy.types import Example, PolicySet, Rule

EXAMPLES_AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
"""When examples are evaluated, unless they say otherwise."""
_FIRST_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - times in tables are naive


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """What a rule says of one of its examples. `verdict` is pass, fail, unknown or out-of-scope."""

    rule: Rule
    example: Example
    verdict: str

    @property
    def right(self) -> bool:
        """Whether the rule says of the example what the example says of itself."""
        return self.verdict == ("pass" if self.example.passes else "fail")


def run_examples(policies: PolicySet) -> Iterator[ExampleResult]:
    """Evaluate every example with its policy's own defaults; `at_least` is ignored."""
    connection = connect()
    for policy in policies.policies:
        for rule in policy.rules:
            as_of = rule.examples_as_of or EXAMPLES_AS_OF
            query = codes_query(rule, as_of, policy.parameters) if rule.examples else ""
            for example in rule.examples:
                yield ExampleResult(rule=rule, example=example, verdict=_verdict(connection, query, rule, example))


def _verdict(connection: duckdb.DuckDBPyConnection, query: str, rule: Rule, example: Example) -> str:
    table = rule.checked
    world = _World(rule)
    subject = world.add(table, example.row)
    codes = judge_world(connection, query, world.rows, rule)
    code = codes["tenant" if not table.key else "/".join(_as_text(connection, subject[key]) for key in table.key)]
    if code is None or code == UNDECIDED:
        return "out-of-scope"
    return {PASS: "pass", FAIL: "fail"}.get(code, "unknown")


def _as_text(connection: duckdb.DuckDBPyConnection, key: Any) -> str:
    """A part of a key as the engine spells it; lists it spells its own way."""
    if not isinstance(key, list):
        return str(key)
    [(spelled,)] = connection.execute("SELECT CAST(CAST(? AS VARCHAR[]) AS VARCHAR)", [key]).fetchall()
    return str(spelled)


class _World:
    """Tables made of one example; related rows that nest in it are tied to it as the catalogue says."""

    def __init__(self, rule: Rule) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in rule_reads(rule)}
        self.rows.setdefault(rule.table, [])
        self._numbers = count(1)

    def add(self, table: Table, nested: Mapping[str, Any]) -> dict[str, Any]:
        """Add a row and everything nested in it; gives the row as it stands in the table."""
        row = {name: _cell(table, name, value) for name, value in nested.items() if name in table.columns}
        for key in table.key:
            self._made_up(table, row, key)
        self.rows.setdefault(table.name, []).append(row)
        for name, related in nested.items():
            if name in table.relations:
                for child in related if isinstance(related, list) else [related]:
                    self._tie(table, row, table.relations[name], child)
        return row

    def _tie(self, parent: Table, row: dict[str, Any], relation: Relation, nested: Mapping[str, Any]) -> None:
        """Add a related row, making up what the example leaves out of the columns that tie the two."""
        table = tables()[relation.table]
        child = self.add(table, {**dict(relation.only), **nested})
        if relation.via is None:
            for ours, theirs in relation.match:
                if row.get(ours) is None:
                    row[ours] = self._made_up(table, child, theirs)
                child[theirs] = row[ours]
            return
        link: dict[str, Any] = dict(relation.where)
        link |= {name: self._made_up(parent, row, ours) for ours, name in relation.match}
        link |= {name: self._made_up(table, child, theirs) for name, theirs in relation.to}
        self.rows.setdefault(relation.via, []).append(link)

    def _made_up(self, table: Table, row: dict[str, Any], column: str) -> Any:
        if row.get(column) is None:
            number = next(self._numbers)
            name = f"example-{number}"
            made: dict[str, Any] = {"int": number, "time": _FIRST_DAY + timedelta(days=number), "list": [name]}
            row[column] = made.get(table.columns[column].type, name)
        return row[column]


def _cell(table: Table, name: str, value: Any) -> Any:
    """A YAML value as its column holds it."""
    kind = table.columns[name].type
    if kind == "time" and isinstance(value, str):
        return naive(parse_time(value))
    if kind == "json" and value is not None:
        from json import dumps

        return dumps(value)
    return value
