from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Running, serve
from emulator.probe import error, get, pages, rows
from emulator.rows import Rows
from govcheck.demo import Tenant, generate


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant, page_size=10) as running:
        yield running


def test_an_edit_leaves_the_tenant_that_was_served_as_it_is(graph: Running, tenant: Tenant) -> None:
    user = tenant.collections["/users"][3]
    graph.edit.update("/users", user["id"], {"displayName": "Anders"})
    graph.edit.remove("/groups", next(iter(tenant.members)))
    assert get(graph, f"/users/{user['id']}").json()["displayName"] == "Anders"
    assert tenant == generate(people=60)


def test_a_setting_can_be_changed(graph: Running) -> None:
    path = "/policies/identitySecurityDefaultsEnforcementPolicy"
    graph.edit.change(path, {"isEnabled": True})
    assert get(graph, path).json()["isEnabled"] is True


def test_a_filter_sees_what_was_edited(graph: Running, tenant: Tenant) -> None:
    user = tenant.collections["/users"][3]["id"]
    graph.edit.update("/users", user, {"department": "Nergens"})
    assert [row["id"] for row in rows(graph, "/users?$filter=department eq 'Nergens'&$select=id")] == [user]


def test_a_user_is_found_by_the_new_principal_name_only(graph: Running, tenant: Tenant) -> None:
    user = tenant.collections["/users"][3]
    graph.edit.update("/users", user["id"], {"userPrincipalName": "ander@noorderlicht.example"})
    assert get(graph, "/users/ander@noorderlicht.example").json()["id"] == user["id"]
    assert get(graph, f"/users/{user['userPrincipalName']}").status_code == 404


def test_rows_that_go_while_pages_are_read_take_no_others_with_them(graph: Running, tenant: Tenant) -> None:
    ids = [user["id"] for user in tenant.collections["/users"]]
    first = get(graph, "/users?$select=id").json()
    for user in ids[2:5]:
        graph.edit.remove("/users", user)
    rest = [row["id"] for page in pages(graph, first["@odata.nextLink"]) for row in page["value"]]
    assert rest == ids[10:]
    assert [row["id"] for page in pages(graph, "/users?$select=id") for row in page["value"]] == ids[:2] + ids[5:]


def test_a_page_full_of_removed_rows_is_skipped(graph: Running, tenant: Tenant) -> None:
    ids = [user["id"] for user in tenant.collections["/users"]]
    for user in ids[10:]:
        graph.edit.remove("/users", user)
    assert [len(page["value"]) for page in pages(graph, "/users?$select=id")] == [10]


def test_a_page_token_does_not_hold_forever(graph: Running) -> None:
    link = get(graph, "/users").json()["@odata.nextLink"]
    graph.clock.advance(hours=23)
    assert get(graph, link).status_code == 200
    graph.clock.advance(hours=2)
    answer = get(graph, link)
    assert (answer.status_code, error(answer)) == (400, "Directory_ExpiredPageToken")


def test_what_is_not_there_cannot_be_edited(graph: Running, tenant: Tenant) -> None:
    group = next(iter(tenant.members))
    with pytest.raises(KeyError):
        graph.edit.update("/users", "nobody", {"displayName": "x"})
    with pytest.raises(KeyError):
        graph.edit.remove("/users", "nobody")
    with pytest.raises(KeyError):
        graph.edit.remove_member(group, "nobody")


def test_a_restored_object_is_back_in_its_collection(graph: Running, tenant: Tenant) -> None:
    user = tenant.collections["/users"][3]
    graph.edit.remove("/users", user["id"])
    graph.edit.add("/users", user)
    assert get(graph, f"/users/{user['id']}").json()["displayName"] == user["displayName"]


def test_rows_keep_their_places() -> None:
    held = Rows([{"id": "a"}, {"id": "b"}, {"id": "c"}])
    held.drop("b")
    held.put({"id": "d"})
    held.put({"id": "c", "new": True})
    assert list(held) == [{"id": "a"}, None, {"id": "c", "new": True}, {"id": "d"}]
    assert [held.find(key) for key in "abcd"] == [0, None, 2, 3]
    assert held[1:3] == [None, {"id": "c", "new": True}]
    assert held.untouched(0, 1)
    assert not held.untouched(0, 2)
