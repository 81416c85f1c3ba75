"""Words for people: whole in both languages, used, and each fault explained in the documentation."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from govcheck.model import LANGS, Lang
from pages import DOCS, ROOT, commands, stranger

SOURCE = ROOT / "src" / "govcheck"
ROOMS = sorted((SOURCE / "locale").glob("*.toml"))


class Entry(NamedTuple):
    room: str
    key: str
    words: dict[str, Any]
    """By language: a text, or its forms by number."""

    def forms(self, lang: Lang) -> dict[str, str]:
        words = self.words[lang]
        return {"": words} if isinstance(words, str) else words


ENTRIES = [
    Entry(room.stem, key, words) for room in ROOMS for key, words in tomllib.loads(room.read_text("utf-8")).items()
]

FAMILIES = {
    r"yaml-.*": "yaml-syntax",
    r"must-be-.*": "wrong-type",
    r"bad-value-.*": "bad-value",
    r"out-of-range-.*": "out-of-range",
    r"override-(?!unfit).*": "override-type",
    r"example-(one|many|row)": "example-relation",
    r"example-(?!unknown).*": "example-type",
    r"unexpected(-end)?(-expected)?": "syntax",
    r"evidence-(heading|values)-.*": "evidence-personal-data",
    r"evidence-bad-.*": "evidence-bad-value",
    r"approved-by-own(er|-owner)": "approved-by-owner",
    r"second-(general-)?document": "second-document",
    r"(no|bad)-manifest|(foreign|no|changed)-file": "invalid-snapshot",
}
"""Words that several keys hold for one code."""
ASIDE = re.compile(r"(help|count)-.*|.*-(here|opened|began)")
"""Words that belong to a fault."""
FAULTS_OF_ENGINE = {"unknown-selection", "nothing-selected", "unknown-team", "ambiguous-team"}


OURS = [entry for entry in ENTRIES if entry.room != "click"]
"""Not what click says, of which `test_cli_click_words.py` holds that it is asked for."""
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.room}.{entry.key}")


@each_entry
def test_words_are_there_in_both_languages(entry: Entry) -> None:
    assert set(entry.words) == set(LANGS)
    assert set(entry.forms("en")) == set(entry.forms("nl"))
    assert set(entry.forms("en")) in ({""}, {"one", "other"})
    assert all(words.strip() for lang in LANGS for words in entry.forms(lang).values())


@each_entry
def test_both_languages_fill_in_the_same(entry: Entry) -> None:
    english, dutch = ({form: _placeholders(words) for form, words in entry.forms(lang).items()} for lang in LANGS)
    assert english == dutch


def _placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@each_entry
def test_commands_that_words_name_exist(entry: Entry) -> None:
    lines = [line for lang in LANGS for words in entry.forms(lang).values() for line in commands(words)]
    assert [line for line in lines if stranger(line.format_map(_Anything()))] == []


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key


@lru_cache
def _literals() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Texts in the source, and patterns of those with something to fill in."""
    plain: set[str] = set()
    patterns: set[str] = set()
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                plain.add(node.value)
                if re.fullmatch(r"[a-z-]+-|-[a-z]+", node.value):
                    patterns.add(re.sub("^(?=-)|(?<=-)$", "[A-Za-z0-9_-]+", node.value))
            elif isinstance(node, ast.JoinedStr):
                patterns.add("".join(_pattern(part) for part in node.values))
    for file in SOURCE.rglob("*.jinja"):
        plain |= set(re.findall(r"'([\w-]+)'", file.read_text("utf-8")))
    return frozenset(plain), tuple(re.compile(pattern) for pattern in patterns if re.search(r"[a-z]{3}", pattern))


def _pattern(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[A-Za-z0-9_-]+"


@pytest.mark.parametrize("entry", OURS, ids=lambda entry: f"{entry.room}.{entry.key}")
def test_words_are_used(entry: Entry) -> None:
    plain, patterns = _literals()
    full = f"{entry.room}.{entry.key}"
    # What fits every word of the room proves nothing: the key must stand somewhere, or a telling part of it.
    telling = [pattern for pattern in patterns if not pattern.fullmatch(f"{entry.room}.anything-else")]
    found = {entry.key, full} & plain or any(each.fullmatch(full) or each.fullmatch(entry.key) for each in telling)
    assert found, f"nothing in the source says {full}"


def _codes() -> Iterator[str]:
    """The code of every fault that there are words for."""
    named = {(room, key) for room, key, _ in ENTRIES}
    for room, key, _ in ENTRIES:
        family = next((code for family, code in FAMILIES.items() if re.fullmatch(family, key)), None)
        is_fault = {
            "diagnostics": not ASIDE.fullmatch(key),
            "engine": key in FAULTS_OF_ENGINE,
            "evidence": key.startswith("evidence-"),
            "expr": not ASIDE.fullmatch(key),
            "graph": (room, f"help-{key}") in named,
            "snapshot": (room, f"help-{key}") in named or family is not None,
        }
        if is_fault.get(room):
            yield family or key


def _explained() -> list[str]:
    return re.findall(r"^\| `([a-z0-9-]+)` \|", (DOCS / "diagnostics.md").read_text("utf-8"), re.MULTILINE)


def test_every_fault_is_explained_once() -> None:
    assert sorted(_explained()) == sorted(set(_codes()))


def test_every_fault_that_broken_files_show_is_explained() -> None:
    shown = "".join(file.read_text("utf-8") for file in (Path(__file__).parent / "broken").glob("*.txt"))
    assert set(re.findall(r"^(?:error|warning)\[([a-z0-9-]+)\]", shown, re.MULTILINE)) <= set(_explained())
