from __future__ import annotations

from random import Random
from typing import Any

import pytest

from emulator import Running, serve
from emulator.mirror import Mirror
from emulator.probe import get, pages
from govcheck.demo import Tenant, generate

GROUPS = "/groups/delta?$select=id,displayName,members,owners"
USERS = "/users/delta?$select=id,displayName,department,accountEnabled,manager"


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_edited_between_pages_a_mirror_ends_up_the_same_as_the_tenant(tenant: Tenant, seed: int) -> None:
    rng = Random(seed)  # noqa: S311 (chance, no secret)
    with serve(tenant, page_size=4) as graph:
        mirrors = [Mirror(graph, GROUPS), Mirror(graph, USERS)]
        for _ in range(4):
            for mirror in mirrors:
                mirror.follow(between=lambda: edit_something(graph, tenant, rng))
        for mirror in mirrors:
            mirror.follow()
        groups, users = mirrors
        assert with_values(groups.objects) == truth(graph, "/groups", "id,displayName")
        assert with_values(users.objects) == truth(graph, "/users", "id,displayName,department,accountEnabled")
        for group in groups.objects:
            for link in ("members", "owners"):
                linked = {
                    row["id"] for page in pages(graph, f"/groups/{group}/{link}?$select=id") for row in page["value"]
                }
                assert set(groups.links.get((group, link), ())) == linked
        for user in users.objects:
            manager = get(graph, f"/users/{user}/manager")
            assert list(users.links.get((user, "manager"), ())) == (
                [manager.json()["id"]] if manager.is_success else []
            )


def edit_something(graph: Running, tenant: Tenant, rng: Random) -> None:
    directory, edit = graph.graph.directory, graph.edit
    users = [row["id"] for row in directory.collections["/users"].living()]
    groups = [row["id"] for row in directory.collections["/groups"].living()]
    user, group = rng.choice(users), rng.choice(groups)
    match rng.randrange(9):
        case 0:
            edit.remove("/users", user)
        case 1:
            fresh = edit.add("/users", rng.choice(tenant.collections["/users"]) | {"id": None})
            edit.add_member(group, fresh)
        case 2:
            edit.update("/users", user, {"department": rng.choice([None, "Operatie"]), "accountEnabled": False})
        case 3:
            edit.set_manager(user, rng.choice([None, rng.choice(users)]))
        case 4:
            edit.set_owner(group, *rng.sample(users, 2))
        case 5 if directory.members.get(group):
            edit.remove_member(group, directory.members[group][0])
        case 6:
            edit.remove("/groups", group)
        case 7:
            edit.update("/groups", group, {"displayName": f"Groep {rng.randrange(100)}"})
        case _:
            for member in rng.sample(users, 3):
                edit.add_member(group, member)


def truth(graph: Running, path: str, select: str) -> dict[str, dict[str, Any]]:
    return with_values({row["id"]: row for page in pages(graph, f"{path}?$select={select}") for row in page["value"]})


def with_values(objects: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Delta leaves out what never had a value, the collection shows it as null."""
    return {key: {name: value for name, value in row.items() if value is not None} for key, row in objects.items()}
