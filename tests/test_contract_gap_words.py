"""What a Dutch report says of what is missing: Dutch, but for what Microsoft Graph says itself."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.snapshot import Snapshot, open_snapshot
from scripted_graph import NO_LICENCE, NO_PERMISSION, Answer, ScriptedGraph, ScriptedSource, rows
from tenants import policy, rule, run, write_documents

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
LOCATIONS = "/identity/conditionalAccess/namedLocations"
DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
BROKEN = Answer(status=503, body={"error": {"code": "ServiceUnavailable", "message": "The service is down."}})
NEEDS: Needs = {
    "users": {"id", "account_enabled", "is_mfa_capable", "department"},
    "named_locations": {"display_name"},
    "service_principals": {"display_name"},
    "vpn_profiles": {"id"},
}
RULES = (
    rule("STALE", "named_locations", "length(display_name) > 0"),
    rule("LICENCE", "users", "is_mfa_capable"),
    rule("ODD", "users", "department = 'HR'"),
    rule("REFUSED", "service_principals", "length(display_name) > 0"),
    rule("BETA", "vpn_profiles", "length(id) > 0"),
    rule("TABLE", "devices", "is_encrypted"),
    rule("COLUMN", "users", "job_title = 'HR'"),
    rule("EVIDENCE", "enps", "response_rate > 0.5"),
    rule("PEOPLE", "users", "account_enabled", message="{department}"),
)
QUOTED = re.compile("‘[^’]*’")
ENGLISH = re.compile(
    r"\b(the|not|and|has|have|was|were|this|that|which|could|needs|does|holds?|with|for|no|it)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Read twice; the second time a day later, when one feed no longer answers."""
    folder = tmp_path_factory.mktemp("snapshots")
    with ScriptedGraph(organization=rows({"id": "t-1", "displayName": "Contoso"}), groups=rows()) as graph:
        graph.says("/users", rows({"id": "u1", "accountEnabled": True, "department": 7}))
        graph.says(DETAILS, NO_LICENCE)
        graph.says(LOCATIONS, rows({"id": "l1", "displayName": "Kantoor"}))
        graph.says("/servicePrincipals", NO_PERMISSION)
        first = _collect(graph, folder / "first", 0, None)
        graph.says(LOCATIONS, BROKEN)
        return _collect(graph, folder / "second", 30, first)


def _collect(graph: ScriptedGraph, folder: Path, hours: int, previous: Snapshot | None) -> Snapshot:
    source, taken_at = ScriptedSource(url=graph.url), NOON + timedelta(hours=hours)
    collect_snapshot(source, needs=NEEDS, place=lambda *_: folder, taken_at=taken_at, previous=previous)
    return open_snapshot(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    people = policy(rule("CLOSED", "units", "name <> ''"), name="rhythm", people=True)
    folder = tmp_path_factory.mktemp("check")
    write_documents(folder / "policies" / "house.yaml", policy(*RULES), people)
    return folder


def written(folder: Path, snapshot: Snapshot, format_: str, lang: str) -> str:
    return run(folder, "check", "--snapshot", snapshot.path, "-f", format_, "--lang", lang).text


def gaps(folder: Path, snapshot: Snapshot, lang: str) -> list[dict[str, Any]]:
    ended = run(folder, "check", "--snapshot", snapshot.path, "-f", "json", "--lang", lang)
    found: list[dict[str, Any]] = ended.json["gaps"]
    return found


def unquoted(detail: str) -> str:
    return QUOTED.sub("", detail)


def test_every_kind_of_gap_is_there(folder: Path, snapshot: Snapshot) -> None:
    explained = {name for gap in gaps(folder, snapshot, "nl") for name in gap["rules"]}
    assert explained == {found["id"] for found in RULES} - {"PEOPLE"} | {"CLOSED"}


def test_a_dutch_report_explains_them_in_dutch(folder: Path, snapshot: Snapshot) -> None:
    for gap in gaps(folder, snapshot, "nl"):
        assert gap["detail"]
        assert not ENGLISH.search(unquoted(gap["detail"])), gap["detail"]


def test_an_english_report_explains_the_same_in_english(folder: Path, snapshot: Snapshot) -> None:
    dutch, english = gaps(folder, snapshot, "nl"), gaps(folder, snapshot, "en")
    assert [gap | {"detail": ""} for gap in dutch] == [gap | {"detail": ""} for gap in english]
    assert all(ENGLISH.search(gap["detail"]) for gap in english)


def test_what_graph_says_itself_is_quoted_as_it_is(folder: Path, snapshot: Snapshot) -> None:
    details = {gap["table"]: gap["detail"] for gap in gaps(folder, snapshot, "nl")}
    assert "‘403 Authorization_RequestDenied: Insufficient privileges" in details["service_principals"]
    assert "‘503 ServiceUnavailable: The service is down’" in details["named_locations"]


@pytest.mark.parametrize("format_", ["text", "html"])
def test_other_formats_show_the_same_words(folder: Path, snapshot: Snapshot, format_: str) -> None:
    page = " ".join(written(folder, snapshot, format_, "nl").split())
    assert "de momentopname bevat deze tabel niet" in page
    assert "30 uur vóór deze momentopname; zulke gegevens zijn 24 uur bruikbaar." in page
    assert "the snapshot does not hold" not in page


def test_a_spreadsheet_has_no_english_either(folder: Path, snapshot: Snapshot) -> None:
    cells = csv.reader(io.StringIO(written(folder, snapshot, "csv", "nl").removeprefix("\ufeff")), delimiter=";")
    assert not [cell for row in cells for cell in row if "snapshot" in cell]


def stored_gaps(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.tables.values():
        for gap in filter(None, (entry.gap, *entry.column_gaps.values())):
            yield gap.detail.in_lang("nl")
        yield from (feed.detail.in_lang("nl") for feed in entry.feeds if feed.detail is not None)


def test_the_manifest_keeps_both_languages(snapshot: Snapshot) -> None:
    assert list(stored_gaps(snapshot))
    assert not [detail for detail in stored_gaps(snapshot) if ENGLISH.search(unquoted(detail))]
