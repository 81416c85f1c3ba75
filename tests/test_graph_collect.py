"""Collecting a tenant: what lands in the snapshot, what becomes a gap, and what is never left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from govcheck.catalogue import tables
from govcheck.diagnostics import GovcheckError
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.faults import SignInError
from govcheck.model import Reason
from govcheck.snapshot import open_snapshot
from scripted_collection import ORGANIZATION, TAKEN_AT, collect, table
from scripted_graph import (
    EXPIRED,
    NO_LICENCE,
    NO_PERMISSION,
    NOT_FOUND,
    Answer,
    ScriptedGraph,
    ScriptedSource,
    refused,
    rows,
)

REGISTRATIONS = "/reports/authenticationMethods/userRegistrationDetails"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshot"


def test_only_the_feeds_that_are_needed_are_read(folder: Path) -> None:
    snapshot, graph = collect(folder, {"users": {"department"}}, {"/users": rows({"id": "u1"})})
    assert set(snapshot.tables) == {"organization", "users"}
    asked = [request.path.partition("?")[0] for request in graph.requests if request.batch is None]
    assert asked == ["/organization", "/users"]


def test_the_snapshot_knows_its_tenant_and_moment(folder: Path) -> None:
    snapshot, _ = collect(folder, {}, {})
    assert (snapshot.tenant, snapshot.tenant_name, snapshot.taken_at) == ("t-1", "Contoso", TAKEN_AT)


def test_a_table_has_the_wanted_columns_and_its_key(folder: Path) -> None:
    page = rows({"id": "u1", "department": "Sales", "displayName": "not asked for"})
    snapshot, _ = collect(folder, {"users": {"department"}}, {"/users": page})
    assert snapshot.tables["users"].columns == {"id": "text", "department": "text"}
    assert table(folder, "users") == [{"id": "u1", "department": "Sales"}]


def test_times_are_stored_without_a_zone_and_in_utc(folder: Path) -> None:
    page = rows({"id": "u1", "createdDateTime": "2026-01-02T03:04:05+01:00"})
    collect(folder, {"users": {"created_date_time"}}, {"/users": page})
    assert table(folder, "users")[0]["created_date_time"].isoformat() == "2026-01-02T02:04:05"


def test_names_that_mean_harm_come_through_unchanged(folder: Path) -> None:
    hostile = [
        "<script>alert(1)</script>",
        "=HYPERLINK()",
        "\u202egnp.exe",
        "\x1b[31m",
        "nul\x00nul",
        "'); DROP TABLE--",
    ]
    page = rows(*({"id": f"u{number}", "displayName": name} for number, name in enumerate(hostile)))
    collect(folder, {"users": {"display_name"}}, {"/users": page})
    assert [row["display_name"] for row in table(folder, "users")] == hostile


def test_all_pages_are_read_past_an_empty_one(folder: Path) -> None:
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        graph.says("/users", rows({"id": "u1"}, following=f"{graph.url}/users-2"))
        graph.says("/users-2", rows(following=f"{graph.url}/users-3"))
        graph.says("/users-3", rows({"id": "u2"}))
        collect_snapshot(ScriptedSource(url=graph.url), needs={"users": {"id"}}, place=lambda *_: folder)
    snapshot = open_snapshot(folder)
    assert table(folder, "users") == [{"id": "u1"}, {"id": "u2"}]
    assert (snapshot.tables["users"].rows, snapshot.tables["users"].requests) == (2, 3)


def test_a_row_that_comes_twice_is_kept_as_it_came_last(folder: Path) -> None:
    page = rows({"id": "u2", "department": "old"}, {"id": "u1"}, {"id": "u2", "department": "new"})
    snapshot, _ = collect(folder, {"users": {"department"}}, {"/users": page})
    assert snapshot.tables["users"].rows == 2
    assert table(folder, "users")[1] == {"id": "u2", "department": "new"}


def test_a_collection_without_rows_is_an_empty_table_and_no_gap(folder: Path) -> None:
    snapshot, _ = collect(folder, {"devices": {"compliance_state"}}, {"/deviceManagement/managedDevices": rows()})
    entry = snapshot.tables["devices"]
    assert (entry.rows, entry.gap) == (0, None)
    assert table(folder, "devices") == []


def test_registrations_join_people_on_their_id(folder: Path) -> None:
    script = {
        "/users": rows({"id": "u1"}, {"id": "u2"}),
        REGISTRATIONS: rows({"id": "u2", "isMfaCapable": True}, {"id": "deleted", "isMfaCapable": False}),
    }
    collect(folder, {"users": {"is_mfa_capable"}}, script)
    assert table(folder, "users") == [
        {"id": "u1", "is_mfa_capable": None},
        {"id": "u2", "is_mfa_capable": True},
    ]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (NO_LICENCE, Reason.NOT_LICENSED),
        (NO_PERMISSION, Reason.NOT_PERMITTED),
        (Answer(status=502, body=b"<html>"), Reason.ERROR),
    ],
)
def test_registrations_that_cannot_be_read_leave_only_their_own_columns_missing(
    folder: Path, answer: Answer, reason: Reason
) -> None:
    script = {"/users": rows({"id": "u1", "department": "Sales"}), REGISTRATIONS: answer}
    snapshot, _ = collect(folder, {"users": {"department", "is_mfa_capable"}}, script)
    entry = snapshot.tables["users"]
    assert entry.gap is None
    assert {name: gap.reason for name, gap in entry.column_gaps.items()} == {"is_mfa_capable": reason}
    assert table(folder, "users") == [{"id": "u1", "department": "Sales"}]


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (NO_PERMISSION, Reason.NOT_PERMITTED, "DeviceManagementManagedDevices.Read.All"),
        (refused(403, "Forbidden", "Request not applicable to target tenant."), Reason.NOT_LICENSED, "INTUNE_A"),
        (refused(400, "BadRequest", "Request not applicable to target tenant."), Reason.NOT_LICENSED, "INTUNE_A"),
        (refused(403, "AadPremiumLicenseRequired", "The tenant needs a plan."), Reason.NOT_LICENSED, "Premium"),
        (refused(403, "", "You do not have the required permissions."), Reason.NOT_PERMITTED, "required"),
        (refused(403, "Forbidden", '{"Message": "Not authorized", "_version": 3}'), Reason.NOT_PERMITTED, "Not auth"),
        (refused(400, "BadRequest", "Could not find a property."), Reason.ERROR, "Could not find a property"),
        (refused(501, "NotImplemented", "Not yet supported."), Reason.ERROR, "Not yet supported"),
        (NOT_FOUND, Reason.ERROR, "404"),
        (Answer(status=403, body=b"<html>"), Reason.NOT_PERMITTED, "403"),
        (Answer(status=302, headers={"Location": "/elsewhere"}), Reason.ERROR, "302"),
    ],
)
def test_a_refused_feed_is_a_gap_that_says_why(folder: Path, answer: Answer, reason: Reason, words: str) -> None:
    script = {"/deviceManagement/managedDevices": answer, "/users": rows({"id": "u1"})}
    snapshot, _ = collect(folder, {"devices": {"compliance_state"}, "users": {"id"}}, script)
    gap = snapshot.tables["devices"].gap
    assert gap is not None
    assert gap.reason is reason
    assert words in gap.detail.in_lang("en")
    assert snapshot.tables["devices"].files == {}
    assert snapshot.tables["users"].rows == 1


def test_a_collection_that_breaks_off_halfway_is_missing_as_a_whole(folder: Path) -> None:
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        graph.says("/users", rows({"id": "u1"}, following=f"{graph.url}/users-2"))
        graph.says("/users-2", Answer(status=500))
        collect_snapshot(ScriptedSource(url=graph.url), needs={"users": {"id"}}, place=lambda *_: folder)
    entry = open_snapshot(folder).tables["users"]
    assert entry.gap is not None
    assert entry.rows == 0
    assert not (folder / "users.parquet").exists()


def test_a_next_page_on_another_host_ends_the_feed_and_never_sees_the_token(folder: Path) -> None:
    with ScriptedGraph(users=rows({"id": "u2"})) as stranger, ScriptedGraph(organization=ORGANIZATION) as graph:
        graph.says("/users", rows({"id": "u1"}, following=f"{stranger.url}/users"))
        collect_snapshot(ScriptedSource(url=graph.url), needs={"users": {"id"}}, place=lambda *_: folder)
        assert stranger.requests == []
    gap = open_snapshot(folder).tables["users"].gap
    assert gap is not None
    assert gap.reason is Reason.ERROR
    assert stranger.origin in gap.detail.in_lang("en")


def test_a_value_of_the_wrong_type_makes_a_gap_of_its_column_and_never_a_null(folder: Path) -> None:
    page = rows({"id": "u1", "accountEnabled": True, "department": 5}, {"id": "u2", "accountEnabled": False})
    snapshot, _ = collect(folder, {"users": {"account_enabled", "department"}}, {"/users": page})
    entry = snapshot.tables["users"]
    assert entry.columns == {"id": "text", "account_enabled": "bool"}
    assert entry.column_gaps["department"].reason is Reason.ERROR
    assert "Values of department that are not of type text: 1" in entry.column_gaps["department"].detail.in_lang("en")
    assert len(table(folder, "users")) == 2


@pytest.mark.parametrize("row", [{"department": "Sales"}, {"id": None}, {"id": 5}])
def test_rows_that_do_not_say_which_they_are_make_the_table_missing(folder: Path, row: dict[str, Any]) -> None:
    snapshot, _ = collect(folder, {"users": {"department"}}, {"/users": rows({"id": "u1"}, row)})
    gap = snapshot.tables["users"].gap
    assert gap is not None
    assert "rows without id" in gap.detail.in_lang("en")


def test_settings_are_one_row_without_a_key(folder: Path) -> None:
    script = {"/policies/identitySecurityDefaultsEnforcementPolicy": Answer(body={"isEnabled": False})}
    snapshot, _ = collect(folder, {"security_defaults": {"is_enabled"}}, script)
    assert snapshot.tables["security_defaults"].rows == 1
    assert table(folder, "security_defaults") == [{"is_enabled": False}]


def test_settings_of_which_no_column_is_read_still_have_their_row(folder: Path) -> None:
    script = {"/policies/identitySecurityDefaultsEnforcementPolicy": Answer(body={"isEnabled": False})}
    snapshot, _ = collect(folder, {"security_defaults": set()}, script)
    assert snapshot.tables["security_defaults"].rows == 1


def test_the_organization_has_its_row_even_where_it_may_not_be_read(folder: Path) -> None:
    needs = {"organization": {"tenant_type"}}
    snapshot, _ = collect(folder, needs, {"/organization": NO_PERMISSION})
    entry = snapshot.tables["organization"]
    assert table(folder, "organization") == [{"id": "tenant-of-the-token"}]
    assert entry.gap is None
    assert {name: gap.reason for name, gap in entry.column_gaps.items()} == {
        "display_name": Reason.NOT_PERMITTED,
        "tenant_type": Reason.NOT_PERMITTED,
    }


def test_a_tenant_that_nobody_names_cannot_be_collected(folder: Path) -> None:
    with ScriptedGraph(organization=NO_PERMISSION) as graph, pytest.raises(SignInError):
        collect_snapshot(ScriptedSource(url=graph.url, tenant=None), needs={}, place=lambda *_: folder)


def test_derived_and_declared_tables_are_not_read_from_graph(folder: Path) -> None:
    derived = [name for name, entry in tables().items() if not entry.feeds]
    snapshot, _ = collect(folder, {name: set() for name in derived}, {})
    assert set(snapshot.tables) == {"organization"}


def test_progress_is_reported_page_by_page(folder: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        graph.says("/users", rows({"id": "u1"}, following=f"{graph.url}/users-2"))
        graph.says("/users-2", rows({"id": "u2"}))
        collect_snapshot(
            ScriptedSource(url=graph.url),
            needs={"users": {"id"}},
            place=lambda *_: folder,
            observe=lambda *progress: seen.append(progress),
        )
    assert seen == [("organization", 1, 1), ("users", 1, 1), ("users", 2, 2)]


def test_a_token_that_is_refused_ends_everything_and_leaves_nothing(folder: Path) -> None:
    with ScriptedGraph(organization=ORGANIZATION, users=EXPIRED) as graph, pytest.raises(SignInError):
        collect_snapshot(ScriptedSource(url=graph.url), needs={"users": {"id"}}, place=lambda *_: folder)
    assert list(folder.parent.iterdir()) == []


def test_a_folder_that_holds_anything_is_not_written_to(folder: Path) -> None:
    folder.mkdir()
    (folder / "precious").touch()
    with ScriptedGraph(organization=ORGANIZATION) as graph, pytest.raises(GovcheckError) as caught:
        collect_snapshot(ScriptedSource(url=graph.url), needs={}, place=lambda *_: folder)
    assert caught.value.diagnostics[0].code == "folder-not-empty"
    assert [file.name for file in folder.iterdir()] == ["precious"]
