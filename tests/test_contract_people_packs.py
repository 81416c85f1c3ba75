"""A closed people pack says what it lacks and counts only where somebody named it; the exact record opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tenants import Document, Ended, Verdicts, check, document, person, policy, rule, write_documents, write_snapshot

MARK = "Zwanenburg"
PACK = policy(rule("CARE", "users", "is_mfa_capable", at_least=0.5, message="{display_name}"), name="care", people=True)
CALM = policy(rule("ON", "users", "account_enabled"))
PURPOSE: Document = {
    "id": "p1",
    "packs": ["care"],
    "purpose": "See whether teams are cared for",
    "legal_basis": "legitimate_interests",
    "dpia": {"id": "DPIA-1", "date": "2026-01-02"},
    "works_council": {"decision": "consented", "id": "OR-1", "date": "2026-02-02"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A calm policy and a people pack, each in its own file, over nine people who do not pass it."""
    write_documents(tmp_path / "policies" / "calm.yaml", CALM)
    write_documents(tmp_path / "policies" / "care.yaml", PACK)
    users = [person(f"{MARK}-{at}", department="Care", is_mfa_capable=at < 3) for at in range(9)]
    write_snapshot(tmp_path / "snapshot", {"users": users})
    return tmp_path


def record(folder: Path, **change: object) -> None:
    purpose = {name: value for name, value in (PURPOSE | change).items() if value is not None}
    write_documents(folder / "policies" / "processing.yaml", document("Processing", "proc", purposes=[purpose]))


def outcome(ended: Ended) -> tuple[str, str | None]:
    return Verdicts(ended).outcome("CARE")


def test_the_record_as_the_design_writes_it_opens_the_pack(folder: Path) -> None:
    record(folder)
    ended = check(folder, "-f", "json")
    assert (outcome(ended), ended.code) == (("fail", None), 1)


@pytest.mark.parametrize("part", ["purpose", "legal_basis", "dpia", "works_council"])
def test_without_any_part_of_it_the_pack_stays_closed_and_says_which_is_missing(folder: Path, part: str) -> None:
    change: dict[str, Any] = {part: None}
    record(folder, **change)
    ended = check(folder, "-f", "json")
    assert outcome(ended) == ("unknown", "not_permitted")
    [gap] = ended.json["gaps"]
    assert (gap["reason"], gap["rules"]) == ("not_permitted", ["CARE"])
    assert f"({part})" in gap["detail"]


@pytest.mark.parametrize("basis", ["Article 6(1)(f) GDPR", "AVG art. 6 lid 1 onder f", "art. 6(1)(f) AVG"])
def test_the_article_of_the_law_will_do_as_the_legal_basis(folder: Path, basis: str) -> None:
    record(folder, legal_basis=basis)
    ended = check(folder, "-f", "json")
    assert outcome(ended) == ("fail", None)
    assert "unknown-value" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--select", "care"], 3),
        (["--select", "CARE"], 3),
        (["policies/care.yaml"], 3),
        (["policies/calm.yaml"], 0),
        (["--select", "care", "--allow-unknown"], 0),
    ],
)
def test_a_closed_pack_counts_where_it_was_named(folder: Path, arguments: list[str], code: int) -> None:
    assert check(folder, *arguments).code == code


def test_shipped_packs_that_come_along_with_declarations_were_not_named(folder: Path) -> None:
    declared = write_documents(folder / "declared" / "org.yaml", document("Organisation", "org", roles={"ciso": {}}))
    others = "access,apps,communication,policy,privacy,raci,remote-work"
    ended = check(folder, declared, "--ignore", others, "-f", "json")
    assert {found["reason"] for found in ended.json["rules"]} == {"not_permitted"}
    assert ended.code == 0
    assert check(folder, declared, "--select", "people").code == 3


@pytest.mark.parametrize("form", ["text", "json", "html", "csv"])
@pytest.mark.parametrize("names", ["shown", "pseudonymous", "counts"])
def test_a_pack_names_nobody_closed_or_open(folder: Path, form: str, names: str) -> None:
    closed = check(folder, "-f", form, "--names", names, "--select", "care")
    record(folder)
    opened = check(folder, "-f", form, "--names", names, "--select", "care")
    assert (closed.code, opened.code) == (3, 1)
    for ended in (closed, opened):
        assert MARK.casefold() not in (ended.text + ended.stderr).casefold()
