"""The report on a terminal: per unit, worst first, then the totals and what could not be evaluated."""

from __future__ import annotations

from collections import Counter

from govcheck.model import Finding, Gap, Lang, Outcome, Report, RuleVerdict, Severity, Text, Unit, UnitKind
from govcheck.report import Page
from govcheck.report.norms import norms
from govcheck.report.sign_ins import table
from govcheck.report.terminal import Screen, Tone, cells, fit
from govcheck.report.view import RuleGroup, UnitView, failures_by_severity, of_its_unit, unit_views, unknown_without_gap
from govcheck.report.wording import (
    actors,
    called,
    clock,
    count,
    gap_step,
    limited,
    message,
    next_step,
    number,
    percent,
    prose,
    shown,
    unit_name,
    why_open,
)
from govcheck.words import say, visible

MAX_UNITS = 50
"""Units in a terminal report; the rest are counted, and other formats have them all."""
_MAX_LABELS = 5
_LABEL_WIDTH = 40
_READABLE = 120
_INDENT = 13
_TONES: dict[Severity, Tone] = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "blue",
    Severity.INFO: "dim",
}


def render(report: Report, page: Page) -> bytes:
    """Write the report for a terminal of `page.width` cells, 80 when unknown."""
    screen = Screen(width=min(page.width or 80, _READABLE), color=page.color)
    report = of_its_unit(report)
    views = unit_views(report)
    blocks = [
        _header(report, screen, page.lang),
        *_units(views, screen, page.lang),
        _remedies(report, views, screen, page.lang),
        _table(views, screen, page.lang),
        _sign_ins(report, screen, page.lang),
        _not_judged(report, screen, page.lang),
        _waived(report, screen, page.lang),
        _noted(report, screen, page.lang),
        _warnings(report.warnings, screen, page.lang),
        _norms(report, screen, page.lang),
        _closing(report, views, screen, page.lang),
    ]
    return ("\n\n".join("\n".join(block) for block in blocks if block) + "\n").encode()


def _header(report: Report, screen: Screen, lang: Lang) -> list[str]:
    run = report.run
    titles = list(dict.fromkeys(prose(rule.policy_title, lang) for rule in report.rules))
    taken = say("report.snapshot_of", lang, moment=clock(run.snapshot_taken_at, lang))
    if run.as_of != run.snapshot_taken_at:
        taken += f" · {say('report.judged_as_of', lang, moment=shown(run.as_of, lang))}"
    rules = count("rules", len(report.rules), lang)
    scope = say("report.rules_of", lang, rules=rules, policies=count("policies", len(titles), lang))
    name = fit(run.tenant_name or run.tenant, screen.width - 20)
    lines = [f"govcheck {run.govcheck_version} · {screen.paint(name, 'bold')}", *screen.wrap(taken)]
    lines += screen.wrap(f"{scope}: {', '.join(limited(titles, 8, lang))}" if titles else scope)
    if report.summary.unknown:
        warning = screen.wrap(count("not_all_judged", report.summary.unknown, lang))
        return [*lines, "", *(screen.paint(line, "yellow") for line in warning)]
    return lines


def _units(views: tuple[UnitView, ...], screen: Screen, lang: Lang) -> list[list[str]]:
    urgent = [view for view in views if view.needs_attention]
    blocks = [_unit(view, screen, lang) for view in urgent[:MAX_UNITS]]
    if len(urgent) > MAX_UNITS:
        blocks.append(screen.wrap(count("more_units", len(urgent) - MAX_UNITS, lang)))
    clean = [unit_name(view.unit, lang) for view in views if not (view.unit.summary.fail or view.unit.summary.unknown)]
    if urgent and clean:
        names = ", ".join(limited([fit(name, _LABEL_WIDTH) for name in clean], 10, lang))
        blocks.append(screen.wrap(say("report.clean_units", lang, names=names)))
    return blocks


def _unit(view: UnitView, screen: Screen, lang: Lang) -> list[str]:
    unit = view.unit
    facts = [count("members", unit.members, lang), count("findings", view.failures, lang)]
    if unit.kind is not UnitKind.UNASSIGNED:
        facts.insert(0, say(f"report.kind_{unit.kind}", lang))
    tail = " · ".join(facts)
    name = fit(unit_name(unit, lang), max(screen.width - cells(tail) - 2, 20))
    lines = [f"{screen.paint(name, 'bold')}  {tail}"]
    for group in view.groups:
        if group.failures or group.unknown:
            lines += _group(group, screen, lang)
    return lines


def _group(group: RuleGroup, screen: Screen, lang: Lang) -> list[str]:
    rule = group.rule
    title, *rest = screen.wrap(f"{rule.id}  {prose(rule.title, lang)}", indent=_INDENT)
    word = say(f"report.severity_{rule.severity}", lang)
    lines = [f"  {screen.paint(word, _TONES[rule.severity])}{title[2 + cells(word) :]}", *rest]
    if group.failures:
        found = count("findings", group.failures, lang)
        lines += screen.wrap(f"{found}{_which(rule, group.failing, lang)}", indent=_INDENT)
    if group.unknown:
        labels = _labels(group.unknown, lang)
        lines += screen.wrap(f"{count('undecidable', len(group.unknown), lang)}: {labels}", indent=_INDENT)
    if group.verdict and group.verdict.share is not None and rule.at_least is not None:
        share, needed = percent(group.verdict.share, lang), percent(rule.at_least, lang)
        lines += screen.wrap(say("report.share", lang, share=share, needed=needed), indent=_INDENT)
    acting = actors(group.failing or group.unknown, lang)
    if acting:
        lines += screen.wrap(f"{say('report.who', lang)}: {acting}", indent=_INDENT)
    return lines


def _remedies(report: Report, views: tuple[UnitView, ...], screen: Screen, lang: Lang) -> list[str]:
    """Why it matters and how to fix it, once per rule however many teams it concerns."""
    open_rules = {group.rule.id for view in views for group in view.groups if group.failures or group.unknown}
    rules = sorted(
        (rule for rule in report.rules if rule.id in open_rules), key=lambda rule: (rule.severity.rank, rule.id)
    )
    if not rules:
        return []
    lines = [screen.paint(say("report.remedies", lang), "bold")]
    for rule in rules:
        lines += screen.wrap(f"{rule.id}  {prose(rule.title, lang)}", indent=2)
        for key, words in (("why", prose(rule.why, lang)), ("fix", prose(rule.fix, lang))):
            if words:
                lines += screen.wrap(f"{say(f'report.{key}', lang)}: {words}", indent=4)
    return lines


def _which(rule: RuleVerdict, findings: tuple[Finding, ...], lang: Lang) -> str:
    """Name a few of the rows, after a colon; a single one is told in full."""
    if len(findings) == 1:
        told, label = message(rule, findings[0], lang), called(findings[0].subject)
        return f": {fit(told if label in told else f'{label}: {told}', 300)}"
    return f": {_labels(findings, lang)}" if findings else ""


def _labels(findings: tuple[Finding, ...], lang: Lang) -> str:
    labels = [fit(called(finding.subject), _LABEL_WIDTH) for finding in findings]
    return ", ".join(limited(labels, _MAX_LABELS, lang))


def _table(views: tuple[UnitView, ...], screen: Screen, lang: Lang) -> list[str]:
    from tabulate import tabulate

    if all(view.unit.summary.pass_ == sum(_outcomes(view.unit)) for view in views):
        return []
    heads = [say(f"report.outcome_{outcome}", lang) for outcome in Outcome]
    room = screen.width - sum(cells(head) + 2 for head in heads)
    rows = [
        [fit(_unit_name(view.unit, lang), room), *(number(n, lang) for n in _outcomes(view.unit))]
        for view in views[:MAX_UNITS]
    ]
    head = [say("report.by_unit", lang), *heads]
    align = ("left", *("right" for _ in heads))
    # The head is a row like any other: tabulate widens columns with headers by two cells each.
    lines = tabulate([head, *rows], tablefmt="plain", disable_numparse=True, colalign=align).splitlines()
    if len(views) > MAX_UNITS:
        lines += screen.wrap(count("more_units", len(views) - MAX_UNITS, lang))
    return [screen.paint(lines[0], "bold"), *lines[1:]]


def _unit_name(unit: Unit, lang: Lang) -> str:
    plain = unit.kind in {UnitKind.TEAM, UnitKind.UNASSIGNED}
    return unit_name(unit, lang) if plain else f"{unit.name} · {say(f'report.kind_{unit.kind}', lang)}"


def _outcomes(unit: Unit) -> list[int]:
    counted = unit.summary.as_dict()
    return [counted[outcome] for outcome in Outcome]


def _not_judged(report: Report, screen: Screen, lang: Lang) -> list[str]:
    open_rules = unknown_without_gap(report)
    if not (report.gaps or open_rules):
        return []
    lines = [screen.paint(say("report.not_judged", lang), "bold")]
    for gap in report.gaps:
        lines += _gap(gap, screen, lang)
    for rule in open_rules:
        lines += _open_rule(rule, screen, lang)
    return lines


def _gap(gap: Gap, screen: Screen, lang: Lang) -> list[str]:
    from govcheck.catalogue import tables

    table = tables().get(gap.table)
    title = f"{prose(table.title, lang)} ({gap.table})" if table else gap.table
    lines = screen.wrap(f"{title}: {say(f'report.reason_{gap.reason}', lang)}", indent=2)
    facts = {
        "columns": ", ".join(limited(list(gap.columns), 6, lang)),
        "detail": fit(prose(gap.detail, lang), 300),
        "undecides": ", ".join(limited(list(gap.rules), 12, lang)),
        "next_step": gap_step(gap, lang),
    }
    for key, words in facts.items():
        if words:
            lines += screen.wrap(f"{say(f'report.{key}', lang)}: {words}", indent=4)
    return lines


def _open_rule(rule: RuleVerdict, screen: Screen, lang: Lang) -> list[str]:
    lines = screen.wrap(f"{rule.id}  {prose(rule.title, lang)}: {why_open(rule, lang)}", indent=2)
    return [*lines, *screen.wrap(f"{say('report.next_step', lang)}: {next_step(rule, lang)}", indent=4)]


def _waived(report: Report, screen: Screen, lang: Lang) -> list[str]:
    waived = [finding for finding in report.findings if finding.outcome is Outcome.WAIVED]
    if not waived:
        return []
    by_exception: dict[tuple[str, str], list[str]] = {}
    for finding in waived:
        label = fit(called(finding.subject), _LABEL_WIDTH)
        by_exception.setdefault((finding.rule, finding.exception or ""), []).append(label)
    lines = [screen.paint(say("report.waived", lang), "bold")]
    for (rule, exception), labels in by_exception.items():
        named = ", ".join(limited(labels, _MAX_LABELS, lang))
        under = say("report.under_exception", lang, id=exception) if exception else ""
        lines += screen.wrap(f"{rule}  {named}" + (f" ({under})" if under else ""), indent=2)
    return lines


def _noted(report: Report, screen: Screen, lang: Lang) -> list[str]:
    lines: list[str] = []
    tolerated = Counter(f.rule for f in report.findings if f.outcome is Outcome.FAIL and f.tolerated)
    for rule in report.rules:
        for key, rows in (("rule_tolerated", tolerated[rule.id]), ("rule_undecided", rule.subjects.undecided)):
            if rows:
                lines += screen.wrap(count(key, rows, lang, id=rule.id), indent=2)
    return [screen.paint(say("report.noted", lang), "bold"), *lines] if lines else []


def _warnings(warnings: tuple[Text, ...], screen: Screen, lang: Lang) -> list[str]:
    if not warnings:
        return []
    lines = [line for warning in warnings for line in screen.wrap(prose(warning, lang), indent=2)]
    return [screen.paint(say("report.warnings", lang), "yellow"), *lines]


def _sign_ins(report: Report, screen: Screen, lang: Lang) -> list[str]:
    """How people can sign in, all conditions together; the rest is for `what-if`."""
    if report.sign_ins is None or not report.sign_ins.rows:
        return []
    lines = list(table(report.sign_ins, screen, lang, head="report.sign_ins_short", columns=1))
    return [*lines, *screen.wrap(say("report.sign_ins_hint", lang))]


def _norms(report: Report, screen: Screen, lang: Lang) -> list[str]:
    """Per norm, how many of the requirements that rules refer to end with each outcome."""
    from tabulate import tabulate

    found = norms(report)
    if not found:
        return []
    heads = [say(f"report.outcome_{outcome}", lang) for outcome in Outcome]
    room = screen.width - sum(cells(head) + 2 for head in heads)
    rows = [
        [fit(prose(norm.title, lang), room), *(number(norm.counts[outcome], lang) for outcome in Outcome)]
        for norm in found
    ]
    align = ("left", *("right" for _ in heads))
    written = tabulate(
        [[say("report.norms_short", lang), *heads], *rows], tablefmt="plain", disable_numparse=True, colalign=align
    )
    first, *rest = written.splitlines()
    return [screen.paint(first, "bold"), *rest]


def _closing(report: Report, views: tuple[UnitView, ...], screen: Screen, lang: Lang) -> list[str]:
    failures = failures_by_severity(report)
    parts = [say("report.nothing_wrong", lang)]
    if failures:
        worst = (f"{number(n, lang)} {say(f'report.severity_{severity}', lang)}" for severity, n in failures.items())
        parts = [f"{count('findings', sum(failures.values()), lang)} ({', '.join(worst)})"]
    for key, counted in (
        ("waived_rows", sum(rule.subjects.waived for rule in report.rules)),
        ("met_rules", report.summary.pass_),
        ("unknown_rules", report.summary.unknown),
    ):
        if counted:
            parts.append(count(key, counted, lang))
    lines = [screen.paint(line, "bold") for line in screen.wrap(" · ".join(parts))]
    first = next((group.rule.id for view in views for group in view.groups if group.failures), None)
    if first:
        lines += screen.wrap(say("report.explain_hint", lang, id=visible(first)))
    return lines
