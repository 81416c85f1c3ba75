"""A report as tables: one row per finding, and one per rule and unit. DuckDB reads them over many runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
import pyarrow as pa

_MOMENT = pa.timestamp("us")


class _Run(msgspec.Struct):
    id: str
    tenant: str
    as_of: datetime


class _Subject(msgspec.Struct):
    kind: str
    id: str
    label: str


class _Owner(msgspec.Struct):
    role: str


class _Source(msgspec.Struct):
    file: str
    line: int


class _Finding(msgspec.Struct):
    fingerprint: str
    rule: str
    severity: str
    outcome: str
    reason: str | None
    subject: _Subject
    units: list[str]
    tolerated: bool
    message: str
    owner: _Owner
    source: _Source


class _UnitVerdict(msgspec.Struct):
    unit: str
    outcome: str
    reason: str | None
    passed: int | None = msgspec.field(name="pass")
    fail: int | None
    unknown: int | None
    waived: int | None
    share: float | None


class _Rule(msgspec.Struct):
    id: str
    policy: str
    severity: str
    units: list[_UnitVerdict]


class _Report(msgspec.Struct):
    run: _Run
    rules: list[_Rule]
    findings: list[_Finding]


_Columns = Sequence[tuple[str, pa.DataType, Callable[..., object]]]

_FINDINGS: _Columns = (
    ("fingerprint", pa.string(), lambda found: found.fingerprint),
    ("rule", pa.string(), lambda found: found.rule),
    ("severity", pa.string(), lambda found: found.severity),
    ("outcome", pa.string(), lambda found: found.outcome),
    ("reason", pa.string(), lambda found: found.reason),
    ("subject_kind", pa.string(), lambda found: found.subject.kind),
    ("subject_id", pa.string(), lambda found: found.subject.id),
    ("subject_label", pa.string(), lambda found: found.subject.label),
    ("units", pa.list_(pa.string()), lambda found: found.units),
    ("tolerated", pa.bool_(), lambda found: found.tolerated),
    ("message", pa.string(), lambda found: found.message),
    ("owner_role", pa.string(), lambda found: found.owner.role),
    ("file", pa.string(), lambda found: found.source.file),
    ("line", pa.int64(), lambda found: found.source.line),
)

_UNITS: _Columns = (
    ("rule", pa.string(), lambda rule, _: rule.id),
    ("policy", pa.string(), lambda rule, _: rule.policy),
    ("severity", pa.string(), lambda rule, _: rule.severity),
    ("unit", pa.string(), lambda _, verdict: verdict.unit),
    ("outcome", pa.string(), lambda _, verdict: verdict.outcome),
    ("reason", pa.string(), lambda _, verdict: verdict.reason),
    ("pass", pa.int64(), lambda _, verdict: verdict.passed),
    ("fail", pa.int64(), lambda _, verdict: verdict.fail),
    ("unknown", pa.int64(), lambda _, verdict: verdict.unknown),
    ("waived", pa.int64(), lambda _, verdict: verdict.waived),
    ("share", pa.float64(), lambda _, verdict: verdict.share),
)


def findings_table(report: bytes) -> pa.Table:
    """One row per finding of a `govcheck.report/v1`; every row also names the run, its tenant and its `as_of`."""
    decoded = msgspec.json.decode(report, type=_Report)
    return _table(decoded.run, _FINDINGS, [(finding,) for finding in decoded.findings])


def units_table(report: bytes) -> pa.Table:
    """One row per rule and unit of a `govcheck.report/v1`, with the same first columns."""
    decoded = msgspec.json.decode(report, type=_Report)
    rows = [(rule, verdict) for rule in decoded.rules for verdict in rule.units]
    return _table(decoded.run, _UNITS, rows)


def _table(run: _Run, columns: _Columns, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    arrays = {
        "run": pa.array([run.id] * len(rows), pa.string()),
        "tenant": pa.array([run.tenant] * len(rows), pa.string()),
        "as_of": pa.array([run.as_of.replace(tzinfo=None)] * len(rows), _MOMENT),
    }
    return pa.table(arrays | {name: pa.array([read(*row) for row in rows], kind) for name, kind, read in columns})
