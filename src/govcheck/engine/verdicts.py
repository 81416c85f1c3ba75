"""The verdict table: one scan of a checked table, one small column per rule.

Codes: NULL out of scope, 0 out of scope because a value is empty, 1 pass, 2 fail, 3 unknown because a value is
empty, 4 waived, 10 + rank unknown because something could not be collected (rank in REASON_PRECEDENCE).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from govcheck.catalogue import SUPPRESSED, Table
from govcheck.engine.duck import WHOLE
from govcheck.engine.parameters import Parameters
from govcheck.engine.plan import Gaps
from govcheck.expr.lower import Lowered, Surroundings, lower
from govcheck.expr.scan import Scan
from govcheck.expr.sql import case, cast, is_null, named, negated, paren, text
from govcheck.model import REASON_PRECEDENCE, Reason
from govcheck.policy.types import Rule

UNDECIDED, PASS, FAIL, EMPTY, WAIVED = range(5)
GAP = 10


def reason_of(code: int) -> Reason:
    """Why a row with this code is unknown."""
    return Reason.NULL_VALUE if code == EMPTY else REASON_PRECEDENCE[code - GAP]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictTable:
    """The verdicts on one checked table: `subject`, `land` and a column `r0`, `r1`, … per rule."""

    name: str
    table: Table
    rules: tuple[Rule, ...]
    rates: bool = False
    """Rates over evidence: all of its rows, with the `people` of each and the `round` that they were counted in."""

    def column(self, rule: Rule) -> str:
        """The column that holds a rule's codes."""
        return f"r{self.rules.index(rule)}"


def judge(
    connection: duckdb.DuckDBPyConnection,
    rules: Iterable[Rule],
    parameters: Parameters,
    gaps: Gaps,
    around: Surroundings,
    tenant: str,
) -> list[VerdictTable]:
    """Create a verdict table for every checked table. Rules over a table that is missing are left out."""
    by_table: dict[str, list[Rule]] = {}
    for rule in rules:
        if gaps.of(rule.table, None) is None:
            by_table.setdefault(rule.table, []).append(rule)
    verdicts = []
    for verdict in (each for listed in by_table.values() for each in _apart(listed)):
        select = verdict_query(verdict.table, verdict.rules, parameters, around, tenant, rates=verdict.rates)
        if verdict.rates:
            connection.execute(f"SET search_path = '{WHOLE},main'")
        connection.execute(f"CREATE TABLE {verdict.name} AS {text(select)}")
        connection.execute("SET search_path = 'main'")
        verdicts.append(verdict)
    return verdicts


def _apart(rules: Sequence[Rule]) -> Iterator[VerdictTable]:
    """The rules over one table, rates over evidence apart: those count rows that no other rule may see."""
    table = rules[0].checked
    rates = tuple(rule for rule in rules if table.evidence and table.group_size and rule.at_least is not None)
    others = tuple(rule for rule in rules if rule not in rates)
    if others:
        yield VerdictTable(name=f"verdict_{table.name}", table=table, rules=others)
    if rates:
        yield VerdictTable(name=f"{WHOLE}.verdict_{table.name}", table=table, rules=rates, rates=True)


def verdict_query(
    table: Table,
    rules: Sequence[Rule],
    parameters: Parameters,
    around: Surroundings,
    tenant: str,
    *,
    rates: bool = False,
) -> exp.Select:
    """`SELECT subject, land, r0, r1, …` over one scan of the table."""
    scan = Scan(table, around)
    codes = [rule_code(rule, scan, within(around, parameters, rule)) for rule in rules]
    select = scan.source().select(named(subject_of(scan, tenant), "subject"), copy=False)
    if table.lands_by is not None:
        select = select.select(named(scan.plain(table.lands_by), "land"), copy=False)
    for number, code in enumerate(codes):
        select = select.select(named(cast(code, "tinyint"), f"r{number}"), copy=False)
    if rates and table.group_size is not None:
        apart = [cast(scan.plain(name), "text") for name in table.key if name != table.lands_by]
        counted = exp.ConcatWs(expressions=[exp.Literal.string("/"), *apart, exp.Literal.string("")])
        select = select.select(named(scan.plain(table.group_size), "people"), named(counted, "round"), copy=False)
    return only_shown(select, scan)


def only_shown(select: exp.Select, scan: Scan) -> exp.Select:
    """A query over evidence without its rows about too few people, of which the key alone is left."""
    if scan.table.group_size is None:
        return select
    hidden = exp.Coalesce(this=scan.plain(SUPPRESSED), expressions=[exp.false()])
    return select.where(negated(hidden), copy=False)


def within(around: Surroundings, parameters: Parameters, rule: Rule) -> Surroundings:
    """The same surroundings with the parameters of the rule's policy."""
    return Surroundings(as_of=around.as_of, parameters=parameters.of_policy(rule.policy), gap_of=around.gap_of)


def subject_of(scan: Scan, tenant: str) -> exp.Expression:
    """The key columns joined with `/`; the tenant's id for tables without a key."""
    keys = [cast(scan.plain(name), "text") for name in scan.table.key]
    if len(keys) < 2:  # noqa: PLR2004 - two parts need joining
        return keys[0] if keys else exp.Literal.string(tenant)
    return exp.ConcatWs(expressions=[exp.Literal.string("/"), *keys])


def rule_code(rule: Rule, scan: Scan, around: Surroundings) -> exp.Expression:
    """The code of one rule for a row of the scan."""
    verdict = _expected(lower(rule.expect.tree, scan, around))
    if rule.where is None:
        return verdict
    where = lower(rule.where.tree, scan, around)
    outside: exp.Expression = _number(UNDECIDED)
    if where.gap is not None:
        outside = case((negated(is_null(where.gap)), _gap_code(where.gap)), default=outside)
    return case((where.value, verdict), (is_null(where.value), outside))


def _expected(expect: Lowered) -> exp.Expression:
    unknown: exp.Expression = _number(EMPTY)
    if expect.gap is not None:
        unknown = case((negated(is_null(expect.gap)), _gap_code(expect.gap)), default=unknown)
    failed = negated(expect.value)
    return case((expect.value, _number(PASS)), (failed, _number(FAIL)), default=unknown)


def _gap_code(gap: exp.Expression) -> exp.Expression:
    return exp.Add(this=_number(GAP), expression=paren(gap))


def _number(code: int) -> exp.Expression:
    return exp.Literal.number(code)
