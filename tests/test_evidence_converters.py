"""Exports of products as they come, turned into our own columns without the people in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evidence_files import naive, refused, rows, taken, xlsx
from govcheck.catalogue import tables
from govcheck.evidence.converters import CONVERTERS

PERSON = "Pietersen"


def boards(tmp_path: Path, name: str, content: str | bytes, more: str = "") -> list[dict[str, Any]]:
    read = taken(tmp_path, f"table: work_items, unit: support{more}", name, content)
    assert PERSON not in str(read.rows)
    return [dict(row) for row in read.rows]


def test_jira_gives_items_with_dates_and_marks_and_drops_its_people(tmp_path: Path) -> None:
    content = (
        "\ufeffSummary,Issue key,Issue id,Status,Project key,Assignee,Reporter,Created,Resolved,Due date,"
        "Labels,Labels\r\n"
        f"Geheim,PLT-1,10001,Gereed,PLT,{PERSON},{PERSON},1/Sep/26 9:05 AM,15/sep/26 4:00 PM,,escalated,x\r\n"
        f"Geheim,PLT-2,10002,Bezig,PLT,{PERSON},{PERSON},02/sep./2026 13:30,,20/Sep/26 12:00 AM,,\r\n"
    )
    first, second = boards(tmp_path, "f.csv", content)
    assert (first["board"], first["item"], first["escalated"]) == ("PLT", "PLT-1", True)
    assert (first["created"], first["finished"]) == (naive(2026, 9, 1, 9, 5), naive(2026, 9, 15, 16, 0))
    assert (second["created"], second["due"]) == (naive(2026, 9, 2, 13, 30), naive(2026, 9, 20))
    assert second["escalated"] is False
    assert "Geheim" not in str((first, second))


def test_jira_without_a_field_for_the_start_fills_no_start(tmp_path: Path) -> None:
    content = "Issue key,Issue id,Status,Created,Project key\nPLT-1,1,Bezig,1/Sep/26 9:05 AM,PLT\n"
    read = taken(tmp_path, "table: work_items, unit: support", "f.csv", content)
    assert "started" not in read.columns
    assert "created" in read.columns


def test_a_jira_project_can_be_the_unit(tmp_path: Path) -> None:
    content = "Issue key,Issue id,Status,Created,Project key\nPLT-1,1,Bezig,1/Sep/26 9:05 AM,Planning\n"
    assert rows(tmp_path, "table: work_items, unit: board", "f.csv", content)[0]["unit"] == "planning"


def test_asana_gives_items_and_drops_its_people(tmp_path: Path) -> None:
    content = (
        "Task ID,Created At,Completed At,Last Modified,Name,Section/Column,Assignee,Assignee Email,Start Date,Due Date,"
        "Tags,Notes,Projects\n"
        f"1201234567890123,2026-09-01,2026-09-10,2026-09-10,Geheim,Klaar,{PERSON},p@x.nl,2026-09-02,2026-09-12,,tekst,Site\n"
    )
    [row] = boards(tmp_path, "f.csv", content)
    assert (row["item"], row["board"], row["status"]) == ("1201234567890123", "Site", "Klaar")
    assert (row["started"], row["finished"]) == (naive(2026, 9, 2), naive(2026, 9, 10))


def test_gitlab_issues_are_read_by_name(tmp_path: Path) -> None:
    content = (
        "Issue ID,URL,Title,State,Description,Author,Author Username,Due Date,Created At (UTC),Closed At (UTC),Labels\n"
        f"12,https://x,Geheim,Closed,Lang verhaal,{PERSON},p,2026-09-30,2026-09-01 08:00:00,2026-09-03 09:00:00,"
        '"a,Escalatie"\n'
    )
    [row] = boards(tmp_path, "f.csv", content)
    assert (row["item"], row["status"], row["escalated"]) == ("12", "Closed", True)
    assert row["finished"] == naive(2026, 9, 3, 9, 0)


def test_github_issues_leave_out_pull_requests_and_people(tmp_path: Path) -> None:
    issue = {
        "number": 7,
        "state": "closed",
        "created_at": "2026-09-01T08:00:00Z",
        "closed_at": "2026-09-02T08:00:00Z",
        "html_url": "https://github.com/noorderlicht/portaal/issues/7",
        "user": {"login": PERSON},
        "labels": [{"name": "escalated"}],
        "milestone": {"due_on": "2026-09-30T00:00:00Z"},
        "title": "Geheim",
    }
    [row] = boards(tmp_path, "f.json", json.dumps([issue, issue | {"number": 8, "pull_request": {}}]))
    assert (row["board"], row["item"], row["due"]) == ("noorderlicht/portaal", "7", naive(2026, 9, 30))


def test_trello_tells_when_a_card_moved_and_is_silent_about_cards_older_than_its_actions(tmp_path: Path) -> None:
    def card(number: int, made: int, where: str) -> dict[str, Any]:
        return {"id": f"{made:08x}{number:016d}", "shortLink": f"c{number}", "idList": where, "name": "Geheim"}

    new, old = (int(datetime(year, 9, 1, tzinfo=UTC).timestamp()) for year in (2026, 2025))
    cards = [card(1, new, "done"), card(2, old, "done"), card(3, new, "doing") | {"closed": True}]
    moves = [
        ("2026-09-02T08:00:00.000Z", "doing"),
        ("2026-09-05T08:00:00.000Z", "done"),
        ("2026-08-20T08:00:00.000Z", "x"),
    ]
    actions = [
        {
            "date": date,
            "type": "updateCard",
            "idMemberCreator": PERSON,
            "data": {"card": {"id": on}, "listAfter": {"id": to}},
        }
        for (date, to), on in zip(moves, [cards[0]["id"], cards[0]["id"], "other"], strict=True)
    ]
    lists = [{"id": "doing", "name": "Bezig"}, {"id": "done", "name": "Klaar"}]
    board = {"shortLink": "bord", "lists": lists, "cards": cards, "actions": actions, "members": [{"fullName": PERSON}]}
    first, second = boards(tmp_path, "f.json", json.dumps(board))
    assert (first["item"], first["status"]) == ("c1", "Klaar")
    assert (first["started"], first["finished"]) == (naive(2026, 9, 2, 8), naive(2026, 9, 5, 8))
    assert (second["item"], second["started"], second["finished"]) == ("c2", None, None)


def test_monday_needs_a_mapping_and_drops_what_is_not_in_it(tmp_path: Path) -> None:
    mapping = ", columns: {item: {from: Item ID}, status: {from: Status}, created: {from: Creation log}}"
    sheet: list[list[object]] = [
        ["Sprint 12"],
        ["Name", "Person", "Status", "Creation log", "Item ID"],
        ["Geheim", PERSON, "Bezig", "02-09-2026", "8812"],
        ["Sprint 13", None, None, None, None],
        ["Name", "Person", "Status", "Creation log", "Item ID"],
        ["Geheim", PERSON, "Klaar", "01-09-2026", "8813"],
    ]
    read = boards(tmp_path, "f.xlsx", xlsx(sheet), mapping)
    assert [(row["item"], row["status"]) for row in read] == [("8812", "Bezig"), ("8813", "Klaar")]


def test_no_mapping_takes_the_people_of_a_board_in(tmp_path: Path) -> None:
    mapping = "table: work_items, columns: {item: {from: Item ID}, board: {from: Assignee}}"
    fault = refused(tmp_path, mapping, "f.csv", f"Item ID;Assignee\n1;{PERSON}\n")
    assert fault.code == "evidence-personal-data"


def test_a_zoom_report_is_counted_per_day_and_its_people_are_not_read(tmp_path: Path) -> None:
    content = (
        "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n"
        f"123 456,Overleg {PERSON},09/15/2026 09:00:00 AM,09/15/2026 10:00:00 AM,{PERSON}@x.nl,60,6\n"
        "\n"
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
        f"{PERSON},{PERSON}@x.nl,09/15/2026 09:00:00 AM,09/15/2026 10:00:00 AM,60,No\n"
        "Gast,,09/15/2026 09:00:00 AM,09/15/2026 10:00:00 AM,60,Yes\n"
    )
    read = taken(tmp_path, "table: zoom_meetings, unit: support", "f.csv", content)
    [row] = read.rows
    assert (row["date"], row["meetings"], row["participants"], row["guests"]) == (naive(2026, 9, 15), 1, 6, 1)
    assert PERSON not in str(read)


@pytest.mark.parametrize("total", ["Total membership", "Total enabled membership"])
def test_slack_gives_totals_per_day_and_no_numbers_of_messages(tmp_path: Path, total: str) -> None:
    content = f"Date,{total},Full members,Guests,Weekly active members,Messages in DMs\n2026-09-15,64,58,6,50,999\n"
    [row] = rows(tmp_path, "table: slack_usage", "f.csv", content)
    assert (row["total_membership"], row["guests"], row["weekly_active_members"]) == (64, 6, 50)
    assert 999 not in row.values()


@pytest.mark.parametrize(
    "release",
    [
        {
            "tag_name": "v2",
            "published_at": "2026-09-10T10:00:00Z",
            "draft": False,
            "prerelease": False,
            "body": "Nieuw.",
        },
        {"tag_name": "v2", "released_at": "2026-09-10T10:00:00Z", "description": "Nieuw.", "author": {"name": PERSON}},
    ],
    ids=["github", "gitlab"],
)
def test_a_release_is_known_by_tag_date_and_whether_it_has_notes(tmp_path: Path, release: dict[str, Any]) -> None:
    [row] = rows(tmp_path, "table: releases, unit: support", "app.json", json.dumps([release]))
    assert (row["tag"], row["published"], row["has_notes"]) == ("v2", naive(2026, 9, 10, 10), True)
    assert row["repository"] == "app"
    assert "Nieuw" not in str(row)


def test_scuba_goggles_gives_each_control_its_result(tmp_path: Path) -> None:
    control = {
        "Control ID": "GWS.COMMONCONTROLS.1.1v0.3",
        "Requirement": "<b>Phishing-resistant</b> MFA",
        "Result": "Pass",
    }
    report = {
        "MetaData": {"TimestampZulu": "2026-09-15T08:00:00Z"},
        "Results": {"commoncontrols": [{"GroupName": "MFA", "Controls": [control | {"Details": f"{PERSON}@x.nl"}]}]},
    }
    [row] = rows(tmp_path, "table: scuba_goggles", "f.json", json.dumps(report))
    assert (row["control"], row["result"], row["date"]) == (
        "GWS.COMMONCONTROLS.1.1v0.3",
        "Pass",
        naive(2026, 9, 15, 8),
    )
    assert row["requirement"] == "Phishing-resistant MFA"


def test_powershell_objects_become_columns_by_their_property_names(tmp_path: Path) -> None:
    policy = {
        "Identity": "Global",
        "AllowAnonymousUsersToStartMeeting": False,
        "AutoAdmittedUsers": "Everyone",
        "Key": {},
    }
    data = json.dumps([policy]).encode("utf-16")
    [row] = rows(tmp_path, "table: teams_meeting_policies", "f.json", data)
    assert (row["identity"], row["allow_anonymous_users_to_start_meeting"]) == ("Global", False)
    assert row["auto_admitted_users"] == "Everyone"


def test_powershell_csv_is_read_too(tmp_path: Path) -> None:
    content = '"Identity","AutoAdmittedUsers","Description","AllowCloudRecording"\n"Global","Everyone","Lang","True"\n'
    [row] = rows(tmp_path, "table: teams_meeting_policies", "f.csv", content)
    assert (row["identity"], row["allow_cloud_recording"]) == ("Global", True)


@pytest.mark.parametrize(
    ("allowed", "everybody", "domains"),
    [
        ({"AllowedDomain": [{"Domain": "a.nl"}, {"Domain": "b.nl"}]}, False, ["a.nl", "b.nl"]),
        (["a.nl"], False, ["a.nl"]),
        ([], False, []),
        ({"Element": "<AllowAllKnownDomains />"}, True, []),
        ("AllowAllKnownDomains", True, []),
        ({}, None, []),
    ],
)
def test_domains_that_teams_allows_are_listed_or_said_to_be_all(
    tmp_path: Path, allowed: object, everybody: object, domains: list[str]
) -> None:
    data = json.dumps({"Identity": "Global", "AllowFederatedUsers": True, "AllowedDomains": allowed})
    [row] = rows(tmp_path / "f", "table: teams_federation", "f.json", data)
    assert row["allow_all_known_domains"] is everybody
    assert (row["allowed_domains"] or []) == domains
    listed = rows(tmp_path / "d", "table: teams_allowed_domains", "f.json", data)
    assert [found["domain"] for found in listed] == domains


def test_the_kinds_of_information_in_a_dlp_rule_are_found_however_deep(tmp_path: Path) -> None:
    kind = {"name": "Netherlands Citizen's Service (BSN) Number", "id": "c5f5", "mincount": "1"}
    nested = [{"operator": "And", "groups": [{"name": "Default", "sensitivetypes": [kind]}]}]
    rule = {"Name": "BSN", "ParentPolicyName": "P", "ContentContainsSensitiveInformation": nested, "BlockAccess": True}
    [row] = rows(tmp_path, "table: dlp_rules", "f.json", json.dumps([rule]))
    assert row["information_types"] == [kind["name"]]


def test_what_govcheck_lists_of_itself_is_evidence(tmp_path: Path) -> None:
    runs = json.dumps([{"id": "r1", "tenant": "t", "as_of": "2026-09-01T06:00:00Z", "path": "runs/r1"}])
    snapshots = json.dumps([{"tenant": "t", "taken_at": "2026-09-15T06:00:00Z", "path": "s"}])
    assert rows(tmp_path / "a", "table: audit_runs", "f.json", runs)[0]["as_of"] == naive(2026, 9, 1, 6)
    assert rows(tmp_path / "b", "table: stored_snapshots", "f.json", runs)[0]["kind"] == "results"
    assert rows(tmp_path / "c", "table: stored_snapshots", "f.json", snapshots)[0]["kind"] == "raw"


@pytest.mark.parametrize("converter", CONVERTERS, ids=lambda it: f"{it.product}-{it.table}")
def test_every_converter_is_for_a_table_that_files_fill(converter: Any) -> None:
    assert tables()[converter.table].from_files
