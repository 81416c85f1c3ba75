"""How many requests a tenant costs: at most a quarter more than the least with which Graph gives what is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from govcheck.catalogue import tables
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.snapshot import Snapshot
from scripted_graph import NOT_FOUND, Answer, Request, ScriptedGraph, ScriptedSource, rows

PAGE, TEAMS_WITH_OWNERS, BATCH = 999, 100, 20
COLLECTIONS = ("users", "groups", "teams", "devices", "service_principals", "oauth2_permission_grants")
NEEDS: Needs = {name: ["id"] for name in COLLECTIONS} | {"users": ["is_mfa_capable"], "memberships": ["role"]}


class SizedGraph(ScriptedGraph):
    """A tenant of a size: every row has an id and nothing else, every team two members and an owner."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.sizes = {
            "/organization": 1,
            "/users": people,
            "/reports/authenticationMethods/userRegistrationDetails": people,
            "/groups": people // 8,
            "/teams": people // 20,
            "/deviceManagement/managedDevices": people * 6 // 5,
            "/servicePrincipals": 400 + people // 200,
            "/oauth2PermissionGrants": 400 + people // 200,
        }

    def next_answer(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(unquote(parts.query)).items()}
        path = "/teams" if parts.path == "/groups" and "$filter" in asked else parts.path
        if path.endswith("/members"):
            return rows(*({"@odata.type": "#microsoft.graph.user", "id": f"users-{number}"} for number in (1, 2)))
        if path.endswith("/delta"):
            return Answer(body={"value": [], "@odata.deltaLink": f"{self.url}{path}?$deltatoken=1"})
        return self._page(path, asked) if path in self.sizes else NOT_FOUND

    def _page(self, path: str, asked: Mapping[str, str]) -> Answer:
        first, size = int(asked.get("$skiptoken", 0)), int(asked.get("$top", 100))
        last = min(first + size, self.sizes[path])
        owners = {"owners": [{"id": "users-0"}]} if "owners" in asked.get("$expand", "") else {}
        body: dict[str, Any] = {"value": [{"id": f"{path[1:]}-{number}"} | owners for number in range(first, last)]}
        if path.endswith("userRegistrationDetails"):
            body["value"] = [{"id": f"users-{number}", "isMfaCapable": True} for number in range(first, last)]
        if "$count" in asked:
            return Answer(body={"@odata.count": self.sizes[path], "value": []})
        if last < self.sizes[path]:
            query = "&".join(f"{name}={value}" for name, value in asked.items() if name != "$skiptoken")
            address = "/groups" if path == "/teams" else path
            body["@odata.nextLink"] = f"{self.url}{address}?{query}&$skiptoken={last}".replace(" ", "%20")
        return Answer(body=json.dumps(body).encode())


def floor(people: int) -> tuple[int, int]:
    """The least with which Graph gives what is needed: requests, and calls with twenty requests in a batch.

    Every collection by its largest pages, the owners along with the teams, and a request for each team's members.
    """
    teams = people // 20
    collections = (
        1  # the organisation
        + 2 * ceil(people / PAGE)  # people and their registrations
        + ceil(people // 8 / PAGE)
        + ceil(teams / TEAMS_WITH_OWNERS)
        + ceil(people * 6 // 5 / PAGE)
        + 2 * ceil((400 + people // 200) / PAGE)  # apps and what they were granted
    )
    return collections + teams, collections + ceil(teams / BATCH)


@pytest.fixture(params=[1_000, 10_000, 100_000], ids="{:,} people".format, scope="module")
def tenant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Any, Any]]:
    people: int = request.param
    folder = tmp_path_factory.mktemp("budget")
    with SizedGraph(people) as graph:
        snapshot = collect_snapshot(
            ScriptedSource(url=graph.url), needs=NEEDS, place=lambda *_: folder / "first", follow=True
        )
        yield people, graph, snapshot


def test_requests_stay_within_a_quarter_of_the_floor(tenant: tuple[int, SizedGraph, Snapshot]) -> None:
    people, graph, _ = tenant
    requests, calls = floor(people)
    assert len(graph.requests) <= requests * 1.25
    assert graph.calls() <= calls * 1.25


def test_nothing_is_missing(tenant: tuple[int, SizedGraph, Snapshot]) -> None:
    people, graph, snapshot = tenant
    for name, entry in snapshot.tables.items():
        assert (entry.gap, entry.column_gaps) == (None, {}), name
        path = tables()[name].feeds[0].path if name != "teams" else "/teams"
        assert entry.rows == graph.sizes.get(path, people // 20 * 3)


def test_a_reading_of_changes_alone_costs_a_fraction(tenant: tuple[int, SizedGraph, Snapshot], tmp_path: Path) -> None:
    _, graph, _ = tenant
    graph.requests.clear()
    source = ScriptedSource(url=graph.url)
    needs = {name: NEEDS[name] for name in ("users", "groups", "teams", "memberships")}
    whole = collect_snapshot(source, needs=needs, place=lambda *_: tmp_path / "whole", follow=True)
    first = len(graph.requests)
    graph.requests.clear()
    collect_snapshot(source, needs=needs, place=lambda *_: tmp_path / "changes", previous=whole)
    assert len(graph.requests) <= max(first / 10, 8)
