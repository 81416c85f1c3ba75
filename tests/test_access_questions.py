from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from access_tenants import GLOBAL_ADMINISTRATOR, MAIL
from govcheck.access import Directory, directory_from_json
from govcheck.access.trials import people_better_protected
from govcheck.access.ways import OpenWays, open_ways

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
        device_code_without_managed_device=True,
        registration_unprotected=True,
        untrusted_network_unprotected=True,
        office365_without_managed_device=True,
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


def test_security_defaults_ask_administrators_nothing_before_they_register() -> None:
    administrator = replace(directory(defaults=True), holders={GLOBAL_ADMINISTRATOR: frozenset({"u0"})})
    found = open_ways(administrator)["u0"]
    assert found.registration_unprotected
    assert not found.untrusted_network_unprotected


SUITE = {"includeApplications": ["Office365"]}
MANAGED = ("compliantDevice", "domainJoinedDevice")


@pytest.mark.parametrize(
    ("policies", "is_open"),
    [
        pytest.param([policy("p", *MANAGED, applications=SUITE)], False, id="for Office 365"),
        pytest.param([policy("p", *MANAGED)], False, id="for every application"),
        pytest.param([policy("p", "mfa", *MANAGED, applications=SUITE)], True, id="or MFA"),
        pytest.param(
            [policy("p", *MANAGED, applications=SUITE | {"excludeApplications": [MAIL]})], True, id="but for mail"
        ),
        pytest.param(
            [policy("p", *MANAGED, applications=SUITE, platforms={"includePlatforms": ["windows"]})],
            True,
            id="on Windows only",
        ),
        pytest.param(
            [
                policy("p", *MANAGED, applications=SUITE, clientAppTypes=["browser", "mobileAppsAndDesktopClients"]),
                policy("q", "block", clientAppTypes=["exchangeActiveSync", "other"]),
            ],
            False,
            id="and old clients blocked",
        ),
        pytest.param(
            [
                policy("p", *MANAGED, applications=SUITE, users={"includeUsers": ["All"], "excludeGroups": ["g"]}),
                policy("q", *MANAGED, applications={"includeApplications": [MAIL]}),
            ],
            True,
            id="left out through a group, and asked for mail alone",
        ),
        pytest.param(
            [policy("p", *MANAGED, applications=SUITE, users={"includeGroups": ["g"]})],
            False,
            id="for a group that somebody is in",
        ),
    ],
)
def test_office_365_is_open_to_any_device_unless_every_way_into_it_asks_for_a_managed_one(
    policies: list[dict[str, Any]], *, is_open: bool
) -> None:
    found = open_ways(replace(directory(*policies), members={"g": frozenset({"u0"})}))
    assert found["u0"].office365_without_managed_device is is_open
