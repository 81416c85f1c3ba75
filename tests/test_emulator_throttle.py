from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from emulator import Running, Throttle, serve
from emulator.buckets import Call, classify
from emulator.errors import GraphError
from emulator.permissions import DEMO_ROLES
from emulator.probe import error, get
from emulator.throttle import Gate, Limit, directory_limit
from govcheck.catalogue import tables
from govcheck.demo import Tenant, generate

DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
POLICIES = "/identity/conditionalAccess/policies"


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture(scope="module")
def unlimited(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant, granted={*DEMO_ROLES, "Reports.Read.All"}) as running:
        yield running


def statuses(graph: Running, path: str, times: int) -> list[int]:
    return [get(graph, path).status_code for _ in range(times)]


@pytest.mark.parametrize(
    ("path", "units"),
    [
        ("/users", 2),
        ("/users?$select=id", 1),
        ("/users?$select=id&$expand=manager", 2),
        ("/users?$expand=manager", 3),
        ("/users?$top=5", 1),
        ("/users?$top=20", 2),
        ("/users?$top=5&$select=id", 1),
        ("/users/delta?$select=id", 1),
        ("/groups", 1),
        ("/groups/{group}/members", 3),
        ("/groups/{group}/members?$select=id", 2),
        ("/groups/{group}/members/microsoft.graph.user", 3),
        ("/groups/{group}/transitiveMembers?$select=id", 4),
        ("/groups/{group}/owners", 1),
        ("/subscribedSkus", 3),
        ("/oauth2PermissionGrants", 2),
        (DETAILS, 1),
    ],
)
def test_every_answer_says_what_it_cost(unlimited: Running, tenant: Tenant, path: str, units: int) -> None:
    answer = get(unlimited, path.format(group=next(iter(tenant.members))))
    assert (answer.status_code, answer.headers["x-ms-resource-unit"]) == (200, str(units))


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/users", "directory"),
        ("/roleManagement/directory/roleAssignments", "directory"),
        ("/policies/authorizationPolicy", "directory"),
        ("/users?$select=id,signInActivity", "sign_in_activity"),
        ("/users?$filter=signInActivity/lastSignInDateTime le 2026-01-01T00:00:00Z", "sign_in_activity"),
        (DETAILS, "reports"),
        ("/auditLogs/signIns", "reports"),
        ("/users/a/authentication/methods", "reports"),
        (POLICIES, "conditional_access"),
        ("/identity/conditionalAccess/namedLocations", "conditional_access"),
        ("/deviceManagement/managedDevices", "intune"),
        ("/deviceManagement/deviceConfigurations", "intune_configuration"),
        ("/teams/a", "teams"),
        ("/teams/a/tags", "teams"),
        ("/teams/a/members", "teams_members"),
        ("/teams/a/channels", "teams_members"),
        ("/groups/a/planner/plans", "planner"),
        ("/planner/plans/a/tasks", "planner"),
        ("/users/a/mailboxSettings", "outlook"),
        ("/groups/a/calendarView", "outlook"),
        ("/reports/getTeamsTeamActivityDetail(period='D30')", "usage_reports"),
        ("/security/secureScores", "secure_score"),
        ("/admin/serviceAnnouncement/healthOverviews", "service_communications"),
        ("/admin/sharepoint/settings", "sharepoint"),
        ("/identityGovernance/accessReviews/definitions", "directory"),
    ],
)
def test_every_request_counts_against_the_limit_of_its_service(unlimited: Running, path: str, bucket: str) -> None:
    before = unlimited.requests_per_bucket()
    get(unlimited, path)
    assert unlimited.requests_per_bucket() - before == Counter({bucket: 1})


def test_the_catalogue_files_every_feed_under_the_limit_that_it_counts_against() -> None:
    strays = {
        feed.path: feed.bucket
        for table in tables().values()
        for feed in table.feeds
        if "sign_in" not in feed.bucket and not feed.beta and classify(feed.path, {}).bucket != feed.bucket
    }
    assert strays == {}


def test_nothing_is_limited_unless_asked_for(unlimited: Running) -> None:
    assert set(statuses(unlimited, DETAILS, 12) + statuses(unlimited, POLICIES, 4)) == {200}


def test_what_is_over_the_limit_is_429_and_right_again_after_the_time_it_says(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle(speed=5)) as graph:
        assert statuses(graph, DETAILS, 5) == [200] * 5
        refused = get(graph, DETAILS)
        assert (refused.status_code, error(refused)) == (429, "TooManyRequests")
        assert refused.json()["error"]["innerError"]["status"] == "429"
        assert "." in refused.headers["Retry-After"]
        time.sleep(float(refused.headers["Retry-After"]))
        assert get(graph, DETAILS).status_code == 200


def test_at_graphs_own_speed_the_time_to_wait_is_in_whole_seconds(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle()) as graph:
        statuses(graph, DETAILS, 5)
        assert get(graph, DETAILS).headers["Retry-After"] in ("2", "4")


def test_refused_requests_count_so_that_insisting_makes_it_longer(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle()) as graph:
        statuses(graph, DETAILS, 5)
        waits = [int(get(graph, DETAILS).headers["Retry-After"]) for _ in range(8)]
        assert waits[0] < waits[2] < waits[3]
        assert waits[5] == waits[7] <= 11


def test_conditional_access_refuses_without_saying_when_to_come_back(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle(speed=2)) as graph:
        first, second = get(graph, POLICIES), get(graph, "/identity/conditionalAccess/namedLocations")
        assert (first.status_code, second.status_code) == (200, 429)
        assert "Retry-After" not in second.headers
        time.sleep(1.1)
        assert get(graph, POLICIES).status_code == 200


def test_limits_are_apart(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle()) as graph:
        assert statuses(graph, DETAILS, 7)[-1] == 429
        assert get(graph, "/users").status_code == 200
        path = "/users?$select=id,signInActivity"
        assert [status == 429 for status in statuses(graph, path, 12)] == [False] * 10 + [True] * 2


def test_each_usage_report_has_a_limit_of_its_own(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle()) as graph:
        assert 429 not in statuses(graph, "/reports/getTeamsTeamActivityDetail(period='D30')", 14)
        assert statuses(graph, "/reports/getTeamsTeamActivityDetail(period='D7')", 1) == [429]
        assert 429 not in statuses(graph, "/reports/getEmailActivityUserDetail(period='D30')", 1)


def test_one_team_bears_less_than_all_teams_together(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle()) as graph:
        answers = [get(graph, "/teams/a/channels") for _ in range(6)]
        assert [answer.status_code == 429 for answer in answers] == [False] * 4 + [True] * 2
        assert error(answers[-1]) == "UnknownError"
        assert get(graph, "/teams/b/channels").status_code != 429


def test_requests_inside_a_batch_count_one_by_one(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle()) as graph:
        answer = batch(graph, [DETAILS] * 20)
        assert answer.status_code == 200
        inner = answer.json()["responses"]
        assert Counter(step["status"] for step in inner) == {200: 5, 429: 15}
        assert all(float(step["headers"]["Retry-After"]) > 0 for step in inner if step["status"] == 429)
        assert graph.requests_per_bucket() == {"reports": 20}


def batch(graph: Running, urls: list[str]) -> httpx.Response:
    requests: list[dict[str, Any]] = [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(urls)]
    headers = {"Authorization": f"Bearer {graph.token()}"}
    return httpx.post(f"{graph.url}/$batch", json={"requests": requests}, headers=headers)


def test_the_directory_warns_before_it_refuses_and_says_whose_limit_it_was(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle(limits={"directory": (Limit(20, 3600),)})) as graph:
        answers = [get(graph, "/users") for _ in range(12)]
    used = [answer.headers.get("x-ms-throttle-limit-percentage") for answer in answers]
    assert used[:8] == [None] * 8
    assert used[8:] == ["0.90", "1.00", "1.10", "1.20"]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert answers[-1].headers["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
    scope = answers[-1].headers["x-ms-throttle-scope"]
    assert scope.startswith("Tenant_Application/ReadWrite/")
    assert scope.endswith(f"/{tenant.id}")


def test_a_request_without_a_token_does_not_count(tenant: Tenant) -> None:
    with serve(tenant, throttle=Throttle()) as graph:
        assert {get(graph, DETAILS, token="nonsense").status_code for _ in range(9)} == {401}
        assert get(graph, DETAILS).status_code == 200


@pytest.mark.parametrize(("users", "units"), [(49, 3_500), (50, 5_000), (500, 5_000), (501, 8_000)])
def test_larger_tenants_have_more_units(users: int, units: int) -> None:
    assert directory_limit(users) == Limit(units, 10)


def test_a_mailbox_bears_four_requests_at_a_time() -> None:
    gate = Gate(Throttle(), users=100, application="app/tenant")
    call = Call(bucket="outlook", owner="/users/a")
    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(gate.passing(call))
        with pytest.raises(GraphError) as refused, gate.passing(call):
            pass
        assert (refused.value.status, refused.value.code) == (429, "ApplicationThrottled")
        held.enter_context(gate.passing(Call(bucket="outlook", owner="/users/b")))
    with gate.passing(call) as headers:
        assert headers == {}
