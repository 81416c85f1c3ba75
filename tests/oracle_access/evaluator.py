"""The answer to one sign-in: what applies, what it asks, and whether that comes down to MFA."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

from oracle_access.applications import AZURE_MANAGEMENT
from oracle_access.conditions import matches
from oracle_access.people import Person, find_person
from oracle_access.security_defaults import ADMINISTRATORS

Raw = Mapping[str, Any]
Requires = list[list[str]]
Counts = Callable[[str], bool]

LEGACY = ("exchangeActiveSync", "other")
DEVICE_CONTROLS = ("compliantDevice", "domainJoinedDevice")
STRENGTH = "authenticationStrength:"
PHISHING_RESISTANT_METHODS = {"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"}
SECURITY_DEFAULTS = "securityDefaults"


def answer(tenant: Raw, scenario: Raw) -> dict[str, Any]:
    """Answer one sign-in; KeyError for a person who is not in the directory."""
    return answer_for(tenant, find_person(tenant, scenario["userId"]), scenario)


def answer_for(tenant: Raw, person: Person, scenario: Raw) -> dict[str, Any]:
    """Answer one sign-in of somebody already found."""
    enabled = _by_truth(tenant, "enabled", person, scenario)
    reporting = _by_truth(tenant, "enabledForReportingButNotEnforced", person, scenario)
    defaults = bool((tenant.get("security_defaults") or {}).get("isEnabled"))
    applied = [policy["id"] for policy in enabled[True]] + ([SECURITY_DEFAULTS] if defaults else [])
    found = {
        "applied": sorted(applied),
        "reportOnly": sorted(policy["id"] for policy in reporting[True]),
        "undecided": sorted(policy["id"] for policy in enabled[None] + reporting[None]),
    }
    blocked = any("block" in _controls(policy) for policy in enabled[True])
    if blocked or (defaults and scenario["clientAppType"] in LEGACY):
        return {"outcome": "block", "mfa": None, "requires": [], **found}
    clauses = [clause for policy in enabled[True] for clause in _clauses(policy)]
    always_asked = bool(person.roles & ADMINISTRATORS.keys()) or _is_azure_management(scenario)
    requires = simplify([*clauses, ["mfa"]] if defaults and always_asked else clauses)
    mfa = grade(requires, lambda control: is_mfa(tenant, control), scenario)
    if defaults and mfa != "always":
        mfa = "conditional"
    return {"outcome": "grant", "mfa": mfa, "requires": requires, **found}


def _is_azure_management(scenario: Raw) -> bool:
    return scenario.get("applicationId") == AZURE_MANAGEMENT


def _by_truth(tenant: Raw, state: str, person: Person, scenario: Raw) -> dict[bool | None, list[Raw]]:
    """Split the policies in this state by whether they match."""
    found: dict[bool | None, list[Raw]] = {True: [], False: [], None: []}
    for policy in tenant["conditional_access_policies"]:
        if policy["state"] == state:
            found[matches(tenant, policy, person, scenario)].append(policy)
    return found


def _controls(policy: Raw) -> list[str]:
    grant = policy.get("grantControls") or {}
    strength = grant.get("authenticationStrength")
    return [
        *(grant.get("builtInControls") or []),
        *([STRENGTH + strength["id"]] if strength else []),
        *(f"termsOfUse:{id_}" for id_ in grant.get("termsOfUse") or []),
        *(f"customAuthenticationFactor:{id_}" for id_ in grant.get("customAuthenticationFactors") or []),
    ]


def _clauses(policy: Raw) -> Requires:
    controls = _controls(policy)
    if not controls:
        return []
    return [[control] for control in controls] if policy["grantControls"]["operator"] == "AND" else [controls]


def simplify(clauses: Iterable[Iterable[str]]) -> Requires:
    """Sort, and leave out repeats and whatever a stricter clause (fewer of the same choices) already asks."""
    sets = {frozenset(clause) for clause in clauses}
    return sorted(sorted(clause) for clause in sets if not any(other < clause for other in sets))


def grade(requires: Requires, counts: Counts, scenario: Raw) -> str:
    """Go through every way to pick one control of each clause, and see whether one that counts is always among them."""
    if not any(counts(control) for clause in requires for control in clause):
        return "never"
    if any(not any(counts(control) for control in choice) for choice in choices(requires, scenario)):
        return "conditional"
    return "always"


def choices(requires: Requires, scenario: Raw) -> Iterable[tuple[str, ...]]:
    """List every way to meet all clauses with the device of this sign-in."""
    return product(*([control for control in clause if _can_be_met(control, scenario)] for clause in requires))


def _can_be_met(control: str, scenario: Raw) -> bool:
    device = scenario.get("device") or {}
    trust_type = device.get("trustType") or ""
    if control == "compliantDevice":
        return bool(trust_type) and device.get("isCompliant") is True
    return control != "domainJoinedDevice" or trust_type.lower() == "serverad"


def is_mfa(tenant: Raw, control: str) -> bool:
    """Tell whether a control is MFA: by itself, or an authentication strength of that level."""
    return control == "mfa" or "mfa" in (_strength(tenant, control).get("requirementsSatisfied") or "").split(",")


def is_phishing_resistant(tenant: Raw, control: str) -> bool:
    """Tell whether a control is an authentication strength that accepts phishing-resistant methods only."""
    methods = set(_strength(tenant, control).get("allowedCombinations") or [])
    return bool(methods) and methods <= PHISHING_RESISTANT_METHODS


def _strength(tenant: Raw, control: str) -> Raw:
    """Find a strength in its own feed, or else as the policy that asks for it carries it."""
    grants = [policy.get("grantControls") or {} for policy in tenant["conditional_access_policies"]]
    carried = [grant["authenticationStrength"] for grant in grants if grant.get("authenticationStrength")]
    known: dict[str, Raw] = {STRENGTH + strength["id"]: strength for strength in carried}
    known |= {STRENGTH + strength["id"]: strength for strength in tenant["authentication_strengths"]}
    return known.get(control, {})
