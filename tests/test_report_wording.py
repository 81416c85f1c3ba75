from __future__ import annotations

import string
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import pytest

import reports
from govcheck.model import Finding, Lang, Outcome, Reason, RuleVerdict, Severity, Text, UnitKind, Value
from govcheck.report import render
from govcheck.report.wording import actor, day, message, number, percent, prose, shown
from govcheck.words import say, visible

LOCALE: dict[str, Any] = tomllib.loads(resources.files("govcheck").joinpath("locale", "report.toml").read_text("utf-8"))


@pytest.mark.parametrize("key", LOCALE)
def test_both_languages_say_the_same_with_the_same_placeholders(key: str) -> None:
    entry = LOCALE[key]
    assert entry.keys() == {"en", "nl"}
    english, dutch = (_forms(entry[lang]) for lang in ("en", "nl"))
    assert _placeholders(english) == _placeholders(dutch)


@pytest.mark.parametrize("kind", [("severity", Severity), ("outcome", Outcome), ("reason", Reason), ("kind", UnitKind)])
def test_every_member_of_the_vocabulary_has_words(kind: tuple[str, Any]) -> None:
    name, members = kind
    assert {f"{name}_{member}" for member in members} <= LOCALE.keys()


def test_every_reason_has_a_next_step() -> None:
    assert {f"next_{reason}" for reason in Reason} <= LOCALE.keys()


@pytest.mark.parametrize(("lang", "expected"), [("nl", "23 november 2026"), ("en", "23 November 2026")])
def test_dates_are_written_out(lang: Lang, expected: str) -> None:
    assert day(reports.TAKEN_AT, lang) == expected


@pytest.mark.parametrize(
    ("share", "lang", "expected"),
    [(1 / 3, "nl", "33,33%"), (0.75, "en", "75%"), (0.99999, "en", "99.99%"), (1.0, "nl", "100%"), (0.0, "nl", "0%")],
)
def test_only_a_whole_share_reads_as_a_hundred_per_cent(share: float, lang: Lang, expected: str) -> None:
    assert percent(share, lang) == expected


@pytest.mark.parametrize(("lang", "words"), [("nl", "onbekend"), ("en", "unknown")])
@pytest.mark.parametrize("fmt", ["html", "csv"])
def test_evidence_that_could_not_be_collected_is_not_called_empty(lang: Lang, words: str, fmt: str) -> None:
    report = reports.build()
    first = replace(report.findings[0], evidence={"plan": None, "seats": None}, unread=frozenset({"seats"}))
    page = render(replace(report, findings=(first,)), fmt, lang=lang).decode()
    assert f"plan: {say('report.empty', lang)}" in page
    assert f"seats: {words}" in page


def test_numbers_follow_the_language() -> None:
    assert (number(12345, "nl"), number(12345, "en")) == ("12.345", "12,345")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "ja"),
        (None, "leeg"),
        ((), "geen"),
        (("a", "b"), "a, b"),
        (0.5, "0,5"),
        (2026, "2026"),
        (datetime(2026, 3, 1, tzinfo=UTC), "1 maart 2026"),
        (datetime(2026, 3, 1, 9, 5, tzinfo=UTC), "1 maart 2026, 09:05 uur UTC"),
    ],
)
def test_cells_read_as_a_person_would_write_them(value: Value, expected: str) -> None:
    assert shown(value, "nl") == expected


def test_a_message_fills_in_the_values_of_its_row() -> None:
    rule, finding = _pair("ACC-04")
    assert (
        message(rule, finding, "nl") == f"{reports.NAMES[12]} is gast sinds 1 maart 2025, 09:30 uur UTC, zonder sponsor"
    )


def test_a_value_that_looks_like_a_placeholder_is_not_filled_in_again() -> None:
    rule, finding = _pair("ACC-02")
    hostile = replace(finding, values={"display_name": "{is_admin} {0.__class__}", "is_admin": True})
    assert message(rule, hostile, "en") == "{is_admin} {0.__class__} has no usable MFA method"


def test_a_rule_without_message_speaks_by_its_title() -> None:
    rule, finding = _pair("ROL-01")
    assert message(rule, finding, "en") == "Every team has two owners"


def test_a_row_that_could_not_be_judged_is_not_accused() -> None:
    rule, finding = _pair("ACC-02")
    unknown = replace(finding, outcome=Outcome.UNKNOWN, reason=Reason.NULL_VALUE)
    assert message(rule, unknown, "en") == "Could not be judged: MFA registration coverage per team"


def test_text_of_a_policy_stands_on_one_line() -> None:
    assert prose(Text(nl="een\n  twee\n"), "en") == "een twee"


def test_a_role_that_nobody_holds_says_so() -> None:
    _, finding = _pair("ACC-01")
    assert actor(finding.owner, "nl") == "CISO (niemand vervult deze rol)"


def test_an_organisation_that_meets_no_rule_is_told_so_grammatically() -> None:
    assert say("report.rules_met", "nl", count=9, n="9", met="0") == "Aan 0 van de 9 regels is voldaan."


@pytest.mark.parametrize(
    ("hostile", "expected"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\u202etxt", "\\u202etxt"),
        ("\ud83d", "\\ud83d"),
        ("\u200b\ufeff", "\\u200b\\ufeff"),
        ("👩\u200d⚕️ é 会", "👩\u200d⚕️ é 会"),
    ],
)
def test_what_would_act_is_shown_instead(hostile: str, expected: str) -> None:
    assert visible(hostile) == expected


def _pair(rule_id: str) -> tuple[RuleVerdict, Finding]:
    report = reports.build()
    rule = next(rule for rule in report.rules if rule.id == rule_id)
    return rule, next(finding for finding in report.findings if finding.rule == rule_id)


def _forms(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else [entry["one"], entry["other"]]


def _placeholders(forms: list[str]) -> set[str]:
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}
