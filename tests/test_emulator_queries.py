from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from emulator import Running, serve
from emulator.csdl import CSDL, GRAPH_FILES
from emulator.probe import error, get, rows
from govcheck.demo import Tenant, generate

TEAMS_ONLY = "/groups?$filter=resourceProvisioningOptions/Any(x:x eq 'Team')"
EVENTUAL = {"ConsistencyLevel": "eventual"}
needs_csdl = pytest.mark.skipif(not CSDL.exists(), reason="Graph's metadata is not at ../shared/graph")


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate()


@pytest.fixture(scope="module")
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant) as running:
        yield running


def test_without_select_users_have_their_eleven_default_properties(graph: Running) -> None:
    assert set(rows(graph, "/users?$top=1")[0]) == {
        "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
        "preferredLanguage", "surname", "userPrincipalName",
    }  # fmt: skip


@needs_csdl
def test_an_unknown_property_is_400_and_names_the_type(graph: Running) -> None:
    answer = get(graph, "/users?$select=id,favouriteColour")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == (
        "Parsing OData Select and Expand failed: Could not find a property named 'favouriteColour' "
        "on type 'microsoft.graph.user'."
    )


@needs_csdl
def test_a_property_of_a_derived_type_cannot_be_selected_without_its_cast(graph: Running) -> None:
    assert get(graph, "/identity/conditionalAccess/namedLocations?$select=isTrusted").status_code == 400


@needs_csdl
def test_what_only_a_single_user_has_is_501_on_the_collection(graph: Running) -> None:
    answer = get(graph, "/users?$select=id,mailboxSettings")
    assert (answer.status_code, error(answer)) == (501, "NotImplemented")


def test_names_in_queries_and_paths_are_read_without_regard_to_case(graph: Running) -> None:
    assert rows(graph, "/Users?$top=3&$Select=ID,UserPrincipalName")[0].keys() == {"id", "userPrincipalName"}


@pytest.mark.parametrize(
    ("query", "code"),
    [("$skip=5", "Request_UnsupportedQuery"), ("$apply=x", "Request_BadRequest"), ("$filter=id eq", "BadRequest")],
)
def test_a_query_that_graph_does_not_take_is_400(graph: Running, query: str, code: str) -> None:
    answer = get(graph, f"/users?{query}")
    assert (answer.status_code, error(answer)) == (400, code)


def test_a_managers_id_can_be_expanded_and_is_absent_where_there_is_no_manager(graph: Running) -> None:
    director, head = rows(graph, "/users?$expand=manager($select=id)&$select=id&$top=2")
    assert director.keys() == {"id"}
    assert head["manager"] == {"@odata.type": "#microsoft.graph.user", "id": director["id"]}


def test_an_expanded_collection_is_cut_at_twenty_without_a_word(graph: Running, tenant: Tenant) -> None:
    group = max(tenant.members, key=lambda group: len(tenant.members[group]))
    answer = get(graph, f"/groups/{group}?$expand=members($select=id)").json()
    assert len(answer["members"]) == 20
    assert not any("nextLink" in key for key in answer)


def test_configurations_of_a_policy_come_expanded(graph: Running) -> None:
    answer = get(
        graph, "/policies/authenticationMethodsPolicy?$select=id&$expand=authenticationMethodConfigurations"
    ).json()
    assert answer["authenticationMethodConfigurations"][0]["@odata.type"].startswith("#microsoft.graph.")


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("/users?$filter=userType eq 'Guest'", lambda row: row["userType"] == "Guest"),
        ("/users?$filter=accountEnabled eq false", lambda row: not row["accountEnabled"]),
        ("/users?$filter=Department eq 'operatie'", lambda row: row["department"] == "Operatie"),
        ("/users?$filter=startsWith(displayName,'Jelle')", lambda row: row["displayName"].startswith("Jelle")),
        (
            "/users?$filter=department in ('Operatie','Technologie') and accountEnabled eq true",
            lambda row: row["department"] in ("Operatie", "Technologie") and row["accountEnabled"],
        ),
        (
            "/users?$filter=createdDateTime ge 2026-09-01T00:00:00Z",
            lambda row: row["createdDateTime"] >= "2026-09-01",
        ),
        (
            "/users?$filter=createdDateTime le 2020-01-01T00:00:00Z or userType eq 'Guest'",
            lambda row: row["createdDateTime"] <= "2020-01-01" or row["userType"] == "Guest",
        ),
        (
            "/users?$filter=assignedLicenses/any(l:l/skuId eq 66b55226-6b4f-492c-910c-a3b7a3c9d993)",
            lambda row: any(entry["skuId"].startswith("66b5") for entry in row["assignedLicenses"]),
        ),
        (
            "/users?$filter=surname eq 'van ''t Hof'",
            lambda row: row["surname"] == "van 't Hof",
        ),
    ],
)
def test_filters_keep_exactly_the_rows_they_describe(graph: Running, tenant: Tenant, path: str, test: Any) -> None:
    expected = [row["id"] for row in tenant.collections["/users"] if test(row)]
    assert [row["id"] for row in rows(graph, f"{path}&$top=999&$select=id")] == expected
    assert 0 < len(expected) < len(tenant.collections["/users"])


def test_teams_are_found_by_their_provisioning_option(graph: Running, tenant: Tenant) -> None:
    assert {row["id"] for row in rows(graph, TEAMS_ONLY)} == {
        row["id"] for row in tenant.respond(TEAMS_ONLY)[1]["value"]
    }


@pytest.mark.parametrize(
    "query",
    [
        "$filter=userType ne 'Guest'",
        "$filter=not(userType eq 'Guest')",
        "$filter=endsWith(mail,'.example')",
        "$filter=assignedLicenses/$count eq 0",
        "$filter=userType eq 'Guest'&$orderby=displayName",
        "$count=true",
        '$search="displayName:Jelle"',
    ],
)
def test_advanced_queries_need_the_consistency_header_and_a_count(graph: Running, query: str) -> None:
    assert get(graph, f"/users?{query}").status_code == 400
    advanced = query if "$count=true" in query else f"{query}&$count=true"
    answer = get(graph, f"/users?{advanced}", headers=EVENTUAL)
    assert answer.status_code == 200
    assert answer.json()["@odata.count"] > 0


def test_a_negation_leaves_out_what_it_negates(graph: Running) -> None:
    found = rows(graph, "/users?$filter=not(userType eq 'Guest')&$count=true&$select=userType&$top=999", EVENTUAL)
    assert {row["userType"] for row in found} == {"Member"}


def test_a_service_outside_the_directory_takes_not_equals_without_a_header(graph: Running) -> None:
    found = rows(graph, "/deviceManagement/managedDevices?$filter=operatingSystem ne 'Windows'")
    assert "Windows" not in {row["operatingSystem"] for row in found}


def test_rows_are_ordered_when_asked(graph: Running) -> None:
    names = [row["displayName"].lower() for row in rows(graph, "/groups?$orderby=displayName desc&$select=displayName")]
    assert names == sorted(names, reverse=True)


def test_the_number_of_rows_is_plain_text_and_needs_the_header(graph: Running, tenant: Tenant) -> None:
    assert get(graph, "/users/$count").status_code == 400
    answer = get(graph, "/users/$count?$filter=userType ne 'guest'", headers=EVENTUAL)
    assert answer.headers["Content-Type"] == "text/plain"
    assert int(answer.text) == sum(user["userType"] != "Guest" for user in tenant.collections["/users"])


@needs_csdl
def test_a_filter_on_an_unknown_property_is_400(graph: Running) -> None:
    assert get(graph, "/users?$filter=favouriteColour eq 'blue'").status_code == 400


def test_members_are_typed_nested_groups_are_among_them_and_a_cast_leaves_them_out(
    graph: Running, tenant: Tenant
) -> None:
    group = next(group for group, nested in tenant.member_groups.items() if nested)
    kinds = {row["@odata.type"] for row in rows(graph, f"/groups/{group}/members?$select=id")}
    users = rows(graph, f"/groups/{group}/transitiveMembers/microsoft.graph.user?$select=id")
    assert kinds == {"#microsoft.graph.group"}
    assert {row["id"] for row in users} == set(tenant.transitive_members(group))


def test_one_user_is_found_by_id_and_by_principal_name(graph: Running, tenant: Tenant) -> None:
    user = tenant.collections["/users"][0]
    for key in (user["id"], user["userPrincipalName"]):
        assert get(graph, f"/users/{key}").json()["displayName"] == user["displayName"]
    assert get(graph, f"/users/{user['id']}/directReports").json()["value"]
    assert get(graph, f"/users/{user['id']}/manager").status_code == 404


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/users/nobody@example.com", 404, "Request_ResourceNotFound"),
        ("/groups/00000000-0000-0000-0000-000000000000/members", 404, "Request_ResourceNotFound"),
        ("/nothing/here", 400, "BadRequest"),
    ],
)
def test_what_is_not_there_is_told_apart_from_what_cannot_be(graph: Running, path: str, status: int, code: str) -> None:
    answer = get(graph, path)
    assert (answer.status_code, error(answer)) == (status, code)


def documented_queries() -> list[tuple[str, dict[str, str]]]:
    file = GRAPH_FILES / "sample-queries.json"
    if not file.exists():
        return []
    served = re.compile(
        r"/v1\.0/(users/?|users/\$count|users/\{user-mail\}|groups|groups/\{group-id\}|servicePrincipals"
        r"|identity/conditionalAccess/(policies|namedLocations)|subscribedSkus|organization|(users|groups)/delta"
        r"|groups/\{group-id-with-plan\}/planner/plans|planner/plans/\{plan-id\}/tasks|teams/\{team-id\}/channels)(\?|$)"
    )
    return [
        (query["requestUrl"], {header["name"]: header["value"] for header in query.get("headers") or ()})
        for query in json.loads(file.read_text("utf-8"))["SampleQueries"]
        if query["method"] == "GET" and served.match(query["requestUrl"]) and "adatumisv" not in query["requestUrl"]
    ]


@pytest.mark.skipif(not documented_queries(), reason="Microsoft's sample queries are not at ../shared/graph")
def test_enough_documented_queries_are_replayed() -> None:
    assert len(documented_queries()) >= 16


@pytest.mark.parametrize(("url", "headers"), documented_queries())
def test_queries_that_microsoft_documents_are_answered(
    graph: Running, tenant: Tenant, url: str, headers: dict[str, str]
) -> None:
    path = url.removeprefix("/v1.0").replace("{user-mail}", tenant.collections["/users"][0]["userPrincipalName"])
    group = next(iter(tenant.members))
    plan = next(iter(tenant.nested["/planner/plans/{id}/tasks"]))
    for name, value in {"group-id": group, "group-id-with-plan": group, "team-id": group, "plan-id": plan}.items():
        path = path.replace(f"{{{name}}}", value)
    answer = get(graph, quote(path, safe="/?&=$,()':\""), headers=headers)
    assert answer.status_code == 200, answer.text
