"""What Graph has in its test version alone: read only where that was allowed, and then with whom it is assigned to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from govcheck.catalogue import tables
from govcheck.demo import generate
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.demo import DemoSource
from govcheck.graph.plan import Needs
from govcheck.model import Reason
from govcheck.snapshot import Snapshot, open_snapshot
from scripted_collection import ORGANIZATION, table
from scripted_graph import NO_PERMISSION, Answer, Request, ScriptedGraph, ScriptedSource, rows
from tenants import Verdicts, policy, rule, run, write_documents

CONFIGURATIONS, FORWARDING = "/beta/deviceManagement/deviceConfigurations", "/beta/networkAccess/forwardingProfiles"
NEEDS: Needs = {
    name: {column for feed in tables()[name].feeds for column in feed.columns}
    for name in ("vpn_profiles", "forwarding_profiles")
}


def target(kind: str, group: str | None = None) -> dict[str, Any]:
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}", **({"groupId": group} if group else {})}}


def profile(name: str, kind: str, *assignments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@odata.type": f"#microsoft.graph.{kind}",
        "id": name,
        "displayName": name.capitalize(),
        "assignments": list(assignments),
    }


PROFILES = rows(
    profile("windows", "windows10VpnConfiguration", target("allLicensedUsersAssignmentTarget")),
    profile("updates", "windowsUpdateForBusinessConfiguration", target("allDevicesAssignmentTarget")),
    profile(
        "phone",
        "iosikEv2VpnConfiguration",
        target("groupAssignmentTarget", "g2"),
        target("groupAssignmentTarget", "g1"),
        target("exclusionGroupAssignmentTarget", "g3"),
    ),
    profile("mac", "macOSVpnConfiguration", target("allDevicesAssignmentTarget")),
    profile("android", "androidWorkProfileVpnConfiguration"),
)


def collect(
    folder: Path, *, allow_beta: bool, profiles: Answer = PROFILES, needs: Needs = NEEDS
) -> tuple[Snapshot, list[Request]]:
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        graph.says(CONFIGURATIONS, profiles)
        graph.says(FORWARDING, rows({"id": "f1", "name": "Private", "state": "enabled", "associations": []}))
        source = ScriptedSource(url=graph.url)
        collect_snapshot(source, needs=needs, place=lambda *_: folder / "snapshot", allow_beta=allow_beta)
    return open_snapshot(folder / "snapshot"), graph.requests


def test_without_leave_nothing_of_beta_is_asked_for_and_the_tables_say_how_to_allow_it(tmp_path: Path) -> None:
    snapshot, requests = collect(tmp_path, allow_beta=False)
    assert not [request for request in requests if "beta" in request.path]
    for name in NEEDS:
        gap = snapshot.tables[name].gap
        assert gap is not None
        assert gap.reason is Reason.NOT_COLLECTED
        assert "--allow-beta" in gap.detail.in_lang("en")


def test_with_leave_they_are_read_from_beside_the_version_of_everything_else(tmp_path: Path) -> None:
    snapshot, requests = collect(tmp_path, allow_beta=True)
    asked = [request.path for request in requests if request.path.startswith("/beta")]
    assert sorted(asked) == [f"{CONFIGURATIONS}?$expand=assignments", FORWARDING]
    assert {request.authorization for request in requests} == {"Bearer token-1"}
    assert snapshot.tables["forwarding_profiles"].rows == 1


def test_only_profiles_for_vpn_are_rows_of_whatever_device(tmp_path: Path) -> None:
    collect(tmp_path, allow_beta=True)
    found = {row["id"]: row["odata_type"] for row in table(tmp_path / "snapshot", "vpn_profiles")}
    assert sorted(found) == ["android", "mac", "phone", "windows"]
    assert found["phone"] == "#microsoft.graph.iosikEv2VpnConfiguration"


@pytest.mark.parametrize(
    ("name", "groups", "excluded", "all_users", "all_devices"),
    [
        ("windows", [], [], True, False),
        ("phone", ["g1", "g2"], ["g3"], False, False),
        ("mac", [], [], False, True),
        ("android", [], [], False, False),
    ],
)
def test_a_profile_says_to_whom_it_is_assigned(
    tmp_path: Path, name: str, groups: list[str], excluded: list[str], *, all_users: bool, all_devices: bool
) -> None:
    collect(tmp_path, allow_beta=True)
    [row] = [row for row in table(tmp_path / "snapshot", "vpn_profiles") if row["id"] == name]
    assert (row["assigned_group_ids"], row["excluded_group_ids"]) == (groups, excluded)
    assert (row["assigned_to_all_users"], row["assigned_to_all_devices"]) == (all_users, all_devices)


@pytest.mark.parametrize("assignments", [None, "all", [{"target": {"groupId": "g1"}}], [{}]])
def test_a_profile_that_does_not_say_so_makes_those_columns_missing_and_is_nobodys_by_no_means(
    tmp_path: Path, assignments: object
) -> None:
    odd = profile("windows", "windows10VpnConfiguration") | {"assignments": assignments}
    snapshot, _ = collect(tmp_path, allow_beta=True, profiles=rows(odd, profile("mac", "macOSVpnConfiguration")))
    entry = snapshot.tables["vpn_profiles"]
    assert entry.rows == 2
    assert {*entry.column_gaps} == {
        "assigned_group_ids",
        "excluded_group_ids",
        "assigned_to_all_users",
        "assigned_to_all_devices",
    }
    detail = entry.column_gaps["assigned_group_ids"].detail
    assert detail.in_lang("en") == "Objects that do not say to whom they are assigned: 1."


def test_assignments_are_not_asked_for_where_nobody_looks_at_them(tmp_path: Path) -> None:
    snapshot, requests = collect(tmp_path, allow_beta=True, needs={"vpn_profiles": {"display_name"}})
    assert CONFIGURATIONS in [request.path for request in requests]
    assert snapshot.tables["vpn_profiles"].rows == 4


def test_a_refusal_in_beta_is_a_gap_like_any_other(tmp_path: Path) -> None:
    snapshot, _ = collect(tmp_path, allow_beta=True, profiles=NO_PERMISSION)
    gap = snapshot.tables["vpn_profiles"].gap
    assert gap is not None
    assert gap.reason is Reason.NOT_PERMITTED
    assert "DeviceManagementConfiguration.Read.All" in gap.detail.in_lang("en")


def test_the_demo_tenant_has_what_beta_has(tmp_path: Path) -> None:
    source = DemoSource(generate(people=60))
    collect_snapshot(source, needs=NEEDS, place=lambda *_: tmp_path / "snapshot", allow_beta=True)
    assert [row["display_name"] for row in table(tmp_path / "snapshot", "vpn_profiles")] == ["iPhone: VPN"]
    states = {
        row["traffic_forwarding_type"]: row["state"] for row in table(tmp_path / "snapshot", "forwarding_profiles")
    }
    assert states == {"m365": "enabled", "private": "disabled", "internet": "disabled"}


# On the command line

VPN = rule(
    "VPN",
    "organization",
    "any_of(vpn_profiles, assigned_to_all_users OR size(assigned_group_ids) > 0)"
    " OR any_of(forwarding_profiles, state = 'enabled' AND traffic_forwarding_type = 'private')",
)


def check(folder: Path, *options: str) -> Verdicts:
    write_documents(folder / "policies" / "house.yaml", policy(VPN))
    return Verdicts(run(folder, "check", "policies", "--tenant", "demo", "-f", "json", *options))


def test_check_leaves_rules_about_beta_unknown_and_says_which_option_would_help(tmp_path: Path) -> None:
    verdicts = check(tmp_path)
    assert verdicts.outcome("VPN") == ("unknown", "not_collected")
    details = {gap["table"]: gap["detail"] for gap in verdicts.report["gaps"]}
    assert "--allow-beta" in details["vpn_profiles"]


def test_check_with_the_option_judges_them(tmp_path: Path) -> None:
    assert check(tmp_path, "--allow-beta").outcome("VPN") == ("pass", None)


def test_collect_without_the_option_tells_of_them_and_is_complete_all_the_same(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", policy(VPN))
    collected = run(tmp_path, "collect", "policies", "--tenant", "demo", "-o", "kept", GOVCHECK_LANG="en")
    assert collected.code == 0
    assert "not read: vpn_profiles (not_collected): " in collected.stderr


def test_collect_with_the_option_keeps_them_for_checks_that_need_none(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", policy(VPN))
    collected = run(tmp_path, "collect", "policies", "--tenant", "demo", "--allow-beta", "-o", "kept")
    assert collected.code == 0
    checked = run(tmp_path, "check", "policies", "--snapshot", "kept", "-f", "json")
    assert Verdicts(checked).outcome("VPN") == ("pass", None)


@pytest.mark.parametrize(("options", "listed"), [((), False), (("--allow-beta",), True)])
def test_permissions_of_beta_are_listed_only_with_the_option(
    tmp_path: Path, options: tuple[str, ...], *, listed: bool
) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", policy(VPN))
    found = run(tmp_path, "permissions", "policies", "-f", "json", *options).json
    names = {each["permission"] for each in found["permissions"]}
    assert ("NetworkAccess.Read.All" in names) == listed
    asked = found["manifest"]["requiredResourceAccess"][0]["resourceAccess"]
    assert ("e30060de-caa5-4331-99d3-6ac6c966a9a4" in {each["id"] for each in asked}) == listed


def test_doctor_says_what_the_option_would_open(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", policy(VPN))
    closed = run(tmp_path, "doctor", "policies", "--tenant", "demo", "-f", "json")
    opened = run(tmp_path, "doctor", "policies", "--tenant", "demo", "-f", "json", "--allow-beta")
    assert (closed.code, opened.code) == (3, 0)
    assert [each["reason"] for each in closed.json["obstacles"]] == ["not_collected"] * 2
    assert "NetworkAccess.Read.All" not in {each["permission"] for each in closed.json["permissions"]}
    assert "NetworkAccess.Read.All" in {each["permission"] for each in opened.json["permissions"]}


def test_the_list_of_tables_marks_them(tmp_path: Path) -> None:
    listed = run(tmp_path, "list", "tables", GOVCHECK_LANG="en").text
    [line] = [line for line in listed.splitlines() if line.startswith("vpn_profiles")]
    assert line.endswith("VPN profiles of Intune (beta, read with --allow-beta only)")
    found = {row["name"]: row["beta"] for row in run(tmp_path, "list", "tables", "-f", "json").json}
    assert [name for name, beta in found.items() if beta] == ["vpn_profiles", "forwarding_profiles"]


def test_the_list_of_tables_says_for_how_long_a_reading_counts(tmp_path: Path) -> None:
    found = {row["name"]: row["feeds"] for row in run(tmp_path, "list", "tables", "-f", "json").json}
    assert [feed["counts_for_hours"] for feed in found["users"]] == [None, 24, 24]
    assert [feed["tracked"] for feed in found["users"]] == [True, False, False]
