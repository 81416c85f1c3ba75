"""Reading what has changed since: the same tables as a whole reading gives, for a fraction of the requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from emulator import Running, serve
from emulator.faults import Fault, Refuse
from govcheck.catalogue import tables
from govcheck.demo import Tenant, generate
from govcheck.graph.auth import sign_in
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.snapshot import Snapshot, open_snapshot

TAKEN_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
DIRECTORY = ("users", "groups", "service_principals", "oauth2_permission_grants", "entra_devices", "applications")
NEEDS: Needs = {
    name: [column for feed in tables()[name].feeds for column in feed.columns] for name in (*DIRECTORY, "teams")
} | {"memberships": ["role"]}


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant) as running:
        yield running


class Collector:
    """Collects one tenant again and again, each time an hour later."""

    def __init__(self, graph: Running, folder: Path) -> None:
        self.graph = graph
        self.folder = folder
        self.moment = TAKEN_AT
        self.requests: dict[str, int] = {}
        """Of the latest collection, by path."""

    def collect(
        self, previous: Snapshot | None = None, *, needs: Needs = NEEDS, groups: tuple[str, ...] = ()
    ) -> Snapshot:
        settings = {"GOVCHECK_ACCESS_TOKEN": self.graph.token(), "GOVCHECK_GRAPH_URL": self.graph.url}
        before = len(self.graph.log)
        self.moment += HOUR
        taken = collect_snapshot(
            sign_in(settings | {"GOVCHECK_PACE": "0"}),
            needs=needs,
            groups=groups,
            place=lambda *_: self.folder / self.moment.strftime("%d-%H"),
            taken_at=self.moment,
            previous=previous,
            follow=True,
        )
        self.requests = {}
        for access in self.graph.log[before:]:
            self.requests[access.path] = self.requests.get(access.path, 0) + 1
        return open_snapshot(taken.path)


@pytest.fixture
def collector(graph: Running, tmp_path: Path) -> Collector:
    return Collector(graph, tmp_path)


def rows(snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [row for file in entry.files for row in pq.read_table(snapshot.path / file).to_pylist()]
        for name, entry in snapshot.tables.items()
    }


def assert_same_as_whole(collector: Collector, incremental: Snapshot, groups: tuple[str, ...] = ()) -> None:
    """Compare with a collection that starts from nothing."""
    assert rows(incremental) == rows(collector.collect(groups=groups))


def user_ids(tenant: Tenant) -> list[str]:
    return [row["id"] for row in tenant.collections["/users"]]


def team_ids(tenant: Tenant) -> list[str]:
    return [row["id"] for row in tenant.collections["/groups"] if "Team" in row["resourceProvisioningOptions"]]


def test_without_changes_everything_is_as_it_was(collector: Collector) -> None:
    first = collector.collect()
    assert rows(collector.collect(first)) == rows(first)


def test_only_changes_are_asked_for(collector: Collector) -> None:
    first = collector.collect()
    collector.collect(first)
    whole = {"/users", "/servicePrincipals", "/oauth2PermissionGrants", "/devices", "/applications"}
    counts = {path: times for path, times in collector.requests.items() if path in whole}
    # Graph's own count, to compare with.
    assert counts == {"/users": 1, "/servicePrincipals": 1, "/devices": 1, "/applications": 1}
    assert not [path for path in collector.requests if path.endswith("/members")]
    assert {path for path in collector.requests if path.endswith("/delta")} == {
        "/users/delta",
        "/groups/delta",
        "/servicePrincipals/delta",
        "/oauth2PermissionGrants/delta",
        "/devices/delta",
        "/applications/delta",
    }


def test_changed_new_and_removed_people_arrive(collector: Collector, tenant: Tenant) -> None:
    first = collector.collect()
    one, two, three, four = [row["id"] for row in tenant.collections["/users"][10:14]]
    edit = collector.graph.edit
    edit.update("/users", one, {"department": "Elders", "jobTitle": None, "accountEnabled": False})
    edit.remove("/users", two)
    edit.remove("/users", three, permanently=True)
    edit.set_manager(one, four)
    edit.set_manager(four, None)
    new = edit.add("/users", {**tenant.collections["/users"][9], "id": "", "displayName": "Nieuw"})
    second = collector.collect(first)
    people = {row["id"]: row for row in rows(second)["users"]}
    assert (people[one]["department"], people[one]["job_title"]) == ("Elders", None)
    assert (people[one]["manager_id"], people[four]["manager_id"]) == (four, None)
    assert people[new]["display_name"] == "Nieuw"
    assert not {two, three} & people.keys()


def test_a_person_who_is_removed_and_restored_is_as_they_are_now(collector: Collector, tenant: Tenant) -> None:
    first = collector.collect()
    row = tenant.collections["/users"][20]
    collector.graph.edit.remove("/users", row["id"])
    collector.graph.edit.add("/users", row)
    collector.graph.edit.update("/users", row["id"], {"department": "Terug"})
    people = {each["id"]: each for each in rows(collector.collect(first))["users"]}
    assert people[row["id"]]["department"] == "Terug"
    assert people[row["id"]]["display_name"] == row["displayName"]


def test_members_and_owners_that_come_and_go_arrive(collector: Collector, tenant: Tenant) -> None:
    first = collector.collect()
    teams = team_ids(tenant)
    team = next(team for team in teams if len(tenant.members[team]) > 4)
    leaving, *_, staying = [user for user in tenant.members[team] if user not in tenant.owners[team]]
    joining = next(user for user in user_ids(tenant) if user not in tenant.members[team])
    collector.graph.edit.remove_member(team, leaving)
    collector.graph.edit.add_member(team, joining)
    collector.graph.edit.set_owner(team, staying)
    second = collector.collect(first)
    assert_same_as_whole(collector, second)
    members = {row["user_id"]: row["role"] for row in rows(second)["memberships"] if row["group_id"] == team}
    assert (leaving in members, members[joining], members[staying]) == (False, "member", "owner")


def test_an_owner_who_stays_a_member_is_one_again(collector: Collector, tenant: Tenant) -> None:
    team = next(team for team in team_ids(tenant) if {*tenant.owners[team]} & {*tenant.members[team]})
    owner = next(user for user in tenant.owners[team] if user in tenant.members[team])
    first = collector.collect()
    others = [user for user in tenant.members[team] if user != owner]
    collector.graph.edit.set_owner(team, others[0])
    second = collector.collect(first)
    assert {"group_id": team, "user_id": owner, "role": "member"} in rows(second)["memberships"]
    assert_same_as_whole(collector, second)


def test_teams_that_come_and_go_arrive_with_their_members(collector: Collector, tenant: Tenant) -> None:
    first = collector.collect()
    gone, pattern = team_ids(tenant)[:2]
    collector.graph.edit.remove("/groups", gone)
    row = next(row for row in tenant.collections["/groups"] if row["id"] == pattern)
    new = collector.graph.edit.add("/groups", {**row, "id": "", "displayName": "Nieuw team"})
    collector.graph.edit.add_member(new, user_ids(tenant)[0])
    second = collector.collect(first)
    assert_same_as_whole(collector, second)
    groups = {each["group_id"] for each in rows(second)["memberships"]}
    assert (gone in groups, new in groups) == (False, True)


def test_extra_groups_are_read_anew_with_the_groups_inside_them(collector: Collector, tenant: Tenant) -> None:
    outer = next(group for group, inner in tenant.member_groups.items() if inner)
    inner = tenant.member_groups[outer][0]
    first = collector.collect(groups=(outer,))
    collector.graph.edit.add_member(inner, user_ids(tenant)[5])
    assert_same_as_whole(collector, collector.collect(first, groups=(outer,)), groups=(outer,))


def test_changes_add_up_over_many_collections(collector: Collector, tenant: Tenant) -> None:
    snapshot = collector.collect()
    for number, row in enumerate(tenant.collections["/users"][30:33]):
        collector.graph.edit.update("/users", row["id"], {"department": f"D{number}"})
        collector.graph.edit.remove_member(*_membership(tenant, number))
        snapshot = collector.collect(snapshot)
    assert_same_as_whole(collector, snapshot)


def _membership(tenant: Tenant, number: int) -> tuple[str, str]:
    team = team_ids(tenant)[number]
    return team, next(user for user in tenant.members[team] if user not in tenant.owners[team])


def test_after_a_change_of_one_percent_people_and_groups_cost_a_tenth_of_the_requests(tmp_path: Path) -> None:
    tenant = generate(people=2_000)
    with serve(tenant) as graph:
        collector = Collector(graph, tmp_path)
        needs = {name: NEEDS[name] for name in ("users", "groups", "teams", "memberships")}
        first = collector.collect(needs=needs)
        whole = sum(collector.requests.values())
        for row in tenant.collections["/users"][100:120]:
            graph.edit.update("/users", row["id"], {"department": "Elders"})
        collector.collect(first, needs=needs)
        assert sum(collector.requests.values()) <= whole / 10


def test_the_links_to_changes_are_kept_beside_the_snapshot_for_its_owner_alone(collector: Collector) -> None:
    snapshot = collector.collect()
    for name in (".delta.json", ".members.parquet"):
        assert (snapshot.path / name).stat().st_mode & 0o777 == 0o600
    links = json.loads((snapshot.path / ".delta.json").read_text())["links"]
    assert set(links) == {f"{name}-0" for name in DIRECTORY} | {"memberships"}
    assert not [name for entry in snapshot.tables.values() for name in entry.files if name.startswith(".")]


def test_links_that_graph_no_longer_knows_mean_a_whole_reading_of_that_feed_alone(
    collector: Collector, tenant: Tenant
) -> None:
    first = collector.collect()
    collector.graph.edit.update("/users", tenant.collections["/users"][3]["id"], {"department": "Elders"})
    collector.graph.edit.reset("/users")
    second = collector.collect(first)
    assert collector.requests["/users/delta"] == 2  # refused, and a new link asked for
    assert not [path for path in collector.requests if path.endswith("/members")]
    assert_same_as_whole(collector, second)
    collector.collect(second)
    assert collector.requests["/users"] == 1


def test_links_of_more_than_a_week_mean_a_whole_reading(collector: Collector, tenant: Tenant) -> None:
    first = collector.collect()
    collector.graph.edit.remove("/users", tenant.collections["/users"][3]["id"])
    collector.graph.clock.advance(days=8)
    assert_same_as_whole(collector, collector.collect(first))


@pytest.mark.parametrize("status", [410, 400, 403])
def test_changes_that_cannot_be_read_mean_a_whole_reading(tenant: Tenant, tmp_path: Path, status: int) -> None:
    effect = Refuse(status=status, code="syncStateNotFound", message="Gone.")
    with serve(tenant, plan=[Fault(path="/groups/delta", effect=effect, skip=2, times=9)]) as graph:
        collector = Collector(graph, tmp_path)
        first = collector.collect()
        second = collector.collect(first)
        assert rows(first) == rows(second)
        assert [path for path in collector.requests if path.endswith("/members")]


def test_a_link_that_tracks_other_properties_is_not_used(collector: Collector, tenant: Tenant) -> None:
    first = collector.collect(needs={"users": ["department"]})
    collector.graph.edit.update("/users", tenant.collections["/users"][3]["id"], {"jobTitle": "Baas"})
    second = collector.collect(first, needs={"users": ["department", "job_title"]})
    assert "Baas" in {row["job_title"] for row in rows(second)["users"]}
    assert collector.requests["/users"] == 2


def test_a_snapshot_of_another_tenant_is_no_beginning(collector: Collector) -> None:
    elsewhere = replace(collector.collect(), tenant="another")
    whole = collector.requests
    collector.collect(elsewhere)
    assert collector.requests == whole


@pytest.mark.parametrize("name", [".delta.json", ".members.parquet"])
def test_without_what_was_kept_beside_it_a_snapshot_is_still_good_for_the_rest(collector: Collector, name: str) -> None:
    first = collector.collect()
    (first.path / name).unlink()
    assert rows(collector.collect(first)) == rows(first)


REGISTRATIONS = "/reports/authenticationMethods/userRegistrationDetails"


def test_what_lags_a_day_anyway_is_read_once_a_day(collector: Collector) -> None:
    first = collector.collect()
    collector.moment += 20 * HOUR
    second = collector.collect(first)
    assert REGISTRATIONS not in collector.requests
    assert second.tables["users"].read_at == first.taken_at
    ages = [(feed.reused, feed.read_at) for feed in second.tables["users"].feeds]
    assert ages == [(False, second.taken_at), (True, first.taken_at), (True, first.taken_at)]
    collector.moment += 4 * HOUR
    third = collector.collect(second)
    assert collector.requests[REGISTRATIONS] == 1
    assert third.tables["users"].read_at == third.taken_at


ASSIGNMENTS = "/roleManagement/directory/roleAssignments"


def test_who_holds_which_role_is_read_whole_every_time_for_graph_does_not_track_it(
    collector: Collector, tenant: Tenant
) -> None:
    needs: Needs = {"role_assignments": {"principal_id", "role_definition_id", "directory_scope_id"}}
    first = collector.collect(needs=needs)
    gone, kept, *_ = tenant.collections[ASSIGNMENTS]
    collector.graph.edit.remove(ASSIGNMENTS, gone["id"])
    # `directoryRoles/delta` would be silent about a role that is held within one administrative unit.
    scoped = {**kept, "id": "scoped", "principalId": user_ids(tenant)[7], "directoryScopeId": "/administrativeUnits/a1"}
    collector.graph.edit.add(ASSIGNMENTS, scoped)
    second = collector.collect(first, needs=needs)
    assert collector.requests[ASSIGNMENTS] == 1
    held = {row["id"]: row for row in rows(second)["role_assignments"]}
    assert gone["id"] not in held
    assert held["scoped"]["directory_scope_id"] == "/administrativeUnits/a1"
    assert second.tables["role_assignments"].read_at == second.taken_at


def test_every_table_says_since_when_it_is_known(collector: Collector) -> None:
    first = collector.collect()
    assert {entry.read_at for entry in first.tables.values()} == {first.taken_at}
    manifest: Mapping[str, Any] = json.loads((first.path / "manifest.json").read_text())
    assert manifest["tables"]["teams"]["read_at"] == "2026-10-01T09:00:00Z"


def test_an_interrupted_reading_of_changes_is_gone_on_with(tenant: Tenant, tmp_path: Path) -> None:
    plan = [Fault(path="/groups", effect=Refuse(status=401), skip=5, times=2)]
    with serve(tenant, plan=plan) as graph:
        collector = Collector(graph, tmp_path)
        first = collector.collect()
        graph.edit.update("/users", tenant.collections["/users"][3]["id"], {"department": "Elders"})
        second = collector.collect(first)
        assert "Elders" in {row["department"] for row in rows(second)["users"]}
