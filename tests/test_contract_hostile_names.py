"""Tenant data is hostile: inert in what people open, unharmed in what programs read."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tenants import Rows, check, judge, members, person, policy, rule, team

HOSTILE = {
    "u-html": "<script>alert(1)</script>",
    "u-attribute": '"><img src=x onerror=alert(1)>',
    "u-escape": "\x1b[31mred\x1b[0m\x07",
    "u-title": "\x1b]0;owned\x07",
    "u-formula": '=HYPERLINK("http://evil.example","click")',
    "u-plus": "+1+1",
    "u-minus": "-1+1",
    "u-at": "@SUM(A1)",
    "u-tab": "\t=1+1",
    "u-return": "\r=1+1",
    "u-bidi": "Eva\u202eexe.fdp",
    "u-isolate": "a\u2066b\u2069c",
    "u-line": "one\ntwo",
    "u-c1": "a\x9b31mb",
    "u-quote": 'O"Neill, Jr.; x',
}
TEAM_NAME = '<b onmouseover="alert(2)">=cmd|x</b>\x1b[1m\u202e'
DEPARTMENT = "=DEPT()<i>\x1b[2m"
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("hostile")
    users = [person(user, display_name=name, department=DEPARTMENT, job_title=name) for user, name in HOSTILE.items()]
    rows: Rows = {
        "users": users,
        "teams": [team("g-1", display_name=TEAM_NAME)],
        "memberships": members("g-1", list(HOSTILE)),
    }
    rules = policy(
        rule("R", "users", "job_title = 'x'", message="{display_name} is not x"),
        rule("T", "teams", "display_name = 'x'", message="Team {display_name}"),
        rule("N", "users", "country = 'NL'"),
    )
    judge(found, [rules], rows)
    return found


@pytest.mark.parametrize("fmt", ["text", "csv", "html"])
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_nothing_that_acts_on_a_reader_is_written(folder: Path, fmt: str, lang: str) -> None:
    ended = check(folder, "-f", fmt, "--lang", lang)
    written = ended.stdout.decode("utf-8-sig").replace("\r\n", "\n")
    assert ACTIVE.findall(written) == []
    assert ACTIVE.findall(ended.stderr) == []


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_a_page_has_no_element_that_a_name_brought_along(folder: Path) -> None:
    page = _Page()
    written = check(folder, "-f", "html").text
    page.feed(written)
    assert "img" not in page.tags
    assert "i" not in page.tags
    assert page.handlers == []
    assert [link for link in page.links if "evil" in link] == []
    assert "<script>alert" not in written
    assert "&lt;script&gt;" in written


def test_no_cell_of_a_table_begins_a_formula(folder: Path) -> None:
    written = check(folder, "-f", "csv").stdout.decode("utf-8-sig")
    first = written.splitlines()[0]
    cells = [
        cell
        for row in csv.reader(
            io.StringIO(written, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
        )
        for cell in row
    ]
    assert [cell for cell in cells if re.match(r"[\s\x00]*[=+@\uff1d\uff0b\uff20]|[\t\r]", cell)] == []
    assert [cell for cell in cells if cell.startswith("-") and not re.fullmatch(r"-?[0-9.]+", cell)] == []


def test_json_gives_names_back_unharmed(folder: Path) -> None:
    report = check(folder, "-f", "json").json
    labels = {found["subject"]["id"]: found["subject"]["label"] for found in report["findings"] if found["rule"] == "R"}
    assert labels == HOSTILE
    assert {unit["name"] for unit in report["units"]} >= {TEAM_NAME, DEPARTMENT}
    messages = {found["message"] for found in report["findings"] if found["rule"] == "R"}
    assert messages == {f"{name} is not x" for name in HOSTILE.values()}


def test_json_itself_holds_no_control_characters(folder: Path) -> None:
    written = check(folder, "-f", "json").text
    assert re.findall("[\x00-\x09\x0b-\x1f]", written) == []


def test_what_would_act_is_shown_as_an_escape(folder: Path) -> None:
    written = check(folder, "-f", "csv").stdout.decode("utf-8-sig")
    assert "\\u202e" in written
    assert "\\x1b" in written


def test_a_hostile_name_in_a_policy_is_shown_escaped_in_diagnostics(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "hostile-source.yaml").write_text(
        'apiVersion: govcheck/v1\nkind: Policy\nid: x\ntitle: "a"\nowner: ciso\nversion: "1"\nrules: "\u202e evil"\n',
        "utf-8",
    )
    ended = check(folder, tmp_path / "hostile-source.yaml")
    assert ended.code == 2
    assert ACTIVE.findall(ended.stderr) == []


def test_a_hostile_team_on_the_command_line_is_shown_escaped(folder: Path) -> None:
    ended = check(folder, "--team", "\x1b[31mx\u202e")
    assert ended.code == 2
    assert ACTIVE.findall(ended.stderr) == []
