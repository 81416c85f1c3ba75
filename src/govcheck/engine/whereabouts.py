"""Where people belong and which accounts are for emergencies, for commands that count people without judging rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from govcheck.engine.declared import add_declared
from govcheck.engine.duck import add_snapshot, connect
from govcheck.engine.landing import add_landing, discover_units
from govcheck.engine.parameters import effective
from govcheck.engine.units import Place
from govcheck.model import UNASSIGNED
from govcheck.policy.types import PolicySet
from govcheck.snapshot import Snapshot

_PACK, _PARAMETER = "access", "breakglass_role"
_EMERGENCY = "break_glass"
_HOLDERS = """
    SELECT DISTINCT h.user_id FROM role_members h WHERE h.role = ? AND h.kind = 'holder'
    AND NOT EXISTS (
        SELECT 1 FROM role_references r JOIN memberships m ON r.scheme = 'group' AND m.group_id = r.name
        WHERE r.role = h.role AND m.user_id = h.user_id GROUP BY m.user_id HAVING bool_and(m.role = 'owner')
    )
"""
"""Whoever owns a group of emergency accounts is a person of flesh and blood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """The units of people, the emergency accounts, and the fewest people of whom a number is shown."""

    units: Mapping[str, Place]
    of: Mapping[str, tuple[str, ...]]
    """Units by id of a person in lower case; who is not here is in none."""
    emergency: frozenset[str]
    """Ids in lower case."""
    smallest: int

    def tally(self, people: Collection[str]) -> list[tuple[Place, int]]:
        """How many of these people are in each unit, most first. Somebody in several units counts in each."""
        found = Counter(unit for each in people for unit in self.of.get(each.lower(), (UNASSIGNED,)))
        return [(self.units[unit], many) for unit, many in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def whereabouts(policies: PolicySet, snapshot: Snapshot) -> Whereabouts:
    """Look people up in the declared and discovered units, and in the role of the emergency accounts."""
    connection = connect()
    add_snapshot(connection, snapshot)
    tree = discover_units(connection, policies.organisation, snapshot.tenant_name)
    add_landing(connection, tree)
    add_declared(connection, policies, tree, snapshot.taken_at, "en")
    found: dict[str, list[str]] = {}
    for person, unit in connection.execute("SELECT DISTINCT id, unit FROM user_units ORDER BY 1, 2").fetchall():
        found.setdefault(person.lower(), []).append(tree.ids[unit])
    role = _emergency_role(policies)
    held = connection.execute(_HOLDERS, [role]).fetchall()
    return Whereabouts(
        units=tree.places,
        of={person: tuple(units) for person, units in found.items()},
        emergency=frozenset(person.lower() for (person,) in held if person is not None),
        smallest=policies.min_group,
    )


def _emergency_role(policies: PolicySet) -> str:
    parameters = effective(policies.policies, policies.organisation, {})
    known = parameters.policies.get(_PACK, {})
    return str(parameters.of_policy(_PACK)[_PARAMETER]) if _PARAMETER in known else _EMERGENCY
