from __future__ import annotations

from typing import Any

import pytest

from govcheck.access import Directory, directory_from_json
from govcheck.engine.access_questions import OpenWays, open_ways
from govcheck.engine.access_trials import people_better_protected

REGISTER = {"includeUserActions": ["urn:user:registersecurityinfo"]}
OFFICE = {"id": "office", "isTrusted": True, "ipRanges": [{"cidrAddress": "203.0.113.0/26"}]}
HOME_COUNTRY = {"id": "nl", "countriesAndRegions": ["NL"]}


def policy(id_: str, *controls: str, state: str = "enabled", **conditions: Any) -> dict[str, Any]:
    everybody = {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["All"]}}
    grant = {"operator": "OR", "builtInControls": list(controls)}
    return {"id": id_, "state": state, "conditions": everybody | conditions, "grantControls": grant}


def anywhere_but(place: str) -> dict[str, Any]:
    return {"includeLocations": ["All"], "excludeLocations": [place]}


def directory(*policies: dict[str, Any], people: int = 1, defaults: bool = False) -> Directory:
    return directory_from_json(
        {
            "users": [{"id": f"u{number}", "accountEnabled": True} for number in range(people)],
            "conditional_access_policies": list(policies),
            "named_locations": [OFFICE, HOME_COUNTRY],
            "security_defaults": {"isEnabled": defaults},
        }
    )


def ways(*policies: dict[str, Any]) -> OpenWays:
    return open_ways(directory(*policies))["u0"]


def test_without_policies_everything_is_open() -> None:
    assert ways() == OpenWays(
        device_code_without_managed_device=True, registration_unprotected=True, untrusted_network_unprotected=True
    )


@pytest.mark.parametrize(
    ("control", "is_open"), [("block", False), ("compliantDevice", False), ("domainJoinedDevice", False), ("mfa", True)]
)
def test_device_code_is_closed_by_a_block_or_a_managed_device_and_not_by_mfa(control: str, *, is_open: bool) -> None:
    flow = {"transferMethods": "deviceCodeFlow"}
    assert ways(policy("p", control, authenticationFlows=flow)).device_code_without_managed_device is is_open


def test_another_flow_and_report_only_leave_device_code_open() -> None:
    other = policy("p", "block", authenticationFlows={"transferMethods": "authenticationTransfer"})
    assert ways(other).device_code_without_managed_device
    assert ways(policy("p", "block", state="enabledForReportingButNotEnforced")).device_code_without_managed_device


def test_one_application_left_out_leaves_device_code_open() -> None:
    but_one = {"includeApplications": ["All"], "excludeApplications": ["app-1"]}
    assert ways(policy("p", "block", applications=but_one)).device_code_without_managed_device


def test_registration_is_not_protected_by_a_policy_for_all_applications() -> None:
    found = ways(policy("p", "mfa"))
    assert found.registration_unprotected
    assert not found.untrusted_network_unprotected


def test_registration_may_be_open_from_trusted_networks_and_not_from_a_country() -> None:
    trusted = policy("p", "mfa", applications=REGISTER, locations=anywhere_but("AllTrusted"))
    country = policy("p", "mfa", applications=REGISTER, locations=anywhere_but("nl"))
    assert not ways(trusted).registration_unprotected
    assert ways(country).registration_unprotected


def test_mfa_outside_trusted_networks_is_enough_and_so_is_mfa_or_a_managed_device() -> None:
    outside = policy("p", "mfa", "compliantDevice", locations=anywhere_but("AllTrusted"))
    assert not ways(outside).untrusted_network_unprotected


def test_terms_of_use_are_a_way_round_mfa() -> None:
    either = policy("p", "mfa")
    either["grantControls"]["termsOfUse"] = ["t1"]
    assert ways(either).untrusted_network_unprotected


def test_a_policy_that_only_reports_counts_the_people_for_whom_it_would_close_something() -> None:
    staff = {"includeUsers": ["u0", "u1"]}
    found = people_better_protected(
        directory(
            policy("mfa-for-two", "mfa", state="enabledForReportingButNotEnforced", users=staff),
            policy("too-late", "mfa", state="disabled"),
            policy("in-force", "block", clientAppTypes=["exchangeActiveSync", "other"]),
            policy("again", "block", state="enabledForReportingButNotEnforced", clientAppTypes=["other"]),
            people=5,
        )
    )
    assert found == {"mfa-for-two": 2, "again": 0}


def test_security_defaults_do_not_close_device_code_nor_registration() -> None:
    found = open_ways(directory(defaults=True))["u0"]
    assert found.device_code_without_managed_device
    assert found.registration_unprotected
