"""Whom a policy is about: people by id, group, role and kind of guest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from govcheck.access.model import Conditions, Directory, GuestType, Outsiders, PeopleNamed, Person
from govcheck.access.truth import Truth, either, unless

Reason = Literal["all", "user", "group", "role", "guest"]
_MEMBER, _GUEST, _ALL = "Member", "Guest", "All"


def person_from(raw: Mapping[str, Any]) -> Person:
    """Somebody, as Graph describes them."""
    return Person(
        id=str(raw["id"]),
        upn=raw.get("userPrincipalName"),
        name=raw.get("displayName"),
        enabled=raw.get("accountEnabled"),
        guest=guest_type(raw.get("userType"), raw.get("externalUserState"), raw.get("creationType")),
    )


def guest_type(user_type: str | None, external_state: str | None, creation_type: str | None) -> GuestType | None:
    """The kind of guest somebody is. Whoever was invited has a state, or was made by an invitation."""
    is_guest = user_type == _GUEST
    if external_state or creation_type == "Invitation":
        return GuestType.COLLABORATION_GUEST if is_guest else GuestType.COLLABORATION_MEMBER
    return GuestType.INTERNAL_GUEST if is_guest else None


def people_in(
    direct: Mapping[str, Iterable[Mapping[str, Any]]], is_person: Callable[[str], bool]
) -> dict[str, frozenset[str]]:
    """Everybody in each group and in the groups inside it, which may go round in circles."""
    people: dict[str, set[str]] = defaultdict(set)
    inside: dict[str, set[str]] = defaultdict(set)
    for group, members in direct.items():
        for member in members:
            id_, kind = str(member["id"]).lower(), str(member.get("@odata.type") or "").rpartition(".")[2]
            if kind == "group" or (not kind and not is_person(id_)):
                inside[group.lower()].add(id_)
            elif kind in {"user", ""}:
                people[group.lower()].add(id_)
    return {group: _closed(group, people, inside) for group in {each.lower() for each in direct}}


def _closed(group: str, people: Mapping[str, set[str]], inside: Mapping[str, set[str]]) -> frozenset[str]:
    seen, pending, found = {group}, [group], set[str]()
    while pending:
        here = pending.pop()
        found |= people.get(here, set())
        new = inside.get(here, set()) - seen
        seen |= new
        pending += new
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment:
    """Somebody, or a group, with a role."""

    principal_id: str | None
    role_id: str | None
    scope: str | None


def holders_of(
    assignments: Iterable[RoleAssignment],
    definitions: Iterable[Mapping[str, Any]],
    members: Mapping[str, frozenset[str]] | None,
    assignable: Callable[[str], bool],
) -> dict[str, frozenset[str]] | None:
    """Who holds which built-in role for the whole tenant, by the role's template; None when groups are not known.

    Custom roles, and roles for a part of the tenant, do not count. A definition that is not listed is taken for a
    built-in one: its id is its template's.
    """
    if members is None:
        return None
    templates = {str(each["id"]).lower(): _template(each) for each in definitions}
    found: dict[str, set[str]] = defaultdict(set)
    for each in assignments:
        if each.scope != "/" or each.principal_id is None or each.role_id is None:
            continue
        role, principal = each.role_id.lower(), each.principal_id.lower()
        template = templates.get(role, role)
        if template is None:
            continue
        if principal in members:
            found[template] |= members[principal] if assignable(principal) else frozenset()
        else:
            found[template].add(principal)
    return {role: frozenset(people) for role, people in found.items()}


def _template(definition: Mapping[str, Any]) -> str | None:
    """The template of a built-in role; None for a custom one."""
    if definition.get("isBuiltIn") is False:
        return None
    return str(definition.get("templateId") or definition["id"]).lower()


def is_about(conditions: Conditions, person: Person, directory: Directory) -> Truth:
    """Whether a policy is about somebody."""
    if conditions.workloads:
        return False
    return unless(
        either(truth for truth, _, _ in named_as(conditions.include_people, person, directory)),
        either(truth for truth, _, _ in named_as(conditions.exclude_people, person, directory)),
    )


def named_as(side: PeopleNamed, person: Person, directory: Directory) -> Iterable[tuple[Truth, Reason, str]]:
    """In which ways one side of a policy may name somebody: whether it does, how, and by which id."""
    own = person.id.lower()
    if _ALL in side.words:
        yield True, "all", _ALL
    if own in side.user_ids:
        yield True, "user", person.id
    for group in sorted(side.group_ids):
        yield _is_among(own, group, directory.members), "group", group
    for role in sorted(side.role_ids):
        yield _is_among(own, role, directory.holders), "role", role
    if "GuestsOrExternalUsers" in side.words:
        yield person.guest is not None, "guest", str(person.guest)
    if side.outsiders is not None:
        yield _is_outsider(person, side.outsiders), "guest", str(person.guest)


def _is_among(person: str, name: str, sets: Mapping[str, frozenset[str]] | None) -> Truth:
    return None if sets is None else person in sets.get(name, ())


def _is_outsider(person: Person, outsiders: Outsiders) -> Truth:
    if person.guest is None or person.guest not in outsiders.types:
        return False
    # Guests of the house have no other tenant that could be listed, or not.
    return None if outsiders.enumerated and person.guest is not GuestType.INTERNAL_GUEST else True
