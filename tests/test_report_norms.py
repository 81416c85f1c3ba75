"""The report per norm: which requirements the rules refer to, and how those end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from govcheck.report.norms import norms
from reports import build
from tenants import Rows, document, judge, person, policy, rule, run, write_snapshot

ROWS: Rows = {"users": [person("ann")]}


def rules(folder: Path) -> None:
    """A rule that passes and one that fails, both about the same requirement, and one about a norm of our own."""
    judge(
        folder,
        [
            policy(
                rule("GOOD", "users", "account_enabled", references=["iso27001@2022:A.5.17", "iso27001@2022:A.5.2"]),
                rule("BAD", "users", "NOT account_enabled", references=["iso27001@2022:A.5.17"]),
                rule("OWN", "users", "account_enabled", references=["house@1:7"]),
            ),
            document("Organisation", "org"),
        ],
        ROWS,
    )


def test_a_requirement_ends_as_its_worst_rule(tmp_path: Path) -> None:
    rules(tmp_path)
    text = run(tmp_path, "check", "--snapshot", "snapshot", "--lang", "en").text
    line = next(line for line in text.splitlines() if line.startswith("ISO/IEC 27001:2022"))
    assert line.split()[-5:] == ["1", "0", "1", "0", "0"]


def test_norms_of_our_own_come_last_under_their_own_name(tmp_path: Path) -> None:
    rules(tmp_path)
    text = run(tmp_path, "check", "--snapshot", "snapshot", "--lang", "en").text
    assert text.index("ISO/IEC 27001") < text.index("house@1")


def test_the_page_says_what_a_requirement_asks_in_its_language(tmp_path: Path) -> None:
    rules(tmp_path)
    html = run(tmp_path, "check", "--snapshot", "snapshot", "--lang", "nl", "-f", "html").text
    assert "inloggegevens worden beheerd" in html
    assert "authentication data" not in html


def test_requirements_stand_in_the_order_people_count_in() -> None:
    report = build()
    rules = (replace(report.rules[0], references=("iso27001@2022:A.5.10", "iso27001@2022:A.5.2")),)
    norm, _ = norms(replace(report, rules=rules))
    assert [requirement.id for requirement in norm.requirements] == ["A.5.2", "A.5.10"]


def test_rules_are_listed_by_the_norm_they_refer_to(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "snapshot", ROWS)
    listed = run(tmp_path, "list", "rules", "--framework", "ISO27001", "-f", "json").json
    assert listed
    assert all(reference.startswith("iso27001@") for row in listed for reference in row["references"])


def test_an_unknown_norm_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    ended = run(tmp_path, "list", "rules", "--framework", "iso2701")
    assert (ended.code, "did you mean `iso27001`?" in ended.stderr) == (2, True)
