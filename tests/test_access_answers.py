"""What a sign-in is asked for: the answer of `what-if`, rule by rule of the contract."""

from __future__ import annotations

from typing import Any

import pytest

from access_tenants import AZURE, BLOCK, HOME, MAIL, MFA, WIKI, applied, ask, grant, policy, role, sign_in, tenant, user
from govcheck.access import answer

COMPLIANT = {"isCompliant": True, "trustType": "AzureAD"}
MULTIFACTOR = {"id": "S1", "allowedCombinations": ["password,sms"], "requirementsSatisfied": "mfa"}
SINGLE = {"id": "S2", "allowedCombinations": ["password"], "requirementsSatisfied": "none"}


def test_a_sign_in_that_no_policy_is_about_is_asked_nothing() -> None:
    assert ask(tenant()) == {
        "id": "s",
        "outcome": "grant",
        "mfa": "never",
        "requires": [],
        "applied": [],
        "reportOnly": [],
        "undecided": [],
    }


def test_a_block_control_blocks_and_every_enabled_policy_that_matches_is_still_listed() -> None:
    found = ask(tenant(policy("b", BLOCK), policy("a", MFA)))
    assert (found["outcome"], found["mfa"], found["requires"], found["applied"]) == ("block", None, [], ["a", "b"])


def test_a_device_that_can_meet_no_choice_is_granted_with_the_reason_in_requires() -> None:
    found = ask(tenant(policy("a", grant("compliantDevice"))))
    assert (found["outcome"], found["requires"], found["mfa"]) == ("grant", [["compliantDevice"]], "never")


def test_policies_are_anded_and_the_controls_of_one_are_ored() -> None:
    found = ask(tenant(policy("a", grant("mfa", "compliantDevice")), policy("b", grant("passwordChange"))))
    assert found["requires"] == [["compliantDevice", "mfa"], ["passwordChange"]]


def test_the_operator_and_makes_every_control_a_clause_of_its_own() -> None:
    assert ask(tenant(policy("a", grant("mfa", "compliantDevice", operator="AND"))))["requires"] == [
        ["compliantDevice"],
        ["mfa"],
    ]


def test_a_clause_that_a_stricter_one_makes_needless_is_left_out() -> None:
    assert ask(tenant(policy("a", grant("mfa", "compliantDevice")), policy("b", MFA)))["requires"] == [["mfa"]]


def test_other_controls_are_spelled_with_their_kind_and_id() -> None:
    asked = grant(
        authenticationStrength=MULTIFACTOR, termsOfUse=["T1"], customAuthenticationFactors=["F1"], operator="AND"
    )
    assert ask(tenant(policy("a", asked)))["requires"] == [
        ["authenticationStrength:S1"],
        ["customAuthenticationFactor:F1"],
        ["termsOfUse:T1"],
    ]


def test_a_policy_with_session_controls_alone_is_applied_and_asks_nothing() -> None:
    found = ask(tenant(policy("a", session={"signInFrequency": {"isEnabled": True}})))
    assert (found["applied"], found["requires"], found["mfa"]) == (["a"], [], "never")


def test_disabled_policies_appear_nowhere_and_report_only_ones_ask_nothing() -> None:
    directory = tenant(
        policy("a", MFA, state="disabled"), policy("b", BLOCK, state="enabledForReportingButNotEnforced")
    )
    found = ask(directory)
    assert (found["outcome"], found["applied"], found["reportOnly"]) == ("grant", [], ["b"])


@pytest.mark.parametrize(
    ("controls", "device", "level"),
    [
        pytest.param(["mfa"], None, "always", id="nothing else to choose"),
        pytest.param(["mfa", "compliantDevice"], None, "always", id="the other choice is out of reach"),
        pytest.param(["mfa", "compliantDevice"], COMPLIANT, "conditional", id="a compliant device is another way"),
        pytest.param(["mfa", "domainJoinedDevice"], COMPLIANT, "always", id="joined to Entra ID is not hybrid joined"),
        pytest.param(
            ["mfa", "domainJoinedDevice"],
            {"isCompliant": False, "trustType": "ServerAd"},
            "conditional",
            id="Graph writes ServerAd",
        ),
        pytest.param(["mfa", "approvedApplication"], None, "conditional", id="an approved app can always be picked"),
        pytest.param(["riskRemediation"], None, "never", id="remediating risk is no MFA control by itself"),
    ],
)
def test_mfa_says_whether_every_way_some_way_or_no_way_has_it(
    controls: list[str], device: dict[str, Any] | None, level: str
) -> None:
    assert ask(tenant(policy("a", grant(*controls))), device=device)["mfa"] == level


def test_mfa_never_needs_that_no_clause_holds_it_and_conditional_that_every_clause_can_do_without() -> None:
    directory = tenant(policy("a", grant("mfa", "compliantDevice")), policy("b", grant("mfa", "approvedApplication")))
    assert ask(directory, device=COMPLIANT)["mfa"] == "conditional"
    assert ask(directory)["mfa"] == "always"


@pytest.mark.parametrize(("strength", "level"), [(MULTIFACTOR, "always"), (SINGLE, "never")])
def test_only_a_strength_of_mfa_level_is_an_mfa_control(strength: dict[str, Any], level: str) -> None:
    assert ask(tenant(policy("a", grant(authenticationStrength=strength))))["mfa"] == level


def test_the_feed_of_strengths_says_more_than_the_policy_that_names_one() -> None:
    directory = tenant(policy("a", grant(authenticationStrength={"id": "s1"})), authentication_strengths=[MULTIFACTOR])
    assert ask(directory)["mfa"] == "always"


def test_a_strength_that_nothing_is_known_of_protects_nobody() -> None:
    assert ask(tenant(policy("a", grant(authenticationStrength={"id": "gone"}))))["mfa"] == "never"


@pytest.mark.parametrize(
    ("applications", "meets"),
    [
        pytest.param({"includeApplications": ["All"]}, [MAIL, AZURE, WIKI], id="All is every application"),
        pytest.param({"includeApplications": ["Office365"]}, [MAIL], id="the members of Office 365"),
        pytest.param({"includeApplications": [WIKI.upper()]}, [WIKI], id="capitals make no difference"),
        pytest.param({"includeApplications": ["All"], "excludeApplications": ["Office365"]}, [AZURE, WIKI], id="but"),
        pytest.param({"includeApplications": ["None"]}, [], id="None"),
    ],
)
def test_a_policy_matches_the_applications_it_names(applications: dict[str, Any], meets: list[str]) -> None:
    directory = tenant(policy("a", MFA, applications=applications))
    assert [app for app in (MAIL, AZURE, WIKI) if applied(directory, applicationId=app)] == meets


def test_all_applications_are_no_user_actions_and_no_contexts() -> None:
    directory = tenant(policy("a", MFA))
    assert applied(directory, userAction="registerSecurityInformation") == []
    assert applied(directory, authenticationContext="c1") == []


def test_user_actions_and_contexts_match_through_their_own_property() -> None:
    directory = tenant(
        policy("a", MFA, applications={"includeUserActions": ["urn:user:registersecurityinfo"]}),
        policy("b", MFA, applications={"includeUserActions": ["urn:user:registerdevice"]}),
        policy("c", MFA, applications={"includeAuthenticationContextClassReferences": ["c1"]}),
    )
    assert applied(directory, userAction="registerSecurityInformation") == ["a"]
    assert applied(directory, userAction="registerOrJoinDevices") == ["b"]
    assert applied(directory, authenticationContext="c1") == ["c"]
    assert applied(directory) == []


def test_a_system_that_is_not_recognised_matches_all_and_no_name() -> None:
    directory = tenant(
        policy("all", MFA, platforms={"includePlatforms": ["all"], "excludePlatforms": ["iOS"]}),
        policy("windows", MFA, platforms={"includePlatforms": ["windows"], "excludePlatforms": []}),
    )
    assert applied(directory, devicePlatform=None) == ["all"]
    assert applied(directory, devicePlatform="windows") == ["all", "windows"]
    assert applied(directory, devicePlatform="iOS") == []


@pytest.mark.parametrize(
    ("locations", "address", "country", "meets"),
    [
        (["AllTrusted"], "203.0.113.7", None, True),
        (["AllTrusted"], "::ffff:203.0.113.7", None, True),
        (["AllTrusted"], "2001:db8:4e4f::1", None, True),
        (["AllTrusted"], "203.0.113.64", None, False),
        (["AllTrusted"], None, "NL", False),
        (["offices"], None, "NL", False),
        (["home"], "203.0.113.7", "nl", True),
        (["home"], "203.0.113.7", None, False),
    ],
)
def test_a_sign_in_lies_in_the_locations_of_its_address_and_country(
    locations: list[str], address: str | None, country: str | None, *, meets: bool
) -> None:
    directory = tenant(policy("a", MFA, locations={"includeLocations": locations, "excludeLocations": []}))
    assert applied(directory, ipAddress=address, country=country) == (["a"] if meets else [])


def test_an_unknown_country_matches_only_a_location_that_includes_those() -> None:
    everywhere_else = {**HOME, "includeUnknownCountriesAndRegions": True}
    condition = {"includeLocations": ["home"], "excludeLocations": []}
    assert applied(tenant(policy("a", MFA, locations=condition), named_locations=[everywhere_else])) == ["a"]


def test_a_location_that_nothing_is_known_of_is_undecided_and_applies_to_nobody() -> None:
    directory = tenant(policy("a", BLOCK, locations={"includeLocations": ["gone"], "excludeLocations": []}))
    found = ask(directory)
    assert (found["outcome"], found["applied"], found["undecided"]) == ("grant", [], ["a"])


def test_what_is_false_already_is_not_undecided() -> None:
    unknown = {"includeLocations": ["gone"], "excludeLocations": []}
    directory = tenant(policy("a", BLOCK, clientAppTypes=["other"], locations=unknown))
    assert ask(directory)["undecided"] == []


def test_a_known_location_among_unknown_ones_decides() -> None:
    condition = {"includeLocations": ["gone", "home"], "excludeLocations": []}
    directory = tenant(policy("a", MFA, locations=condition))
    assert applied(directory, country="NL") == ["a"]
    assert ask(directory, country="US")["undecided"] == ["a"]


def test_a_filter_on_applications_is_undecided_unless_the_application_is_left_out() -> None:
    chosen = {"mode": "include", "rule": "CustomSecurityAttribute.A_B -eq 'c'"}
    directory = tenant(
        policy("a", MFA, applications={"includeApplications": [], "applicationFilter": chosen}),
        policy(
            "b",
            MFA,
            applications={
                "includeApplications": ["All"],
                "excludeApplications": [MAIL],
                "applicationFilter": {**chosen, "mode": "exclude"},
            },
        ),
    )
    assert ask(directory)["undecided"] == ["a"]
    assert ask(directory, applicationId=WIKI)["undecided"] == ["a", "b"]


def test_risk_levels_match_by_name_and_missing_risk_is_none() -> None:
    directory = tenant(
        policy("a", MFA, signInRiskLevels=["high", "medium"]),
        policy("b", MFA, userRiskLevels=["none"]),
        policy("c", MFA, insiderRiskLevels="moderate,elevated"),
    )
    assert applied(directory) == ["b"]
    assert applied(directory, signInRiskLevel="medium", userRiskLevel="low") == ["a"]
    assert applied(directory, insiderRiskLevel="elevated") == ["b", "c"]


def test_a_flow_matches_the_policies_that_name_it() -> None:
    directory = tenant(policy("a", BLOCK, authenticationFlows={"transferMethods": "deviceCodeFlow"}))
    assert ask(directory, authenticationFlow="deviceCodeFlow")["outcome"] == "block"
    assert ask(directory, authenticationFlow="authenticationTransfer")["outcome"] == "grant"
    assert ask(directory)["outcome"] == "grant"


def test_policies_for_workload_identities_never_apply_to_people() -> None:
    workloads = {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}
    assert applied(tenant(policy("a", BLOCK, clientApplications=workloads))) == []


ON = {"isEnabled": True}


class TestSecurityDefaults:
    def test_microsoft_decides_when_to_ask_whoever_is_no_administrator(self) -> None:
        found = ask(tenant(security_defaults=ON))
        assert (found["mfa"], found["requires"], found["applied"]) == ("conditional", [], ["securityDefaults"])

    @pytest.mark.parametrize("client", ["exchangeActiveSync", "other"])
    def test_legacy_clients_are_blocked(self, client: str) -> None:
        found = ask(tenant(security_defaults=ON), clientAppType=client)
        assert (found["outcome"], found["mfa"], found["applied"]) == ("block", None, ["securityDefaults"])

    def test_administrators_are_always_asked(self) -> None:
        found = ask(tenant(security_defaults=ON, role_assignments=[role("ann")]))
        assert (found["mfa"], found["requires"]) == ("always", [["mfa"]])

    def test_a_role_that_microsoft_does_not_list_makes_no_difference(self) -> None:
        reader = role("ann", "f2ef992c-3afb-46b9-b7cf-a126ee74c451")
        assert ask(tenant(security_defaults=ON, role_assignments=[reader]))["mfa"] == "conditional"

    def test_azure_management_asks_anybody(self) -> None:
        assert ask(tenant(security_defaults=ON), applicationId=AZURE)["requires"] == [["mfa"]]

    def test_whether_they_are_on_may_be_unknown(self) -> None:
        found = ask(tenant(security_defaults=None))
        assert (found["applied"], found["undecided"], found["mfa"]) == ([], ["securityDefaults"], "never")


class TestScenarios:
    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param({"userAction": None}, id="no target"),
            pytest.param({"applicationId": MAIL, "userAction": "registerOrJoinDevices"}, id="two targets"),
            pytest.param({"applicationId": "Office365"}, id="a group of applications"),
            pytest.param({"applicationId": 7}, id="an application that is no text"),
            pytest.param({"clientAppType": "fax"}, id="an unknown client"),
            pytest.param({"devicePlatform": "amiga"}, id="an unknown system"),
            pytest.param({"ipAddress": "1.2.3"}, id="no address"),
            pytest.param({"signInRiskLevel": "huge"}, id="an unknown risk"),
            pytest.param({"device": ["x"]}, id="a device that is no object"),
            pytest.param({"authenticationFlow": "carrierPigeon"}, id="an unknown flow"),
            pytest.param({"userId": "bob"}, id="an unknown user"),
            pytest.param({"userId": None}, id="no user"),
        ],
    )
    def test_what_cannot_be_answered_says_so_and_keeps_its_id(self, wrong: dict[str, Any]) -> None:
        found = ask(tenant(), **wrong)
        assert found.keys() == {"id", "error"}
        assert found["id"] == "s"

    @pytest.mark.parametrize("line", [None, 3, "x", ["userId"]])
    def test_what_is_no_object_has_no_id(self, line: object) -> None:
        assert answer(tenant(), line)["id"] is None

    def test_a_client_that_is_not_given_leaves_policies_that_name_clients_undecided(self) -> None:
        directory = tenant(policy("a", MFA, clientAppTypes=["browser"]), policy("b", MFA))
        found = ask(directory, clientAppType=None)
        assert (found["applied"], found["undecided"]) == (["b"], ["a"])

    def test_a_disabled_account_is_answered_like_any_other(self) -> None:
        directory = tenant(policy("a", MFA), users=[user("ann", accountEnabled=False)])
        assert answer(directory, sign_in())["applied"] == ["a"]
