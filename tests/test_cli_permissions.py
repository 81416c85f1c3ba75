"""`govcheck permissions`: the least that opens what the rules read, with why, and how to ask for it."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from emulator import serve
from govcheck.catalogue import tables
from govcheck.cli.options import CLOUDS
from govcheck.cli.permissions import licence_name
from govcheck.graph import auth
from govcheck.graph.consent import ExcessKind, excess, permission_ids
from govcheck.shipped import shipped
from tenants import policy, rule, run, write_documents

PERMISSIONS = Path(__file__).parents[2] / "shared" / "graph" / "permissions.json"
FEEDS = [feed for table in tables().values() for feed in table.feeds]
BOUGHT = ("AAD_PREMIUM", "AAD_PREMIUM_P2", "INTUNE_A", "Entra_Identity_Governance", "THREAT_INTELLIGENCE")
EVERY_RUN = ["GroupMember.Read.All", "Organization.Read.All", "User.Read.All"]

needs_permissions = pytest.mark.skipif(not PERMISSIONS.exists(), reason="Graph's permissions.json is not at hand")


def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PERMISSIONS.read_text("utf-8"))["permissions"]
    return found


def opens(permission: dict[str, Any], path: str) -> bool:
    """Whether an application that holds the permission may GET the path."""
    wanted = re.sub(r"\{\w+\}", "{id}", path).lower()
    return any(
        wanted in {each.lower() for each in group["paths"]}
        for group in permission["pathSets"]
        if "Application" in group["schemeKeys"] and "GET" in group["methods"]
    )


def ask(folder: Path, *arguments: str | Path, **environment: str) -> Any:
    ended = run(folder, "permissions", *arguments, "--format", "json", **environment)
    assert ended.code == 0
    return ended.json


def named(found: Any) -> list[str]:
    return [each["permission"] for each in found["permissions"]]


def of(found: Any, permission: str) -> Any:
    return next(each for each in found["permissions"] if each["permission"] == permission)


@pytest.fixture(scope="module")
def shipped_needs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return ask(tmp_path_factory.mktemp("shipped"))


# The least


@needs_permissions
def test_each_permission_lets_an_application_get_every_path_it_is_listed_for(shipped_needs: Any) -> None:
    known = published()
    wrong = [
        (each["permission"], path)
        for each in shipped_needs["permissions"]
        for path in each["paths"]
        if not opens(known[each["permission"]], path)
    ]
    # The path is User.Read.All's; this one opens `signInActivity` there.
    assert set(wrong) <= {("AuditLog.Read.All", "/users")}
    assert all(each["paths"] for each in shipped_needs["permissions"])


def test_what_is_listed_is_enough_to_read_everything(shipped_needs: Any, tmp_path: Path) -> None:
    with serve(granted=named(shipped_needs), licences=BOUGHT) as graph:
        settings = {"GOVCHECK_GRAPH_URL": graph.url, "GOVCHECK_ACCESS_TOKEN": graph.token(), "GOVCHECK_PACE": "0"}
        ended = run(tmp_path, "collect", **settings)
    assert ended.code == 0, ended.stderr


def test_none_of_them_writes_or_opens_content(shipped_needs: Any) -> None:
    assert {each.kind for each in excess(named(shipped_needs), ())} == {ExcessKind.UNUSED}


def test_only_what_the_chosen_rules_read_is_asked_for(tmp_path: Path) -> None:
    assert named(ask(tmp_path, "--select", "COM-12")) == EVERY_RUN


def test_a_feed_that_is_joined_for_some_columns_is_asked_for_with_those_columns_only(tmp_path: Path) -> None:
    write_documents(tmp_path / "plain.yaml", policy(rule("R", "users", "country = 'NL'")))
    write_documents(tmp_path / "joined.yaml", policy(rule("R", "users", "is_mfa_capable")))
    assert "AuditLog.Read.All" not in named(ask(tmp_path, "plain.yaml"))
    assert "AuditLog.Read.All" in named(ask(tmp_path, "joined.yaml"))


def test_a_table_that_a_rule_reaches_by_a_relation_is_asked_for_too(tmp_path: Path) -> None:
    write_documents(tmp_path / "related.yaml", policy(rule("R", "users", "count_of(devices) >= 1")))
    found = of(ask(tmp_path, "related.yaml"), "DeviceManagementManagedDevices.Read.All")
    assert (found["tables"], found["rules"], found["every_run"]) == (["devices"], ["R"], False)


def test_a_severity_narrows_what_is_asked_for(tmp_path: Path) -> None:
    calm = rule("LOW", "devices", "is_encrypted", severity="low")
    write_documents(tmp_path / "both.yaml", policy(calm, rule("HIGH", "users", "account_enabled")))
    assert named(ask(tmp_path, "both.yaml", "--min-severity", "high")) == EVERY_RUN


# Why


def test_the_rules_that_need_a_permission_are_named(shipped_needs: Any) -> None:
    found = of(shipped_needs, "AuditLog.Read.All")
    assert found["tables"] == ["users"]
    assert found["paths"] == ["/reports/authenticationMethods/userRegistrationDetails"]
    assert "ACC-02" in found["rules"]
    assert "COM-12" not in found["rules"]


def test_what_attribution_needs_is_needed_by_every_run(shipped_needs: Any) -> None:
    assert [each["permission"] for each in shipped_needs["permissions"] if each["every_run"]] == EVERY_RUN


def test_explain_names_the_permissions_of_one_rule(tmp_path: Path) -> None:
    found = run(tmp_path, "explain", "ACC-02", "--format", "json").json
    assert found["permissions"] == ["AuditLog.Read.All", "User.Read.All"]


def test_licences_are_listed_with_the_rules_that_need_them(shipped_needs: Any) -> None:
    plans = {each["licence"]: each for each in shipped_needs["licences"]}
    assert plans["AAD_PREMIUM"]["name"] == "Microsoft Entra ID P1"
    assert "ACC-02" in plans["AAD_PREMIUM"]["rules"]
    assert plans["INTUNE_A"]["tables"] == ["devices"]


@pytest.mark.parametrize("licence", sorted({feed.licence for feed in FEEDS if feed.licence}))
def test_every_licence_in_the_catalogue_has_a_name(licence: str) -> None:
    assert licence_name(licence, "nl")
    assert licence_name(licence, "en")


# How to ask for it


def test_every_permission_in_the_catalogue_has_one_id() -> None:
    ids = permission_ids()
    assert set(ids) == {feed.permission for feed in FEEDS}
    assert len(set(ids.values())) == len(ids)
    assert all(str(uuid.UUID(each)) == each for each in ids.values())


@needs_permissions
def test_every_id_is_of_an_application_permission_that_microsoft_publishes() -> None:
    known = published()
    assert [name for name in permission_ids() if "Application" not in known[name]["schemes"]] == []


def test_the_manifest_asks_graph_for_exactly_these_permissions(shipped_needs: Any) -> None:
    [graph] = shipped_needs["manifest"]["requiredResourceAccess"]
    assert graph["resourceAppId"] == "00000003-0000-0000-c000-000000000000"
    assert graph["resourceAccess"] == [{"id": each["id"], "type": "Role"} for each in shipped_needs["permissions"]]
    assert of(shipped_needs, "User.Read.All")["id"] == "df021288-bdef-4463-88db-98f22de89214"


def test_the_consent_address_names_tenant_and_application_where_they_are_known(tmp_path: Path) -> None:
    unknown = ask(tmp_path, "--select", "COM-12")["admin_consent_url"]
    known = ask(tmp_path, "--select", "COM-12", AZURE_TENANT_ID="t 1", AZURE_CLIENT_ID="c&1")["admin_consent_url"]
    assert unknown == "https://login.microsoftonline.com/{tenant}/adminconsent?client_id={client_id}"
    assert known == "https://login.microsoftonline.com/t%201/adminconsent?client_id=c%261"


def test_the_demo_is_no_tenant_to_consent_in(tmp_path: Path) -> None:
    found = ask(tmp_path, "--tenant", "demo", "--select", "COM-12", AZURE_TENANT_ID="t1", AZURE_CLIENT_ID="c1")
    assert "{tenant}" in found["admin_consent_url"]
    assert "{client_id}" in found["admin_consent_url"]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_cloud_has_its_own_consent_address(tmp_path: Path, cloud: auth.CloudName) -> None:
    found = ask(tmp_path, "--select", "COM-12", "--cloud", cloud)
    assert found["admin_consent_url"].startswith(f"{auth.CLOUDS[cloud].authority}/")


@pytest.mark.parametrize(("lang", "words"), [("nl", "elke controle"), ("en", "every run")])
def test_people_read_it_in_their_language(tmp_path: Path, lang: str, words: str) -> None:
    ended = run(tmp_path, "permissions", "--lang", lang)
    assert ended.code == 0
    assert words in ended.text
    for part in ("AuditLog.Read.All", "Microsoft Entra ID P1", "adminconsent", "requiredResourceAccess"):
        assert part in ended.text


def test_a_selection_of_nothing_is_wrong_usage(tmp_path: Path) -> None:
    ended = run(tmp_path, "permissions", "--select", "NOTHING")
    assert (ended.code, ended.stdout) == (2, b"")


def test_the_shipped_packs_are_the_default(tmp_path: Path, shipped_needs: Any) -> None:
    assert ask(tmp_path, shipped("policies")) == shipped_needs
