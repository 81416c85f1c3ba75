"""People to whom the same policies may apply, found without asking every policy about everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from govcheck.access.app_groups import default_roles
from govcheck.access.model import Directory, GuestType, PeopleNamed, Person, Policy, State
from govcheck.access.people import named_as


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """People, and the enabled policies that are about them."""

    people: tuple[str, ...]
    policies: tuple[Policy, ...]
    default_role: bool
    """Security defaults always ask them for a second factor."""

    @property
    def id(self) -> str:
        """A name that stays while the same policies apply."""
        parts = [*sorted(policy.id for policy in self.policies), str(self.default_role)]
        return f"persona-{sha256(chr(10).join(parts).encode()).hexdigest()[:12]}"


def personas_of(directory: Directory) -> list[Persona]:
    """The enabled accounts by what may apply to them.

    A policy of which it cannot be decided that it is about somebody protects nobody, and is left out.
    """
    policies = [each for each in directory.policies if each.state is State.ENABLED and not each.conditions.workloads]
    included = _named([each.conditions.include_people for each in policies], directory)
    excluded = _named([each.conditions.exclude_people for each in policies], directory, undecided_too=True)
    admins = _default_admins(directory)
    found: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for key, person in directory.people.items():
        if person.enabled is not True:
            continue
        mask = included.of(key, person.guest) & ~excluded.of(key, person.guest)
        found[mask, key in admins].append(person.id)
    return [
        Persona(people=tuple(people), policies=tuple(_chosen(policies, mask)), default_role=admin)
        for (mask, admin), people in found.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """Which policies name somebody on one side, as bits: everybody, by kind of guest, and by name, group and role."""

    everybody: int
    guests: Mapping[GuestType | None, int]
    people: Mapping[str, int]

    def of(self, person: str, guest: GuestType | None) -> int:
        return self.everybody | self.guests[guest] | self.people.get(person, 0)


def _named(sides: Sequence[PeopleNamed], directory: Directory, *, undecided_too: bool = False) -> _Named:
    everybody, by_set, people = 0, defaultdict[tuple[str, str], int](int), defaultdict[str, int](int)
    for at, side in enumerate(sides):
        bit = 1 << at
        everybody |= bit if "All" in side.words else 0
        for name in side.user_ids:
            people[name] |= bit
        for kind, names, sets in (
            ("group", side.group_ids, directory.members),
            ("role", side.role_ids, directory.holders),
        ):
            if sets is None and names:
                everybody |= bit if undecided_too else 0
            for name in names:
                by_set[kind, name] |= bit
    for (kind, name), bits in by_set.items():
        sets = directory.members if kind == "group" else directory.holders
        for person in (sets or {}).get(name, ()):
            people[person] |= bits
    guests = {kind: _naming(sides, directory, kind, undecided_too=undecided_too) for kind in (None, *GuestType)}
    return _Named(everybody=everybody, guests=guests, people=people)


def _naming(sides: Sequence[PeopleNamed], directory: Directory, kind: GuestType | None, *, undecided_too: bool) -> int:
    """The policies that name everybody of one kind of guests."""
    somebody = Person(id="", guest=kind)
    wanted = {True, None} if undecided_too else {True}
    return sum(
        1 << at
        for at, side in enumerate(sides)
        if any(truth in wanted for truth, reason, _ in named_as(side, somebody, directory) if reason == "guest")
    )


def _default_admins(directory: Directory) -> frozenset[str]:
    """Holders of the roles that security defaults look at; nobody while those are off."""
    if not directory.security_defaults or directory.holders is None:
        return frozenset()
    held: Iterable[frozenset[str]] = (directory.holders.get(role, frozenset()) for role in default_roles())
    return frozenset().union(*held)


def _chosen(policies: Sequence[Policy], mask: int) -> list[Policy]:
    return [policy for at, policy in enumerate(policies) if mask >> at & 1]
