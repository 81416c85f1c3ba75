"""The JSON report: its shape, its order, its bytes, and what a fingerprint is made from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tenants import (
    TENANT,
    Document,
    Rows,
    Verdicts,
    check,
    document,
    judge,
    members,
    person,
    policy,
    rule,
    run,
    team,
    write_documents,
    write_snapshot,
)

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text("utf-8"))
ORGANISATION = document(
    "Organisation",
    "org",
    roles={"ciso": {"holders": ["user:ann"]}},
    units=[{"id": "support", "kind": "team", "group": "g-support"}],
)


def rules(changed: Document) -> Document:
    return policy(
        rule("B-2", "users", "is_mfa_capable", severity="low"),
        rule("B-10", "users", "id IN ('fay')", severity="low"),
        rule("A-1", "devices", "is_encrypted") | changed,
        rule("Z-9", "users", "is_mfa_capable", severity="critical"),
        rule("M-5", "sharepoint_settings", "is_legacy_auth_protocols_enabled"),
        rule("SHARE", "users", "coalesce(is_mfa_capable, FALSE)", at_least=0.9),
        rule("LISTS", "users", "contains(methods_registered, 'x') AND last_updated_date_time > '2000-01-01'"),
    )


ROWS: Rows = {
    "users": [
        person(
            name,
            is_mfa_capable=name < "c",
            methods_registered=["sms", "email"],
            last_updated_date_time="2026-01-02T03:04:05Z",
        )
        for name in ("fay", "ann", "eve", "bob", "dia", "cor")
    ],
    "devices": [{"id": name, "user_id": "ann", "is_encrypted": False} for name in ("d2", "d10", "d1")],
    "teams": [team("g-support")],
    "memberships": members("g-support", ["ann", "bob"]),
}
GAPS = {"sharepoint_settings": "not_permitted", "users.mail": "not_permitted"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("report")
    judge(found, [ORGANISATION, rules({})], ROWS, gaps=GAPS)
    return found


@pytest.fixture(scope="module")
def verdicts(folder: Path) -> Verdicts:
    return Verdicts(check(folder, "-f", "json"))


@pytest.mark.parametrize("names", ["shown", "pseudonymous", "counts"])
def test_a_report_keeps_to_its_schema(folder: Path, names: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(check(folder, "-f", "json", "--names", names).json)


def test_the_report_of_the_demo_keeps_to_its_schema(tmp_path: Path) -> None:
    report = run(tmp_path, "check", "--tenant", "demo", "-f", "json").json
    jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_keys_stand_in_the_order_of_the_contract(verdicts: Verdicts) -> None:
    report = verdicts.report
    assert [*report] == ["schema", "run", "summary", "gaps", "units", "rules", "findings"]
    assert [*report["run"]] == [
        *("id", "tenant", "snapshot_taken_at", "as_of", "govcheck_version", "policy_digest", "engine"),
    ]
    outcomes = ["pass", "fail", "unknown", "waived", "not_applicable"]
    assert [*report["summary"]] == outcomes
    assert [*report["gaps"][0]] == ["table", "columns", "reason", "rules", "detail"]
    assert [*report["units"][0]] == ["id", "name", "kind", "parent", "members", "summary"]
    assert [*report["units"][0]["summary"]] == outcomes
    assert [*report["rules"][0]] == ["id", "policy", "severity", "outcome", "reason", "subjects", "units"]
    assert [*report["rules"][0]["subjects"]] == ["pass", "fail", "unknown", "waived", "undecided"]
    assert [*report["rules"][0]["units"][0]] == [
        *("unit", "outcome", "reason", "pass", "fail", "unknown", "waived", "share"),
    ]
    finding = report["findings"][0]
    assert [*finding] == [
        *("fingerprint", "rule", "severity", "outcome", "reason", "subject", "units", "message", "tolerated"),
        *("evidence", "owner", "source"),
    ]
    assert [*finding["subject"]] == ["kind", "id", "label"]
    assert [*finding["owner"]] == ["role", "people"]
    assert [*finding["source"]] == ["file", "line"]


def test_the_run_says_what_was_judged_and_when(verdicts: Verdicts) -> None:
    run_of = verdicts.report["run"]
    assert run_of["tenant"] == TENANT
    assert (run_of["snapshot_taken_at"], run_of["as_of"]) == ("2026-10-01T08:00:00Z", "2026-10-01T08:00:00Z")
    assert run_of["engine"] == "duckdb"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-10-05", "2026-10-05T00:00:00Z"),
        ("2026-10-05T09:30:00Z", "2026-10-05T09:30:00Z"),
        ("2026-10-05T09:30:00+02:00", "2026-10-05T07:30:00Z"),
    ],
)
def test_as_of_is_a_date_at_midnight_utc_or_a_time(folder: Path, given: str, expected: str) -> None:
    assert check(folder, "-f", "json", "--as-of", given).json["run"]["as_of"] == expected


def test_rules_stand_by_id(verdicts: Verdicts) -> None:
    assert [found["id"] for found in verdicts.report["rules"]] == ["A-1", "B-10", "B-2", "LISTS", "M-5", "SHARE", "Z-9"]


def test_findings_stand_by_severity_rule_kind_and_id(verdicts: Verdicts) -> None:
    rank = ["critical", "high", "medium", "low", "info"]
    order = [
        (rank.index(found["severity"]), found["rule"], found["subject"]["kind"], found["subject"]["id"])
        for found in verdicts.report["findings"]
    ]
    assert order == sorted(order)
    assert [found["subject"]["id"] for found in verdicts.findings("A-1")] == ["d1", "d10", "d2"]


def test_lists_and_times_keep_their_kind_in_evidence(verdicts: Verdicts) -> None:
    assert verdicts.finding("LISTS", "ann")["evidence"] == {
        "methods_registered": ["sms", "email"],
        "last_updated_date_time": "2026-01-02T03:04:05Z",
    }


def test_a_column_that_no_rule_needs_is_no_gap(verdicts: Verdicts) -> None:
    assert [(gap["table"], gap["columns"]) for gap in verdicts.report["gaps"]] == [("sharepoint_settings", [])]


# The same bytes


def anonymous(written: bytes) -> bytes:
    return written.replace(json.loads(written)["run"]["id"].encode(), b"RUN")


def test_the_same_snapshot_and_policies_give_the_same_bytes_apart_from_the_run(folder: Path) -> None:
    one, two = (check(folder, "-f", "json", "--as-of", "2026-10-05").stdout for _ in range(2))
    assert one != two
    assert anonymous(one) == anonymous(two)


@pytest.mark.parametrize("names", ["shown", "pseudonymous"])
def test_another_process_gives_the_same_bytes(folder: Path, names: str) -> None:
    program = [sys.executable, "-m", "govcheck", "check", "--snapshot", "snapshot", "-f", "json", "--names", names]
    written = []
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "GOVCHECK_HOME": str(folder / "home"), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, check=False)  # noqa: S603
        written.append(done.stdout)
    assert anonymous(written[0]) == anonymous(written[1])


def test_rows_in_another_order_give_the_same_report(folder: Path, tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", ORGANISATION, rules({}))
    shuffled = {name: list(reversed(rows)) for name, rows in ROWS.items()}
    write_snapshot(tmp_path / "snapshot", shuffled, gaps=GAPS)
    assert anonymous(check(tmp_path, "-f", "json").stdout) == anonymous(check(folder, "-f", "json").stdout)


# Fingerprints


def fingerprints(found: Verdicts, name: str = "A-1") -> dict[str, str]:
    return {row["subject"]["id"]: row["fingerprint"] for row in found.findings(name)}


def reworded(tmp: Path, changed: Document, tenant: str = TENANT) -> Verdicts:
    write_documents(tmp / "policies" / "house.yaml", ORGANISATION, rules(changed))
    write_snapshot(tmp / "snapshot", ROWS, gaps=GAPS, tenant=tenant)
    return Verdicts(check(tmp, "-f", "json"))


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Another title"},
        {"message": "Another message about {device_name}"},
        {"why": "Another why", "fix": "Another fix", "references": ["x@1:2"], "tags": ["t"]},
        {"severity": "critical"},
        {"expect": "is_encrypted = TRUE"},
    ],
)
def test_a_fingerprint_survives_edits(tmp_path: Path, verdicts: Verdicts, changed: Document) -> None:
    assert fingerprints(reworded(tmp_path, changed)) == fingerprints(verdicts)


def test_a_fingerprint_survives_another_moment(folder: Path, verdicts: Verdicts) -> None:
    later = Verdicts(check(folder, "-f", "json", "--as-of", "2026-12-01"))
    assert fingerprints(later) == fingerprints(verdicts)


@pytest.mark.parametrize("names", ["pseudonymous", "counts"])
def test_a_fingerprint_is_the_same_whatever_is_shown_of_names(folder: Path, verdicts: Verdicts, names: str) -> None:
    shown = {found["fingerprint"] for found in verdicts.report["findings"]}
    hidden = {found["fingerprint"] for found in check(folder, "-f", "json", "--names", names).json["findings"]}
    assert hidden <= shown


def test_a_fingerprint_is_of_one_subject_and_one_rule(verdicts: Verdicts) -> None:
    found = [row["fingerprint"] for row in verdicts.report["findings"]]
    assert len(found) == len(set(found))


def test_a_fingerprint_is_of_one_tenant(tmp_path: Path, verdicts: Verdicts) -> None:
    other = fingerprints(reworded(tmp_path, {}, tenant="7e4a0000-0000-4000-8000-000000000002"))
    assert not set(other.values()) & set(fingerprints(verdicts).values())


# Names


def test_pseudonyms_name_nobody_and_are_the_same_in_every_run(folder: Path) -> None:
    one, two = (check(folder, "-f", "json", "--names", "pseudonymous").stdout for _ in range(2))
    assert anonymous(one) == anonymous(two)
    assert b"Ann" not in one
    assert b"@delinde.example" not in one


def test_pseudonyms_of_another_home_are_others(folder: Path, tmp_path: Path) -> None:
    one = check(folder, "-f", "json", "--names", "pseudonymous")
    two = check(folder, "-f", "json", "--names", "pseudonymous", GOVCHECK_HOME=str(tmp_path))
    labels = [{found["subject"]["label"] for found in ended.json["findings"]} for ended in (one, two)]
    assert not labels[0] & labels[1]


def test_counts_name_nobody(folder: Path) -> None:
    written = check(folder, "-f", "json", "--names", "counts").stdout
    assert b"Ann" not in written
    assert b"@delinde.example" not in written


def test_json_shows_names_unless_told_otherwise(verdicts: Verdicts) -> None:
    assert verdicts.finding("Z-9", "eve")["subject"]["label"] == "Eve"


def test_a_run_is_kept_with_its_report(folder: Path) -> None:
    report = check(folder, "-f", "json").json
    kept = folder / "home" / "runs" / report["run"]["tenant"] / report["run"]["id"] / "report.json"
    assert json.loads(kept.read_text("utf-8"))["run"]["id"] == report["run"]["id"]


def test_a_home_that_cannot_be_written_is_a_warning(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    ended = check(folder, "-f", "json", "--select", "A-1", GOVCHECK_HOME=str(tmp_path / "file" / "home"))
    assert ended.code == 1
    assert ended.json["schema"] == "govcheck.report/v1"
    assert ended.stderr
