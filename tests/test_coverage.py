"""`govcheck coverage`: which team is covered by which agreement, without naming anybody."""

from __future__ import annotations

import csv
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tenants import Document, Ended, Rows, document, members, person, run, team, write_documents, write_snapshot

ORGANISATION = document(
    "Organisation",
    "org",
    units=[
        {"id": "operations", "name": "Operatie", "kind": "department", "department": "Operations"},
        {"id": "support", "name": "Support", "kind": "team", "parent": "operations", "group": "g-support"},
        {"id": "depot", "name": "Depot", "kind": "team", "parent": "operations", "group": "g-depot",
         "work_mode": "office"},
        {"id": "sales", "name": "Sales", "kind": "team", "group": "g-sales"},
    ],
)  # fmt: skip
PEOPLE = [person(f"p{number}") for number in range(20)]
ROWS: Rows = {
    "users": PEOPLE,
    "teams": [team("g-support"), team("g-depot"), team("g-sales")],
    "memberships": [
        *members("g-support", [f"p{number}" for number in range(6)]),
        *members("g-depot", [f"p{number}" for number in range(6, 12)]),
        *members("g-sales", [f"p{number}" for number in range(12, 14)]),
    ],
}


def charter(name: str, **more: Any) -> Document:
    return document("CommunicationCharter", name, owner="teamlead", **more)


def cover(folder: Path, *documents: Document, rows: Rows = ROWS, more: tuple[str, ...] = ()) -> Ended:
    write_documents(folder / "policies" / "house.yaml", ORGANISATION, *documents)
    if not (folder / "snapshot").exists():
        write_snapshot(folder / "snapshot", rows)
    return run(folder, "coverage", "--snapshot", "snapshot", *more)


def cells(ended: Ended, topic: str) -> dict[str, str]:
    return {unit["id"]: unit["topics"][topic]["state"] for unit in ended.json["units"]}


def test_the_nearest_document_holds_and_says_whose_it_is(tmp_path: Path) -> None:
    ended = cover(
        tmp_path,
        charter("general"),
        charter("ops", unit="operations"),
        charter("ours", unit="support"),
        more=("-f", "json"),
    )
    found = {unit["id"]: unit["topics"]["charter"]["document"] for unit in ended.json["units"]}
    assert found == {"support": "ours", "depot": "ops", "sales": "general"}
    assert cells(ended, "charter") == {"support": "own", "depot": "covered", "sales": "covered"}


def test_a_document_that_is_due_for_review_no_longer_counts(tmp_path: Path) -> None:
    late = charter("late", unit="support", reviewed="2025-01-01", review_every_days=30)
    ended = cover(tmp_path, late, more=("-f", "json"))
    assert cells(ended, "charter") == {"support": "overdue", "depot": "missing", "sales": "missing"}
    assert ended.json["summary"]["topics"]["charter"] == {
        "covered": 0, "overdue": 1, "missing": 2, "teams": 3, "change": None,
    }  # fmt: skip


def test_remote_work_is_not_asked_of_a_team_that_works_in_the_office(tmp_path: Path) -> None:
    ended = cover(tmp_path, more=("-f", "json"))
    assert cells(ended, "remote_work") == {"support": "missing", "depot": "not_applicable", "sales": "missing"}


def _training(folder: Path, rows: list[tuple[str, int, int]]) -> Document:
    with (folder / "training.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", "course", "period_end", "due", "completed"])
        writer.writerows((unit, "security", "2026-06-30", due, completed) for unit, due, completed in rows)
    return document("Evidence", "evidence", files=[{"table": "training", "path": "../training.csv"}])


def test_evidence_shows_as_a_share_of_people(tmp_path: Path) -> None:
    ended = cover(tmp_path, _training(tmp_path, [("support", 10, 9), ("operations", 20, 20)]), more=("-f", "json"))
    shares = {unit["id"]: unit["topics"]["training"]["share"] for unit in ended.json["units"]}
    assert shares == {"support": 0.9, "depot": 1.0, "sales": None}
    assert cells(ended, "training") == {"support": "partial", "depot": "covered", "sales": "missing"}


def test_without_evidence_a_topic_is_unknown_and_not_missing(tmp_path: Path) -> None:
    assert set(cells(cover(tmp_path, more=("-f", "json")), "training").values()) == {"unknown"}


def test_evidence_about_too_few_people_is_not_shown(tmp_path: Path) -> None:
    ended = cover(tmp_path, _training(tmp_path, [("support", 4, 3)]), more=("-f", "json"))
    assert {unit["topics"]["training"]["share"] for unit in ended.json["units"]} == {None}


def test_people_whom_no_agreement_covers_are_counted_and_never_named(tmp_path: Path) -> None:
    ended = cover(tmp_path, charter("ours", unit="support"), charter("theirs", unit="depot"), more=("-f", "json"))
    assert ended.json["summary"]["people"] == {"members": 20, "uncovered": 8}
    for fmt in ("text", "json", "html"):
        text = cover(tmp_path, more=("-f", fmt)).text
        names = [str(one[column]) for one in PEOPLE for column in ("user_principal_name", "display_name")]
        assert not set(names) & set(re.findall(r"[\w.@]+", text))


def test_a_handful_of_uncovered_people_is_not_counted_out(tmp_path: Path) -> None:
    rows = {**ROWS, "users": PEOPLE[:14]}
    all_but_sales = (charter("ours", unit="support"), charter("theirs", unit="depot"))
    ended = cover(tmp_path, *all_but_sales, rows=rows, more=("-f", "json"))
    assert ended.json["summary"]["people"] == {"members": 14, "uncovered": None}


def test_the_second_run_tells_what_changed_since_the_first(tmp_path: Path) -> None:
    cover(tmp_path, charter("ours", unit="support"))
    ended = cover(
        tmp_path,
        charter("ours", unit="support"),
        charter("theirs", unit="depot"),
        more=("-f", "json", "--as-of", "2026-11-01"),
    )
    assert ended.json["summary"]["previous"] == "2026-10-01T08:00:00Z"
    assert ended.json["summary"]["topics"]["charter"]["change"] == 1


def test_a_dutch_organisation_reads_dutch_unless_it_asks_otherwise(tmp_path: Path) -> None:
    country: Rows = {"organization": [{"id": "t", "display_name": "De Linde", "country_letter_code": "NL"}]}
    assert "Dekking van afspraken" in cover(tmp_path, rows={**ROWS, **country}).text
    assert "Coverage of agreements" in cover(tmp_path, more=("--lang", "en")).text


def test_the_workbook_opens_with_a_row_per_team_and_no_formula(tmp_path: Path) -> None:
    rows: Rows = {**ROWS, "teams": [team("g-evil", display_name='=HYPERLINK("http://evil.example")')]}
    ended = cover(tmp_path, charter("general"), rows=rows, more=("--lang", "en", "-f", "xlsx"))
    sheet = load_workbook(BytesIO(ended.stdout)).worksheets[0]
    written = list(sheet.iter_rows(values_only=True))
    assert written[0][:3] == ("team", "accounts", "Communication charter")
    assert {row[0] for row in written[1:]} >= {"Support", "Sales"}
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_the_date_of_a_review_shows_only_when_it_has_passed_or_is_near(tmp_path: Path) -> None:
    ended = cover(
        tmp_path,
        charter("late", unit="support", reviewed="2025-01-01", review_every_days=30),
        charter("soon", unit="depot", reviewed="2026-09-01", review_every_days=60),
        charter("later", unit="sales", reviewed="2026-09-01", review_every_days=365),
        more=("--lang", "en", "-f", "html"),
    )
    table = ended.text.partition('class="cover"')[2]
    assert re.findall(r"<small>((?:since|review)[^<]*)</small>", table) == [
        "review: 31 October 2026",
        "since 31 January 2025",
    ]


def test_the_review_of_a_document_that_teams_share_is_told_once(tmp_path: Path) -> None:
    general = charter("general", reviewed="2026-09-01", review_every_days=60)
    page = cover(tmp_path, general, more=("--lang", "en", "-f", "html")).text
    assert page.count("31 October 2026") == 1


def test_a_share_on_the_page_is_rounded_down_so_that_only_everybody_is_all(tmp_path: Path) -> None:
    evidence = _training(tmp_path, [("operations", 1000, 999), ("sales", 20, 20)])
    page = cover(tmp_path, evidence, more=("--lang", "en", "-f", "html")).text
    assert re.findall(r">(\d+%)<", page) == ["99%", "100%", "99%"]


@pytest.mark.parametrize("fmt", ["text", "json", "html", "xlsx"])
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, fmt: str) -> None:
    first, second = (cover(tmp_path, charter("general"), more=("-f", fmt)).stdout for _ in range(2))
    assert _contents(first, fmt) == _contents(second, fmt)


def _contents(data: bytes, fmt: str) -> object:
    """The parts of a workbook; its archive and its properties hold the moment it was written."""
    if fmt != "xlsx":
        return data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}


def test_hostile_names_are_inert_in_the_page(tmp_path: Path) -> None:
    rows: Rows = {"teams": [team("g-x", display_name="<script>alert(1)</script>")], "users": PEOPLE}
    page = cover(tmp_path, rows=rows, more=("-f", "html")).text
    assert "<script>" not in page


def test_several_files_come_from_one_run(tmp_path: Path) -> None:
    ended = cover(tmp_path, more=("-o", "html=matrix.html", "-o", "xlsx=matrix.xlsx"))
    assert ended.code == 0
    assert (tmp_path / "matrix.html").read_bytes().startswith(b"<!doctype html>")
    assert (tmp_path / "matrix.xlsx").read_bytes().startswith(b"PK")


def test_an_unknown_format_is_refused_with_the_nearest(tmp_path: Path) -> None:
    ended = cover(tmp_path, more=("-f", "xslx"))
    assert (ended.code, "xlsx" in ended.stderr) == (2, True)
