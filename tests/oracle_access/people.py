"""Who a policy is about: users, groups, roles and guests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracle_access.truth import Truth, all_of, any_of, negate

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What policies may know of somebody."""

    id: str
    guest_type: str | None
    invited: bool
    groups: frozenset[str]
    roles: frozenset[str]


def find_person(tenant: Raw, user_id: str) -> Person:
    """Read a person from the directory; KeyError for somebody who is not in it."""
    user = {user["id"]: user for user in tenant["users"]}[user_id]
    groups = _groups_of(tenant, user_id)
    invited = user.get("externalUserState") is not None or user.get("creationType") == "Invitation"
    return Person(
        id=user_id,
        guest_type=_guest_type(user.get("userType"), invited=invited),
        invited=invited,
        groups=groups,
        roles=_roles_of(tenant, user_id, groups),
    )


def _guest_type(user_type: str | None, *, invited: bool) -> str | None:
    if invited:
        return "b2bCollaborationGuest" if user_type == "Guest" else "b2bCollaborationMember"
    return "internalGuest" if user_type == "Guest" else None


def _groups_of(tenant: Raw, user_id: str) -> frozenset[str]:
    """Groups within groups, until a round finds nothing new: a circle of groups ends that way too."""
    found: set[str] = set()
    while True:
        inside = {user_id} | found
        larger = {
            group
            for group, members in tenant["memberships"].items()
            if any(member["id"] in inside for member in members)
        }
        if larger == found:
            return frozenset(found)
        found = larger


def _roles_of(tenant: Raw, user_id: str, groups: frozenset[str]) -> frozenset[str]:
    """Template ids of the built-in roles that are active for the whole directory."""
    templates = {role["id"]: role["templateId"] for role in tenant["role_definitions"] if role["isBuiltIn"]}
    role_groups = {group["id"] for group in tenant["groups"] if group.get("isAssignableToRole")}
    holders = {user_id} | (groups & role_groups)
    return frozenset(
        templates[assignment["roleDefinitionId"]]
        for assignment in tenant["role_assignments"]
        if assignment["principalId"] in holders
        and assignment["directoryScopeId"] == "/"
        and assignment["roleDefinitionId"] in templates
    )


def matches_users(users: Raw, person: Person) -> Truth:
    """Tell whether the users condition is about this person: included, and not excluded."""
    return all_of([_is_named(users, "include", person), negate(_is_named(users, "exclude", person))])


def _is_named(users: Raw, side: str, person: Person) -> Truth:
    names = users.get(f"{side}Users") or []
    return any_of(
        [
            "All" in names,
            person.id in names,
            "GuestsOrExternalUsers" in names and person.guest_type is not None,
            bool(person.groups & set(users.get(f"{side}Groups") or [])),
            bool(person.roles & set(users.get(f"{side}Roles") or [])),
            _is_such_a_guest(users.get(f"{side}GuestsOrExternalUsers"), person),
        ]
    )


def _is_such_a_guest(guests: Raw | None, person: Person) -> Truth:
    """An invited person's own tenant is nowhere in the directory, so a list of tenants decides nothing about them."""
    if not guests or person.guest_type not in _words(guests.get("guestOrExternalUserTypes")):
        return False
    tenants = guests.get("externalTenants") or {}
    if tenants.get("membershipKind") == "enumerated" and person.invited:
        return None
    return True


def _words(flags: str | None) -> set[str]:
    return {word.strip() for word in (flags or "").split(",")}
