from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from emulator import Running, serve
from emulator.csdl import CSDL, schema
from emulator.mirror import Mirror
from emulator.probe import get, pages, rows
from emulator.scale import LazyTenant
from govcheck.demo import Tenant, generate

DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
MANAGED = "/deviceManagement/managedDevices"
COPIED = {"/users": "user", "/groups": "group", DETAILS: "userRegistrationDetails", MANAGED: "managedDevice"}


@pytest.fixture(scope="module")
def base() -> Tenant:
    return generate()


@pytest.fixture(scope="module")
def tenant(base: Tenant) -> LazyTenant:
    return LazyTenant(people=1_000, base=base)


@pytest.fixture(scope="module")
def served(tenant: LazyTenant) -> Iterator[Running]:
    with serve(tenant) as running:
        yield running


@pytest.fixture
def graph(tenant: LazyTenant) -> Iterator[Running]:
    with serve(tenant) as running:
        yield running


def everything(graph: Running, path: str) -> list[dict[str, Any]]:
    return [row for page in pages(graph, path) for row in page["value"]]


def test_there_are_as_many_employees_as_asked_for_and_the_demo_tenant_comes_first(
    tenant: LazyTenant, base: Tenant
) -> None:
    users = tenant.collections["/users"]
    assert sum(user["employeeId"] is not None for user in users) == 1_000
    assert list(users[: len(base.collections["/users"])]) == base.collections["/users"]


def test_the_same_number_gives_the_same_tenant(tenant: LazyTenant) -> None:
    again = LazyTenant(people=1_000)
    for path, found in tenant.collections.items():
        assert again.collections[path][-5:] == found[-5:]


@pytest.mark.parametrize("path", [*COPIED, "/devices"])
def test_every_row_has_an_id_of_its_own_and_is_found_by_it(tenant: LazyTenant, served: Running, path: str) -> None:
    ids = [row["id"] for row in tenant.collections[path]]
    assert len(set(ids)) == len(ids)
    places = served.graph.directory.collections[path]
    assert [places.find(key) for key in ids] == list(range(len(ids)))
    assert places.find("ffffffff" + ids[-1][8:]) is None


def test_users_are_found_by_principal_names_of_their_own(tenant: LazyTenant, served: Running) -> None:
    names = [user["userPrincipalName"].lower() for user in tenant.collections["/users"]]
    assert len(set(names)) == len(names)
    assert [served.graph.directory.collections["/users"].find(name) for name in names] == list(range(len(names)))


@pytest.mark.skipif(not CSDL.exists(), reason="Graph's metadata is not at ../shared/graph")
@pytest.mark.parametrize("path", COPIED)
def test_copies_keep_to_graphs_metadata(tenant: LazyTenant, path: str) -> None:
    found = tenant.collections[path][-40:]
    assert [fault for row in found for fault in schema().faults(COPIED[path], row)] == []


@pytest.mark.parametrize(
    "path",
    [
        "/users?$top=999",
        "/users?$select=id,displayName,userPrincipalName&$expand=manager($select=id)&$top=999",
        "/users?$filter=department eq 'Operatie'&$select=id,proxyAddresses&$top=7",
        "/users?$filter=startswith(displayName,'Jelle')&$select=id,displayName",
        f"{DETAILS}?$top=999",
        "/groups?$filter=resourceProvisioningOptions/Any(x:x eq 'Team')&$select=id&$expand=owners($select=id)&$top=100",
        f"{MANAGED}?$select=id,userId,userPrincipalName,deviceName",
    ],
)
def test_what_is_written_without_making_rows_says_what_the_rows_say(
    served: Running, tenant: LazyTenant, path: str
) -> None:
    written = everything(served, path)
    with serve(tenant) as graph:
        for collection in COPIED:
            held = graph.graph.directory.collections[collection]
            for row in held.living():
                held.put(row)  # an edit that changes nothing, so that every page is made row by row
        assert everything(graph, path) == written
    assert len(written) > 3


def test_members_managers_owners_and_devices_lead_to_people_who_are_there(served: Running, tenant: LazyTenant) -> None:
    users = {user["id"]: user["userPrincipalName"] for user in tenant.collections["/users"]}
    assert {member for group in tenant.members for member in tenant.members[group]} <= users.keys()
    assert {owner for group in tenant.owners for owner in tenant.owners[group]} <= users.keys()
    assert {*tenant.managers, *tenant.managers.values()} <= users.keys()
    assert len(tenant.managers) == len(list(tenant.managers)) > 900
    for path, key in ((DETAILS, "id"), (MANAGED, "userId")):
        assert all(users.get(row[key], "") == row["userPrincipalName"] for row in tenant.collections[path])
    group = list(tenant.members)[-3]
    assert [row["id"] for row in everything(served, f"/groups/{group}/members?$select=id")] == tenant.members[group]


def test_a_copy_of_a_team_has_the_copies_of_its_people(tenant: LazyTenant, base: Tenant) -> None:
    names = {user["id"]: user["displayName"] for user in tenant.collections["/users"]}
    groups = {row["displayName"]: row["id"] for row in tenant.collections["/groups"]}
    people = [names[member] for member in base.members[groups["HR"]] if member in base.managers]
    assert [names[member] for member in tenant.members[groups["HR 3"]]] == [f"{name} 3" for name in people]


def test_a_user_who_goes_leaves_the_groups_of_that_copy(graph: Running, tenant: LazyTenant) -> None:
    mirror = Mirror(graph, "/groups/delta?$select=members,owners")
    mirror.follow()
    group = list(tenant.members)[-20]
    lead = tenant.owners[group][0]
    reports = [user for user, manager in tenant.managers.items() if manager == lead]
    graph.edit.remove("/users", lead)
    mirror.follow()
    assert lead not in {target for held in mirror.links.values() for target in held}
    assert reports
    assert {get(graph, f"/users/{user}/manager").status_code for user in reports} == {404}


def test_a_page_shows_what_was_edited_on_it(graph: Running, tenant: LazyTenant) -> None:
    last = tenant.collections["/users"][-1]["id"]
    graph.edit.update("/users", last, {"displayName": "Anders"})
    fresh = graph.edit.add("/users", {"displayName": "Nieuw", "userPrincipalName": "nieuw@noorderlicht.example"})
    graph.edit.set_manager(last, fresh)
    found = {row["id"]: row for row in everything(graph, "/users?$select=displayName,id&$expand=manager&$top=500")}
    assert found[last]["displayName"] == "Anders"
    assert found[last]["manager"]["id"] == fresh
    assert found[fresh]["displayName"] == "Nieuw"
    assert rows(graph, "/users?$filter=displayName eq 'Anders'&$select=id") == [{"id": last}]


def test_half_a_million_people_take_little_memory() -> None:
    tracemalloc.start()
    try:
        with serve(LazyTenant(people=500_000)) as graph:
            assert get(graph, "/users/$count", headers={"ConsistencyLevel": "eventual"}).text == "500035"
            for path in ("/users?$top=999", DETAILS, "/groups/delta?$select=members", MANAGED, "/users/delta"):
                following = path
                for _ in range(3):
                    following = get(graph, following).raise_for_status().json()["@odata.nextLink"]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000
