"""The page about privacy: every promise is there in both languages, and the tests that it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from govcheck.catalogue import tables
from govcheck.engine.plan import rule_reads
from govcheck.policy import load_policies
from govcheck.shipped import shipped

ROOT = Path(__file__).parent.parent
PROMISES = [f"PBD-{number:02}" for number in range(1, 25)]
_ROW = re.compile(r"^\| (PBD-\d\d) \| (.+) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/\w+\.py)::(\w+)`")


def promises(page: str) -> dict[str, tuple[str, str]]:
    """Id to promise and what holds it."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return {found[1]: (found[2], found[3]) for found in _ROW.finditer(text)}


@pytest.mark.parametrize("page", ["privacy.md", "nl/privacy.md"])
def test_every_promise_has_a_test_or_says_why_not(page: str) -> None:
    found = promises(page)
    assert list(found) == PROMISES
    without = {name for name, (_, held) in found.items() if not _TEST.search(held)}
    assert all(len(found[name][1].split()) > 6 for name in without)


@pytest.mark.parametrize("page", ["privacy.md", "nl/privacy.md"])
def test_the_tests_that_the_page_names_exist(page: str) -> None:
    named = [test for _, held in promises(page).values() for test in _TEST.findall(held)]
    assert len(named) > 20
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or f"\ndef {test}(" not in (ROOT / file).read_text("utf-8")
    ]
    assert missing == []


def test_both_languages_name_the_same_tests() -> None:
    english, dutch = (
        {name: _TEST.findall(held) for name, (_, held) in promises(page).items()}
        for page in ("privacy.md", "nl/privacy.md")
    )
    assert english == dutch


def test_no_permission_of_the_catalogue_writes() -> None:
    permissions = {feed.permission for table in tables().values() for feed in table.feeds}
    assert permissions
    assert [name for name in permissions if re.search(r"\.(ReadWrite|Write|Manage|Send|FullControl)", name)] == []


WATCHING = re.compile(
    r"presence|keystroke|activity_minutes|active_minutes|screen_time|mouse|idle|after_hours_(sent|messages|minutes)"
    r"|messages?_(sent|read|count)|chats?_(sent|count)|calls?_count|emails?_(sent|read|count)|last_seen|geo_?location"
)


def test_no_shipped_rule_looks_at_what_people_do_all_day() -> None:
    policies = load_policies([shipped("policies")], lenient=True)
    read = {
        f"{table}.{column}"
        for rule in policies.rules
        for table, columns in rule_reads(rule).items()
        for column in columns
    }
    assert len(read) > 100
    assert sorted(name for name in read if WATCHING.search(name)) == []


def test_the_words_that_would_betray_watching_are_recognised() -> None:
    assert all(WATCHING.search(word) for word in ("users.presence", "team.messages_sent", "x.after_hours_minutes"))
    assert not WATCHING.search("working_agreements.after_hours_expectation")
