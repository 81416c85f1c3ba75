"""What click says itself, in the language of the person at the terminal."""

from __future__ import annotations

import ast
import importlib
import runpy
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pages import DOCS, ROOT
from tenants import run

LOCALE = ROOT / "src" / "govcheck" / "locale"
ENTRIES: dict[str, dict[str, Any]] = tomllib.loads((LOCALE / "click.toml").read_text("utf-8"))
NEVER_MET = {
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Choice({choices})",
    "Confirm the action without prompting.",
    "Could not determine name for option with declarations {decls!r}",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "Do you want to continue?",
    "Invalid start character for option ({option})",
    "Name '{name}' defined twice",
    (
        "No options defined but a name was passed ({name}). Did you mean to declare an argument instead?"
        " Did you mean to pass '--{name}'?"
    ),
    "%(prog)s, version %(version)s",
}
"""What click says to whoever writes a program with it, and about what we do not use."""


def asked_for() -> Iterator[str]:
    """The texts, or first forms, for which click asks gettext."""
    for name in ("core", "decorators", "exceptions", "formatting", "parser", "types"):
        file = importlib.import_module(f"click.{name}").__file__
        assert file is not None
        for node in ast.walk(ast.parse(Path(file).read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
                yield from (part.value for part in node.args[:1] if isinstance(part, ast.Constant))  # type: ignore[misc]


def originals() -> set[str]:
    return {entry["en"] if isinstance(entry["en"], str) else entry["en"]["one"] for entry in ENTRIES.values()}


WORDED_FOR = "8.5"
"""The version of click that the words were taken from; another may say other things, in English where it does."""

of_this_version = pytest.mark.skipif(
    not version("click").startswith(f"{WORDED_FOR}."), reason=f"the words are those of click {WORDED_FOR}"
)


@of_this_version
def test_all_that_click_may_say_to_a_person_has_dutch_words() -> None:
    assert set(asked_for()) - NEVER_MET <= originals()


@of_this_version
def test_there_are_words_for_nothing_else() -> None:
    assert originals() - set(asked_for()) <= {"required"}  # of which click asks by a variable


def test_the_catalogue_is_made_of_the_words() -> None:
    made = runpy.run_path(str(DOCS / "click_words.py"))
    assert made["CATALOGUE"].read_bytes() == made["catalogue"](), "run `python docs/click_words.py`"


WRONG = {
    ("chekc",): ("Opdracht 'chekc' bestaat niet. Bedoelt u 'check'?", "No such command 'chekc'. Did you mean 'check'?"),
    ("explain",): ("Ontbrekend argument 'ID'.", "Missing argument 'ID'."),
    ("check", "--nope"): ("Optie '--nope' bestaat niet.", "No such option '--nope'."),
    ("check", "--fail-on", "x"): (
        "Ongeldige waarde voor '--fail-on': 'x' is geen",
        "Invalid value for '--fail-on': 'x'",
    ),
    ("explain", "a", "b", "c"): ("Onverwachte extra argumenten (b c)", "Got unexpected extra arguments (b c)"),
    ("explain", "a", "b"): ("Onverwacht extra argument (b)", "Got unexpected extra argument (b)"),
}


@pytest.mark.parametrize("wrong", WRONG, ids=" ".join)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_wrong_usage_is_told_in_the_language_of_the_environment(
    tmp_path: Path, wrong: tuple[str, ...], lang: str
) -> None:
    ended = run(tmp_path, *wrong, GOVCHECK_LANG=lang)
    assert ended.code == 2
    assert WRONG[wrong][0 if lang == "nl" else 1] in ended.stderr
    assert ("Fout: " if lang == "nl" else "Error: ") in ended.stderr
    assert ("Gebruik: govcheck" if lang == "nl" else "Usage: govcheck") in ended.stderr


@pytest.mark.parametrize(("given", "around", "word"), [("nl", "en", "Fout:"), ("en", "nl", "Error:")])
def test_the_language_on_the_command_line_wins(tmp_path: Path, given: str, around: str, word: str) -> None:
    ended = run(tmp_path, "check", "--lang", given, "--nope", GOVCHECK_LANG=around)
    assert word in ended.stderr


@pytest.mark.parametrize(("lang", "word"), [("nl", "Opties:"), ("en", "Options:")])
def test_help_is_in_one_language_throughout(tmp_path: Path, lang: str, word: str) -> None:
    # Help for commands is written before `--lang` is known.
    other = "en" if lang == "nl" else "nl"
    ended = run(tmp_path, "check", "--lang", other, "--help", GOVCHECK_LANG=lang)
    assert word in ended.text


def test_other_languages_of_the_environment_give_english(tmp_path: Path) -> None:
    assert "Error: " in run(tmp_path, "check", "--nope", LANG="de_DE.UTF-8", LANGUAGE="nl").stderr
