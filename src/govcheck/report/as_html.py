"""The report as one self-contained page, readable on paper."""

from __future__ import annotations

from functools import partial
from typing import Any

from govcheck.model import Finding, Lang, Outcome, Report, Text, Unit, UnitKind
from govcheck.report import Page, wording
from govcheck.report.as_json import timestamp
from govcheck.report.html import fill_page
from govcheck.report.norms import Norm, norms
from govcheck.report.view import RuleGroup, UnitView, failures_by_severity, of_its_unit, unit_views, unknown_without_gap
from govcheck.words import say

ROWS_PER_RULE = 500
_ROWS_PER_PAGE = 5_000
_FEWEST_ROWS = 5
_STANDINGS = {"always": "pass", "conditional": "unknown", "never": "fail", "blocked": "not_applicable"}
"""What signing in takes, to the colour of an outcome; the words in the cell say the same."""


def render(report: Report, page: Page) -> bytes:
    """Write the report as an HTML page in `page.lang`.

    At most `ROWS_PER_RULE` rows show for a rule in a unit, fewer where there are very many of those; the page
    says how many it leaves out.
    """
    report = of_its_unit(report)
    constants = {"lang": page.lang, "OUTCOMES": tuple(Outcome), "STANDINGS": _STANDINGS}
    words = constants | _words(page.lang) | _content(report, unit_views(report), page.lang)
    return fill_page("report.html.jinja", ["report.css"], words)


def _content(report: Report, views: tuple[UnitView, ...], lang: Lang) -> dict[str, Any]:
    summary = report.summary.as_dict()
    failures = failures_by_severity(report)
    groups = sum(len(view.groups) for view in views)
    worst = (f"{wording.number(n, lang)} {say(f'report.severity_{s}', lang)}" for s, n in failures.items())
    return {
        "report": report,
        "run": report.run,
        "tenant": report.run.tenant_name or report.run.tenant,
        "rules": {rule.id: rule for rule in report.rules},
        "rules_total": len(report.rules),
        "policies": list(dict.fromkeys(wording.prose(rule.policy_title, lang) for rule in report.rules)),
        "summary": summary,
        "bar": _bar(summary),
        "failures": failures,
        "worst": ", ".join(worst),
        "views": views,
        "urgent": any(view.needs_attention for view in views),
        "waived": [finding for finding in report.findings if finding.outcome is Outcome.WAIVED],
        "open_rules": unknown_without_gap(report),
        "norms": norms(report),
        "noted": _noted(report, lang),
        "limit": max(_FEWEST_ROWS, min(ROWS_PER_RULE, _ROWS_PER_PAGE // max(groups, 1))),
    }


def _words(lang: Lang) -> dict[str, Any]:
    """The vocabulary of the template, in the page's language."""
    from govcheck.catalogue import tables

    def table_title(name: str) -> str:
        return wording.prose(tables()[name].title, lang) if name in tables() else name

    return {
        "say": lambda key, **params: say(f"report.{key}", lang, **params),
        "access": lambda key: say(f"access.{key}", lang),
        "gap_step": lambda gap: wording.gap_step(gap, lang),
        "unit_name": lambda unit: wording.unit_name(unit, lang),
        "word": lambda kind, value: say(f"report.{kind}_{value}", lang),
        "count": lambda key, n, **params: wording.count(key, n, lang, **params),
        "message": lambda rule, finding: wording.message(rule, finding, lang),
        "foreign": partial(_foreign, lang),
        "about": partial(_about, lang),
        "headline": partial(_headline, lang),
        "facts": partial(_facts, lang),
        "tally": partial(_tally, lang),
        "table_title": table_title,
        "called": wording.called,
        "timestamp": timestamp,
    } | {
        name: partial(getattr(wording, name), lang=lang)
        for name in (
            *("number", "percent", "day", "clock", "shown", "prose"),
            *("actors", "why_open", "next_step"),
        )
    }


def _foreign(lang: Lang, text: Text) -> Lang | None:
    """The language a text is in where it is not the page's, so that a screen reader pronounces it well."""
    if (text.nl if lang == "nl" else text.en) is not None:
        return None
    return "en" if lang == "nl" else "nl"


def _about(lang: Lang, unit: Unit) -> str:
    members = wording.count("members", unit.members, lang)
    if unit.kind is UnitKind.UNASSIGNED:
        return members
    return f"{say(f'report.kind_{unit.kind}', lang)} · {members}"


def _headline(lang: Lang, group: RuleGroup) -> str:
    """What is wrong with a rule in a unit, in numbers."""
    parts = []
    if group.failures:
        findings = wording.count("findings", group.failures, lang)
        parts.append(say("report.headline_failures", lang, findings=findings))
    for key, rows in (("undecidable", group.unknown), ("within_threshold", group.tolerated)):
        if rows:
            parts.append(wording.count(key, len(rows), lang))
    return " · ".join(parts)


def _facts(lang: Lang, finding: Finding) -> list[str]:
    """The evidence of a row, and its id where the label does not say it."""
    facts = [f"{name}: {wording.cell(finding, name, value, lang)}" for name, value in finding.evidence.items()]
    subject = finding.subject
    return facts if subject.label in {"", subject.id} else [*facts, subject.id]


def _tally(lang: Lang, norm: Norm) -> str:
    """How many requirements of a norm end with each outcome, those that occur."""
    return " · ".join(
        f"{wording.number(n, lang)} {say(f'report.outcome_{outcome}', lang)}" for outcome, n in norm.counts.items() if n
    )


def _bar(summary: dict[str, int]) -> list[tuple[str, int, int]]:
    """Outcomes with where their stretch of the bar starts and how long it is."""
    stretches: list[tuple[str, int, int]] = []
    start = 0
    for outcome in Outcome:
        if summary[outcome]:
            stretches.append((outcome, start, summary[outcome]))
            start += summary[outcome]
    return stretches


def _noted(report: Report, lang: Lang) -> list[str]:
    return [
        wording.count("rule_undecided", rule.subjects.undecided, lang, id=rule.id)
        for rule in report.rules
        if rule.subjects.undecided
    ]
