"""Who is in which group: what lands in `memberships`, in how many calls, and what leaves it missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from govcheck.graph.collect import collect_snapshot
from govcheck.model import Reason
from scripted_collection import ORGANIZATION, collect, table
from scripted_graph import NO_PERMISSION, Answer, ScriptedGraph, ScriptedSource, refused, rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshot"


def user(name: str) -> dict[str, str]:
    return {"@odata.type": "#microsoft.graph.user", "id": name}


def memberships(folder: Path) -> set[tuple[str, str, str]]:
    return {(row["group_id"], row["user_id"], row["role"]) for row in table(folder, "memberships")}


def test_memberships_have_one_row_per_group_and_person(folder: Path) -> None:
    script = {
        "/groups": rows({"id": "g1"}, {"id": "g2"}),
        "/groups/g1/members": rows(user("u1"), user("u2"), {"@odata.type": "#microsoft.graph.device", "id": "d1"}),
        "/groups/g1/owners": rows(user("u2"), user("u3")),
        "/groups/g2/members": rows(user("u1")),
        "/groups/g2/owners": rows(),
    }
    snapshot, _ = collect(folder, {"memberships": {"role"}}, script)
    expected = {("g1", "u1", "member"), ("g1", "u2", "owner"), ("g1", "u3", "owner"), ("g2", "u1", "member")}
    assert memberships(folder) == expected
    assert snapshot.tables["memberships"].rows == 4
    assert snapshot.tables["memberships"].requests == 4


def test_an_extra_group_counts_the_people_of_the_groups_inside_it(folder: Path) -> None:
    script = {
        "/groups": rows({"id": "g1"}),
        "/groups/g1/members": rows(user("u1")),
        "/groups/g1/owners": rows(),
        "/groups/x/transitiveMembers": rows(user("u2"), {"@odata.type": "#microsoft.graph.group", "id": "inner"}),
        "/groups/x/owners": rows(user("u3")),
    }
    collect(folder, {"memberships": {"role"}}, script, groups=("x", "g1"))
    # Somebody who owns a group that is no team is not in it by that.
    assert memberships(folder) == {("g1", "u1", "member"), ("x", "u2", "member")}


def test_a_group_that_was_deleted_meanwhile_has_no_rows_and_is_noted(folder: Path) -> None:
    script = {"/groups": rows({"id": "g1"}, {"id": "gone"}), "/groups/g1/members": rows(user("u1"))}
    snapshot, _ = collect(folder, {"memberships": {"role"}}, script | {"/groups/g1/owners": rows()})
    assert snapshot.tables["memberships"].gap is None
    assert snapshot.tables["memberships"].notes == ("Groups that were not found: 1.",)
    assert memberships(folder) == {("g1", "u1", "member")}


def owners_of(*people: str) -> list[dict[str, str]]:
    return [user(person) for person in people]


def test_owners_come_along_with_the_teams(folder: Path) -> None:
    teams = rows({"id": "g1", "owners": owners_of("u1")}, {"id": "g2", "owners": []})
    script = {"/groups": teams, "/groups/g1/members": rows(user("u1")), "/groups/g2/members": rows(user("u1"))}
    _, graph = collect(folder, {"memberships": {"role"}}, script)
    assert memberships(folder) == {("g1", "u1", "owner"), ("g2", "u1", "member")}
    assert not [request for request in graph.requests if request.path.endswith("/owners")]
    [read] = [request for request in graph.asked("/groups") if request.batch is None]
    assert "$top=100" in read.path


def test_a_team_with_as_many_owners_as_graph_brings_along_is_asked_for_all_of_them(folder: Path) -> None:
    crowd = [f"u{number}" for number in range(30)]
    script = {
        "/groups": rows({"id": "g1", "owners": owners_of(*crowd[:20])}, {"id": "g2", "owners": owners_of(*crowd[:19])}),
        "/groups/g1/members": rows(),
        "/groups/g2/members": rows(),
        "/groups/g1/owners?$select=id&$top=999": rows(*owners_of(*crowd)),
    }
    collect(folder, {"memberships": {"role"}}, script)
    assert sum(group == "g1" for group, _, _ in memberships(folder)) == 30
    assert sum(group == "g2" for group, _, _ in memberships(folder)) == 19


def test_an_owner_that_is_no_person_is_left_out(folder: Path) -> None:
    app = {"@odata.type": "#microsoft.graph.servicePrincipal", "id": "app"}
    script = {"/groups": rows({"id": "g1", "owners": [app, *owners_of("u1")]}), "/groups/g1/members": rows()}
    collect(folder, {"memberships": {"role"}}, script)
    assert memberships(folder) == {("g1", "u1", "owner")}


def test_where_graph_will_not_bring_owners_along_they_are_asked_for(folder: Path) -> None:
    script: dict[str, Answer | list[Answer]] = {
        "/groups": [refused(400, "Request_UnsupportedQuery", "Not expandable."), rows({"id": "g1"})],
        "/groups/g1/members": rows(user("u1")),
        "/groups/g1/owners": rows(user("u2")),
    }
    collect(folder, {"memberships": {"role"}}, script)
    assert memberships(folder) == {("g1", "u1", "member"), ("g1", "u2", "owner")}


def test_a_group_of_many_pages_is_followed_to_its_end(folder: Path) -> None:
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        graph.says("/groups", rows({"id": "g1", "owners": []}))
        graph.says("/groups/g1/members", rows(user("u1"), following=f"{graph.url}/groups/g1/members-2"))
        graph.says("/groups/g1/members-2", rows(following=f"{graph.url}/groups/g1/members-3"))
        graph.says("/groups/g1/members-3", rows(user("u2")))
        collect_snapshot(ScriptedSource(url=graph.url), needs={"memberships": {"role"}}, place=lambda *_: folder)
    assert len(memberships(folder)) == 2
    assert {request.batch is None for request in graph.requests if "/members" in request.path} == {False}


def test_one_group_that_may_not_be_read_makes_all_memberships_missing(folder: Path) -> None:
    script = {"/groups": rows({"id": "g1"}), "/groups/g1/members": rows(user("u1")), "/groups/g1/owners": NO_PERMISSION}
    snapshot, _ = collect(folder, {"memberships": {"role"}}, script)
    gap = snapshot.tables["memberships"].gap
    assert gap is not None
    assert gap.reason is Reason.NOT_PERMITTED
    assert snapshot.tables["teams"].rows == 1


def test_without_teams_there_are_no_memberships_to_know_either(folder: Path) -> None:
    snapshot, _ = collect(folder, {"memberships": {"role"}}, {"/groups": NO_PERMISSION})
    assert snapshot.tables["memberships"].gap == snapshot.tables["teams"].gap
    assert snapshot.tables["teams"].gap is not None


def test_hundreds_of_groups_are_read_twenty_at_a_time(folder: Path) -> None:
    groups = [f"g{number}" for number in range(300)]
    script: dict[str, Answer | list[Answer]] = {"/groups": rows(*({"id": group} for group in groups))}
    for group in groups:
        script |= {f"/groups/{group}/members": rows(user("u1"), user(group)), f"/groups/{group}/owners": rows()}
    snapshot, graph = collect(folder, {"memberships": {"role"}}, script)
    assert snapshot.tables["memberships"].rows == 600
    assert graph.posts == 30 + 1  # and one for Graph's own count of the teams
