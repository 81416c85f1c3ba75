"""The model from a snapshot: the same as from Graph's own objects, and honest about what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from access_tenants import inner, person
from govcheck.access import Directory, directory_from_json, directory_of, effective, missing_of, rests_on_defaults
from govcheck.access.directory import NAMES
from govcheck.catalogue import MADE, tables
from govcheck.demo import generate
from govcheck.demo.tenant import Tenant
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.demo import DemoSource
from govcheck.snapshot import Snapshot
from tenants import write_snapshot

DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"
READS = tables()[MADE].reads
POLICIES = "conditional_access_policies"


@pytest.fixture(scope="module")
def demo() -> Tenant:
    return generate(people=60)


@pytest.fixture(scope="module")
def collected(demo: Tenant, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("access") / "snapshot"
    needs = {**READS, "users": (*READS["users"], *NAMES)}
    return collect_snapshot(DemoSource(demo), needs=needs, place=lambda *_: folder, taken_at=demo.taken_at)


def raw(demo: Tenant) -> dict[str, Any]:
    direct = {group: [person(each) for each in people] for group, people in demo.members.items()}
    for group, inside in demo.member_groups.items():
        direct[group] += [inner(each) for each in inside]
    return {
        "users": demo.collections["/users"],
        "groups": demo.collections["/groups"],
        "memberships": direct,
        "role_assignments": demo.collections["/roleManagement/directory/roleAssignments"],
        "role_definitions": demo.collections["/roleManagement/directory/roleDefinitions"],
        POLICIES: demo.collections["/identity/conditionalAccess/policies"],
        "named_locations": demo.collections["/identity/conditionalAccess/namedLocations"],
        "authentication_strengths": demo.collections["/policies/authenticationStrengthPolicies"],
        "security_defaults": demo.singletons["/policies/identitySecurityDefaultsEnforcementPolicy"],
    }


def test_a_snapshot_and_raw_objects_make_the_same_model(demo: Tenant, collected: Snapshot) -> None:
    ours, theirs = directory_of(collected), directory_from_json(raw(demo))
    assert (ours.people, ours.policies, ours.locations) == (theirs.people, theirs.policies, theirs.locations)
    assert (ours.strengths, ours.security_defaults) == (theirs.strengths, theirs.security_defaults)
    assert ours.holders == theirs.holders
    assert ours.members is not None
    assert theirs.members is not None
    assert all(theirs.members[group] == people for group, people in ours.members.items())
    assert effective(ours) == effective(theirs)


def test_the_collector_reads_the_groups_that_policies_and_roles_name_and_no_others(
    demo: Tenant, collected: Snapshot
) -> None:
    ours = directory_of(collected).members or {}
    named = {
        group
        for each in demo.collections["/identity/conditionalAccess/policies"]
        for side in ("includeGroups", "excludeGroups")
        for group in each["conditions"]["users"][side]
    }
    holders = {each["principalId"] for each in demo.collections["/roleManagement/directory/roleAssignments"]}
    wanted = {group for group in demo.members if group in named | holders and demo.transitive_members(group)}
    assert ours.keys() == wanted


def empty(folder: Path, **gaps: str) -> Snapshot:
    from govcheck.snapshot import open_snapshot

    rows: dict[str, Any] = {name: [] for name in READS if name not in gaps}
    rows["users"] = [{"id": "ann", "account_enabled": True}]
    return open_snapshot(write_snapshot(folder / "snapshot", rows, gaps=gaps))


@pytest.mark.parametrize(
    ("table", "unknown"),
    [
        ("access_memberships", "members"),
        ("role_assignments", "holders"),
        ("named_locations", "locations"),
    ],
)
def test_a_table_that_is_missing_leaves_that_part_unknown(tmp_path: Path, table: str, unknown: str) -> None:
    snapshot = empty(tmp_path, **{table: "not_permitted"})
    assert getattr(directory_of(snapshot), unknown) is None
    assert missing_of(snapshot)[table].reason == "not_permitted"


def test_security_defaults_without_a_row_are_unknown(tmp_path: Path) -> None:
    found: Directory = directory_of(empty(tmp_path))
    assert found.security_defaults is None
    assert missing_of(empty(tmp_path / "again")) == {}


def test_a_column_that_was_not_collected_makes_its_table_missing(tmp_path: Path) -> None:
    snapshot = empty(tmp_path, **{f"{POLICIES}.conditions": "error"})
    assert missing_of(snapshot)[POLICIES].reason == "error"
    assert directory_of(snapshot).policies == ()


def test_a_group_that_is_gone_has_nobody_and_is_noted(tmp_path: Path) -> None:
    demo = generate(people=60)
    for each in demo.collections["/identity/conditionalAccess/policies"]:
        each["conditions"]["users"]["excludeGroups"] = ["gone"]
    snapshot = collect_snapshot(DemoSource(demo), needs=READS, place=lambda *_: tmp_path / "s", taken_at=demo.taken_at)
    entry = snapshot.tables["access_memberships"]
    assert entry.gap is None
    assert entry.notes == ("Groups that policies name and that do not exist: 1.",)
    assert "gone" not in (directory_of(snapshot).members or {})


def test_without_a_licence_no_policy_names_a_group_and_the_groups_with_a_role_are_read(tmp_path: Path) -> None:
    demo = generate(people=60)
    said = {"error": {"code": "AccessDenied", "message": "The tenant doesn't have premium license"}}
    conditional_access = "/identity/conditionalAccess"
    refused = {f"{conditional_access}/{feed}": said for feed in ("policies", "namedLocations")}
    source = DemoSource(
        replace(
            demo,
            collections={**demo.collections, "/subscribedSkus": []},
            singletons={**demo.singletons, DEFAULTS: {**demo.singletons[DEFAULTS], "isEnabled": True}},
            refused={**demo.refused, **refused},
        )
    )
    snapshot = collect_snapshot(source, needs=READS, place=lambda *_: tmp_path / "s", taken_at=demo.taken_at)
    assert rests_on_defaults(snapshot)
    assert missing_of(snapshot) == {}
    found = directory_of(snapshot)
    holders = {each["principalId"] for each in demo.collections["/roleManagement/directory/roleAssignments"]}
    assert set(found.members or {}) == {group for group in demo.members if group in holders}
    assert "conditional" in {each.effective_mfa for each in effective(found).values()}


def test_without_the_policies_nobody_knows_which_groups_they_name(tmp_path: Path) -> None:
    demo = generate(people=60)
    path = "/identity/conditionalAccess/policies"
    refused = {**demo.refused, path: {"error": {"code": "AccessDenied", "message": "No."}}}
    source = DemoSource(replace(demo, refused=refused))
    snapshot = collect_snapshot(source, needs=READS, place=lambda *_: tmp_path / "s", taken_at=demo.taken_at)
    gap = snapshot.tables["access_memberships"].gap
    assert gap is not None
    assert gap.reason == "not_permitted"
