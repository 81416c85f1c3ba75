"""What holds for each kind of resource: its type, the service behind it, its pages, and the licence it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

_USER_DEFAULT = (
    "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName",
)  # fmt: skip
_P1, _P2, _GOVERNANCE = "AAD_PREMIUM", "AAD_PREMIUM_P2", "Entra_Identity_Governance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What holds for one kind of resource, wherever it is asked for."""

    type: str
    workload: str = "directory"
    page: int = 100
    """Rows on a page where `$top` says nothing."""
    most: int = 999
    """The largest `$top`; 0 where the service knows no `$top`."""
    licence: str | None = None
    """Service plan without which the service refuses."""
    default: tuple[str, ...] = ()
    """What comes back without `$select`; empty means everything."""
    hidden: tuple[str, ...] = ()
    """Links that come only when expanded, those inside others as `policy/rules`."""
    filtered_by: tuple[str, ...] = ()
    """Properties that a `$filter` must name."""

    @property
    def directory(self) -> bool:
        """Whether advanced queries need `ConsistencyLevel: eventual`."""
        return self.workload == "directory"


_INTUNE = Kind(type="managedDevice", workload="intune", page=1000, most=1000, licence="INTUNE_A")
_POLICY = Kind(type="conditionalAccessPolicy", workload="conditional_access", licence=_P1)
_PRIVILEGED = Kind(type="unifiedRoleEligibilityScheduleInstance", workload="privileged", licence=_P2)
_REVIEW = Kind(type="accessReviewInstance", workload="governance", most=100, licence=_P2)
_HEALTH = Kind(type="serviceHealthIssue", workload="service_communications", most=100)
_TEAMWORK = Kind(type="channel", workload="teams", most=0)

DIRECTORY_OBJECT = Kind(type="directoryObject")
SIGN_IN_ACTIVITY = Kind(type="user", workload="reports", licence=_P1, most=500)
"""What holds besides for users whose `signInActivity` is asked for."""
KINDS: Mapping[str, Kind] = {
    "/users": Kind(type="user", default=_USER_DEFAULT),
    "/groups": Kind(type="group"),
    "/organization": Kind(type="organization"),
    "/subscribedSkus": Kind(type="subscribedSku"),
    "/reports/authenticationMethods/userRegistrationDetails": Kind(
        type="userRegistrationDetails", workload="reports", licence=_P1
    ),
    "/identity/conditionalAccess/policies": _POLICY,
    "/identity/conditionalAccess/namedLocations": replace(_POLICY, type="namedLocation"),
    "/roleManagement/directory/roleDefinitions": Kind(type="unifiedRoleDefinition"),
    "/roleManagement/directory/roleAssignments": Kind(type="unifiedRoleAssignment"),
    "/roleManagement/directory/roleEligibilityScheduleInstances": _PRIVILEGED,
    "/roleManagement/directory/roleAssignmentScheduleInstances": replace(
        _PRIVILEGED, type="unifiedRoleAssignmentScheduleInstance"
    ),
    "/servicePrincipals": Kind(type="servicePrincipal"),
    "/servicePrincipals/{id}/appRoleAssignedTo": Kind(type="appRoleAssignment"),
    "/oauth2PermissionGrants": Kind(type="oAuth2PermissionGrant"),
    "/directoryRoles": Kind(type="directoryRole"),
    "/devices": Kind(type="device"),
    "/deviceManagement/managedDevices": _INTUNE,
    "/deviceManagement/deviceCompliancePolicies": replace(
        _INTUNE, type="deviceCompliancePolicy", hidden=("assignments",)
    ),
    "/deviceManagement/deviceConfigurations": replace(_INTUNE, type="deviceConfiguration", hidden=("assignments",)),
    "/deviceManagement/deviceCompliancePolicies/{id}/assignments": replace(
        _INTUNE, type="deviceCompliancePolicyAssignment"
    ),
    "/deviceManagement/deviceConfigurations/{id}/assignments": replace(_INTUNE, type="deviceConfigurationAssignment"),
    "/deviceManagement/deviceCompliancePolicyDeviceStateSummary": replace(
        _INTUNE, type="deviceCompliancePolicyDeviceStateSummary"
    ),
    "/deviceManagement/termsAndConditions": replace(_INTUNE, type="termsAndConditions"),
    "/deviceManagement/termsAndConditions/{id}/acceptanceStatuses": replace(
        _INTUNE, type="termsAndConditionsAcceptanceStatus"
    ),
    "/applications": Kind(type="application"),
    "/policies/authorizationPolicy": Kind(type="authorizationPolicy"),
    "/policies/identitySecurityDefaultsEnforcementPolicy": Kind(type="identitySecurityDefaultsEnforcementPolicy"),
    "/policies/authenticationMethodsPolicy": Kind(type="authenticationMethodsPolicy"),
    "/policies/authenticationStrengthPolicies": replace(_POLICY, type="authenticationStrengthPolicy"),
    "/policies/adminConsentRequestPolicy": Kind(type="adminConsentRequestPolicy"),
    "/policies/crossTenantAccessPolicy/default": Kind(type="crossTenantAccessPolicyConfigurationDefault"),
    "/policies/crossTenantAccessPolicy/partners": Kind(type="crossTenantAccessPolicyConfigurationPartner"),
    "/policies/roleManagementPolicies/{id}/rules": replace(_PRIVILEGED, type="unifiedRoleManagementPolicyRule"),
    "/policies/deviceRegistrationPolicy": Kind(type="deviceRegistrationPolicy"),
    "/policies/roleManagementPolicyAssignments": replace(
        _PRIVILEGED,
        type="unifiedRoleManagementPolicyAssignment",
        hidden=("policy", "policy/rules"),
        filtered_by=("scopeId", "scopeType"),
    ),
    "/identityGovernance/accessReviews/definitions": replace(_REVIEW, type="accessReviewScheduleDefinition"),
    "/identityGovernance/accessReviews/definitions/{id}/instances": _REVIEW,
    "/identityGovernance/lifecycleWorkflows/workflows": Kind(
        type="identityGovernance.workflow", workload="governance", licence=_GOVERNANCE, hidden=("tasks",)
    ),
    "/teams": Kind(type="team", workload="teams", default=("id", "displayName", "description", "visibility")),
    "/teams/{id}/channels": _TEAMWORK,
    "/teams/{id}/tags": replace(_TEAMWORK, type="teamworkTag"),
    "/groups/{id}/planner/plans": Kind(type="plannerPlan", workload="planner", most=0),
    "/planner/plans/{id}/tasks": Kind(type="plannerTask", workload="planner", page=400, most=0),
    "/reports/security/getAttackSimulationSimulationUserCoverage": Kind(
        type="attackSimulationSimulationUserCoverage", workload="attack_simulation", licence="THREAT_INTELLIGENCE"
    ),
    "/security/secureScores": Kind(type="secureScore", workload="security"),
    "/admin/serviceAnnouncement/healthOverviews": replace(_HEALTH, type="serviceHealth", hidden=("issues",)),
    "/admin/serviceAnnouncement/issues": _HEALTH,
    "/admin/sharepoint/settings": Kind(type="sharepointSettings", workload="sharepoint"),
    "/admin/reportSettings": Kind(type="adminReportSettings", workload="usage_reports"),
}
REPORT = Kind(type="report", workload="usage_reports")
