"""A proposal against today: what it says of people is what single sign-ins say before and after."""

from __future__ import annotations

from typing import Any

import pytest

from access_tenants import BLOCK, MFA, grant, person, policy, tenant, user
from govcheck.access import Directory, answer, directory_from_json
from govcheck.access.compare import BLOCK as BLOCKED
from govcheck.access.compare import Effect, compare
from govcheck.access.grid import grid_of
from govcheck.access.holes import ground_of, witness
from govcheck.access.labels import Labels
from govcheck.access.persona_words import Naming
from govcheck.access.proposal import ProposalError, propose
from oracle_access.policies import CONDITIONS
from oracle_access.pools import seeded
from oracle_access.tenants import invent_tenant

TRUSTED = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
PEOPLE = [user("ann"), user("bob")]


def effects(before: Directory, after: Directory) -> list[tuple[str, list[str], list[str]]]:
    return [(each.direction, sorted(each.demand), sorted(each.people)) for each in compare(before, after).effects]


def strictest(directory: Directory, effect: Effect, who: str) -> list[set[str]]:
    """What one sign-in of an effect is asked for; `block` where it is kept out."""
    found = answer(directory, witness(effect.space, effect.box, who))
    return [{"block"}] if found["outcome"] == "block" else [set(clause) for clause in found["requires"]]


@pytest.mark.parametrize("seed", range(60))
def test_what_is_gained_is_asked_after_and_not_before_and_the_other_way_round(seed: int) -> None:
    random = seeded(seed, 1)
    raw = invent_tenant(random, people=3, conditions=random.sample(CONDITIONS, 3), broad=seed % 2 == 0)
    whole = directory_from_json(raw)
    less = propose(whole, [each.id for each in whole.policies[: 1 + seed % 2]], []).directory
    found = compare(whole, less)
    for effect in found.effects:
        if effect.space.targets[0].application is None:
            continue
        here, there = (less, whole) if effect.direction == "gains" else (whole, less)
        for who in effect.people:
            assert effect.demand in strictest(here, effect, who)
            assert not any(clause <= effect.demand for clause in strictest(there, effect, who))


@pytest.mark.parametrize("seed", range(30))
def test_what_one_way_gains_the_other_way_loses(seed: int) -> None:
    random = seeded(seed, 2)
    whole = directory_from_json(invent_tenant(random, people=3, conditions=random.sample(CONDITIONS, 2), broad=True))
    less = propose(whole, [whole.policies[0].id], []).directory if whole.policies else whole
    there, back = compare(whole, less).effects, compare(less, whole).effects
    assert {(each.direction, each.demand, each.box) for each in there} == {
        ("gains" if each.direction == "loses" else "loses", each.demand, each.box) for each in back
    }


def test_the_same_policies_change_nothing() -> None:
    directory = tenant(policy("a", MFA))
    assert compare(directory, directory).effects == ()


def test_taking_a_policy_away_loses_what_only_it_asked() -> None:
    both = tenant(policy("a", MFA), policy("b", MFA, locations=TRUSTED), policy("c", grant("compliantDevice")))
    assert effects(both, propose(both, ["c"], []).directory) == [("loses", ["compliantDevice"], ["ann"])]
    assert effects(both, propose(both, ["b"], []).directory) == []


def test_a_policy_may_be_called_by_its_name_in_any_case() -> None:
    directory = tenant(policy("a", MFA))
    assert [each.id for each in propose(directory, ["POLICY A"], []).removed] == ["a"]
    with pytest.raises(ProposalError):
        propose(directory, ["policy b"], [])


def test_a_name_that_two_policies_share_is_no_name() -> None:
    directory = tenant({**policy("a", MFA), "displayName": "x"}, {**policy("b", MFA), "displayName": "x"})
    with pytest.raises(ProposalError):
        propose(directory, ["x"], [])


def test_a_policy_with_a_known_id_replaces_that_policy() -> None:
    directory = tenant(policy("a", MFA))
    found = propose(directory, [], [policy("a", BLOCK), policy("b", MFA)])
    assert ([each.id for each in found.replaced], [each.id for each in found.added]) == (["a"], ["b"])
    assert [each.id for each in found.directory.policies] == ["a", "b"]


def test_whoever_has_no_way_in_left_is_locked_out() -> None:
    directory = tenant(policy("a", MFA), users=PEOPLE, memberships={"g": [person("bob")]})
    users = {"includeUsers": ["All"], "excludeGroups": ["g"]}
    after = propose(directory, [], [policy("b", BLOCK, users=users)])
    found = compare(directory, after.directory)
    assert found.locked_out == ("ann",)
    assert [(each.direction, each.demand, each.people) for each in found.effects] == [("gains", BLOCKED, ("ann",))]


def test_a_demand_that_no_device_meets_locks_out_too() -> None:
    joined = grant("domainJoinedDevice", "compliantDevice", operator="AND")
    only_elsewhere = {"deviceFilter": {"mode": "exclude", "rule": 'device.trustType -eq "ServerAD"'}}
    blocks = policy("b", BLOCK, devices=only_elsewhere)
    directory = tenant(blocks)
    assert compare(directory, propose(directory, [], [policy("c", joined)]).directory).locked_out == ()
    not_joined = {"deviceFilter": {"mode": "include", "rule": 'device.trustType -eq "ServerAD"'}}
    after = propose(directory, [], [policy("c", BLOCK, devices=not_joined)]).directory
    assert compare(directory, after).locked_out == ("ann",)


def test_who_is_blocked_already_is_not_locked_out_by_a_proposal() -> None:
    directory = tenant(policy("a", BLOCK))
    assert compare(directory, propose(directory, [], [policy("b", BLOCK)]).directory).locked_out == ()


def test_user_actions_count_too() -> None:
    action = {"includeUserActions": ["urn:user:registersecurityinfo"]}
    directory = tenant(policy("a", MFA, applications=action))
    (effect,) = compare(directory, propose(directory, ["a"], []).directory).effects
    assert (effect.direction, {each.user_action for each in effect.space.targets}) == (
        "loses",
        {"registerSecurityInformation", "registerOrJoinDevices"},
    )


def test_groups_and_locations_that_nobody_knows_are_told() -> None:
    users, places = {"includeGroups": ["who"]}, {"includeLocations": ["where"]}
    found = propose(tenant(), [], [policy("a", MFA, users=users, locations=places)])
    assert (found.unknown_groups, found.unknown_locations) == (("who",), ("where",))


class TestGrid:
    NAMING = Naming(labels=Labels(groups={"g": "Leave us out"}), smallest=2)

    def grid(self, *policies: dict[str, Any], **tables: Any) -> list[tuple[str, dict[str, str]]]:
        found = grid_of(ground_of(tenant(*policies, **tables)), self.NAMING)
        titles = [each.en or "" for each in found.columns]
        return [(who.en or "", dict(zip(titles, cells, strict=True))) for who, cells in found.rows]

    def test_a_row_says_what_each_condition_takes(self) -> None:
        modern = policy("a", MFA, clientAppTypes=["browser"], locations=TRUSTED)
        older = policy("b", BLOCK, clientAppTypes=["exchangeActiveSync", "other"])
        [(who, cells)] = self.grid(modern, older, users=PEOPLE)
        assert who == "2 members"
        assert cells == {
            "all in all": "conditional",
            "web browser": "conditional",
            "modern app": "never",
            "older client": "blocked",
            "trusted network": "never",
            "other network": "conditional",
        }

    def test_conditions_that_no_policy_looks_at_have_no_column(self) -> None:
        [(_, cells)] = self.grid(policy("a", MFA), users=PEOPLE)
        assert list(cells) == ["all in all", "web browser", "modern app", "older client"]

    def test_people_are_told_apart_by_what_leaves_them_out(self) -> None:
        people = [user(name) for name in ("ann", "bob", "cem", "dee")]
        users = {"includeUsers": ["All"], "excludeGroups": ["g"]}
        inside = {"g": [person("cem"), person("dee")]}
        rows = self.grid(policy("a", MFA, users=users), users=people, memberships=inside)
        assert sorted(who for who, _ in rows) == ["2 members", "2 members, excluded by Leave us out"]

    def test_small_groups_are_one_row_without_a_name_or_a_telling_number(self) -> None:
        users = {"includeUsers": ["All"], "excludeUsers": ["cem"]}
        people = [*PEOPLE, user("cem")]
        rows = self.grid(policy("a", MFA, users=users), users=people)
        assert [who for who, _ in rows] == ["2 members", "smaller groups (fewer than 2 in all)"]
        assert rows[-1][1]["all in all"] == "never"

    def test_small_groups_that_differ_are_partly_protected(self) -> None:
        naming = Naming(labels=Labels(), smallest=9)
        users = {"includeUsers": ["All"], "excludeUsers": ["bob"]}
        found = grid_of(ground_of(tenant(policy("a", MFA, users=users), users=PEOPLE)), naming)
        assert [cells[0] for _, cells in found.rows] == ["conditional"]
