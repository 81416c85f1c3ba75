from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
import yaml

from govcheck.cli import cli, failure, main
from govcheck.diagnostics import GovcheckError
from govcheck.engine import gate
from govcheck.engine.examples import run_examples
from govcheck.graph.faults import SignInError
from govcheck.model import LANGS, Lang, Outcome, Reason
from govcheck.policy import load_policies
from govcheck.policy.schema import KINDS, bundled
from pages import (
    DOCS,
    PAGES,
    ROOT,
    Fence,
    anchors,
    commands,
    fences,
    in_dutch,
    links,
    page_name,
    prose,
    steps,
    stranger,
    unmatched,
)

EXIT_CODES = {
    gate.CLEAN,
    gate.FINDINGS,
    gate.UNDECIDED,
    GovcheckError.exit_code,
    SignInError.exit_code,
    failure.INTERNAL_ERROR,
    failure.INTERRUPTED,
}
MADE = ("controls.md", "tables.md", "commands.md")
HAND_WRITTEN = {
    "en": [page for page in PAGES if not in_dutch(page) and page.name not in MADE],
    "nl": [page for page in PAGES if in_dutch(page) and page.name not in MADE],
}
PARAMETERS = {"mfa_min": 0.98, "allowed": ["Sms", "Voice"]}
"""Parameters for rules that a page shows without the policy around them."""

every_page = pytest.mark.parametrize("page", PAGES, ids=page_name)


# What a page shows works


def _story_pages() -> list[Path]:
    told = ("console", "python")
    return [page for page in PAGES if any(fence.language in told for fence in fences(page.read_text("utf-8")))]


@pytest.mark.parametrize("page", _story_pages(), ids=page_name)
def test_what_a_page_shows_runs_as_it_says(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GOVCHECK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GOVCHECK_LANG", "nl" if in_dutch(page) else "en")
    shown = fences(page.read_text("utf-8"))
    for fence, following in zip(shown, [*shown[1:], Fence("", "", None)], strict=True):
        if fence.name:
            Path(fence.name).parent.mkdir(parents=True, exist_ok=True)
            Path(fence.name).write_text(fence.body, "utf-8")
        if fence.language == "console":
            _run_console(fence.body)
        if fence.language == "python":
            written = io.StringIO()
            with contextlib.redirect_stdout(written):
                exec(compile(fence.body, page_name(page), "exec"), {})  # noqa: S102 - our own page
            assert following.language != "text" or written.getvalue() == following.body


def _run_console(console: str) -> None:
    for step in steps(console):
        program, *arguments = shlex.split(step.command)
        assert program == "govcheck"
        code, written = _run(arguments)
        assert (step.command, code) == (step.command, step.code), "\n".join(written)
        if step.output:
            assert unmatched(step.output, written) is None, "\n".join(written)


def _run(arguments: list[str]) -> tuple[int, list[str]]:
    """Exit code and lines, of stdout and stderr together."""
    kept = io.BytesIO()
    stream = io.TextIOWrapper(kept, encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), pytest.raises(SystemExit) as ended:
        main(arguments)
    lines = kept.getvalue().decode("utf-8-sig").rstrip("\n").split("\n")
    return int(ended.value.code or 0), [line.rstrip() for line in lines]


def _yaml_fences() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for number, fence in enumerate(fences(page.read_text("utf-8"))):
            if fence.language == "yaml" and fence.name is None and yaml.safe_load(fence.body) is not None:
                yield f"{page_name(page)}:{number}", fence.body


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in _yaml_fences()])
def test_yaml_on_a_page_is_valid(body: str, tmp_path: Path) -> None:
    file = tmp_path / "shown.yaml"
    file.write_text(body if "apiVersion:" in body else yaml.safe_dump(_around(yaml.safe_load(body))), "utf-8")
    policies = load_policies([file], lenient=False)
    shown = [example for example in run_examples(policies) if example.rule.span.path.endswith("shown.yaml")]
    assert [example.rule.id for example in shown if not example.right] == []


def _around(fragment: Any) -> dict[str, Any]:
    """A whole document around a part of one."""
    header = {"apiVersion": "govcheck/v1", "kind": "Policy", "id": "shown", "owner": "ciso", "version": "1"}
    rule = {"id": "SHOWN-01", "title": "Shown", "severity": "low", "check": "users", "expect": "account_enabled"}
    match fragment:
        case list():
            return header | {"title": "Shown", "parameters": PARAMETERS, "rules": fragment}
        case {"check": _}:
            return header | {"title": "Shown", "parameters": PARAMETERS, "rules": [rule | fragment]}
        case {"parameters": dict(given)} if all("." in name for name in given):
            return {"apiVersion": "govcheck/v1", "kind": "Organisation", "id": "shown", **fragment}
        case _:
            return header | {"title": "Shown", "rules": [rule], **fragment}


def test_pipelines_on_a_page_put_nobody_in_a_log() -> None:
    shown = [fence for page in PAGES for fence in fences(page.read_text("utf-8")) if (fence.name or "").startswith(".")]
    checks = [line for fence in shown for line in fence.body.split("\n") if "govcheck check" in line]
    assert len(checks) == len(shown) > 0
    assert [line for line in checks if "--names counts" not in line] == []
    assert all(yaml.safe_load(fence.body) for fence in shown)


@every_page
def test_commands_and_options_on_a_page_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [line for line in commands(text) if stranger(line)] == []


def test_a_command_or_option_that_does_not_exist_is_noticed() -> None:
    lines = ["cure", "check --cure", "list rules --team X", "check --team X", "list rules|teams", "--version"]
    assert [line for line in lines if stranger(line)] == lines[:3]


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page.read_text("utf-8")):
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_relative_to(DOCS)], ids=page_name)
def test_the_index_of_its_language_leads_to_every_page(page: Path) -> None:
    index = page.parent / "README.md"
    assert page == index or page.name in links(index.read_text("utf-8"))


# Nothing is missing


def test_pages_made_from_data_are_up_to_date() -> None:
    stale = [page_name(page) for page, text in _generator().pages().items() if page.read_text("utf-8") != text]
    assert stale == [], "run `python docs/generate.py`"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _every_command(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _every_command(below, f"{path} {name}")


_HELP = """
import click, json
from govcheck.cli import cli
def told(command, path):
    yield path, command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "version":
            yield f"{path} {parameter.opts[-1]}", parameter.help
    for name, below in getattr(command, "commands", {}).items():
        yield from told(below, f"{path} {name}")
print(json.dumps(dict(told(cli, "govcheck"))))
"""


def _help(lang: Lang) -> dict[str, str | None]:
    """Help of every command and option as a person with a system in `lang` sees it."""
    environment = os.environ | {"GOVCHECK_LANG": lang, "PYTHONIOENCODING": "utf-8"}
    arguments = [sys.executable, "-c", _HELP]
    shown = subprocess.run(arguments, env=environment, capture_output=True, check=True)  # noqa: S603 - our own words
    found: dict[str, str | None] = json.loads(shown.stdout)
    return found


def test_every_command_and_option_explains_itself_in_both_languages() -> None:
    english, dutch = _help("en"), _help("nl")
    assert [name for name in english if not english[name] or not dutch[name] or english[name] == dutch[name]] == []


@pytest.mark.parametrize("lang", LANGS)
def test_every_command_and_option_is_told_outside_its_reference(lang: Lang) -> None:
    text = "\n".join(page.read_text("utf-8") for page in HAND_WRITTEN[lang])
    words = {path for path, _ in _every_command(cli, "govcheck")}
    for _, command in _every_command(cli, "govcheck"):
        words |= {option.opts[-1] for option in command.params if isinstance(option, click.Option)}
    assert {word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)} == set()


@pytest.mark.parametrize("lang", LANGS)
def test_the_table_of_exit_codes_stands_once_and_is_right(lang: Lang) -> None:
    head = {"en": "| Exit code |", "nl": "| Afsluitcode |"}[lang]
    text = "\n".join(page.read_text("utf-8") for page in HAND_WRITTEN[lang])
    [table] = re.findall(rf"^{re.escape(head)}.*\n\|[ -|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    codes = {int(code) for row in table.splitlines() for code in re.findall(r"\d+", row.split("|")[1])}
    assert codes == EXIT_CODES


@pytest.mark.parametrize("page", ["policies.md", "nl/beleid.md"])
def test_every_key_of_every_kind_is_explained(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    keys = {key for kind in KINDS for key in _keys(bundled(kind))} - {"nl", "en"}
    assert {key for key in keys if f"`{key}`" not in text} == set()


def _keys(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from _keys(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _keys(item)


@pytest.mark.parametrize("page", ["reports.md", "nl/rapporten.md"])
def test_every_outcome_and_reason_is_explained(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert [name for name in (*Outcome, *Reason) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", ["collecting.md", "nl/verzamelen.md"])
def test_every_environment_variable_is_explained(page: str) -> None:
    code = "".join(file.read_text("utf-8") for file in (ROOT / "src").rglob("*.py"))
    names = set(re.findall(r"\b(?:AZURE|GOVCHECK)_[A-Z_]+\b", code)) | {"NO_COLOR", "HTTPS_PROXY"}
    text = (DOCS / page).read_text("utf-8")
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_the_settings_that_a_page_shows_are_known() -> None:
    known = {str(parameter.name) for command in cli.commands.values() for parameter in command.params}
    shown = [fence for page in PAGES for fence in fences(page.read_text("utf-8")) if fence.language == "toml"]
    names = {key.replace("-", "_") for fence in shown for key in tomllib.loads(fence.body)}
    assert names
    assert names <= known


def test_the_readme_keeps_the_two_commands_that_set_it_up() -> None:
    commands = re.findall(r"^python3 .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert commands[0].startswith("python3 -m venv .venv && ")
    assert commands[0].endswith("govcheck check --tenant demo")
    assert commands[1].endswith("pytest")


@every_page
def test_a_page_names_no_place_on_somebodys_machine(page: Path) -> None:
    assert re.findall(r"(?:/tmp/|/home/|/Users/|C:\\)\S*", prose(page.read_text("utf-8"))) == []
