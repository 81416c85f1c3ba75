from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from emulator import Running, serve
from emulator.csdl import CSDL
from emulator.faults import DuplicateRow, EmptyPage, Fault, Replay
from emulator.mirror import Mirror
from emulator.probe import error, get, pages, rows
from govcheck.demo import Tenant, generate

GROUPS = "/groups/delta?$select=id,displayName,members,owners"
USERS = "/users/delta?$select=id,displayName,department,accountEnabled,manager"
TRACKED = ["/users", "/groups", "/servicePrincipals", "/oauth2PermissionGrants", "/directoryRoles", "/devices"]


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant) as running:
        yield running


@pytest.fixture
def small(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant, page_size=8) as running:
        yield running


def somebody(tenant: Tenant, number: int = 30) -> str:
    identifier: str = tenant.collections["/users"][number]["id"]
    return identifier


def a_group(tenant: Tenant) -> str:
    return next(group for group, members in tenant.members.items() if 3 < len(members) < 20)


@pytest.mark.parametrize("path", TRACKED)
def test_the_first_round_is_everything_in_pages_and_ends_with_a_delta_link(tenant: Tenant, path: str) -> None:
    with serve(tenant, page_size=5) as graph:
        found = pages(graph, f"{path}/delta")
        assert max(len(page["value"]) for page in found) <= 5
        assert {row["id"] for page in found for row in page["value"]} == {row["id"] for row in tenant.collections[path]}
        assert all("$skiptoken=" in page["@odata.nextLink"] for page in found[:-1])
        assert found[-1]["@odata.deltaLink"].startswith(f"{graph.url}{path}/delta?$deltatoken=")


@pytest.mark.parametrize("path", ["/users/microsoft.graph.delta", "/users/microsoft.graph.delta()", "/users/delta()"])
def test_the_functions_full_name_serves_too(graph: Running, path: str) -> None:
    assert rows(graph, path)


def test_without_a_change_the_next_round_is_empty(graph: Running) -> None:
    mirror = Mirror(graph, USERS)
    mirror.follow()
    [page] = mirror.follow()
    assert page["value"] == []


def test_from_now_on_means_no_rows_and_a_delta_link(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/users/delta?$select=displayName&$deltatoken=latest")
    [page] = mirror.follow()
    assert page["value"] == []
    graph.edit.update("/users", somebody(tenant), {"displayName": "Nieuw"})
    assert mirror.follow()[0]["value"] == [{"id": somebody(tenant), "displayName": "Nieuw"}]


def test_an_update_is_reported_once_with_everything_that_was_selected(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/users/delta?$select=displayName,department")
    mirror.follow()
    graph.edit.update("/users", somebody(tenant), {"department": "Elders"})
    [row] = mirror.follow()[0]["value"]
    assert row == {
        "id": somebody(tenant),
        "displayName": tenant.collections["/users"][30]["displayName"],
        "department": "Elders",
    }
    assert mirror.follow()[0]["value"] == []


def test_only_what_changed_comes_back_when_the_client_prefers_that(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/users/delta?$select=displayName,department")
    mirror.follow()
    graph.edit.update("/users", somebody(tenant), {"department": "Elders"})
    answer = get(graph, mirror.link, headers={"Prefer": "return=minimal"}).json()
    assert answer["value"] == [{"id": somebody(tenant), "department": "Elders"}]


def test_a_change_to_what_is_not_selected_is_not_reported(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/users/delta?$select=displayName")
    mirror.follow()
    graph.edit.update("/users", somebody(tenant), {"department": "Elders"})
    graph.edit.set_manager(somebody(tenant), None)
    assert mirror.follow()[0]["value"] == []


def test_a_property_without_a_value_is_left_out_and_one_that_lost_it_is_null(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/users/delta?$select=displayName,mobilePhone,department")
    mirror.follow()
    assert "mobilePhone" not in mirror.objects[somebody(tenant)]
    graph.edit.update("/users", somebody(tenant), {"department": None})
    [row] = mirror.follow()[0]["value"]
    assert row["department"] is None
    assert "mobilePhone" not in row


def test_a_new_object_is_reported_whole_and_found_everywhere(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/users/delta?$select=displayName")
    mirror.follow()
    upn = "nieuw@noorderlicht.example"
    fresh = graph.edit.add("/users", tenant.collections["/users"][30] | {"id": None, "userPrincipalName": upn})
    assert [row["id"] for row in mirror.follow()[0]["value"]] == [fresh]
    assert get(graph, f"/users/{upn}").json()["id"] == fresh
    assert rows(graph, "/users?$top=999")[-1]["id"] == fresh


@pytest.mark.parametrize(("permanently", "reason"), [(False, "changed"), (True, "deleted")])
def test_a_removed_object_says_whether_it_can_be_restored(
    graph: Running, tenant: Tenant, *, permanently: bool, reason: str
) -> None:
    mirror = Mirror(graph, USERS)
    mirror.follow()
    graph.edit.remove("/users", somebody(tenant), permanently=permanently)
    assert {"id": somebody(tenant), "@removed": {"reason": reason}} in mirror.follow()[0]["value"]
    assert get(graph, f"/users/{somebody(tenant)}").status_code == 404
    assert somebody(tenant) not in {row["id"] for row in rows(graph, "/users?$top=999")}


def test_what_cannot_be_restored_is_deleted_at_once(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/oauth2PermissionGrants/delta")
    mirror.follow()
    grant = tenant.collections["/oauth2PermissionGrants"][0]["id"]
    graph.edit.remove("/oauth2PermissionGrants", grant)
    assert mirror.follow()[0]["value"] == [{"id": grant, "@removed": {"reason": "deleted"}}]


def test_a_removed_user_disappears_from_groups_managers_roles_and_reports(graph: Running, tenant: Tenant) -> None:
    admin = tenant.collections["/roleManagement/directory/roleAssignments"][2]["principalId"]
    mirrors = [Mirror(graph, path) for path in (GROUPS, USERS, "/directoryRoles/delta")]
    for mirror in mirrors:
        mirror.follow()
    graph.edit.remove("/users", admin)
    assert all("@removed" in json.dumps(mirror.follow()) for mirror in mirrors)
    assert admin not in {target for mirror in mirrors for held in mirror.links.values() for target in held}
    for path in ("/reports/authenticationMethods/userRegistrationDetails", "/roleManagement/directory/roleAssignments"):
        assert admin not in json.dumps(rows(graph, path))


def test_members_come_typed_with_their_group_and_groups_without_members_without(graph: Running, tenant: Tenant) -> None:
    found = {row["id"]: row for page in pages(graph, GROUPS) for row in page["value"]}
    nested = next(group for group, inner in tenant.member_groups.items() if inner)
    empty = next(group for group, members in tenant.members.items() if not members and group != nested)
    assert {entry["@odata.type"] for entry in found[nested]["members@delta"]} == {"#microsoft.graph.group"}
    assert "members@delta" not in found[empty]
    assert found[a_group(tenant)]["members@delta"][0].keys() == {"@odata.type", "id"}


@pytest.mark.parametrize(
    ("query", "links"),
    [("", {"members@delta"}), ("?$select=displayName", set()), ("?$select=owners", {"owners@delta"})],
)
def test_members_come_unasked_and_other_links_when_selected(graph: Running, query: str, links: set[str]) -> None:
    found = {key for page in pages(graph, f"/groups/delta{query}") for row in page["value"] for key in row}
    assert {key for key in found if key.endswith("@delta")} == links


def test_selecting_only_links_gives_no_other_properties(graph: Running, tenant: Tenant) -> None:
    found = {row["id"]: row for row in rows(graph, "/groups/delta?$select=members")}
    assert found[a_group(tenant)].keys() == {"id", "members@delta"}


def test_a_large_group_is_spread_over_pages_with_the_same_properties_on_each(tenant: Tenant) -> None:
    with serve(tenant, page_size=2) as graph:
        largest = max(tenant.members, key=lambda group: len(tenant.members[group]))
        parts = [row for page in pages(graph, GROUPS) for row in page["value"] if row["id"] == largest]
        members = [entry["id"] for part in parts for entry in part.get("members@delta", ())]
        assert len(parts) > 4
        assert len({part["displayName"] for part in parts}) == 1
        assert members == list(tenant.members[largest])


def test_who_joined_and_who_left_a_group_is_reported_and_nobody_else(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, GROUPS)
    mirror.follow()
    group = a_group(tenant)
    leaver = tenant.members[group][0]
    joiner = next(user["id"] for user in tenant.collections["/users"] if user["id"] not in tenant.members[group])
    graph.edit.remove_member(group, leaver)
    graph.edit.add_member(group, joiner)
    graph.edit.set_owner(group, joiner)
    [row] = mirror.follow()[0]["value"]
    user = "#microsoft.graph.user"
    assert row["members@delta"] == [
        {"@odata.type": user, "id": leaver, "@removed": {"reason": "deleted"}},
        {"@odata.type": user, "id": joiner},
    ]
    assert row["owners@delta"][-1] == {"@odata.type": user, "id": joiner}
    assert [row["id"] for row in rows(graph, f"/groups/{group}/owners")] == [joiner]
    assert {row["id"] for row in rows(graph, f"/groups/{group}/members")} == {*tenant.members[group], joiner} - {leaver}


def test_a_new_manager_is_reported_and_the_old_one_is_removed(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/users/delta?$select=manager")
    mirror.follow()
    user, boss = somebody(tenant), tenant.collections["/users"][0]["id"]
    assert list(mirror.links[user, "manager"]) == [tenant.managers[user]]
    graph.edit.set_manager(user, boss)
    assert mirror.follow()[0]["value"][0].keys() == {"id", "manager@delta"}
    assert list(mirror.links[user, "manager"]) == [boss]
    assert get(graph, f"/users/{user}/manager").json()["id"] == boss


def test_who_holds_a_role_is_reported(graph: Running, tenant: Tenant) -> None:
    mirror = Mirror(graph, "/directoryRoles/delta")
    mirror.follow()
    role = next(role for role in tenant.collections["/directoryRoles"] if role["displayName"] == "Global Administrator")
    assert len(mirror.links[role["id"], "members"]) == 5
    row = {"principalId": somebody(tenant), "roleDefinitionId": role["roleTemplateId"], "directoryScopeId": "/"}
    assignment = graph.edit.add("/roleManagement/directory/roleAssignments", row)
    [changed] = mirror.follow()[0]["value"]
    assert [entry["id"] for entry in changed["members@delta"]] == [somebody(tenant)]
    graph.edit.remove("/roleManagement/directory/roleAssignments", assignment)
    mirror.follow()
    assert len(mirror.links[role["id"], "members"]) == 5


def test_only_the_objects_of_a_filter_are_tracked(graph: Running, tenant: Tenant) -> None:
    wanted = [somebody(tenant, 3), somebody(tenant, 7)]
    mirror = Mirror(graph, f"/users/delta?$select=displayName&$filter=id eq '{wanted[0]}' or id eq '{wanted[1]}'")
    mirror.follow()
    assert set(mirror.objects) == set(wanted)
    for user in (*wanted[:1], somebody(tenant)):
        graph.edit.update("/users", user, {"displayName": "Anders"})
    assert [row["id"] for row in mirror.follow()[0]["value"]] == wanted[:1]


@pytest.mark.parametrize(
    "query",
    [
        "$top=5",
        "$expand=manager",
        "$orderby=displayName",
        "$search=x",
        "$count=true",
        "$filter=department eq 'Operatie'",
        "$filter=startswith(id,'a')",
        "$filter=" + " or ".join(["id eq '1'"] * 51),
        "$select=signInActivity",
        "$deltatoken=nonsense",
        "$skiptoken=nonsense",
    ],
)
def test_what_delta_does_not_take_is_400(graph: Running, query: str) -> None:
    assert get(graph, f"/users/delta?{query}").status_code == 400


@pytest.mark.skipif(not CSDL.exists(), reason="Graph's metadata is not at ../shared/graph")
def test_an_unknown_property_is_400(graph: Running) -> None:
    assert get(graph, "/users/delta?$select=favouriteColour").status_code == 400


@pytest.mark.parametrize("path", ["/organization", "/subscribedSkus", "/identity/conditionalAccess/policies"])
def test_what_has_no_delta_is_refused(graph: Running, path: str) -> None:
    assert get(graph, f"{path}/delta").status_code in (400, 404)


def test_a_delta_token_outside_delta_is_400(graph: Running) -> None:
    assert get(graph, "/users?$deltatoken=latest").status_code == 400


@pytest.mark.parametrize("path", ["/users", "/groups"])
def test_delta_needs_the_permission_to_read_the_collection(graph: Running, path: str) -> None:
    answer = get(graph, f"{path}/delta", token=graph.token(["Policy.Read.All"]))
    assert (answer.status_code, error(answer)) == (403, "Authorization_RequestDenied")


def test_a_token_is_for_its_own_collection_and_its_own_purpose(small: Running) -> None:
    onward = get(small, USERS).json()["@odata.nextLink"]
    assert get(small, onward.replace("/users/", "/groups/")).status_code == 400
    assert get(small, onward.replace("skiptoken", "deltatoken")).status_code == 400


def test_after_seven_days_the_sync_state_is_gone(small: Running) -> None:
    mirror = Mirror(small, USERS)
    first, *_ = mirror.follow()
    small.clock.advance(days=6.9)
    mirror.follow()
    renewed = mirror.link
    small.clock.advance(days=7.1)
    for link in (renewed, first["@odata.nextLink"]):
        answer = get(small, link)
        assert (answer.status_code, error(answer)) == (400, "syncStateNotFound")


def test_a_reset_is_410_and_says_where_to_begin_again(small: Running) -> None:
    mirror = Mirror(small, "/users/delta?$select=displayName")
    first, *_ = mirror.follow()
    small.edit.reset("/users")
    for link in (mirror.link, first["@odata.nextLink"]):
        answer = get(small, link)
        assert (answer.status_code, error(answer)) == (410, "resyncRequired")
    assert answer.headers["Location"] == f"{small.url}/users/delta?$select=displayName&$deltatoken="
    again = Mirror(small, answer.headers["Location"])
    again.follow()
    assert again.objects == mirror.objects
    again.follow()
    assert Mirror(small, GROUPS).follow()


def test_a_replay_reports_the_last_rounds_changes_again(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users/delta", effect=Replay(), skip=2)]) as graph:
        mirror = Mirror(graph, "/users/delta?$select=displayName")
        mirror.follow()
        graph.edit.update("/users", somebody(tenant), {"displayName": "Anders"})
        second, third, fourth = (mirror.follow()[0]["value"] for _ in range(3))
        assert second == third == [{"id": somebody(tenant), "displayName": "Anders"}]
        assert fourth == []


def test_mishaps_on_a_page_leave_the_round_complete(tenant: Tenant) -> None:
    plan = [
        Fault(path="/users/delta", effect=EmptyPage(), skip=1),
        Fault(path="/users/delta", effect=DuplicateRow(), skip=3),
    ]
    with serve(tenant, page_size=8, plan=plan) as graph:
        mirror = Mirror(graph, USERS)
        sizes = [len(page["value"]) for page in mirror.follow()]
        assert (sizes[1], sizes[3]) == (0, 9)
        assert len(mirror.objects) == len(tenant.collections["/users"])
