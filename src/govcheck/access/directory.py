"""The model of a whole tenant, from raw Graph collections or from a snapshot: the same either way."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govcheck.access.locations import location_from
from govcheck.access.model import Directory, Location, Person, Policy, Strength
from govcheck.access.people import RoleAssignment, guest_type, holders_of, people_in, person_from
from govcheck.access.reading import policy_from, strengths_in
from govcheck.access.strengths import strength_from
from govcheck.catalogue import MADE, MissingColumn, tables
from govcheck.model import Reason
from govcheck.words import text

if TYPE_CHECKING:
    import pyarrow as pa

    from govcheck.snapshot import Snapshot

Raw = Mapping[str, Any]
Rows = Sequence[Raw]

NAMES = ("display_name", "user_principal_name")
"""Columns of `users` that only a person at a terminal needs."""
ACTIVATED = "role_assignment_schedule_instances"
"""Where Graph lists activated roles once more; read where it is there."""
POLICIES = "conditional_access_policies"
_ABOUT_POLICIES = frozenset({POLICIES, "named_locations", "authentication_strengths"})


def directory_from_json(raw: Raw) -> Directory:
    """Build the model from raw Graph collections, keyed by table. What is left out is empty; null is not known.

    `memberships` maps groups to their direct members, of which `@odata.type` tells people from groups.
    """
    people = {str(each["id"]).lower(): person_from(each) for each in raw.get("users") or ()}
    direct = raw.get("memberships", {})
    members = None if direct is None else people_in(direct, people.__contains__)
    return Directory(
        people=people,
        policies=_policies(raw.get(POLICIES) or ()),
        members=members,
        holders=_holders_from_json(raw, members),
        locations=_locations(raw.get("named_locations", ())),
        strengths=_strengths(raw.get(POLICIES) or (), raw.get("authentication_strengths") or ()),
        security_defaults=_defaults_from_json(raw),
    )


def _holders_from_json(raw: Raw, members: Mapping[str, frozenset[str]] | None) -> dict[str, frozenset[str]] | None:
    listed = raw.get("role_assignments", ())
    if listed is None:
        return None
    refused = {
        str(group["id"]).lower()
        for group in raw.get("groups") or ()
        if group.get("isAssignableToRole", True) is not True
    }
    return holders_of(
        (
            RoleAssignment(
                principal_id=each.get("principalId"),
                role_id=each.get("roleDefinitionId"),
                scope=each.get("directoryScopeId"),
            )
            for each in (*listed, *(raw.get(ACTIVATED) or ()))
        ),
        raw.get("role_definitions") or (),
        members,
        lambda group: group not in refused,
    )


def _defaults_from_json(raw: Raw) -> bool | None:
    found = raw.get("security_defaults", {})
    return None if found is None else found.get("isEnabled") is True


def directory_of(snapshot: Snapshot) -> Directory:
    """Build the model from a snapshot. What the snapshot lacks is not known; `missing_of` tells what that is."""
    policies = _objects(snapshot, POLICIES)
    members = members_in(snapshot)
    return Directory(
        people={person.id.lower(): person for person in _people(snapshot)},
        policies=_policies(policies or ()),
        members=members,
        holders=_holders(snapshot, members),
        locations=_locations(_objects(snapshot, "named_locations")),
        strengths=_strengths(policies or (), _objects(snapshot, "authentication_strengths") or ()),
        security_defaults=_defaults(snapshot),
    )


def rests_on_defaults(snapshot: Snapshot) -> bool:
    """Whether answers follow from security defaults alone: they are on, and there is no licence to read policies by.

    Entra turns security defaults on only where no policy is. With them off, a tenant without the licence may ask for
    MFA per person, which Graph does not tell: then nothing is known.
    """
    entry = snapshot.tables.get(POLICIES)
    unlicensed = entry is not None and entry.gap is not None and entry.gap.reason is Reason.NOT_LICENSED
    return unlicensed and _defaults(snapshot) is True


def reads_of(snapshot: Snapshot) -> Mapping[str, Collection[str]]:
    """The tables that answers depend on; where no policy can be in force, none that is about policies."""
    reads = tables()[MADE].reads
    if not rests_on_defaults(snapshot):
        return reads
    return {name: columns for name, columns in reads.items() if name not in _ABOUT_POLICIES}


def missing_of(snapshot: Snapshot, reads: Mapping[str, Collection[str]] | None = None) -> dict[str, MissingColumn]:
    """The tables that answers depend on and the snapshot lacks, in whole or in part, and why."""
    found: dict[str, MissingColumn] = {}
    for name, columns in (reads if reads is not None else reads_of(snapshot)).items():
        entry = snapshot.tables.get(name)
        if entry is None:
            found[name] = MissingColumn(Reason.NOT_COLLECTED, text("snapshot.lacks-table"))
        elif entry.gap is not None:
            found[name] = entry.gap
        elif lacking := [column for column in columns if column not in entry.columns]:
            words = text("snapshot.lacks-columns", names=", ".join(lacking))
            unread = MissingColumn(Reason.NOT_COLLECTED, words)
            found[name] = entry.column_gaps.get(lacking[0], unread)
    return found


def _people(snapshot: Snapshot) -> Iterator[Person]:
    wanted = ("id", "account_enabled", "user_type", "external_user_state", "creation_type", *NAMES)
    table = _table(snapshot, "users", wanted)
    if table is None:
        return
    columns = [table[name].to_pylist() if name in table.column_names else None for name in wanted]
    blank = [None] * table.num_rows
    for id_, enabled, kind, state, created, name, upn in zip(*(column or blank for column in columns), strict=True):
        yield Person(id=id_, upn=upn, name=name, enabled=enabled, guest=guest_type(kind, state, created))


def members_in(snapshot: Snapshot, name: str = "access_memberships") -> dict[str, frozenset[str]] | None:
    """Everybody in each group of a table; of the usual one, those that policies or roles name.

    Graph has looked into the groups inside them.
    """
    table = _table(snapshot, name, ("group_id", "user_id", "role"))
    if table is None:
        return None
    import pyarrow.compute as pc

    if "role" in table.column_names:
        table = table.filter(pc.fill_null(pc.not_equal(table["role"], "owner"), fill_value=True))
    lowered = table.select(["group_id", "user_id"])
    groups = pc.utf8_lower(lowered["group_id"]).to_pylist()
    people = pc.utf8_lower(lowered["user_id"]).to_pylist()
    found: dict[str, set[str]] = {}
    for group, person in zip(groups, people, strict=True):
        found.setdefault(group, set()).add(person)
    return {group: frozenset(inside) for group, inside in found.items()}


def _holders(snapshot: Snapshot, members: Mapping[str, frozenset[str]] | None) -> dict[str, frozenset[str]] | None:
    assignments = _objects(snapshot, "role_assignments")
    if assignments is None:
        return None
    activated = _objects(snapshot, ACTIVATED) or ()
    return holders_of(
        (
            RoleAssignment(
                principal_id=each.get("principalId"),
                role_id=each.get("roleDefinitionId"),
                scope=each.get("directoryScopeId"),
            )
            for each in (*assignments, *activated)
        ),
        _objects(snapshot, "role_definitions") or (),
        members,
        _role_groups(snapshot).__contains__,
    )


def _role_groups(snapshot: Snapshot) -> frozenset[str]:
    """The groups whose members hold the roles that the group was given."""
    table = _table(snapshot, "groups", ("id", "is_assignable_to_role"))
    if table is None or "is_assignable_to_role" not in table.column_names:
        return frozenset()
    return frozenset(row["id"].lower() for row in table.to_pylist() if row["is_assignable_to_role"])


def _defaults(snapshot: Snapshot) -> bool | None:
    found = _objects(snapshot, "security_defaults")
    return None if not found else found[0].get("isEnabled") is True


def _policies(listed: Rows) -> tuple[Policy, ...]:
    return tuple(sorted(map(policy_from, listed), key=lambda policy: policy.id))


def _locations(listed: Rows | None) -> dict[str, Location] | None:
    if listed is None:
        return None
    found = (location_from(each) for each in listed)
    return {each.id.lower(): each for each in found if each is not None}


def _strengths(policies: Rows, listed: Rows) -> dict[str, Strength]:
    """The strengths that came along with policies, and those of the feed, which says more."""
    return strengths_in(policies) | {str(each["id"]).lower(): strength_from(each) for each in listed}


def _objects(snapshot: Snapshot, name: str) -> list[Raw] | None:
    """The rows of a small table as Graph spelled them; None where the snapshot lacks what answers depend on."""
    reads = tables()[MADE].reads
    columns = {column: tables()[name].columns[column] for column in reads.get(name, reads["role_assignments"])}
    table = _table(snapshot, name, columns)
    if table is None or len(table.column_names) < len(columns):
        return None
    return [
        {
            str(columns[name].path): json.loads(value) if columns[name].type == "json" and value is not None else value
            for name, value in row.items()
        }
        for row in table.to_pylist()
    ]


def _table(snapshot: Snapshot, name: str, columns: Collection[str]) -> pa.Table | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    entry = snapshot.tables.get(name)
    if entry is None or entry.gap is not None or not entry.files:
        return None
    wanted = [column for column in columns if column in entry.columns]
    return pa.concat_tables([pq.read_table(snapshot.path / file, columns=wanted) for file in entry.files])
