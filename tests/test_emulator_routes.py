from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from emulator import Running, serve
from emulator.kinds import KINDS
from emulator.permissions import DEMO_ROLES
from emulator.probe import error, get, pages, rows
from emulator.scale import LazyTenant
from govcheck.demo import Tenant, generate

STALE = "/users?$filter=signInActivity/lastSignInDateTime le 2026-07-03T00:00:00Z"
ELIGIBLE = "/roleManagement/directory/roleEligibilityScheduleInstances"
ACTIVE = "/roleManagement/directory/roleAssignmentScheduleInstances"
CONDITIONS = "/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'"
REVIEWS = "/identityGovernance/accessReviews/definitions"
WORKFLOWS = "/identityGovernance/lifecycleWorkflows/workflows"
COMPLIANCE = "/deviceManagement/deviceCompliancePolicies"
HEALTH = "/admin/serviceAnnouncement/healthOverviews"
REPORT = "/reports/getTeamsTeamActivityDetail(period='D30')"
EVERY_LICENCE = ["AAD_PREMIUM", "AAD_PREMIUM_P2", "INTUNE_A", "Entra_Identity_Governance", "THREAT_INTELLIGENCE"]
EVERY_ROLE = {*DEMO_ROLES, "SharePointTenantSettings.Read.All", "ReportSettings.Read.All", "Reports.Read.All"}


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate()


@pytest.fixture(scope="module")
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant, licences=EVERY_LICENCE, granted=EVERY_ROLE) as running:
        yield running


def a_team(tenant: Tenant, name: str = "HR") -> str:
    return next(str(team["id"]) for team in tenant.collections["/teams"] if team["displayName"] == name)


def test_every_part_of_the_tenant_has_a_route(tenant: Tenant) -> None:
    assert KINDS.keys() == tenant.collections.keys() | tenant.singletons.keys() | tenant.nested.keys()


@pytest.mark.parametrize("path", sorted(KINDS))
def test_every_route_is_answered(graph: Running, tenant: Tenant, path: str) -> None:
    parent = next(iter(tenant.nested.get(path, {"": ()})))
    needed = "?$filter=" + " and ".join(f"{name} eq '/'" for name in KINDS[path].filtered_by)
    query = needed if KINDS[path].filtered_by else ""
    answer = get(graph, path.replace("{id}", parent) + query)
    assert answer.status_code == 200, answer.text


def test_the_last_sign_in_comes_only_when_selected_and_not_for_who_never_did(graph: Running, tenant: Tenant) -> None:
    found = {row["id"]: row for page in pages(graph, "/users?$select=signInActivity&$top=500") for row in page["value"]}
    expected = {user["id"]: user["signInActivity"] for user in tenant.collections["/users"] if "signInActivity" in user}
    assert {key: row["signInActivity"] for key, row in found.items() if "signInActivity" in row} == expected
    assert 0 < len(expected) < len(found) == len(tenant.collections["/users"])
    assert "signInActivity" not in rows(graph, "/users?$top=1")[0]
    assert "signInActivity" not in get(graph, f"/users/{next(iter(expected))}").json()


def test_a_filter_on_the_last_sign_in_finds_stale_accounts(graph: Running, tenant: Tenant) -> None:
    expected = [
        user["id"]
        for user in tenant.collections["/users"]
        if (user.get("signInActivity", {}).get("lastSignInDateTime") or "9") <= "2026-07-03T00:00:00Z"
    ]
    assert [row["id"] for row in rows(graph, f"{STALE}&$select=id,signInActivity")] == expected
    assert 3 < len(expected) < 30


def test_a_filter_on_the_last_sign_in_stands_alone(graph: Running) -> None:
    answer = get(graph, f"{STALE} and accountEnabled eq true")
    assert (answer.status_code, error(answer)) == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize(("top", "status"), [(500, 200), (501, 400)])
def test_pages_with_the_last_sign_in_are_smaller(graph: Running, top: int, status: int) -> None:
    assert get(graph, f"/users?$select=signInActivity&$top={top}").status_code == status


def test_the_last_sign_in_needs_a_permission_and_a_licence_of_its_own(graph: Running, tenant: Tenant) -> None:
    path = "/users?$select=id,signInActivity"
    answer = get(graph, path, token=graph.token(["User.Read.All"]))
    assert (answer.status_code, error(answer)) == (403, "Authentication_MSGraphPermissionMissing")
    with serve(tenant, licences=["TEAMS1"]) as free:
        assert error(get(free, path)) == "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
        assert error(get(free, STALE)) == "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
        assert get(free, "/users?$select=id").status_code == 200


@pytest.mark.parametrize("path", [ELIGIBLE, ACTIVE, CONDITIONS, REVIEWS, WORKFLOWS])
def test_what_needs_a_dearer_licence_is_refused_as_the_demo_tenant_says(tenant: Tenant, path: str) -> None:
    with serve(tenant) as graph:
        answer = get(graph, path)
        status, body = tenant.respond(path)
        assert (
            (answer.status_code, error(answer)) == (status, body["error"]["code"]) == (403, "AadPremiumLicenseRequired")
        )


def test_who_may_activate_a_role_comes_with_the_person_when_expanded(graph: Running, tenant: Tenant) -> None:
    names = {user["id"]: user["displayName"] for user in tenant.collections["/users"]}
    found = rows(graph, f"{ELIGIBLE}?$expand=principal($select=id,displayName),roleDefinition($select=displayName)")
    assert all(row["principal"]["displayName"] == names[row["principalId"]] for row in found)
    assert {row["principal"]["@odata.type"] for row in found} == {"#microsoft.graph.user"}
    assert "Global Administrator" in {row["roleDefinition"]["displayName"] for row in found}


def test_holders_of_roles_can_be_expanded_too(graph: Running) -> None:
    found = rows(graph, "/roleManagement/directory/roleAssignments?$expand=principal")
    assert {row["principal"]["@odata.type"] for row in found} == {"#microsoft.graph.user", "#microsoft.graph.group"}


def test_an_activated_role_ends_and_an_assigned_one_does_not(graph: Running) -> None:
    ends = {row["assignmentType"]: row["endDateTime"] is not None for row in rows(graph, ACTIVE)}
    assert ends == {"Assigned": False, "Activated": True}


@pytest.mark.parametrize(
    ("expand", "keys"),
    [("", set()), ("&$expand=policy", {"policy"}), ("&$expand=policy($expand=rules)", {"policy", "rules"})],
)
def test_conditions_on_roles_come_as_deep_as_they_are_expanded(graph: Running, expand: str, keys: set[str]) -> None:
    row = rows(graph, CONDITIONS + expand)[0]
    assert {"policy", "rules"} & {*row, *row.get("policy", ())} == keys


def test_conditions_on_roles_must_be_filtered(graph: Running) -> None:
    assert get(graph, "/policies/roleManagementPolicyAssignments").status_code == 400


def test_reviews_have_instances_of_their_own(graph: Running) -> None:
    [guests, _] = rows(graph, REVIEWS)
    instances = rows(graph, f"{REVIEWS}/{guests['id']}/instances")
    assert [instance["status"] for instance in instances] == ["InProgress", "Applied"]
    assert get(graph, f"{REVIEWS}/nothing/instances").status_code == 404


@pytest.mark.parametrize(("path", "link"), [(WORKFLOWS, "tasks"), (COMPLIANCE, "assignments"), (HEALTH, "issues")])
def test_links_come_only_when_expanded(graph: Running, path: str, link: str) -> None:
    assert not any(link in row for row in rows(graph, path))
    assert any(row[link] for row in rows(graph, f"{path}?$expand={link}"))


def test_who_was_given_an_app_is_listed_with_it(graph: Running, tenant: Tenant) -> None:
    principal, given = next(iter(tenant.nested["/servicePrincipals/{id}/appRoleAssignedTo"].items()))
    found = [row for page in pages(graph, f"/servicePrincipals/{principal}/appRoleAssignedTo") for row in page["value"]]
    assert [row["principalId"] for row in found] == [row["principalId"] for row in given]


def test_settings_of_a_team_come_one_by_one(graph: Running, tenant: Tenant) -> None:
    listed = rows(graph, "/teams?$top=1")[0]
    assert listed.keys() == {"id", "displayName", "description", "visibility"}
    team = get(graph, f"/teams/{a_team(tenant)}").json()
    assert {
        "memberSettings",
        "guestSettings",
        "messagingSettings",
        "funSettings",
        "isArchived",
        "summary",
    } <= team.keys()


def test_channels_and_tags_are_in_their_team_and_have_no_page_size(graph: Running, tenant: Tenant) -> None:
    path = f"/teams/{a_team(tenant)}/channels"
    assert "General" in {row["displayName"] for row in rows(graph, f"{path}?$select=displayName")}
    assert get(graph, f"{path}?$top=5").status_code == 400
    tagged = next(team for team, tags in tenant.nested["/teams/{id}/tags"].items() if tags)
    assert "RACI-A" in {row["displayName"] for row in rows(graph, f"/teams/{tagged}/tags")}


@pytest.mark.parametrize("path", ["/teams/{group}", "/teams/{group}/channels", "/teams/{group}/tags"])
def test_a_group_that_is_no_team_is_404_in_the_words_of_teams(graph: Running, tenant: Tenant, path: str) -> None:
    group = next(row["id"] for row in tenant.collections["/groups"] if "Team" not in row["resourceProvisioningOptions"])
    answer = get(graph, path.format(group=group))
    assert (answer.status_code, error(answer)) == (404, "NotFound")


def test_tasks_are_in_the_plan_of_a_group(graph: Running, tenant: Tenant) -> None:
    group, [plan] = next(
        (group, plans) for group, plans in tenant.nested["/groups/{id}/planner/plans"].items() if plans
    )
    assert [row["id"] for row in rows(graph, f"/groups/{group}/planner/plans")] == [plan["id"]]
    tasks = rows(graph, f"/planner/plans/{plan['id']}/tasks")
    assert {task["planId"] for task in tasks} == {plan["id"]}
    answer = get(graph, "/planner/plans/nothing/tasks")
    assert (answer.status_code, error(answer)) == (404, "")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/teams/{team}/channels", "Forbidden"),
        ("/groups/{team}/planner/plans", ""),
        (ELIGIBLE, "UnknownError"),
        ("/security/secureScores", "UnknownError"),
        (REPORT, "S2SUnauthorized"),
        (COMPLIANCE, "Forbidden"),
    ],
)
def test_a_missing_permission_is_403_in_the_words_of_its_service(
    graph: Running, tenant: Tenant, path: str, code: str
) -> None:
    answer = get(graph, path.format(team=a_team(tenant)), token=graph.token(["User.Read.All"]))
    assert (answer.status_code, error(answer)) == (403, code)
    if path.startswith("/teams"):
        assert "Roles on the request 'User.Read.All'." in answer.json()["error"]["message"]


def test_the_first_score_is_the_latest(graph: Running) -> None:
    [score] = rows(graph, "/security/secureScores?$top=1")
    assert score["createdDateTime"].startswith("2026-10-01")


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/policies/deviceRegistrationPolicy", "multiFactorAuthConfiguration", "notRequired"),
        ("/policies/crossTenantAccessPolicy/default", "isServiceDefault", True),
    ],
)
def test_a_setting_that_there_is_one_of_is_answered_alone(graph: Running, path: str, name: str, value: object) -> None:
    assert get(graph, path).json()[name] == value


def test_a_report_is_fetched_elsewhere_without_a_token(graph: Running, tenant: Tenant) -> None:
    answer = get(graph, REPORT)
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert urlsplit(location).netloc != urlsplit(graph.url).netloc
    fetched = httpx.get(location)
    assert fetched.headers["Content-Type"] == "application/octet-stream"
    assert fetched.content.startswith(
        b"\xef\xbb\xbfReport Refresh Date,Team Name,Team Id,Team Type,Last Activity Date,"
    )
    lines = list(csv.DictReader(io.StringIO(fetched.content.decode("utf-8-sig"))))
    assert len(lines) == len(tenant.collections["/teams"])
    assert {line["Report Period"] for line in lines} == {"30"}


def test_names_in_a_report_are_concealed_as_long_as_the_tenant_wants_that(tenant: Tenant) -> None:
    with serve(tenant, granted=EVERY_ROLE) as graph:
        graph.edit.change("/admin/reportSettings", {"displayConcealedNames": True})
        concealed = httpx.get(get(graph, REPORT).headers["Location"]).text
        graph.edit.change("/admin/reportSettings", {"displayConcealedNames": False})
        plain = httpx.get(get(graph, REPORT).headers["Location"]).text
    assert "Klantenservice" in plain
    assert a_team(tenant) in plain
    assert "Klantenservice" not in concealed
    assert a_team(tenant) not in concealed


def test_a_report_refuses_a_token_a_forged_link_and_one_that_is_too_old(tenant: Tenant) -> None:
    with serve(tenant, granted=EVERY_ROLE) as graph:
        location = get(graph, REPORT).headers["Location"]
        assert httpx.get(location, headers={"Authorization": f"Bearer {graph.token()}"}).status_code == 400
        assert httpx.get(location[:-6] + "AAAAA=").status_code == 403
        assert httpx.get(location.replace("Team", "User")).status_code == 403
        graph.clock.advance(seconds=400)
        assert httpx.get(location).status_code == 403
        assert [(download.status, download.with_token) for download in graph.downloads] == [
            (400, True),
            (403, False),
            (403, False),
            (403, False),
        ]


@pytest.mark.parametrize("call", ["(period='D31')", "(date=2026-01-01)", ""])
def test_a_report_without_one_of_the_four_periods_is_400(graph: Running, call: str) -> None:
    assert get(graph, f"/reports/getTeamsTeamActivityDetail{call}").status_code == 400


def test_a_report_in_a_batch_says_where_it_is(graph: Running) -> None:
    steps = [{"id": "1", "method": "GET", "url": REPORT}]
    headers = {"Authorization": f"Bearer {graph.token()}"}
    answer = httpx.post(f"{graph.url}/$batch", json={"requests": steps}, headers=headers).json()
    [inner] = answer["responses"]
    assert inner["status"] == 302
    assert httpx.get(inner["headers"]["Location"]).status_code == 200


def test_what_is_inside_a_resource_can_be_replaced(tenant: Tenant) -> None:
    with serve(tenant) as graph:
        graph.edit.fill("/teams/{id}/channels", a_team(tenant), [{"id": "19:x@thread.tacv2", "displayName": "Nieuw"}])
        assert [row["displayName"] for row in rows(graph, f"/teams/{a_team(tenant)}/channels")] == ["Nieuw"]


def test_copies_of_teams_have_channels_plans_and_tasks_for_copies_of_people() -> None:
    tenant = LazyTenant(people=750)
    users = {user["id"] for user in tenant.collections["/users"]}
    with serve(tenant, licences=EVERY_LICENCE, granted=EVERY_ROLE) as graph:
        team = rows(graph, "/teams?$filter=displayName eq 'Klantenservice 2'")[0]["id"]
        assert len(rows(graph, f"/teams/{team}/channels")) > 0
        plans = [
            plan
            for plan in tenant.nested["/groups/{id}/planner/plans"]
            if plan in {row["id"] for row in tenant.collections["/teams"]}
        ]
        copied = next(group for group in reversed(plans) if tenant.nested["/groups/{id}/planner/plans"][group])
        [plan] = rows(graph, f"/groups/{copied}/planner/plans")
        tasks = rows(graph, f"/planner/plans/{plan['id']}/tasks")
        assert plan["container"]["containerId"] == copied
        assert {person for task in tasks for person in task["assignments"]} <= users
        report = httpx.get(get(graph, REPORT).headers["Location"]).text
    assert report.count("\n") == 1 + len(tenant.collections["/teams"])
