"""Feeds of which every row of another table has its own: one request each, in batches, all of them or a gap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from govcheck.graph.collect import collect_snapshot
from govcheck.graph.faults import SignInError
from govcheck.graph.plan import Needs
from govcheck.model import Reason
from govcheck.snapshot import Snapshot, open_snapshot
from scripted_graph import EXPIRED, NO_LICENCE, NO_PERMISSION, Answer, ScriptedGraph, ScriptedSource, rows

TAKEN_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
ORGANIZATION = rows({"id": "t-1", "displayName": "Contoso"})
CHANNELS: Needs = {"channels": {"team_id", "id", "display_name"}}
TASKS: Needs = {"plan_tasks": {"plan_id", "team_id", "id", "percent_complete"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshot"


def collect(
    folder: Path, needs: Needs, script: Mapping[str, Answer | list[Answer]], **options: Any
) -> tuple[Snapshot, ScriptedGraph]:
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        for path, answers in script.items():
            graph.says(path, *([answers] if isinstance(answers, Answer) else answers))
        source = ScriptedSource(url=graph.url)
        collect_snapshot(source, needs=needs, place=lambda *_: folder, **({"taken_at": TAKEN_AT} | options))
    return open_snapshot(folder), graph


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    found = duckdb.read_parquet(str(folder / f"{name}.parquet"))
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def channel(name: str) -> dict[str, str]:
    return {"id": name, "displayName": name.upper(), "description": "not asked for"}


def teams(*names: str) -> Answer:
    return rows(*({"id": name} for name in names))


def test_every_team_is_asked_and_each_row_says_which_one_it_belongs_to(folder: Path) -> None:
    script = {
        "/groups": teams("g1", "g2"),
        "/teams/g1/channels": rows(channel("c1"), channel("c2")),
        "/teams/g2/channels": rows(channel("c3")),
    }
    snapshot, _ = collect(folder, CHANNELS, script)
    assert table(folder, "channels") == [
        {"team_id": "g1", "id": "c1", "display_name": "C1"},
        {"team_id": "g1", "id": "c2", "display_name": "C2"},
        {"team_id": "g2", "id": "c3", "display_name": "C3"},
    ]
    assert snapshot.tables["channels"].requests == 2
    assert snapshot.tables["teams"].rows == 2


def test_hundreds_of_teams_are_asked_twenty_at_a_time(folder: Path) -> None:
    names = [f"g{number}" for number in range(300)]
    script: dict[str, Answer | list[Answer]] = {"/groups": teams(*names)}
    script |= {f"/teams/{name}/channels": rows(channel(f"c-{name}")) for name in names}
    snapshot, graph = collect(folder, CHANNELS, script)
    assert snapshot.tables["channels"].rows == 300
    asked = {request.batch for request in graph.requests if request.path.endswith("/channels")}
    assert len(asked) == 15


def test_what_follows_from_what_follows_is_read_too(folder: Path) -> None:
    script = {
        "/groups": teams("g1"),
        "/groups/g1/planner/plans": rows({"id": "p1", "title": "not asked for"}),
        "/planner/plans/p1/tasks": rows({"id": "t1", "percentComplete": 50, "title": "not asked for"}),
    }
    collect(folder, TASKS, script)
    assert table(folder, "plan_tasks") == [{"plan_id": "p1", "team_id": "g1", "id": "t1", "percent_complete": 50}]
    assert table(folder, "plans") == [{"team_id": "g1", "id": "p1"}]


def test_a_single_resource_per_row_is_one_row(folder: Path) -> None:
    settings = Answer(body={"id": "g1", "guestSettings": {"allowDeleteChannels": True}})
    needs: Needs = {"team_settings": {"team_id", "guest_settings_allow_delete_channels"}}
    collect(folder, needs, {"/groups": teams("g1"), "/teams/g1": settings})
    assert table(folder, "team_settings") == [{"team_id": "g1", "guest_settings_allow_delete_channels": True}]


def test_pages_of_one_team_are_followed_to_the_end(folder: Path) -> None:
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        graph.says("/groups", teams("g1"))
        graph.says("/teams/g1/channels", rows(channel("c1"), following=f"{graph.url}/more"))
        graph.says("/more", rows(channel("c2")))
        collect_snapshot(ScriptedSource(url=graph.url), needs=CHANNELS, place=lambda *_: folder)
    assert [row["id"] for row in table(folder, "channels")] == ["c1", "c2"]


def test_no_teams_have_no_channels_and_that_is_no_gap(folder: Path) -> None:
    snapshot, _ = collect(folder, CHANNELS, {"/groups": teams()})
    entry = snapshot.tables["channels"]
    assert (entry.rows, entry.gap) == (0, None)
    assert table(folder, "channels") == []


def test_teams_that_are_not_known_leave_their_channels_unknown(folder: Path) -> None:
    snapshot, _ = collect(folder, CHANNELS, {"/groups": NO_PERMISSION})
    gap = snapshot.tables["channels"].gap
    assert gap is not None
    assert (gap.reason, gap) == (Reason.NOT_PERMITTED, snapshot.tables["teams"].gap)


def test_a_team_that_was_deleted_meanwhile_has_no_channels_and_is_noted(folder: Path) -> None:
    script = {"/groups": teams("g1", "gone"), "/teams/g1/channels": rows(channel("c1"))}
    snapshot, _ = collect(folder, CHANNELS, script)
    entry = snapshot.tables["channels"]
    assert (entry.rows, entry.gap) == (1, None)
    assert entry.notes == ("Resources /teams/{team_id}/channels that were not found: 1.",)


def test_an_address_that_leads_nowhere_for_every_team_is_a_gap_and_no_empty_table(folder: Path) -> None:
    snapshot, _ = collect(folder, CHANNELS, {"/groups": teams("g1", "g2")})
    gap = snapshot.tables["channels"].gap
    assert gap is not None
    said = "Graph knows none of the 2 resources /teams/{team_id}/channels."
    assert (gap.reason, gap.detail.in_lang("en")) == (Reason.ERROR, said)


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (NO_PERMISSION, Reason.NOT_PERMITTED, "Channel.ReadBasic.All"),
        (NO_LICENCE, Reason.NOT_LICENSED, "/teams/{team_id}/channels"),
        (Answer(status=500), Reason.ERROR, "500"),
        (rows({"displayName": "no id"}), Reason.ERROR, "rows without id"),
    ],
)
def test_one_team_that_cannot_be_read_leaves_the_whole_table_missing(
    folder: Path, answer: Answer, reason: Reason, words: str
) -> None:
    script = {"/groups": teams("g1", "g2"), "/teams/g1/channels": rows(channel("c1")), "/teams/g2/channels": answer}
    snapshot, _ = collect(folder, CHANNELS, script)
    gap = snapshot.tables["channels"].gap
    assert gap is not None
    assert gap.reason is reason
    assert words in gap.detail.in_lang("en")
    assert snapshot.tables["teams"].gap is None


def test_a_value_of_the_wrong_type_for_one_team_makes_a_gap_of_the_column(folder: Path) -> None:
    odd = rows({"id": "c2", "displayName": 5})
    script = {"/groups": teams("g1", "g2"), "/teams/g1/channels": rows(channel("c1")), "/teams/g2/channels": odd}
    snapshot, _ = collect(folder, CHANNELS, script)
    entry = snapshot.tables["channels"]
    assert entry.columns == {"team_id": "text", "id": "text"}
    detail = entry.column_gaps["display_name"].detail
    assert "Values of displayName that are not of type text: 1" in detail.in_lang("en")


def test_an_id_cannot_change_the_path_it_stands_in(folder: Path) -> None:
    hostile = "../users?$top={0}"
    script = {"/groups": teams(hostile), "/teams/..%2Fusers%3F%24top%3D%7B0%7D/channels": rows(channel("c1"))}
    collect(folder, CHANNELS, script)
    assert [row["team_id"] for row in table(folder, "channels")] == [hostile]


def test_teams_that_were_read_are_not_asked_again_after_a_collection_that_stopped(folder: Path) -> None:
    names = [f"g{number}" for number in range(60)]
    with ScriptedGraph(organization=ORGANIZATION, groups=teams(*names)) as graph:
        for name in names:
            graph.says(f"/teams/{name}/channels", rows(channel(f"c-{name}")))
        graph.says("/teams/g59/channels", EXPIRED)
        with pytest.raises(SignInError):
            collect_snapshot(ScriptedSource(url=graph.url), needs=CHANNELS, place=lambda *_: folder)
        graph.says("/teams/g59/channels", rows(channel("c-g59")))
        graph.requests.clear()
        collect_snapshot(ScriptedSource(url=graph.url), needs=CHANNELS, place=lambda *_: folder)
    assert open_snapshot(folder).tables["channels"].rows == 60
    assert len([request for request in graph.requests if request.path.endswith("/channels")]) < 60
    assert len(graph.asked("/teams/g59/channels")) == 1


@pytest.mark.parametrize(("hours", "asked"), [(23, 0), (25, 1)])
def test_channels_of_today_are_good_enough_for_an_incremental_collection(
    tmp_path: Path, hours: int, asked: int
) -> None:
    script = {"/groups": teams("g1"), "/teams/g1/channels": rows(channel("c1"))}
    earlier, _ = collect(tmp_path / "earlier", CHANNELS, script)
    later, graph = collect(
        tmp_path / "later", CHANNELS, script, previous=earlier, taken_at=TAKEN_AT + timedelta(hours=hours)
    )
    assert later.tables["channels"].rows == 1
    assert len(graph.asked("/teams/g1/channels")) == asked


def test_a_row_without_the_id_that_the_path_needs_is_passed_over(folder: Path) -> None:
    assignments = rows({"id": "a1", "policyId": "p1", "roleDefinitionId": "r1"}, {"id": "a2", "policyId": None})
    script = {
        "/policies/roleManagementPolicyAssignments": assignments,
        "/policies/roleManagementPolicies/p1/rules": rows({"id": "Expiration_Admin_Eligibility"}),
    }
    collect(folder, {"role_management_policy_rules": {"policy_id", "role_definition_id", "id"}}, script)
    assert table(folder, "role_management_policy_rules") == [
        {"policy_id": "p1", "role_definition_id": "r1", "id": "Expiration_Admin_Eligibility"}
    ]
