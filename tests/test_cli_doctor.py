"""`govcheck doctor` against the emulator: what it finds, what it warns of, and how it ends."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from emulator import Running, serve
from emulator.permissions import DEMO_ROLES
from emulator.server import CLIENT_ID
from govcheck.demo import Tenant, generate
from govcheck.graph.auth import sign_in
from govcheck.graph.consent import ExcessKind, excess
from govcheck.graph.diagnosis import identify
from tenants import Ended, document, policy, rule, run, write_documents

EVERYTHING = {*DEMO_ROLES, "SharePointTenantSettings.Read.All", "ReportSettings.Read.All"}
CHOSEN = ("--select", "ACC-02,ACC-11,APP-05,COM-12,PRV-06")
"""Rules that the demo's licences are enough for, over feeds of many kinds."""
PERMISSIONS = Path(__file__).parents[2] / "shared" / "graph" / "permissions.json"


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture(scope="module")
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant, granted=EVERYTHING) as running:
        yield running


def settings(graph: Running, **token: Any) -> dict[str, str]:
    return {
        "GOVCHECK_GRAPH_URL": graph.url,
        "GOVCHECK_ACCESS_TOKEN": graph.token(**token),
        "GOVCHECK_PACE": "0",
    }


def consult(folder: Path, environment: Mapping[str, str], *arguments: str | Path) -> Ended:
    return run(folder, "doctor", *arguments, "--format", "json", **environment)


def rules(ended: Ended) -> dict[str, Any]:
    return {each["id"]: each for each in ended.json["rules"]}


def statuses(ended: Ended) -> dict[str, str]:
    return {each["permission"]: each["status"] for each in ended.json["permissions"]}


def warned(ended: Ended) -> dict[str, str]:
    return {each["code"]: each["text"] for each in ended.json["warnings"]}


# What can be checked


def test_with_everything_granted_all_can_be_checked(graph: Running, tmp_path: Path) -> None:
    ended = consult(tmp_path, settings(graph), *CHOSEN)
    assert ended.code == 0
    assert set(statuses(ended).values()) == {"granted"}
    assert ended.json["obstacles"] == []
    assert {each["held"] for each in ended.json["licences"]} == {True}
    assert [each["id"] for each in ended.json["rules"] if not each["checkable"] and not each["closed"]] == []


def test_a_missing_permission_is_named_with_the_rules_that_lack_it(graph: Running, tmp_path: Path) -> None:
    ended = consult(tmp_path, settings(graph, roles=EVERYTHING - {"AuditLog.Read.All"}), *CHOSEN)
    assert ended.code == 3
    assert statuses(ended)["AuditLog.Read.All"] == "missing"
    [obstacle] = ended.json["obstacles"]
    assert (obstacle["table"], obstacle["columns"], obstacle["reason"]) == (
        "users",
        ["is_mfa_capable"],
        "not_permitted",
    )
    assert "ACC-02" in obstacle["rules"]
    assert rules(ended)["ACC-02"]["reasons"] == ["not_permitted"]
    assert rules(ended)["COM-12"]["checkable"]


def test_a_missing_permission_does_not_count_for_rules_that_do_not_need_it(graph: Running, tmp_path: Path) -> None:
    environment = settings(graph, roles=EVERYTHING - {"AuditLog.Read.All"})
    assert consult(tmp_path, environment, "--select", "COM-12").code == 0


def test_a_broader_permission_that_opens_the_same_is_no_gap(graph: Running, tmp_path: Path) -> None:
    ended = consult(tmp_path, settings(graph, roles=EVERYTHING - {"User.Read.All"}), *CHOSEN)
    assert ended.code == 0
    assert statuses(ended)["User.Read.All"] == "covered"


def test_without_what_every_run_reads_nothing_is_well(graph: Running, tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", policy(rule("R", "security_defaults", "is_enabled")))
    ended = consult(tmp_path, settings(graph, roles={"Policy.Read.All", "Organization.Read.All"}))
    assert ended.code == 3
    assert rules(ended)["R"]["checkable"]
    assert {each["table"] for each in ended.json["obstacles"] if each["every_run"]} >= {"users", "teams"}


def test_a_missing_licence_is_told_apart_from_a_missing_permission(tenant: Tenant, tmp_path: Path) -> None:
    with serve(tenant, granted=EVERYTHING, licences={"AAD_PREMIUM"}) as graph:
        ended = consult(tmp_path, settings(graph), *CHOSEN)
    assert ended.code == 3
    assert {each["licence"]: each["held"] for each in ended.json["licences"]} == {
        "AAD_PREMIUM": True,
        "INTUNE_A": False,
    }
    assert rules(ended)["ACC-11"]["reasons"] == ["not_licensed"]
    assert statuses(ended)["DeviceManagementManagedDevices.Read.All"] == "granted"


def test_without_a_licence_for_conditional_access_security_defaults_decide(tenant: Tenant, tmp_path: Path) -> None:
    path = "/policies/identitySecurityDefaultsEnforcementPolicy"
    defaults = {**tenant.singletons[path], "isEnabled": True}
    protected = replace(tenant, singletons={**tenant.singletons, path: defaults})
    with serve(protected, granted=EVERYTHING, licences=set()) as graph:
        ended = consult(tmp_path, settings(graph), "--select", "ACC-01,ACC-09,ACC-23")
    assert [each["id"] for each in ended.json["rules"] if not each["checkable"]] == ["ACC-09"]
    assert rules(ended)["ACC-09"]["reasons"] == ["not_licensed"]


def test_licences_that_cannot_be_read_are_unknown_and_no_obstacle(graph: Running, tmp_path: Path) -> None:
    roles = {"User.Read.All", "GroupMember.Read.All", "AuditLog.Read.All"}
    ended = consult(tmp_path, settings(graph, roles=roles), "--select", "ACC-02")
    assert {each["held"] for each in ended.json["licences"]} == {None}
    assert "subscribed_skus" not in {each["table"] for each in ended.json["obstacles"]}


def test_one_row_of_everything_is_read_and_no_second_page(graph: Running, tmp_path: Path) -> None:
    start = len(graph.log)
    consult(tmp_path, settings(graph))
    asked = graph.log[start:]
    assert {entry.query["$top"] for entry in asked if "$top" in entry.query} == {"1"}
    assert [entry.path for entry in asked if "$skiptoken" in entry.query] == []
    assert len({entry.path for entry in asked if entry.path.startswith("/groups/")}) <= 2


def test_a_rule_over_declarations_alone_needs_nothing_of_its_own(graph: Running, tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", policy(rule("R", "policies", "owner IS NOT NULL")))
    ended = consult(tmp_path, settings(graph))
    assert ended.code == 0
    assert rules(ended)["R"]["checkable"]


def test_a_closed_people_pack_counts_only_when_it_is_asked_for(graph: Running, tmp_path: Path) -> None:
    pulse = policy(rule("P", "users", "account_enabled"), name="pulse", people=True)
    calm = policy(rule("R", "users", "account_enabled"))
    write_documents(tmp_path / "policies" / "house.yaml", calm, pulse)
    ended = consult(tmp_path, settings(graph))
    assert ended.code == 0
    assert rules(ended)["P"]["closed"]
    assert consult(tmp_path, settings(graph), "--select", "pulse").code == 3


def test_holders_of_roles_in_a_group_need_its_members(graph: Running, tmp_path: Path) -> None:
    roles = {"lead": {"title": "Lead", "holders": ["group:g1"]}}
    organisation = document("Organisation", "org", roles=roles)
    held = policy(rule("R", "roles", "any_of(people, account_enabled)"))
    write_documents(tmp_path / "policies" / "house.yaml", organisation, held)
    ended = consult(tmp_path, settings(graph, roles={"User.Read.All", "Organization.Read.All"}))
    assert ended.code == 3
    assert not rules(ended)["R"]["checkable"]


# Who we are


def test_the_application_the_tenant_and_the_end_of_the_token_are_told(
    graph: Running, tenant: Tenant, tmp_path: Path
) -> None:
    ended = consult(tmp_path, settings(graph))
    found = ended.json
    assert found["identity"] == {
        "credential": "access_token",
        "application": CLIENT_ID,
        "application_name": "govcheck",
        "delegated": False,
        "tenant": tenant.id,
        "tenant_name": tenant.name,
    }
    assert 3500 < found["token"]["seconds_left"] <= 3599
    assert found["connection"]["works"]
    assert abs(found["connection"]["clock_skew_seconds"]) <= 2
    assert "clock-skew" not in warned(ended)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"GOVCHECK_ACCESS_TOKEN": "x", "AZURE_CLIENT_SECRET": "s"}, "access_token"),
        ({"AZURE_CLIENT_SECRET": "s", "AZURE_CLIENT_CERTIFICATE_PATH": "c"}, "client_secret"),
        ({"AZURE_CLIENT_CERTIFICATE_PATH": "c"}, "certificate"),
        ({"AZURE_FEDERATED_TOKEN_FILE": "f"}, "workload_identity"),
        ({}, None),
    ],
)
def test_without_a_token_the_settings_say_what_would_sign_in(given: dict[str, str], kind: str | None) -> None:
    found = identify({"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", **given}, None)
    assert (found.credential, found.tenant, found.application) == (kind, "t", "c")


def made_up(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


def test_a_person_who_signed_in_is_told_apart_from_an_application() -> None:
    given = {"GOVCHECK_ACCESS_TOKEN": made_up(scp="openid User.Read.All", azp="app", exp=4102444800)}
    found = identify(given, sign_in(given))
    assert (found.person, found.application) == (True, "app")
    assert found.expires == datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("ends", ["never", None, 1e300, [1]])
def test_a_token_that_ends_at_no_moment_has_no_known_end(ends: object) -> None:
    given = {"GOVCHECK_ACCESS_TOKEN": made_up(exp=ends)}
    assert identify(given, sign_in(given)).expires is None


# What deserves attention


def test_a_permission_to_write_is_a_warning(graph: Running, tmp_path: Path) -> None:
    ended = consult(tmp_path, settings(graph, roles={*EVERYTHING, "User.ReadWrite.All"}), *CHOSEN)
    assert ended.code == 0
    assert "User.ReadWrite.All" in warned(ended)["excess-more-than-reading"]


def test_a_permission_to_content_is_a_warning(graph: Running, tmp_path: Path) -> None:
    ended = consult(tmp_path, settings(graph, roles={*EVERYTHING, "Mail.Read", "Chat.Read.All"}), *CHOSEN)
    assert ended.code == 0
    assert warned(ended)["excess-content"].endswith("Chat.Read.All, Mail.Read")


def test_a_permission_that_nothing_needs_is_a_warning(graph: Running, tmp_path: Path) -> None:
    ended = consult(tmp_path, settings(graph, roles={*EVERYTHING, "Domain.Read.All"}))
    assert {each["permission"]: each["kind"] for each in ended.json["excess"]}["Domain.Read.All"] == "unused"
    assert "Domain.Read.All" in warned(ended)["excess-unused"]


@pytest.mark.parametrize(
    ("permission", "kind"),
    [
        ("Mail.ReadBasic.All", ExcessKind.CONTENT),
        ("Files.ReadWrite.All", ExcessKind.CONTENT),
        ("Calendars.Read", ExcessKind.CONTENT),
        ("Calendars.ReadBasic.All", ExcessKind.UNUSED),
        ("Directory.ReadWrite.All", ExcessKind.MORE_THAN_READING),
        ("User.Invite.All", ExcessKind.MORE_THAN_READING),
        ("DeviceManagementManagedDevices.PrivilegedOperations.All", ExcessKind.MORE_THAN_READING),
        ("RoleManagement.Read.Directory", ExcessKind.UNUSED),
    ],
)
def test_a_permission_goes_too_far_in_one_way(permission: str, kind: ExcessKind) -> None:
    [found] = excess([permission], ())
    assert found.kind is kind


def test_what_comes_with_signing_in_is_no_excess() -> None:
    assert excess(["openid", "profile", "email", "offline_access"], ()) == ()


def test_the_worst_excess_comes_first() -> None:
    found = excess(["Domain.Read.All", "Group.ReadWrite.All", "Chat.Read.All"], ())
    assert [each.permission for each in found] == ["Chat.Read.All", "Group.ReadWrite.All", "Domain.Read.All"]


@pytest.mark.skipif(not PERMISSIONS.exists(), reason="Graph's permissions.json is not at hand")
def test_no_permission_to_content_that_microsoft_publishes_passes_for_harmless() -> None:
    published = json.loads(PERMISSIONS.read_text("utf-8"))["permissions"]
    content = {
        "Chat",
        "ChannelMessage",
        "Mail",
        "Files",
        "Sites",
        "Calendars",
        "CallRecords",
        "OnlineMeetingTranscript",
    }
    names = [name for name in published if name.partition(".")[0] in content]
    assert {name.partition(".")[0] for name in names} == content
    harmless = {name for name in names if excess([name], ())[0].kind is not ExcessKind.CONTENT}
    assert harmless <= {"Calendars.ReadBasic", "Calendars.ReadBasic.All"}


def test_a_clock_that_differs_by_minutes_is_a_warning(
    graph: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC) + timedelta(minutes=12)
    said = later.strftime("%a, %d %b %Y %H:%M:%S GMT")
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda *_: said)
    ended = consult(tmp_path, settings(graph), *CHOSEN)
    assert ended.code == 0
    assert 700 < ended.json["connection"]["clock_skew_seconds"] <= 720
    assert "1" in warned(ended)["clock-skew"]


def test_a_ready_token_that_soon_ends_is_a_warning(graph: Running, tmp_path: Path) -> None:
    ended = consult(tmp_path, settings(graph, lifetime=400), *CHOSEN)
    assert ended.code == 0
    assert "token-short" in warned(ended)


# When it cannot be


def test_an_expired_token_exits_4_and_still_says_whose_it_was(graph: Running, tmp_path: Path) -> None:
    ended = consult(tmp_path, settings(graph, lifetime=-60))
    assert ended.code == 4
    assert "error[unauthorized]" in ended.stderr
    assert ended.json["identity"]["application"] == CLIENT_ID
    assert ended.json["connection"] | {"graph": ""} == {
        "graph": "",
        "works": False,
        "problem": "unauthorized",
        "clock_skew_seconds": None,
    }
    assert "token-over" in warned(ended)
    assert ended.json["rules"] is None


def test_a_tenant_that_cannot_be_reached_exits_4(graph: Running, tmp_path: Path) -> None:
    environment = settings(graph) | {"GOVCHECK_GRAPH_URL": "http://127.0.0.1:9/v1.0"}
    ended = consult(tmp_path, environment)
    assert ended.code == 4
    assert ended.json["connection"]["problem"] == "unreachable"
    assert "error[unreachable]" in ended.stderr


def test_without_anything_to_sign_in_with_it_exits_4(tmp_path: Path) -> None:
    ended = consult(tmp_path, {})
    assert ended.code == 4
    assert ended.json["identity"]["credential"] is None
    assert "error[no-credentials]" in ended.stderr


def test_a_wrong_address_is_wrong_usage_and_says_nothing_else(tmp_path: Path) -> None:
    ended = consult(tmp_path, {"GOVCHECK_GRAPH_URL": "http://graph.example/v1.0", "GOVCHECK_ACCESS_TOKEN": "x"})
    assert (ended.code, ended.stdout) == (2, b"")


# For people


def test_the_demo_needs_no_account_and_cannot_check_two_settings(tmp_path: Path) -> None:
    ended = run(tmp_path, "doctor", "--tenant", "demo", "--lang", "nl", "--select", "COM-12,PRV-06,PRV-08")
    assert ended.code == 3
    assert "PRV-06" in ended.text
    assert "PRV-08" in ended.text
    assert "2 niet" in ended.text


@pytest.mark.parametrize(("lang", "words"), [("nl", "ontbreekt (ACC-02"), ("en", "missing (ACC-02")])
def test_people_read_it_in_their_language(graph: Running, tmp_path: Path, lang: str, words: str) -> None:
    environment = settings(graph, roles=(EVERYTHING - {"AuditLog.Read.All"}) | {"Mail.Read"})
    ended = run(tmp_path, "doctor", "--lang", lang, **environment)
    assert ended.code == 3
    assert f"AuditLog.Read.All: {words}" in ended.text
    assert "Mail.Read" in ended.text


def test_a_tenant_name_cannot_steer_the_terminal(tenant: Tenant, tmp_path: Path) -> None:
    organization = [tenant.collections["/organization"][0] | {"displayName": "Evil\x1b[2J\u202eCorp"}]
    hostile = replace(tenant, collections={**tenant.collections, "/organization": organization})
    with serve(hostile, granted=EVERYTHING) as graph:
        ended = run(tmp_path, "doctor", "--select", "COM-12", **settings(graph))
    assert "Evil" in ended.text
    assert "\x1b" not in ended.text
    assert "\u202e" not in ended.text


def test_no_token_is_ever_printed(graph: Running, tmp_path: Path) -> None:
    environment = settings(graph)
    ended = consult(tmp_path, environment)
    assert environment["GOVCHECK_ACCESS_TOKEN"] not in ended.text + ended.stderr
