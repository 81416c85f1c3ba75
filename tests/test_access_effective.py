"""What holds of every way in: found by search, and the same as from listing every way."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import pytest

from access_cells import cells, listed
from access_tenants import (
    AZURE,
    BLOCK,
    GLOBAL_ADMINISTRATOR,
    HOME,
    MAIL,
    MFA,
    OFFICES,
    WIKI,
    grant,
    inner,
    person,
    policy,
    role,
    tenant,
    user,
)
from govcheck.access import Directory, Effective, effective
from govcheck.access.cells import CLIENT, DEVICE, TARGET, Space
from govcheck.access.effective import application_space
from govcheck.access.paths import answers_in
from govcheck.access.personas import personas_of
from govcheck.access.search import Box, overlap
from govcheck.access.signin import decide

LEGACY = ["exchangeActiveSync", "other"]
FIDO = {"id": "fido", "allowedCombinations": ["fido2"], "requirementsSatisfied": "mfa"}
PASSWORD_SMS = {"id": "sms", "allowedCombinations": ["password,sms"], "requirementsSatisfied": "mfa"}


def of_ann(*policies: dict[str, Any], **tables: Any) -> Effective:
    return effective(tenant(*policies, **tables))["ann"]


def test_without_policies_nobody_is_asked_anything() -> None:
    assert of_ann() == Effective(
        effective_mfa="never",
        effective_phishing_resistant="never",
        device_required="never",
        legacy_auth_possible=True,
    )


def test_mfa_for_everybody_everywhere_is_always() -> None:
    assert of_ann(policy("a", MFA)).effective_mfa == "always"


@pytest.mark.parametrize(
    "hole",
    [
        pytest.param({"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]}, id="legacy clients"),
        pytest.param({"applications": {"includeApplications": ["All"], "excludeApplications": [WIKI]}}, id="one app"),
        pytest.param({"applications": {"includeApplications": ["Office365"]}}, id="only Office 365"),
        pytest.param({"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}, id="offices"),
        pytest.param({"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}}, id="one system"),
        pytest.param({"signInRiskLevels": ["low", "medium", "high"]}, id="no risk"),
        pytest.param(
            {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}}, id="devices"
        ),
        pytest.param({"locations": {"includeLocations": ["gone"]}}, id="an undecided policy protects nobody"),
        pytest.param({"state": "enabledForReportingButNotEnforced"}, id="report-only never counts"),
    ],
)
def test_one_hole_is_enough_to_be_less_than_always(hole: dict[str, Any]) -> None:
    assert of_ann(policy("a", MFA, **hole)).effective_mfa != "always"


def test_a_blocked_hole_does_not_count_against_anyone() -> None:
    modern = policy("a", MFA, clientAppTypes=["browser", "mobileAppsAndDesktopClients"])
    found = of_ann(modern, policy("b", BLOCK, clientAppTypes=LEGACY))
    assert (found.effective_mfa, found.legacy_auth_possible) == ("always", False)


def test_two_policies_may_close_each_others_holes() -> None:
    at_home = policy("a", MFA, locations={"includeLocations": ["home"]})
    abroad = policy("b", BLOCK, locations={"includeLocations": ["All"], "excludeLocations": ["home"]})
    assert of_ann(at_home, abroad).effective_mfa == "always"


def test_where_nothing_is_open_it_is_always() -> None:
    found = of_ann(policy("a", BLOCK))
    assert (found.effective_mfa, found.device_required, found.legacy_auth_possible) == ("always", "always", False)


def test_a_compliant_device_instead_of_mfa_is_conditional_and_with_it_always() -> None:
    instead = of_ann(policy("a", grant("mfa", "compliantDevice")))
    both = of_ann(policy("a", grant("mfa", "compliantDevice", operator="AND")))
    assert (instead.effective_mfa, instead.device_required) == ("conditional", "never")
    assert (both.effective_mfa, both.device_required) == ("always", "always")


def test_a_choice_that_a_stricter_clause_makes_needless_asks_nobody() -> None:
    choice, device = policy("a", grant("mfa", "compliantDevice")), policy("b", grant("compliantDevice"))
    assert of_ann(choice, device).effective_mfa == "never"


def test_only_phishing_resistant_strengths_count_as_such() -> None:
    strong = of_ann(policy("a", grant(authenticationStrength=FIDO)))
    weak = of_ann(policy("a", grant(authenticationStrength=PASSWORD_SMS)))
    assert (strong.effective_mfa, strong.effective_phishing_resistant) == ("always", "always")
    assert (weak.effective_mfa, weak.effective_phishing_resistant) == ("always", "never")


def test_user_actions_and_contexts_do_not_count() -> None:
    registering = policy("a", MFA, applications={"includeUserActions": ["urn:user:registersecurityinfo"]})
    assert of_ann(registering).effective_mfa == "never"


def test_an_attribute_of_devices_is_cut_at_the_values_that_rules_name() -> None:
    workstation = {"mode": "include", "rule": 'device.extensionAttribute1 -eq "SAW"'}
    others = {"mode": "exclude", "rule": 'device.extensionAttribute1 -eq "SAW"'}
    found = of_ann(
        policy("a", MFA, devices={"deviceFilter": workstation}), policy("b", BLOCK, devices={"deviceFilter": others})
    )
    assert found.effective_mfa == "always"


def test_security_defaults_leave_it_to_microsoft_and_ask_administrators_always() -> None:
    on = {"isEnabled": True}
    assert of_ann(security_defaults=on).effective_mfa == "conditional"
    assert of_ann(security_defaults=on).legacy_auth_possible is False
    assert of_ann(security_defaults=on, role_assignments=[role("ann")]).effective_mfa == "always"


def test_accounts_that_are_not_enabled_are_left_out() -> None:
    assert effective(tenant(users=[user("ann", accountEnabled=False), user("bob", accountEnabled=None)])) == {}


def test_changed_policies_answer_for_the_same_people() -> None:
    directory = tenant(policy("a", MFA))
    assert effective(replace(directory, policies=()))["ann"].effective_mfa == "never"


RULES = (
    "device.isCompliant -eq True",
    'device.trustType -ne "ServerAD"',
    'device.isCompliant -ne True -and device.trustType -eq "AzureAD"',
    'device.model -startsWith "Surface" -or device.extensionAttribute1 -eq "SAW"',
    '-not (device.model -contains "Pro")',
)
GRANTS = (
    BLOCK,
    MFA,
    None,
    grant("compliantDevice"),
    grant("mfa", "compliantDevice"),
    grant("mfa", "compliantDevice", operator="AND"),
    grant("compliantDevice", "domainJoinedDevice"),
    grant("mfa", termsOfUse=["t"]),
    grant(authenticationStrength=FIDO),
    grant(authenticationStrength=PASSWORD_SMS),
)


def some_conditions(dice: random.Random) -> dict[str, Any]:
    """One or two conditions: more make a space that is too large to list."""
    whole: dict[str, list[Any]] = {
        "clientAppTypes": [["browser"], LEGACY, ["browser", "mobileAppsAndDesktopClients"]],
        "platforms": [{"includePlatforms": ["all"], "excludePlatforms": ["iOS"]}, {"includePlatforms": ["windows"]}],
        "locations": [
            {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
            {"includeLocations": ["home"], "excludeLocations": ["offices"]},
            {"includeLocations": ["gone", "home"]},
        ],
        "signInRiskLevels": [["high"], ["none", "low"]],
        "authenticationFlows": [{"transferMethods": "deviceCodeFlow"}],
        "devices": [
            {"deviceFilter": {"mode": mode, "rule": rule}} for mode in ("include", "exclude") for rule in RULES
        ],
        "applications": [
            {"includeApplications": ["Office365"]},
            {"includeApplications": ["All"], "excludeApplications": [WIKI, AZURE]},
            {"includeApplications": [MAIL, WIKI]},
            {"includeApplications": ["All"], "applicationFilter": {"mode": "exclude", "rule": "x"}},
        ],
    }
    return {name: dice.choice(whole[name]) for name in dice.sample(sorted(whole), dice.randint(0, 2))}


def some_tenant(seed: int) -> Directory:
    dice = random.Random(seed)  # noqa: S311 - no secret
    whom = [
        {"includeUsers": ["All"]},
        {"includeUsers": ["All"], "excludeGroups": ["inner"]},
        {"includeGroups": ["outer"]},
        {"includeRoles": [GLOBAL_ADMINISTRATOR]},
        {"includeUsers": ["GuestsOrExternalUsers"]},
    ]
    policies = [
        policy(f"p{at}", dice.choice(GRANTS), users=dice.choice(whom), **some_conditions(dice))
        for at in range(dice.randint(1, 4))
    ]
    return tenant(
        *policies,
        users=[user("ann"), user("bob", userType="Guest"), user("cem")],
        memberships={"outer": [inner("inner"), person("ann")], "inner": [inner("outer"), person("cem")]},
        role_assignments=[role("bob")],
        named_locations=[OFFICES, HOME],
        security_defaults={"isEnabled": dice.random() < 0.15},
    )


def narrowed(directory: Directory, space: Space) -> Box:
    """One value of every dimension that no policy names: the others are alike, and listing them all takes an age."""
    boxes = [space.box_of(each.conditions) for each in directory.policies]
    sides = zip(space.whole, *boxes, strict=True)
    return tuple(
        whole if at in {TARGET, CLIENT, DEVICE} or any(side not in {0, whole} for side in named) else 1
        for at, (whole, *named) in enumerate(sides)
    )


@pytest.mark.parametrize("seed", range(40))
def test_searching_finds_what_listing_every_sign_in_finds(seed: int) -> None:
    directory = some_tenant(seed)
    found = effective(directory)
    space, _ = application_space(directory)
    sign_ins = list(cells(space, narrowed(directory, space)))
    for name in ("ann", "bob", "cem"):
        assert found[name] == listed(directory, directory.people[name], sign_ins), name


@pytest.mark.parametrize("seed", range(40))
def test_boxes_hold_every_sign_in_once_with_the_answer_it_gets(seed: int) -> None:
    directory = some_tenant(seed)
    space, _ = application_space(directory)
    dice = random.Random(seed)  # noqa: S311 - no secret
    for persona in personas_of(directory):
        boxes = list(answers_in(space, persona, directory))
        assert sum(volume(box) for _, box in boxes) == volume(space.whole)
        assert not any(overlap(one, other) for at, (_, one) in enumerate(boxes) for _, other in boxes[:at])
        for answer, box in boxes:
            sign_in = next(cells(space, tuple(_some_bit(side, dice) for side in box)))
            told = decide(directory, directory.people[persona.people[0]], sign_in)
            assert (told.blocked, told.requires, told.mfa, told.applied) == (
                answer.blocked,
                answer.requires,
                answer.mfa,
                answer.applied,
            )


def volume(box: Box) -> int:
    size = 1
    for side in box:
        size *= side.bit_count()
    return size


def _some_bit(bits: int, dice: random.Random) -> int:
    return 1 << dice.choice([at for at in range(bits.bit_length()) if bits >> at & 1])


def test_twenty_thousand_people_under_sixty_policies_take_seconds() -> None:
    dice = random.Random(7)  # noqa: S311 - no secret
    names = [f"u{at}" for at in range(20_000)]
    groups = {f"g{at}": [person(name) for name in dice.sample(names, 400)] for at in range(30)}
    policies = [
        policy(
            f"p{at}",
            dice.choice(GRANTS),
            users={"includeGroups": dice.sample(sorted(groups), 3), "excludeGroups": dice.sample(sorted(groups), 1)},
            **some_conditions(dice),
        )
        for at in range(60)
    ]
    directory = tenant(*policies, users=[user(name) for name in names], memberships=groups)
    started = time.perf_counter()
    assert len(effective(directory)) == 20_000
    assert time.perf_counter() - started < 20
