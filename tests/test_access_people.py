"""Whom a policy is about."""

from __future__ import annotations

from typing import Any

import pytest

from access_tenants import GLOBAL_ADMINISTRATOR, MFA, applied, ask, inner, person, policy, role, tenant, user
from govcheck.access.people import guest_type

GUEST_TYPES = ("internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember")
CUSTOM = "cccccccc-0000-4000-8000-000000000001"


def named(users: dict[str, Any], /, **tables: Any) -> bool:
    return applied(tenant(policy("a", MFA, users=users), **tables)) == ["a"]


def test_exclusion_beats_inclusion() -> None:
    assert not named({"includeUsers": ["All"], "excludeUsers": ["ann"]})
    assert not named({"includeUsers": ["ann"], "excludeGroups": ["g"]}, memberships={"g": [person("ann")]})


def test_groups_count_with_the_groups_inside_them() -> None:
    nested = {"outer": [inner("middle")], "middle": [inner("core")], "core": [person("ann")]}
    assert named({"includeGroups": ["outer"]}, memberships=nested)


def test_groups_may_go_round_in_circles() -> None:
    circle = {"a": [inner("b")], "b": [inner("c"), person("ann")], "c": [inner("a")]}
    assert named({"includeGroups": ["c"]}, memberships=circle)
    assert not named({"includeGroups": ["a"]}, memberships={"a": [inner("b")], "b": [inner("a")]})


def test_ids_that_nothing_has_match_nobody() -> None:
    assert not named({"includeUsers": ["gone"], "includeGroups": ["gone"], "includeRoles": ["gone"]})


def test_capitals_in_ids_make_no_difference() -> None:
    assert named({"includeUsers": ["ANN"]})
    assert named({"includeGroups": ["G"]}, memberships={"g": [person("Ann")]})


@pytest.mark.parametrize(
    ("assignment", "holds"),
    [
        pytest.param(role("ann"), True, id="for the whole tenant"),
        pytest.param(role("ann", scope="/administrativeUnits/1"), False, id="for an administrative unit"),
        pytest.param(role("ann", scope="/11111111-0000-4000-8000-000000000001"), False, id="for one application"),
        pytest.param(role("bob"), False, id="somebody else's"),
        pytest.param(role("admins"), True, id="through a role-assignable group"),
        pytest.param(role("plain"), False, id="through a group that cannot hold roles"),
    ],
)
def test_a_role_counts_when_it_is_held_for_the_whole_tenant_directly_or_through_a_group(
    assignment: dict[str, Any], *, holds: bool
) -> None:
    tables = {
        "role_assignments": [assignment],
        "groups": [{"id": "admins", "isAssignableToRole": True}, {"id": "plain", "isAssignableToRole": False}],
        "memberships": {"admins": [person("ann")], "plain": [person("ann")]},
    }
    assert named({"includeRoles": [GLOBAL_ADMINISTRATOR]}, **tables) is holds


def test_a_custom_role_does_not_count_and_a_built_in_one_goes_by_its_template() -> None:
    definitions = [
        {"id": CUSTOM, "templateId": CUSTOM, "isBuiltIn": False},
        {"id": "own-id", "templateId": GLOBAL_ADMINISTRATOR, "isBuiltIn": True},
    ]
    custom = {"role_assignments": [role("ann", CUSTOM)], "role_definitions": definitions}
    own = {"role_assignments": [role("ann", "own-id")], "role_definitions": definitions}
    assert not named({"includeRoles": [CUSTOM]}, **custom)
    assert named({"includeRoles": [GLOBAL_ADMINISTRATOR]}, **own)


def test_an_activated_role_counts_and_an_eligible_one_does_not() -> None:
    assert named({"includeRoles": [GLOBAL_ADMINISTRATOR]}, role_assignment_schedule_instances=[role("ann")])
    assert not named({"includeRoles": [GLOBAL_ADMINISTRATOR]}, role_eligibility_schedule_instances=[role("ann")])


@pytest.mark.parametrize(
    ("user_type", "state", "creation", "expected"),
    [
        ("Member", None, None, None),
        (None, None, None, None),
        ("Guest", None, None, "internalGuest"),
        ("Guest", "Accepted", None, "b2bCollaborationGuest"),
        ("Guest", "PendingAcceptance", "Invitation", "b2bCollaborationGuest"),
        ("Guest", None, "Invitation", "b2bCollaborationGuest"),
        ("Member", "Accepted", None, "b2bCollaborationMember"),
    ],
)
def test_the_kind_of_guest_follows_from_the_user_type_and_from_the_invitation(
    user_type: str | None, state: str | None, creation: str | None, expected: str | None
) -> None:
    assert guest_type(user_type, state, creation) == expected


@pytest.mark.parametrize("kind", range(4))
def test_all_users_includes_guests_and_the_old_word_means_any_of_them(kind: int) -> None:
    properties = [
        {},
        {"userType": "Guest"},
        {"userType": "Guest", "externalUserState": "Accepted"},
        {"externalUserState": "Accepted"},
    ][kind]
    people = [user("ann", **properties)]
    assert named({"includeUsers": ["All"]}, users=people)
    assert named({"includeUsers": ["GuestsOrExternalUsers"]}, users=people) is (kind > 0)
    assert named({"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]}, users=people) is (kind == 0)
    for at, name in enumerate(GUEST_TYPES, 1):
        outsiders = {
            "guestOrExternalUserTypes": f"{name},serviceProvider",
            "externalTenants": {"membershipKind": "all"},
        }
        assert named({"includeGuestsOrExternalUsers": outsiders}, users=people) is (at == kind)


def test_guests_of_certain_tenants_are_undecided_unless_they_are_guests_of_the_house() -> None:
    outsiders = {
        "guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest",
        "externalTenants": {"membershipKind": "enumerated", "members": ["t1"]},
    }
    guests = policy("a", MFA, users={"includeGuestsOrExternalUsers": outsiders})
    invited = user("ann", userType="Guest", externalUserState="Accepted")
    assert ask(tenant(guests, users=[invited]))["undecided"] == ["a"]
    assert applied(tenant(guests, users=[user("ann", userType="Guest")])) == ["a"]
    assert ask(tenant(guests))["undecided"] == []


def test_leaving_out_guests_of_certain_tenants_leaves_the_policy_undecided_for_them() -> None:
    outsiders = {
        "guestOrExternalUserTypes": "b2bCollaborationGuest",
        "externalTenants": {"membershipKind": "enumerated"},
    }
    people = {"includeUsers": ["All"], "excludeGuestsOrExternalUsers": outsiders}
    invited = user("ann", userType="Guest", externalUserState="Accepted")
    assert ask(tenant(policy("a", MFA, users=people), users=[invited]))["undecided"] == ["a"]


def test_who_is_in_groups_or_roles_may_be_unknown() -> None:
    directory = tenant(
        policy("a", MFA, users={"includeGroups": ["g"]}),
        policy("b", MFA, users={"includeUsers": ["All"], "excludeRoles": ["r"]}),
        policy("c", MFA),
        memberships=None,
    )
    found = ask(directory)
    assert (found["applied"], found["undecided"]) == (["c"], ["a", "b"])
