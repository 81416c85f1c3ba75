"""The rows a report lists: failing, waived, and unknown because a value is empty."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
from sqlglot import exp

from govcheck.engine.landing import landing_of
from govcheck.engine.owners import Owners
from govcheck.engine.parameters import Parameters
from govcheck.engine.plan import placeholders
from govcheck.engine.units import UnitTree
from govcheck.engine.unnamed import UNITS, failing_units, unnamed, without_names
from govcheck.engine.verdicts import EMPTY, FAIL, WAIVED, VerdictTable, only_shown, subject_of, within
from govcheck.expr.lower import Surroundings, lower
from govcheck.expr.scan import Scan
from govcheck.expr.sql import cast, named, text
from govcheck.model import ORGANISATION, Finding, Outcome, Reason, RuleVerdict, Subject, Value
from govcheck.policy.types import Rule

_OUTCOMES = {FAIL: Outcome.FAIL, EMPTY: Outcome.UNKNOWN, WAIVED: Outcome.WAIVED}
_LISTED = f"({FAIL}, {EMPTY}, {WAIVED})"


def fingerprint(tenant: str, rule: str, kind: str, subject: str) -> str:
    """What stays the same for one row under one rule, whatever the wording or the run: 32 hex digits."""
    return hashlib.sha256(f"{tenant}\0{rule}\0{kind}\0{subject}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lister:
    """Lists findings; holds what all of them need."""

    connection: duckdb.DuckDBPyConnection
    tree: UnitTree
    owners: Owners
    parameters: Parameters
    around: Surroundings
    tenant: str
    tenant_name: str
    people_packs: frozenset[str]
    """Ids of the packs that name nobody."""

    def findings(self, verdict: VerdictTable, judged: Mapping[str, RuleVerdict]) -> Iterator[Finding]:
        """The findings of one checked table, in no order."""
        listed = [rule for rule in verdict.rules if _has_findings(judged[rule.id])]
        if not listed:
            return
        units = self._units(verdict, listed)
        for rule in listed:
            silent = rule.policy in self.people_packs
            if silent and verdict.table.names_people:
                yield from self._unit_findings(rule, judged[rule.id])
                continue
            failing = {unit.unit for unit in judged[rule.id].units if unit.outcome is Outcome.FAIL}
            hidden = _hidden_units(judged[rule.id]) if verdict.rates else set()
            told: set[str] = set()
            for row in self._rows(verdict, rule):
                if not hidden.isdisjoint(units[row["subject"]]):
                    continue
                told.update(units[row["subject"]])
                finding = self._finding(rule, verdict, row, units[row["subject"]], failing)
                yield without_names(finding, verdict.table) if silent else finding
            if verdict.rates:
                yield from self._unit_findings(rule, judged[rule.id], but=told)

    def _unit_findings(self, rule: Rule, judged: RuleVerdict, but: Collection[str] = ()) -> Iterator[Finding]:
        """One finding for each unit that fails, instead of its people or of rows that are not shown."""
        for unit in failing_units(judged, self.tree):
            if unit in but:
                continue
            owner = self.owners.of(rule.id, rule.policy, unit)
            yield Finding(
                fingerprint=fingerprint(self.tenant, rule.id, UNITS, unit),
                rule=rule.id,
                severity=rule.severity,
                outcome=Outcome.FAIL,
                reason=None,
                subject=Subject(kind=UNITS, id=unit, label=self.tree.places[unit].name),
                units=self.tree.for_finding([ORGANISATION, *self.tree.lineage(unit)]),
                tolerated=False,
                evidence={},
                values={},
                owner=unnamed(owner) if rule.policy in self.people_packs else owner,
                source=rule.span,
            )

    def _units(self, verdict: VerdictTable, rules: Sequence[Rule]) -> dict[str, tuple[str, ...]]:
        """Subject to its units, teams first, for every subject that some rule lists."""
        listed = " OR ".join(f"v.{verdict.column(rule)} IN {_LISTED}" for rule in rules)
        landing = landing_of(verdict.table, self.tree)
        if landing is None:
            rows = self.connection.execute(f"SELECT v.subject, [] FROM {verdict.name} v WHERE {listed}").fetchall()
        else:
            view, otherwise = landing
            fallback = "NULL" if otherwise is None else str(otherwise)
            rows = self.connection.execute(f"""
                SELECT v.subject, list(DISTINCT coalesce(l.unit, {fallback}))
                FROM {verdict.name} v LEFT JOIN {view} l ON l.id = v.land WHERE {listed} GROUP BY v.subject
            """).fetchall()
        return {
            subject: self.tree.for_finding(
                [ORGANISATION, *(self.tree.ids[number] for number in numbers if number is not None)]
            )
            for subject, numbers in rows
        }

    def _rows(self, verdict: VerdictTable, rule: Rule) -> Iterator[dict[str, Any]]:
        """What a finding shows of its row: label, message columns (`m:`) and evidence (`e:`), and their gaps (`g:`)."""
        scan = Scan(verdict.table, self.around)
        around = within(self.around, self.parameters, rule)
        told = {f"m:{name}": scan.column(name) for name in placeholders(rule)}
        told |= {f"e:{name}": scan.column(name) for name in sorted(rule.expect.columns)}
        told |= {f"e:{rule.expect.excerpt(call)}": lower(call, scan, around) for call in rule.expect.calls}
        shown = {"label": self._label(scan)} | {name: lowered.value for name, lowered in told.items()}
        shown |= {f"g:{name[2:]}": lowered.gap for name, lowered in told.items() if lowered.gap is not None}
        inner = scan.source().select(named(subject_of(scan, self.tenant), "subject"), copy=False)
        for name, value in shown.items():
            inner = inner.select(named(value, name), copy=False)
        inner = only_shown(inner, scan)
        column = verdict.column(rule)
        result = self.connection.execute(
            f"""
            SELECT v.{column} AS code, w.exception, s.* FROM ({text(inner)}) s
            JOIN {verdict.name} v ON v.subject = s.subject
            LEFT JOIN (SELECT subject, min(exception) AS exception FROM waived WHERE rule = ? GROUP BY subject) w
                   ON w.subject = s.subject
            WHERE v.{column} IN {_LISTED}
            """,
            [rule.id],
        )
        names = [column[0] for column in result.description]
        while batch := result.fetchmany(10_000):
            yield from (dict(zip(names, row, strict=True)) for row in batch)

    def _label(self, scan: Scan) -> exp.Expression:
        if scan.table.one_row:
            return exp.Literal.string(self.tenant_name)
        subject = subject_of(scan, self.tenant)
        if scan.table.label is None or self.around.gap_of(scan.table.name, scan.table.label) is not None:
            return subject
        return exp.Coalesce(this=cast(scan.plain(scan.table.label), "text"), expressions=[subject])

    def _finding(
        self,
        rule: Rule,
        verdict: VerdictTable,
        row: Mapping[str, Any],
        units: tuple[str, ...],
        failing: set[str],
    ) -> Finding:
        outcome = _OUTCOMES[row["code"]]
        kind = verdict.table.name
        return Finding(
            fingerprint=fingerprint(self.tenant, rule.id, kind, row["subject"]),
            rule=rule.id,
            severity=rule.severity,
            outcome=outcome,
            reason=_REASONS.get(row["code"]),
            subject=Subject(kind=kind, id=row["subject"], label=row["label"]),
            units=units,
            tolerated=failing.isdisjoint(units),
            evidence=_taken(row, "e:", rule, verdict),
            values=_taken(row, "m:", rule, verdict),
            owner=self.owners.of(rule.id, rule.policy, units[0]),
            source=rule.span,
            exception=row["exception"] if outcome is Outcome.WAIVED else None,
            unread=frozenset(name[2:] for name, gap in row.items() if name.startswith("g:") and gap is not None),
        )


_REASONS = {EMPTY: Reason.NULL_VALUE, WAIVED: Reason.EXCEPTION}


def _has_findings(verdict: RuleVerdict) -> bool:
    counts = verdict.subjects
    return bool(counts.fail or counts.waived or counts.unknown)


def _hidden_units(verdict: RuleVerdict) -> set[str]:
    """Units of which a rate over evidence is not shown; a row of theirs would show it."""
    return {unit.unit for unit in verdict.units if unit.reason is Reason.SUPPRESSED}


def _taken(row: Mapping[str, Any], prefix: str, rule: Rule, verdict: VerdictTable) -> dict[str, Value]:
    """The shown values under one prefix, as Python values; whole numbers as int, times aware."""
    columns = verdict.table.columns
    whole = {name for name, column in columns.items() if column.type == "int"}
    whole |= {rule.expect.excerpt(call) for call in rule.expect.calls if call.function == "count_of"}
    return {
        name: _value(value, whole=name in whole)
        for key, value in row.items()
        if key.startswith(prefix)
        for name in (key.removeprefix(prefix),)
    }


def _value(value: Any, *, whole: bool) -> Value:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, float) and whole:
        return int(value)
    return value  # type: ignore[no-any-return] # bool, int, float, str and None are values as they are
