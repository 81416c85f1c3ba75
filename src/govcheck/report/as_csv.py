"""The findings as a spreadsheet opens them: one row each, in the reader's language, and no formulas.

Dutch Excel splits on semicolons. Every cell is quoted, so that opening the file with the other separator
cannot cut a formula free.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime

from govcheck.model import Finding, Lang, Report, RuleVerdict, Value
from govcheck.report import Page
from govcheck.report.wording import cell, message, prose, reason, role, shown, unit_name
from govcheck.words import say, visible

_FORMULA = re.compile("[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_LIST = " | "

COLUMNS = (
    *("rule", "title", "severity", "outcome", "reason", "tolerated", "exception", "units"),
    *("subject_kind", "subject_id", "subject", "message", "why", "fix", "owner_role", "owner_people"),
    *("references", "evidence", "file", "line", "fingerprint"),
)
"""Names of the columns; their heads are the words under `report.csv_<name>`."""


def render(report: Report, page: Page) -> bytes:
    """Write the findings as CSV in UTF-8 with a byte order mark, lines ending in CRLF."""
    rules = {rule.id: rule for rule in report.rules}
    units = {unit.id: unit_name(unit, page.lang) for unit in report.units}
    written = io.StringIO(newline="")
    delimiter = ";" if page.lang == "nl" else ","
    rows = csv.DictWriter(written, COLUMNS, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    rows.writerow({name: say(f"report.csv_{name}", page.lang) for name in COLUMNS})
    for finding in report.findings:
        row = _row(finding, rules[finding.rule], units, page.lang)
        rows.writerow({name: inert(cell) for name, cell in row.items()})
    return written.getvalue().encode("utf-8-sig")


def inert(cell: str) -> str:
    """Keep a spreadsheet from running a cell, and a line break from splitting it."""
    return f"'{visible(cell)}" if _FORMULA.match(cell) else visible(cell)


def _row(finding: Finding, rule: RuleVerdict, units: Mapping[str, str], lang: Lang) -> dict[str, str]:
    subject, owner, source = finding.subject, finding.owner, finding.source
    return {
        "rule": finding.rule,
        "title": prose(rule.title, lang),
        "severity": say(f"report.severity_{finding.severity}", lang),
        "outcome": say(f"report.outcome_{finding.outcome}", lang),
        "reason": reason(finding.reason, lang),
        "tolerated": shown(finding.tolerated, lang),
        "exception": finding.exception or "",
        "units": _LIST.join(units.get(unit, unit) for unit in finding.units),
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "subject": subject.label,
        "message": message(rule, finding, lang),
        "why": prose(rule.why, lang),
        "fix": prose(rule.fix, lang),
        "owner_role": role(owner, lang),
        "owner_people": _LIST.join(person.upn for person in owner.people),
        "references": _LIST.join(rule.references),
        "evidence": _LIST.join(
            f"{name}: {_cell(finding, name, value, lang)}" for name, value in finding.evidence.items()
        ),
        "file": source.path,
        "line": str(source.line),
        "fingerprint": finding.fingerprint,
    }


def _cell(finding: Finding, name: str, value: Value, lang: Lang) -> str:
    """As people read it, but with dates that sort."""
    return value.date().isoformat() if isinstance(value, datetime) else cell(finding, name, value, lang)
