"""Who must act on a finding: RACI's Responsible, else the team's owners, else the policy's owner."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import duckdb

from govcheck.engine.matrices import matrix_for
from govcheck.engine.units import UnitTree
from govcheck.model import Owner, Person, Text, UnitKind
from govcheck.policy.types import PolicySet
from govcheck.words import text

TEAM_OWNER = "team_owner"
"""Role id that stands for the owners of a team in Microsoft Teams."""


class Owners:
    """Finds the owner for a rule in a unit; every answer is looked up once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, policies: PolicySet, tree: UnitTree) -> None:
        """Keep what is needed; people are read at the first question."""
        self._connection = connection
        self._policies = policies
        self._tree = tree
        self._found: dict[tuple[str, str], Owner] = {}
        self._policy_owners = {policy.header.id: policy.owner for policy in policies.policies}

    def of(self, rule: str, policy: str, unit: str) -> Owner:
        """The owner of findings of `rule` (in `policy`) that land on `unit`."""
        key = (rule, unit)
        if key not in self._found:
            self._found[key] = (
                self._responsible(rule, unit) or self._team_owner(unit) or self._role(self._policy_owners[policy])
            )
        return self._found[key]

    def _responsible(self, rule: str, unit: str) -> Owner | None:
        for matrix in matrix_for(self._policies, self._tree, unit):
            for activity in matrix.activities:
                if rule in activity.covers:
                    for role, letter in activity.assign.items():
                        if "R" in letter:
                            return self._role(role)
        return None

    def _team_owner(self, unit: str) -> Owner | None:
        place = self._tree.places[unit]
        people = self._team_owners.get(place.group or "", ())
        if place.kind is not UnitKind.TEAM or not people:
            return None
        return Owner(role=TEAM_OWNER, title=text("engine.team-owner"), people=people)

    def _role(self, role: str) -> Owner:
        return Owner(role=role, title=self._titles.get(role), people=self._holders.get(role, ()))

    @cached_property
    def _titles(self) -> Mapping[str, Text]:
        organisation = self._policies.organisation
        return {role.id: role.title for role in organisation.roles} if organisation else {}

    @cached_property
    def _holders(self) -> Mapping[str, tuple[Person, ...]]:
        return self._people("SELECT role, user_id FROM role_members WHERE kind = 'holder'")

    @cached_property
    def _team_owners(self) -> Mapping[str, tuple[Person, ...]]:
        return self._people("SELECT group_id, user_id FROM memberships WHERE role = 'owner'")

    def _people(self, pairs: str) -> Mapping[str, tuple[Person, ...]]:
        """Enabled members among (key, user id) pairs, by key, in order of UPN."""
        rows = self._connection.execute(f"""
            SELECT DISTINCT p.key, u.id, coalesce(u.display_name, u.user_principal_name, u.id),
                   coalesce(u.user_principal_name, u.id) AS upn
            FROM ({pairs}) AS p(key, user_id) JOIN users u ON u.id = p.user_id
            WHERE u.account_enabled AND coalesce(u.user_type, 'Member') = 'Member' ORDER BY p.key, upn, u.id
        """).fetchall()
        found: dict[str, tuple[Person, ...]] = {}
        for key, user, name, upn in rows:
            found[key] = (*found.get(key, ()), Person(id=user, name=name, upn=upn))
        return found
