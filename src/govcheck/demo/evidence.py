"""Everything besides people, teams and devices that tells how the tenant is governed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from govcheck.demo.applications import register_applications
from govcheck.demo.apps import assign_apps
from govcheck.demo.basis import Resource
from govcheck.demo.collaboration import collaborate
from govcheck.demo.intune import agree_on_terms, summarise, write_compliance_policies, write_configurations
from govcheck.demo.people import Person
from govcheck.demo.posture import write_boundaries, write_health, write_partners, write_scores, write_strengths
from govcheck.demo.privileged import activate, make_eligible, set_conditions
from govcheck.demo.reviews import review_access, write_workflows
from govcheck.demo.teams import Group
from govcheck.demo.usage import count_exercises, count_team_activity

_REVIEWS = "/identityGovernance/accessReviews/definitions"
_CONDITIONS = "/policies/roleManagementPolicyAssignments"
_COMPLIANCE = "/deviceManagement/deviceCompliancePolicies"
_PROFILES = "/deviceManagement/deviceConfigurations"
_TERMS = "/deviceManagement/termsAndConditions"
_EXERCISES = "/reports/security/getAttackSimulationSimulationUserCoverage"
NOT_LICENSED = (
    "/roleManagement/directory/roleEligibilityScheduleInstances",
    "/roleManagement/directory/roleAssignmentScheduleInstances",
    _CONDITIONS,
    _REVIEWS,
    "/identityGovernance/lifecycleWorkflows/workflows",
    _EXERCISES,
)
"""What asks for more than the demo tenant's licences, which are Entra ID P1 and Microsoft 365 E3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Resources by path; `Tenant` says what each part means."""

    collections: dict[str, list[Resource]] = field(default_factory=dict)
    singletons: dict[str, Resource] = field(default_factory=dict)
    nested: dict[str, Mapping[str, list[Resource]]] = field(default_factory=dict)
    reports: dict[str, list[Resource]] = field(default_factory=dict)

    def __or__(self, other: Evidence) -> Evidence:
        """Put two together."""
        return Evidence(
            collections=self.collections | other.collections,
            singletons=self.singletons | other.singletons,
            nested=self.nested | other.nested,
            reports=self.reports | other.reports,
        )


def gather_evidence(
    accounts: Sequence[Person],
    groups: Sequence[Group],
    definitions: Sequence[Resource],
    assignments: Sequence[Resource],
    devices: Sequence[Resource],
    ids: Mapping[str, str],
    seed: int,
) -> Evidence:
    """Write it all; `ids` tells ids by display name."""
    staff = [person for person in accounts if person.kind == "employee" and person.enabled]
    return (
        _about_roles(definitions, assignments, ids)
        | _about_apps(staff, seed)
        | _about_devices(staff, devices)
        | _about_teams(groups, accounts, seed)
        | _about_the_whole(staff, seed)
    )


def _about_roles(definitions: Sequence[Resource], assignments: Sequence[Resource], ids: Mapping[str, str]) -> Evidence:
    conditions = set_conditions(definitions)
    reviews, instances = review_access(ids)
    rules = {condition["policyId"]: condition["policy"]["rules"] for condition in conditions}
    return Evidence(
        collections={
            "/roleManagement/directory/roleEligibilityScheduleInstances": make_eligible(ids, definitions),
            "/roleManagement/directory/roleAssignmentScheduleInstances": activate(ids, definitions, assignments),
            _CONDITIONS: conditions,
            _REVIEWS: reviews,
            "/identityGovernance/lifecycleWorkflows/workflows": write_workflows(),
        },
        nested={"/policies/roleManagementPolicies/{id}/rules": rules, f"{_REVIEWS}/{{id}}/instances": instances},
    )


def _about_apps(staff: Sequence[Person], seed: int) -> Evidence:
    assigned = assign_apps([person.id for person in staff], seed)
    return Evidence(
        collections={"/applications": register_applications()},
        nested={"/servicePrincipals/{id}/appRoleAssignedTo": assigned},
    )


def _about_devices(staff: Sequence[Person], devices: Sequence[Resource]) -> Evidence:
    compliance, profiles = write_compliance_policies(), write_configurations()
    terms, accepted = agree_on_terms(staff)
    return Evidence(
        collections={_COMPLIANCE: compliance, _PROFILES: profiles, _TERMS: terms},
        singletons={"/deviceManagement/deviceCompliancePolicyDeviceStateSummary": summarise(devices)},
        nested={
            f"{_COMPLIANCE}/{{id}}/assignments": {policy["id"]: policy["assignments"] for policy in compliance},
            f"{_PROFILES}/{{id}}/assignments": {profile["id"]: profile["assignments"] for profile in profiles},
            f"{_TERMS}/{{id}}/acceptanceStatuses": accepted,
        },
    )


def _about_teams(groups: Sequence[Group], accounts: Sequence[Person], seed: int) -> Evidence:
    teamwork = collaborate(groups, accounts, seed)
    return Evidence(
        collections={"/teams": list(teamwork.teams)},
        nested={
            "/teams/{id}/channels": teamwork.channels,
            "/teams/{id}/tags": teamwork.tags,
            "/groups/{id}/planner/plans": teamwork.plans,
            "/planner/plans/{id}/tasks": teamwork.tasks,
        },
        reports={"/reports/getTeamsTeamActivityDetail": count_team_activity(groups, seed)},
    )


def _about_the_whole(staff: Sequence[Person], seed: int) -> Evidence:
    overviews, issues = write_health()
    return Evidence(
        collections={
            "/policies/crossTenantAccessPolicy/partners": write_partners(),
            "/policies/authenticationStrengthPolicies": write_strengths(),
            "/security/secureScores": write_scores(),
            "/admin/serviceAnnouncement/healthOverviews": overviews,
            "/admin/serviceAnnouncement/issues": issues,
            _EXERCISES: count_exercises(staff, seed),
        },
        singletons=write_boundaries(),
    )
