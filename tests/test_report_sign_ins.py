"""How people can sign in, as reports show it: in words, on a page and a terminal, and never in the JSON contract."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
from wcwidth import wcswidth

import reports
from access_tenants import MFA, policy
from govcheck.model import Lang, Report, SignInGrid, Text
from govcheck.report import FORMATS, render
from govcheck.report.sign_ins import table
from govcheck.report.terminal import Screen
from report_people import ESCAPES, SCRIPT
from tenants import check, document, person, rule, write_documents, write_snapshot
from tenants import policy as rules_policy
from test_access_rules import rows

GRID = SignInGrid(
    columns=tuple(Text(en=name, nl=f"{name} nl") for name in ("all in all", "web browser", "older client")),
    rows=(
        (Text(en="212 members", nl="212 medewerkers"), ("always", "always", "blocked")),
        (Text(en=f"9 members, excluded by {SCRIPT}{ESCAPES}", nl="9"), ("conditional", "never", "blocked")),
    ),
)


def with_grid() -> Report:
    return replace(reports.build(), sign_ins=GRID)


def texts(node: Any) -> list[str]:
    return ["".join(cell.itertext()).strip() for cell in node.iter() if cell.tag in {"th", "td"}]


@pytest.mark.parametrize(("lang", "words"), [("en", ["partly MFA", "NO MFA"]), ("nl", ["deels MFA", "GEEN MFA"])])
def test_the_page_says_in_words_what_signing_in_takes(lang: Lang, words: list[str]) -> None:
    page = html5lib.parse(render(with_grid(), "html", lang=lang), namespaceHTMLElements=False)
    grid = page.find(".//table[@class='grid']")
    assert texts(grid)[-3:-1] == words
    assert page.find(".//nav//a[@href='#sign-ins']") is not None


def test_a_run_without_the_data_has_no_such_section() -> None:
    page = html5lib.parse(render(reports.build(), "html", lang="en"), namespaceHTMLElements=False)
    assert page.find(".//*[@id='sign-ins']") is None
    assert b"what-if" not in render(reports.build(), "text", lang="en")


def test_the_terminal_gets_the_short_form() -> None:
    text = render(with_grid(), "text", lang="en", width=80).decode()
    at = text.index("212 members")
    assert text[at:].splitlines()[0].split() == ["212", "members", "MFA"]
    assert "govcheck what-if --holes" in text


@pytest.mark.parametrize("name", ["json", "csv"])
def test_other_formats_are_as_without(name: str) -> None:
    assert render(with_grid(), name, lang="en") == render(reports.build(), name, lang="en")


@pytest.mark.parametrize("name", sorted(FORMATS.keys() & {"text", "html"}))
def test_names_of_groups_are_inert(name: str) -> None:
    written = render(with_grid(), name, lang="en").decode()
    assert "\x1b" not in written
    assert "<script>" not in written or name == "text"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_columns_that_do_not_fit_come_below(width: int) -> None:
    lines = list(table(GRID, Screen(width=width, color=False), "en"))
    assert all(wcswidth(line) <= max(width, 44 + 14) for line in lines)
    assert sum("older client" in line for line in lines) == 1


def test_colour_says_nothing_that_words_do_not() -> None:
    plain = list(table(GRID, Screen(width=80, color=False), "en"))
    painted = "\n".join(table(GRID, Screen(width=80, color=True), "en"))
    for code in ("\x1b[1m", "\x1b[1;31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"):
        painted = painted.replace(code, "")
    assert painted.splitlines() == plain


def test_a_check_draws_it_where_conditional_access_was_collected(tmp_path: Path) -> None:
    held = rows(policy("a", MFA)) | {"users": [person(f"p{number}") for number in range(6)]}
    write_snapshot(tmp_path / "snapshot", held)
    write_documents(tmp_path / "policies" / "p.yaml", rules_policy(rule("R-1", "users", "account_enabled")))
    write_documents(tmp_path / "policies" / "org.yaml", document("Organisation", "linde"))
    ended = check(tmp_path)
    assert "6 members" in ended.text
    (tmp_path / "bare").mkdir()
    write_snapshot(tmp_path / "bare" / "snapshot", {"users": held["users"]})
    write_documents(tmp_path / "bare" / "policies" / "p.yaml", rules_policy(rule("R-1", "users", "account_enabled")))
    assert "what-if" not in check(tmp_path / "bare").text


def test_the_json_of_a_check_has_no_key_for_it(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "snapshot", rows(policy("a", MFA)))
    write_documents(tmp_path / "policies" / "p.yaml", rules_policy(rule("R-1", "users", "account_enabled")))
    assert "sign_ins" not in json.dumps(check(tmp_path, "--format", "json").json)
