"""Rules over ways to sign in: made when a rule reads them, with what they need and what they lack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from access_tenants import BLOCK, GLOBAL_ADMINISTRATOR, MAIL, MFA
from access_tenants import policy as access_policy
from govcheck.catalogue import MADE, tables
from tenants import Document, Verdicts, judge, person, policy, rule, run, write_documents

READS = tables()[MADE].reads
PROTECTED = rule("MFA-1", "users", "effective_mfa = 'always'", where="account_enabled")


def rows(*policies: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Everything collected: Ann, Bob whom policies may leave out, and Cem whose account is off."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in READS}
    found["users"] = [person("ann"), person("bob"), person("cem", account_enabled=False)]
    found["security_defaults"] = [{"is_enabled": False}]
    found["access_memberships"] = [{"group_id": "g", "user_id": "bob", "role": "member"}]
    found["conditional_access_policies"] = [
        {
            "id": each["id"],
            "display_name": each["displayName"],
            "state": each["state"],
            "conditions": each["conditions"],
            "grant_controls": each["grantControls"],
        }
        for each in policies
    ]
    return found


def verdicts(
    folder: Path, *rules: Document, policies: list[dict[str, Any]], gaps: dict[str, str] | None = None
) -> Verdicts:
    return judge(folder, [policy(*rules)], rows(*policies), gaps=gaps)


EVERYBODY_BUT_G = access_policy("a", MFA, users={"includeUsers": ["All"], "excludeGroups": ["g"]})


def test_effective_mfa_is_a_column_of_users(tmp_path: Path) -> None:
    found = verdicts(tmp_path, PROTECTED, policies=[EVERYBODY_BUT_G])
    assert found.subjects("MFA-1") == [("bob", "fail")]
    assert found.finding("MFA-1", "bob")["evidence"] == {"effective_mfa": "never"}


def test_it_is_null_for_accounts_that_are_not_enabled(tmp_path: Path) -> None:
    unknown = rule("MFA-2", "users", "effective_mfa IS NOT NULL AND legacy_auth_possible IS NOT NULL")
    assert verdicts(tmp_path, unknown, policies=[EVERYBODY_BUT_G]).subjects("MFA-2") == [("cem", "fail")]


def test_relations_read_it_too(tmp_path: Path) -> None:
    nobody = rule("MFA-3", "organization", "count_of(users, account_enabled AND effective_mfa = 'never') = 0")
    assert verdicts(tmp_path, nobody, policies=[EVERYBODY_BUT_G]).outcome("MFA-3") == ("fail", None)


def test_sign_in_paths_is_a_table_with_the_columns_of_the_contract(tmp_path: Path) -> None:
    legacy = rule(
        "LEG-1",
        MADE,
        "outcome = 'block'",
        where="contains(client_app_types, 'other') AND size(applications) > 0",
        message="{persona}: {people} people, {mfa}, {applied}",
    )
    found = verdicts(tmp_path, legacy, policies=[access_policy("a", BLOCK, clientAppTypes=["exchangeActiveSync"])])
    assert found.outcome("LEG-1") == ("fail", None)
    assert "2 people, never" in found.findings("LEG-1")[0]["message"]
    assert list(tables()[MADE].columns) == [
        "persona", "people", "outcome", "requires", "mfa", "applications", "user_actions", "authentication_contexts",
        "client_app_types", "platforms", "locations", "sign_in_risks", "user_risks", "insider_risks", "devices",
        "authentication_flows", "applied",
    ]  # fmt: skip


@pytest.mark.parametrize("table", [name for name in READS if name != "users"])
def test_a_missing_feed_makes_it_a_gap_with_the_reason_of_that_feed(tmp_path: Path, table: str) -> None:
    paths = rule("PATH-1", MADE, "outcome = 'block'")
    found = judge(
        tmp_path,
        [policy(PROTECTED, paths)],
        {name: listed for name, listed in rows(EVERYBODY_BUT_G).items() if name != table},
        gaps={table: "not_permitted"},
    )
    assert found.outcome("MFA-1") == ("unknown", "not_permitted")
    assert found.outcome("PATH-1") == ("unknown", "not_permitted")
    assert found.counts("MFA-1") == (0, 0, 2, 0)
    gaps = {(gap["table"], *gap["columns"]): gap["rules"] for gap in found.report["gaps"]}
    assert gaps[table,] == ["MFA-1", "PATH-1"]
    assert gaps["users", "effective_mfa"] == ["MFA-1"]


ABOUT_POLICIES = ("conditional_access_policies", "named_locations", "authentication_strengths")
UNLICENSED = dict.fromkeys(ABOUT_POLICIES, "not_licensed")


def without_a_licence(
    folder: Path, *rules: Document, defaults: bool, roles: tuple[str, ...] = (), gaps: dict[str, str] | None = None
) -> Verdicts:
    """A tenant of which Graph says that it has no licence for Conditional Access."""
    missing = UNLICENSED | (gaps or {})
    tables_ = {name: listed for name, listed in rows().items() if name not in missing}
    tables_["role_assignments"] = [
        {"id": f"a-{each}", "principal_id": each, "role_definition_id": GLOBAL_ADMINISTRATOR, "directory_scope_id": "/"}
        for each in roles
    ]
    if "security_defaults" not in missing:
        tables_["security_defaults"] = [{"is_enabled": defaults}]
    return judge(folder, [policy(*rules)], tables_, gaps=missing)


class TestWithoutALicenceForConditionalAccess:
    def test_it_is_unknown_where_security_defaults_are_off_too(self, tmp_path: Path) -> None:
        # Such a tenant may ask for MFA per person, of which Graph tells nothing.
        found = without_a_licence(tmp_path, PROTECTED, defaults=False)
        assert found.outcome("MFA-1") == ("unknown", "not_licensed")

    def test_security_defaults_decide_where_they_are_on(self, tmp_path: Path) -> None:
        legacy = rule("LEGACY", "users", "NOT legacy_auth_possible", where="account_enabled")
        found = without_a_licence(tmp_path, PROTECTED, legacy, defaults=True, roles=("bob",))
        assert found.subjects("MFA-1") == [("ann", "fail")]
        assert found.finding("MFA-1", "ann")["evidence"] == {"effective_mfa": "conditional"}
        assert found.outcome("LEGACY") == ("pass", None)

    def test_security_defaults_that_cannot_be_read_leave_it_unknown(self, tmp_path: Path) -> None:
        found = without_a_licence(tmp_path, PROTECTED, defaults=True, gaps={"security_defaults": "not_permitted"})
        assert found.outcome("MFA-1")[0] == "unknown"

    def test_what_is_said_of_the_policies_themselves_stays_unknown(self, tmp_path: Path) -> None:
        listed = rule("LISTED", "conditional_access_policies", "people_better_protected = 0")
        some = rule("SOME", "organization", "any_of(conditional_access_policies, state = 'enabled')")
        found = without_a_licence(tmp_path, listed, some, PROTECTED, defaults=True)
        assert (found.outcome("LISTED"), found.outcome("SOME")) == (("unknown", "not_licensed"),) * 2
        [gap] = [each for each in found.report["gaps"] if each["table"] == "conditional_access_policies"]
        assert gap["rules"] == ["LISTED", "SOME"]

    def test_policies_that_are_missing_for_another_reason_may_be_in_force(self, tmp_path: Path) -> None:
        gaps = {"conditional_access_policies": "not_permitted"}
        found = without_a_licence(tmp_path, PROTECTED, defaults=False, gaps=gaps)
        assert found.outcome("MFA-1") == ("unknown", "not_permitted")

    def test_what_if_says_so_and_answers(self, tmp_path: Path) -> None:
        without_a_licence(tmp_path, PROTECTED, defaults=True)
        asked = ("--user", "ann", "--app", MAIL, "--format", "json")
        found = run(tmp_path, "what-if", "--snapshot", "snapshot", *asked)
        assert (found.code, found.json[0]["mfa"], found.json[0]["applied"]) == (0, "conditional", ["securityDefaults"])
        assert "no licence for Conditional Access" in found.stderr


def test_a_location_that_nothing_is_known_of_protects_nobody(tmp_path: Path) -> None:
    nowhere = access_policy("a", MFA, locations={"includeLocations": ["All"], "excludeLocations": ["gone"]})
    assert verdicts(tmp_path, PROTECTED, policies=[nowhere]).counts("MFA-1") == (0, 2, 0, 0)


def test_permissions_name_what_the_access_room_reads(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", policy(PROTECTED))
    found = run(tmp_path, "permissions", "--format", "json").json
    needed = {each["permission"]: each["tables"] for each in found["permissions"] if "MFA-1" in each["rules"]}
    assert set(READS) <= {table for listed in needed.values() for table in listed}
    assert "/groups/{group_id}/transitiveMembers" in {path for each in found["permissions"] for path in each["paths"]}


def test_a_rule_that_does_not_ask_for_it_reads_none_of_it(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", policy(rule("U-1", "users", "account_enabled")))
    found = run(tmp_path, "permissions", "--format", "json").json
    assert "Policy.Read.All" not in {each["permission"] for each in found["permissions"]}


def test_examples_give_the_columns_like_any_other(tmp_path: Path) -> None:
    examples = {
        "pass": [{"id": "u1", "account_enabled": True, "effective_mfa": "always"}],
        "fail": [{"id": "u2", "account_enabled": True, "effective_mfa": "conditional"}],
    }
    write_documents(tmp_path / "policies" / "house.yaml", policy({**PROTECTED, "examples": examples}))
    assert run(tmp_path, "test").code == 0
