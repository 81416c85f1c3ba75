from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from emulator import Running, serve
from emulator.csdl import CSDL, schema
from emulator.probe import error, get, pages, rows
from govcheck.demo import Tenant, generate

needs_csdl = pytest.mark.skipif(not CSDL.exists(), reason="Graph's metadata is not at ../shared/graph")


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate()


@pytest.fixture(scope="module")
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant) as running:
        yield running


def test_a_collection_comes_in_an_envelope_with_graphs_headers(graph: Running) -> None:
    answer = get(graph, "/users?$select=id,displayName&$top=5", headers={"client-request-id": "mine"})
    assert answer.json()["@odata.context"] == f"{graph.url}/$metadata#users(id,displayName)"
    assert answer.json()["value"][0].keys() == {"id", "displayName"}
    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert {"request-id", "x-ms-ags-diagnostic", "x-ms-resource-unit", "date"} <= set(answer.headers)


def test_following_next_links_gives_every_row_once(graph: Running, tenant: Tenant) -> None:
    found = pages(graph, "/users?$select=id&$top=50")
    assert [len(page["value"]) for page in found[:-1]] == [50] * (len(found) - 1)
    assert [row["id"] for page in found for row in page["value"]] == [
        user["id"] for user in tenant.collections["/users"]
    ]


@pytest.mark.parametrize(
    ("path", "size"),
    [("/users", 100), ("/users?$top=999", 285), ("/deviceManagement/managedDevices", 366)],
)
def test_pages_have_the_size_of_their_service(graph: Running, path: str, size: int) -> None:
    assert len(rows(graph, path)) == size


@pytest.mark.parametrize("top", ["0", "1000", "many"])
def test_a_page_size_out_of_bounds_is_400(graph: Running, top: str) -> None:
    answer = get(graph, f"/users?$top={top}")
    assert (answer.status_code, error(answer)) == (400, "Request_BadRequest")


def test_pages_can_be_made_smaller_than_asked_for(tenant: Tenant) -> None:
    with serve(tenant, page_size=7) as graph:
        assert len(rows(graph, "/users?$top=999")) == 7


def test_a_next_link_bakes_in_the_query_and_cannot_be_altered(graph: Running) -> None:
    link = get(graph, "/users?$select=id&$top=5").json()["@odata.nextLink"]
    assert link.startswith(f"{graph.url}/users?")
    assert "$select=id" in link
    stripped = re.sub(r"\$select=[^&]*&", "", link)
    assert get(graph, stripped).json()["value"][0].keys() == {"id"}
    head, token = link.rsplit("=", 1)[0], link.rsplit("=", 1)[1]
    forged = get(graph, link.replace(token, token[:-4] + "AAAA") if token else head + "AAAA")
    assert forged.status_code == 400


def test_a_next_link_belongs_to_its_own_path(graph: Running) -> None:
    link = get(graph, "/users?$top=5").json()["@odata.nextLink"]
    assert get(graph, link.replace("/users?", "/groups?")).status_code == 400


def test_only_reading_is_allowed(graph: Running) -> None:
    headers = {"Authorization": f"Bearer {graph.token()}"}
    assert httpx.patch(f"{graph.url}/users", json={"displayName": "x"}, headers=headers).status_code == 405


def test_one_connection_serves_many_requests(graph: Running) -> None:
    parts = urlsplit(graph.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    headers = {"Authorization": f"Bearer {graph.token()}"}
    sockets: set[socket.socket | None] = set()
    for _ in range(3):
        connection.request("GET", "/v1.0/organization", headers=headers)
        assert connection.getresponse().read()
        sockets.add(connection.sock)
    connection.close()
    assert len(sockets) == 1


@needs_csdl
@pytest.mark.parametrize("path", ["/users", "/groups", "/servicePrincipals", "/identity/conditionalAccess/policies"])
def test_what_is_answered_keeps_to_graphs_metadata(graph: Running, path: str) -> None:
    entity = {
        "/users": "user",
        "/groups": "group",
        "/servicePrincipals": "servicePrincipal",
        "/identity/conditionalAccess/policies": "conditionalAccessPolicy",
    }[path]
    assert [fault for row in rows(graph, path) for fault in schema().faults(entity, row)] == []
