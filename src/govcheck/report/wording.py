"""Values, dates, outcomes and messages in a reader's language."""

from __future__ import annotations

import re
from datetime import datetime

from govcheck.model import (
    CLOSED_PACKS,
    Finding,
    Gap,
    Lang,
    Outcome,
    Owner,
    Reason,
    RuleVerdict,
    Subject,
    Text,
    Unit,
    UnitKind,
    Value,
)
from govcheck.words import say

UNITS = "units"
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def count(key: str, number_of: int, lang: Lang, **params: object) -> str:
    """The words under `report.<key>` for a number; the words write it as `{n}`."""
    return say(f"report.{key}", lang, count=number_of, n=number(number_of, lang), **params)


def number(value: int, lang: Lang) -> str:
    """Write an amount with the language's thousands separator."""
    grouped = f"{value:,}"
    return grouped.replace(",", ".") if lang == "nl" else grouped


def percent(share: float, lang: Lang) -> str:
    """Write a share as a percentage of at most two decimals; only a whole share becomes 100%."""
    held = round(share, 4) if share >= 1 else min(round(share, 4), 0.9999)
    return f"{_decimal(held * 100, 2, lang)}%"


def day(moment: datetime, lang: Lang) -> str:
    """Write a date out: 23 november 2026."""
    return f"{moment.day} {say('report.months', lang).split()[moment.month - 1]} {moment.year}"


def clock(moment: datetime, lang: Lang) -> str:
    """Write a date with its time: 23 november 2026, 08:00 uur UTC."""
    return say("report.moment", lang, day=day(moment, lang), time=f"{moment:%H:%M}")


def shown(value: Value, lang: Lang) -> str:
    """Write one cell for people; an empty one says so."""
    match value:
        case None:
            return say("report.empty", lang)
        case bool():
            return say("report.yes" if value else "report.no", lang)
        case datetime():
            return day(value, lang) if value.time().isoformat() == "00:00:00" else clock(value, lang)
        case float():
            return _decimal(value, 4, lang)
        case tuple():
            return ", ".join(value) or say("report.none", lang)
        case _:
            return str(value)


def cell(finding: Finding, name: str, value: Value, lang: Lang) -> str:
    """Write one cell of a finding's row; one that nobody could read is not known, which is not the same as empty."""
    return say("report.not_known", lang) if name in finding.unread else shown(value, lang)


def prose(text: Text | None, lang: Lang) -> str:
    """Put text from a policy on one line, however its author broke it."""
    return " ".join(text.in_lang(lang).split()) if text else ""


def message(rule: RuleVerdict, finding: Finding, lang: Lang) -> str:
    """Say what a finding is: the rule's message with its placeholders filled, or else the rule's title.

    A row that could not be judged says so instead: the rule's message would accuse it.
    """
    if finding.outcome is Outcome.UNKNOWN:
        return say("report.message_unknown", lang, title=prose(rule.title, lang))
    if finding.subject.kind == UNITS and rule.table != UNITS:
        return say("report.message_unit", lang, title=prose(rule.title, lang))

    def filled(found: re.Match[str]) -> str:
        column = found[1]
        return cell(finding, column, finding.values[column], lang) if column in finding.values else found[0]

    return _PLACEHOLDER.sub(filled, prose(rule.message or rule.title, lang))


def called(subject: Subject) -> str:
    """Name a subject by its label, or by its id where it has none."""
    return subject.label or subject.id


def role(owner: Owner, lang: Lang) -> str:
    """Name a role by its title, or by its id where it has none."""
    return prose(owner.title, lang) or owner.role


def actor(owner: Owner, lang: Lang) -> str:
    """Name who must act: the role and, in brackets, a few of its people unless they stay unnamed."""
    if owner.unnamed:
        return role(owner, lang)
    people = limited([person.name or person.upn for person in owner.people], 3, lang)
    return f"{role(owner, lang)} ({', '.join(people) or say('report.nobody', lang)})"


def actors(findings: tuple[Finding, ...], lang: Lang, limit: int = 3) -> str:
    """Name who must act on these findings, each once, the rest as a number."""
    found = list(dict.fromkeys(actor(finding.owner, lang) for finding in findings))
    return "; ".join(limited(found, limit, lang))


def why_open(rule: RuleVerdict, lang: Lang) -> str:
    """Say why a rule is unknown; a closed people pack says what is missing."""
    if rule.note:
        return prose(rule.note, lang)
    return reason(rule.reason, lang)


def next_step(rule: RuleVerdict, lang: Lang) -> str:
    """Say what makes an unknown rule known."""
    return say("report.next_closed" if rule.note else f"report.next_{rule.reason or Reason.ERROR}", lang)


def gap_step(gap: Gap, lang: Lang) -> str:
    """Say what would close a gap."""
    return say("report.next_closed" if gap.table == CLOSED_PACKS else f"report.next_{gap.reason}", lang)


def unit_name(unit: Unit, lang: Lang) -> str:
    """Name a unit; the one for people without a team has words of its own."""
    return say("report.unassigned", lang) if unit.kind is UnitKind.UNASSIGNED else unit.name


def reason(of: Reason | None, lang: Lang) -> str:
    """Name a reason, or nothing where there is none."""
    return say(f"report.reason_{of}", lang) if of else ""


def limited(items: list[str], limit: int, lang: Lang) -> list[str]:
    """Keep the first `limit` items and say how many more there are."""
    rest = len(items) - limit
    return items if rest <= 0 else [*items[:limit], say("report.more", lang, n=number(rest, lang))]


def _decimal(value: float, digits: int, lang: Lang) -> str:
    plain = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return plain.replace(".", ",") if lang == "nl" else plain
