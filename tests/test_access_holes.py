"""Holes: each one is really open, all of them together are all there are, and what is said to close one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from access_changes import apply_change
from access_tenants import (
    BLOCK,
    MAIL,
    MFA,
    WIKI,
    grant,
    person,
    policy,
    role,
    tenant,
    user,
)
from govcheck.access import Directory, answer, directory_from_json, effective
from govcheck.access.box_words import describer_of
from govcheck.access.holes import Hole, Holes, holes_of, standings_of, witness
from govcheck.access.labels import Labels
from govcheck.model import Lang
from oracle_access.policies import CONDITIONS
from oracle_access.pools import seeded
from oracle_access.tenants import invent_tenant

Json = dict[str, Any]
MODERN = ["browser", "mobileAppsAndDesktopClients"]
LEGACY = ["exchangeActiveSync", "other"]
TRUSTED = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
BUT_G: Json = {"includeUsers": ["All"], "excludeGroups": ["g"]}


def is_open_without_mfa(directory: Directory, sign_in: Mapping[str, Any]) -> bool:
    """By the answer to that one sign-in alone."""
    found = answer(directory, sign_in)
    device = sign_in["device"] or {}
    unmet = {
        *(() if device.get("isCompliant") is True else ("compliantDevice",)),
        *(() if device.get("trustType") == "ServerAD" else ("domainJoinedDevice",)),
    }
    return (
        found["outcome"] == "grant"
        and found["mfa"] != "always"
        and all(set(clause) - unmet for clause in found["requires"])
    )


def closed(found: Holes, holes: Iterable[Hole]) -> Directory:
    """The tenant after the changes of some holes."""
    directory = found.ground.directory
    for hole in holes:
        directory = apply_change(directory, hole.change, found.ground.controls)
    return directory


def where(found: Holes, lang: Lang = "en") -> list[str]:
    directory = found.ground.directory
    describer = describer_of(found.ground.space, directory.policies, Labels())
    return [describer.words(hole.box, lang) for hole in found.holes]


def only(found: Holes) -> Hole:
    (hole,) = found.holes
    return hole


def edits(hole: Hole) -> list[tuple[str, str]]:
    return [(each.kind, each.value) for each in hole.change.edits]


INVENTED = [pytest.param(seed, number, id=f"{seed}-{number}") for seed in range(12) for number in range(8)]


def invented(seed: int, number: int) -> Directory:
    random = seeded(seed, number)
    return directory_from_json(
        invent_tenant(random, people=3, conditions=random.sample(CONDITIONS, 3), broad=number % 2 == 0)
    )


@pytest.mark.parametrize(("seed", "number"), INVENTED)
def test_every_hole_has_a_sign_in_that_is_open_without_mfa(seed: int, number: int) -> None:
    directory = invented(seed, number)
    found = holes_of(directory)
    for hole in found.holes:
        for each in hole.people:
            assert is_open_without_mfa(directory, witness(found.ground.space, hole.box, each))


@pytest.mark.parametrize(("seed", "number"), INVENTED)
def test_those_in_some_hole_are_those_whose_mfa_is_not_always_effective(seed: int, number: int) -> None:
    directory = invented(seed, number)
    in_holes = {each for hole in holes_of(directory).holes for each in hole.people}
    assert in_holes == {each for each, is_ in effective(directory).items() if is_.effective_mfa != "always"}


@pytest.mark.parametrize(("seed", "number"), INVENTED)
def test_what_is_said_to_close_a_hole_closes_it(seed: int, number: int) -> None:
    found = holes_of(invented(seed, number))
    for hole in found.holes:
        after = closed(found, [hole])
        for each in hole.people:
            assert not is_open_without_mfa(after, witness(found.ground.space, hole.box, each))


@pytest.mark.parametrize(("seed", "number"), INVENTED)
def test_with_every_hole_closed_mfa_is_always_effective_for_everybody(seed: int, number: int) -> None:
    found = holes_of(invented(seed, number))
    after = closed(found, found.holes)
    assert {each.effective_mfa for each in effective(after).values()} <= {"always"}


@pytest.mark.parametrize(("seed", "number"), INVENTED)
def test_standings_agree_with_effective_mfa(seed: int, number: int) -> None:
    found = holes_of(invented(seed, number))
    levels = {each: level for level, people in standings_of(found.ground).items() for each in people}
    for each, is_ in effective(found.ground.directory).items():
        assert levels[each] == is_.effective_mfa or (levels[each], is_.effective_mfa) == ("blocked", "always")


def test_a_tenant_that_asks_everybody_for_mfa_has_no_holes() -> None:
    assert holes_of(tenant(policy("a", MFA))).holes == ()


def test_a_trusted_network_that_is_left_out_is_a_hole_of_that_network() -> None:
    found = holes_of(tenant(policy("a", MFA, locations=TRUSTED)))
    assert where(found) == ["from a trusted network"]
    assert edits(only(found)) == [("location", "alltrusted")]


def test_apps_that_a_policy_does_not_name_are_a_hole_in_a_few_words() -> None:
    found = holes_of(tenant(policy("a", MFA, applications={"includeApplications": ["Office365"]})))
    assert where(found) == ["to every app but Office 365"]
    assert where(found, "nl") == ["naar elke app behalve Office 365"]
    assert edits(only(found)) == [("applications", "")]


def test_an_app_that_is_left_out_is_a_hole_of_that_app() -> None:
    apps = {"includeApplications": ["All"], "excludeApplications": [WIKI]}
    found = holes_of(tenant(policy("a", MFA, applications=apps)))
    assert where(found) == [f"to {WIKI}"]
    assert edits(only(found)) == [("application", WIKI)]


def test_several_limits_make_one_description() -> None:
    asks = policy("a", MFA, applications={"includeApplications": ["Office365"]}, locations=TRUSTED)
    blocks = policy("b", BLOCK, clientAppTypes=["mobileAppsAndDesktopClients", *LEGACY])
    inside = policy("c", MFA, locations={"includeLocations": ["AllTrusted"]})
    found = holes_of(tenant(asks, blocks, inside))
    assert where(found) == ["in a web browser, from an untrusted network, to every app but Office 365"]


def test_the_same_hole_of_several_groups_of_people_is_told_once() -> None:
    people = [user("ann"), user("bob"), user("cem")]
    named = policy("a", MFA, users={"includeUsers": ["cem"]}, locations=TRUSTED)
    every = policy("b", MFA, locations=TRUSTED)
    found = holes_of(tenant(named, every, users=people))
    assert sorted(only(found).people) == ["ann", "bob", "cem"]


class TestWhy:
    def test_a_group_that_is_left_out(self) -> None:
        found = holes_of(tenant(policy("a", MFA, users=BUT_G), memberships={"g": [person("ann")]}))
        assert edits(only(found)) == [("group", "g")]

    def test_somebody_left_out_by_name(self) -> None:
        found = holes_of(tenant(policy("a", MFA, users={"includeUsers": ["All"], "excludeUsers": ["ann"]})))
        assert edits(only(found)) == [("user", "ann")]

    def test_a_role_that_is_left_out(self) -> None:
        admin = "62e90394-69f5-4237-9190-012177145e10"
        users = {"includeUsers": ["All"], "excludeRoles": [admin]}
        found = holes_of(tenant(policy("a", MFA, users=users), role_assignments=[role("ann")]))
        assert edits(only(found)) == [("role", admin)]

    def test_guests_that_are_left_out(self) -> None:
        guest = user("ann", userType="Guest")
        users = {"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]}
        assert edits(only(holes_of(tenant(policy("a", MFA, users=users), users=[guest])))) == [("guest", "")]

    @pytest.mark.parametrize("state", ["enabledForReportingButNotEnforced", "disabled"])
    def test_a_policy_that_is_not_on(self, state: str) -> None:
        assert edits(only(holes_of(tenant(policy("a", MFA, state=state))))) == [("enable", state)]

    def test_clients_that_are_not_named(self) -> None:
        found = holes_of(tenant(policy("a", MFA, clientAppTypes=MODERN)))
        assert where(found) == ["with an older client (Exchange ActiveSync, IMAP, POP, SMTP)"]
        assert edits(only(found)) == [("client", "")]

    def test_a_policy_that_would_block_older_clients_closes_a_hole_of_those(self) -> None:
        asks = policy("a", MFA, clientAppTypes=MODERN)
        trial = policy("b", BLOCK, clientAppTypes=LEGACY, state="enabledForReportingButNotEnforced")
        hole = only(holes_of(tenant(asks, trial)))
        assert (hole.change.policy and hole.change.policy.id, edits(hole)[0][0]) == ("b", "enable")

    def test_a_control_that_will_do_instead(self) -> None:
        found = holes_of(tenant(policy("a", grant("mfa", "compliantDevice"))))
        assert where(found) == ["on a compliant device"]
        assert (only(found).standing, edits(only(found))) == ("conditional", [("grant", "")])

    def test_no_policy_at_all_takes_a_new_one(self) -> None:
        hole = only(holes_of(tenant()))
        assert (hole.causes, hole.change.policy, edits(hole)) == ((), None, [("add-mfa", "")])

    def test_security_defaults_leave_it_to_microsoft(self) -> None:
        directory = tenant(security_defaults={"isEnabled": True})
        hole = only(holes_of(directory))
        assert (hole.standing, edits(hole)) == ("conditional", [("replace-defaults", "")])

    def test_the_nearest_policy_wins_over_one_about_other_people(self) -> None:
        few = policy("a", MFA, users={"includeUsers": ["bob"]})
        hole = only(holes_of(tenant(few, policy("b", MFA, users=BUT_G), memberships={"g": [person("ann")]})))
        assert [each.policy and each.policy.id for each in hole.causes] == ["b", "a"]

    def test_two_reasons_at_once_are_both_told(self) -> None:
        both = policy("a", MFA, users=BUT_G, state="disabled")
        assert edits(only(holes_of(tenant(both, memberships={"g": [person("ann")]})))) == [
            ("enable", "disabled"),
            ("group", "g"),
        ]


def test_a_policy_that_cannot_be_decided_closes_nothing_and_says_so() -> None:
    found = holes_of(tenant(policy("a", MFA, locations={"includeLocations": ["gone"]})))
    assert where(found) == ["any sign-in at all"]
    assert edits(only(found)) == [("locations", "")]


def test_mail_is_known_by_its_name() -> None:
    apps = {"includeApplications": ["All"], "excludeApplications": [MAIL]}
    (words,) = where(holes_of(tenant(policy("a", MFA, applications=apps))))
    assert "Exchange Online" in words
