from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.csdl import CSDL, schema
from govcheck.demo import Tenant, generate

EXAMPLES = Path(__file__).resolve().parents[1] / "policies" / "examples"
ENTITIES = {
    "/users": "user",
    "/groups": "group",
    "/organization": "organization",
    "/subscribedSkus": "subscribedSku",
    "/reports/authenticationMethods/userRegistrationDetails": "userRegistrationDetails",
    "/identity/conditionalAccess/policies": "conditionalAccessPolicy",
    "/identity/conditionalAccess/namedLocations": "namedLocation",
    "/roleManagement/directory/roleDefinitions": "unifiedRoleDefinition",
    "/roleManagement/directory/roleAssignments": "unifiedRoleAssignment",
    "/servicePrincipals": "servicePrincipal",
    "/oauth2PermissionGrants": "oAuth2PermissionGrant",
    "/deviceManagement/managedDevices": "managedDevice",
    "/directoryRoles": "directoryRole",
    "/devices": "device",
    "/teams": "team",
    "/roleManagement/directory/roleEligibilityScheduleInstances": "unifiedRoleEligibilityScheduleInstance",
    "/roleManagement/directory/roleAssignmentScheduleInstances": "unifiedRoleAssignmentScheduleInstance",
    "/policies/roleManagementPolicyAssignments": "unifiedRoleManagementPolicyAssignment",
    "/identityGovernance/accessReviews/definitions": "accessReviewScheduleDefinition",
    "/identityGovernance/lifecycleWorkflows/workflows": "identityGovernance.workflow",
    "/deviceManagement/deviceCompliancePolicies": "deviceCompliancePolicy",
    "/deviceManagement/deviceConfigurations": "deviceConfiguration",
    "/deviceManagement/termsAndConditions": "termsAndConditions",
    "/deviceManagement/deviceCompliancePolicyDeviceStateSummary": "deviceCompliancePolicyDeviceStateSummary",
    "/applications": "application",
    "/policies/crossTenantAccessPolicy/partners": "crossTenantAccessPolicyConfigurationPartner",
    "/reports/security/getAttackSimulationSimulationUserCoverage": "attackSimulationSimulationUserCoverage",
    "/security/secureScores": "secureScore",
    "/policies/authenticationStrengthPolicies": "authenticationStrengthPolicy",
    "/admin/serviceAnnouncement/healthOverviews": "serviceHealth",
    "/admin/serviceAnnouncement/issues": "serviceHealthIssue",
    "/policies/crossTenantAccessPolicy/default": "crossTenantAccessPolicyConfigurationDefault",
    "/policies/deviceRegistrationPolicy": "deviceRegistrationPolicy",
    "/policies/authorizationPolicy": "authorizationPolicy",
    "/policies/identitySecurityDefaultsEnforcementPolicy": "identitySecurityDefaultsEnforcementPolicy",
    "/policies/authenticationMethodsPolicy": "authenticationMethodsPolicy",
    "/policies/adminConsentRequestPolicy": "adminConsentRequestPolicy",
    "/admin/sharepoint/settings": "sharepointSettings",
    "/admin/reportSettings": "adminReportSettings",
}
NESTED = {
    "/teams/{id}/channels": "channel",
    "/teams/{id}/tags": "teamworkTag",
    "/groups/{id}/planner/plans": "plannerPlan",
    "/planner/plans/{id}/tasks": "plannerTask",
    "/servicePrincipals/{id}/appRoleAssignedTo": "appRoleAssignment",
    "/identityGovernance/accessReviews/definitions/{id}/instances": "accessReviewInstance",
    "/deviceManagement/deviceCompliancePolicies/{id}/assignments": "deviceCompliancePolicyAssignment",
    "/deviceManagement/deviceConfigurations/{id}/assignments": "deviceConfigurationAssignment",
    "/deviceManagement/termsAndConditions/{id}/acceptanceStatuses": "termsAndConditionsAcceptanceStatus",
    "/policies/roleManagementPolicies/{id}/rules": "unifiedRoleManagementPolicyRule",
}
needs_csdl = pytest.mark.skipif(not CSDL.exists(), reason="Graph's metadata is not at ../shared/graph")


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate()


@pytest.fixture(scope="module")
def users(tenant: Tenant) -> dict[str, dict[str, Any]]:
    return {user["id"]: user for user in tenant.collections["/users"]}


def teams(tenant: Tenant) -> dict[str, str]:
    rows = tenant.respond("/groups?$filter=resourceProvisioningOptions/Any(x:x eq 'Team')")[1]["value"]
    return {row["displayName"]: row["id"] for row in rows}


def test_the_same_arguments_give_the_same_tenant(tenant: Tenant) -> None:
    assert generate() == tenant


def test_another_seed_gives_other_people_but_the_same_named_ones_and_the_same_groups(tenant: Tenant) -> None:
    other = generate(seed=7)
    cast = [user["id"] for user in tenant.collections["/users"][:22]]
    assert [user["id"] for user in other.collections["/users"][:22]] == cast
    assert other.members.keys() == tenant.members.keys()
    assert {user["id"] for user in other.collections["/users"][22:]} != {
        user["id"] for user in tenant.collections["/users"][22:]
    }


def test_fewer_people_than_the_cast_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 22"):
        generate(people=21)


@pytest.mark.parametrize("people", [22, 60, 1_000])
def test_any_size_has_that_many_employees_with_ids_of_their_own(people: int) -> None:
    accounts = generate(people=people).collections["/users"]
    assert sum(user["employeeId"] is not None for user in accounts) == people
    assert (
        len({user["id"] for user in accounts}) == len({user["userPrincipalName"] for user in accounts}) == len(accounts)
    )


def test_teams_grow_with_the_organisation() -> None:
    assert len(teams(generate(people=2_400))) > 2_400 / 15


@needs_csdl
@pytest.mark.parametrize("path", ENTITIES)
def test_everything_generated_keeps_to_graphs_metadata(tenant: Tenant, path: str) -> None:
    rows = tenant.collections.get(path) or [tenant.singletons[path]]
    assert [fault for row in rows for fault in schema().faults(ENTITIES[path], row)] == []


@needs_csdl
@pytest.mark.parametrize("path", NESTED)
def test_everything_inside_a_resource_keeps_to_graphs_metadata(tenant: Tenant, path: str) -> None:
    rows = [row for children in tenant.nested[path].values() for row in children]
    assert len(rows) > 1
    assert [fault for row in rows for fault in schema().faults(NESTED[path], row)] == []


def test_every_path_is_checked_against_the_metadata(tenant: Tenant) -> None:
    assert ENTITIES.keys() == tenant.collections.keys() | tenant.singletons.keys()
    assert NESTED.keys() == tenant.nested.keys()


@needs_csdl
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"favouriteColour": "blue"}, "no property"),
        ({"accountEnabled": "yes"}, "no Edm.Boolean"),
        ({"createdDateTime": "2026-10-01"}, "no Edm.DateTimeOffset"),
        ({"assignedLicenses": [{"skuId": "E3"}]}, "no Edm.Guid"),
        ({"businessPhones": None}, "null"),
    ],
)
def test_the_metadata_check_finds_faults(tenant: Tenant, change: dict[str, Any], fault: str) -> None:
    found = list(schema().faults("user", tenant.collections["/users"][0] | change))
    assert len(found) == 1
    assert fault in found[0]


def test_no_date_but_an_expiry_lies_after_the_moment_the_tenant_is_seen(tenant: Tenant) -> None:
    assert tenant.taken_at == datetime(2026, 10, 1, 8, tzinfo=UTC)
    future = {
        key
        for rows in tenant.collections.values()
        for row in rows
        for key, value in row.items()
        if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) and value > "2026-10-01T08:00:00Z"
    }
    assert future == {
        "expirationDateTime",
        "complianceGracePeriodExpirationDateTime",
        "managementCertificateExpirationDate",
        "endDateTime",
    }


def test_less_than_five_percent_of_enabled_members_has_neither_team_nor_department(
    tenant: Tenant, users: dict[str, dict[str, Any]]
) -> None:
    placed = {member for team in teams(tenant).values() for member in tenant.transitive_members(team)}
    members = [user for user in users.values() if user["accountEnabled"] and user["userType"] == "Member"]
    loose = [user for user in members if user["id"] not in placed and user["department"] is None]
    assert 0 < len(loose) / len(members) < 0.05


def test_the_standard_tenant_holds_the_troubles_that_rules_look_for(
    tenant: Tenant, users: dict[str, dict[str, Any]]
) -> None:
    ids = teams(tenant)

    def active(team: str) -> list[bool]:
        return [users[owner]["accountEnabled"] for owner in tenant.owners[ids[team]]]

    assert tenant.transitive_members(ids["Innovatielab"]) == []
    assert active("Inkoop") == []
    assert active("Test en Oplevering") == [True]
    assert active("Storingsdienst") == [False]
    assert active("HR") == [True, True]
    assert len(tenant.members[ids["Informatiebeveiliging"]]) == 4


def test_guests_choose_names_that_are_markup_a_formula_and_reversed_text(
    users: dict[str, dict[str, Any]],
) -> None:
    names = [user["displayName"] for user in users.values() if user["userType"] == "Guest"]
    assert [name for name in names if name.startswith(("<", "=")) or "\u202e" in name] == names[:3]


def test_a_kiosk_has_an_empty_user_id_and_not_a_null(tenant: Tenant) -> None:
    devices = tenant.collections["/deviceManagement/managedDevices"]
    assert {device["userId"] for device in devices if device["deviceName"].startswith("NL-KIOSK")} == {""}


def test_transitive_members_follow_nested_and_circular_groups_and_name_everybody_once(tenant: Tenant) -> None:
    circular = replace(
        tenant,
        members={"a": ["u1", "u2"], "b": ["u2", "u3"], "c": ["u4"]},
        member_groups={"a": ["b"], "b": ["c", "a"]},
    )
    assert circular.transitive_members("a") == ["u1", "u2", "u3", "u4"]
    assert circular.transitive_groups("a") == ["b", "c"]


def test_a_collection_is_answered_whole(tenant: Tenant) -> None:
    status, body = tenant.respond("/users?$select=id&$top=5")
    assert status == 200
    assert len(body["value"]) == len(tenant.collections["/users"])
    assert "manager" not in body["value"][1]


def test_managers_are_answered_when_expanded_and_absent_where_there_is_none(tenant: Tenant) -> None:
    rows = tenant.respond("/users?$expand=manager($select%3Did)")[1]["value"]
    director, head = rows[0], rows[1]
    assert "manager" not in director
    assert head["manager"]["id"] == director["id"]


def test_members_of_a_group_are_typed_and_nested_groups_are_among_them(tenant: Tenant) -> None:
    group = next(group for group, nested in tenant.member_groups.items() if nested)
    direct = tenant.respond(f"/groups/{group}/members?$select=id")[1]["value"]
    deep = tenant.respond(f"/groups/{group}/transitiveMembers")[1]["value"]
    assert {row["@odata.type"] for row in direct} == {"#microsoft.graph.group"}
    assert {row["id"] for row in deep} > {row["id"] for row in direct}
    assert "#microsoft.graph.user" in {row["@odata.type"] for row in deep}


def test_owners_of_a_group_are_answered(tenant: Tenant) -> None:
    hr = teams(tenant)["HR"]
    assert [row["id"] for row in tenant.respond(f"/groups/{hr}/owners")[1]["value"]] == list(tenant.owners[hr])


@pytest.mark.parametrize("path", ["/admin/sharepoint/settings", "/admin/reportSettings"])
def test_a_refused_feed_is_answered_with_graphs_error(tenant: Tenant, path: str) -> None:
    status, body = tenant.respond(path)
    assert status == 403
    assert body["error"].keys() == {"code", "message", "innerError"}


@pytest.mark.parametrize("path", ["/nothing", "/groups/no-such-group/members"])
def test_an_unknown_path_is_not_found(tenant: Tenant, path: str) -> None:
    assert tenant.respond(path)[0] == 404


def documents() -> dict[str, dict[str, Any]]:
    found = {}
    for file in sorted(EXAMPLES.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text("utf-8")):
            found[document["id"]] = document
    return found


def test_every_holder_in_the_examples_is_in_the_tenant(tenant: Tenant, users: dict[str, dict[str, Any]]) -> None:
    upns = {user["userPrincipalName"] for user in users.values()}
    roles = documents()["noorderlicht"]["roles"]
    known = {f"user:{upn}" for upn in upns} | {f"group:{group}" for group in tenant.members}
    known |= {f"role:{role}" for role in roles}
    named = {holder for role in roles.values() for key in ("holders", "deputies") for holder in role.get(key, ())}
    assert named - known == set()


def test_every_unit_in_the_examples_is_in_the_tenant(tenant: Tenant, users: dict[str, dict[str, Any]]) -> None:
    departments = {user["department"] for user in users.values()}
    units = documents()["noorderlicht"]["units"]
    names = {row["id"]: row["displayName"] for row in tenant.collections["/groups"]}
    for unit in units:
        if unit["kind"] == "department":
            assert unit["department"] in departments
        else:
            assert unit["name"] == names[unit["group"]].removeprefix("SG-")


def test_every_subject_and_app_in_the_examples_is_in_the_tenant(
    tenant: Tenant, users: dict[str, dict[str, Any]]
) -> None:
    upns = {user["userPrincipalName"] for user in users.values()}
    apps = {app["appId"] for app in tenant.collections["/servicePrincipals"]}
    subjects = {
        subject
        for exception in documents()["uitzonderingen"]["exceptions"]
        for subject in exception.get("subjects", ())
    }
    assert subjects - upns - tenant.members.keys() == {tenant.id}
    parameters = documents()["noorderlicht"]["parameters"]
    assert set(parameters["apps.approved_apps"]) - apps == set()
    assert set(parameters["access.exclusion_groups"]) - tenant.members.keys() == set()


def test_one_role_of_the_examples_is_held_by_a_leaver_only(users: dict[str, dict[str, Any]]) -> None:
    enabled = {user["userPrincipalName"]: user["accountEnabled"] for user in users.values()}
    holders = documents()["noorderlicht"]["roles"]["continuity_manager"]["holders"]
    assert [enabled[holder.removeprefix("user:")] for holder in holders] == [False]
