"""The report as `govcheck.report/v1`, the contract that `schemas/report.schema.json` describes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from govcheck.model import Finding, Lang, Report, RuleVerdict, Unit, UnitVerdict, Value
from govcheck.report import Page
from govcheck.report.wording import message

# What JSON lets through as it is, although it acts on a terminal or cannot be written as UTF-8.
_ACTIVE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def render(report: Report, page: Page) -> bytes:
    """Write the report as JSON; the same report gives the same bytes."""
    written = json.dumps(report_as_dict(report, page.lang), ensure_ascii=False, indent=2)
    return (_ACTIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", written) + "\n").encode()


def report_as_dict(report: Report, lang: Lang) -> dict[str, Any]:
    """The report under the contract's names, in the contract's order."""
    run = report.run
    rules = {rule.id: rule for rule in report.rules}
    return {
        "schema": "govcheck.report/v1",
        "run": {
            "id": run.id,
            "tenant": run.tenant,
            "snapshot_taken_at": timestamp(run.snapshot_taken_at),
            "as_of": timestamp(run.as_of),
            "govcheck_version": run.govcheck_version,
            "policy_digest": run.policy_digest,
            "engine": run.engine,
        },
        "summary": report.summary.as_dict(),
        "gaps": [
            {
                "table": gap.table,
                "columns": list(gap.columns),
                "reason": gap.reason,
                "rules": list(gap.rules),
                "detail": gap.detail.in_lang(lang),
            }
            for gap in report.gaps
        ],
        "units": [_unit(unit) for unit in report.units],
        "rules": [_rule(rule) for rule in report.rules],
        "findings": [_finding(finding, rules[finding.rule], lang) for finding in report.findings],
    }


def timestamp(moment: datetime) -> str:
    """A moment in RFC 3339, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def json_value(value: Value) -> Any:
    """A cell as JSON holds it."""
    match value:
        case datetime():
            return timestamp(value)
        case tuple():
            return list(value)
        case _:
            return value


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id,
        "name": unit.name,
        "kind": unit.kind,
        "parent": unit.parent,
        "members": unit.members,
        "summary": unit.summary.as_dict(),
    }


def _rule(rule: RuleVerdict) -> dict[str, Any]:
    subjects = rule.subjects
    return {
        "id": rule.id,
        "policy": rule.policy,
        "severity": rule.severity,
        "outcome": rule.outcome,
        "reason": rule.reason,
        "subjects": {
            "pass": subjects.pass_,
            "fail": subjects.fail,
            "unknown": subjects.unknown,
            "waived": subjects.waived,
            "undecided": subjects.undecided,
        },
        "units": [_verdict(verdict) for verdict in rule.units],
    }


def _verdict(verdict: UnitVerdict) -> dict[str, Any]:
    return {
        "unit": verdict.unit,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "pass": verdict.pass_,
        "fail": verdict.fail,
        "unknown": verdict.unknown,
        "waived": verdict.waived,
        "share": None if verdict.share is None else round(verdict.share, 4),
    }


def _finding(finding: Finding, rule: RuleVerdict, lang: Lang) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "severity": finding.severity,
        "outcome": finding.outcome,
        "reason": finding.reason,
        "subject": {
            "kind": finding.subject.kind,
            "id": finding.subject.id,
            "label": finding.subject.label,
        },
        "units": list(finding.units),
        "message": message(rule, finding, lang),
        "tolerated": finding.tolerated,
        "evidence": _values(finding.evidence),
        "owner": {
            "role": finding.owner.role,
            "people": [person.upn for person in finding.owner.people],
        },
        "source": {"file": finding.source.path, "line": finding.source.line},
    }


def _values(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: json_value(value) for name, value in values.items()}
