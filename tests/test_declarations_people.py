"""People packs: closed until `Processing` records why they may run, and silent about who people are."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from govcheck.report import FORMATS
from tenants import (
    Document,
    Ended,
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

PURPOSE: dict[str, Any] = {
    "id": "care",
    "packs": ["people-house"],
    "purpose": "See whether teams are cared for",
    "legal_basis": "legitimate_interests",
    "dpia": {"id": "DPIA-2026-02", "date": "2026-04-14"},
    "works_council": {"decision": "consented", "id": "OR-2026-11", "date": "2026-05-20"},
}
RULE = rule("P1", "users", "is_mfa_capable", at_least=0.9, message="{display_name} has no MFA")
PACK = policy(RULE, name="people-house", people=True)
MARK = "Zwaluwstaart"
"""Stands in everything that says who somebody is."""


def marked(name: str, **columns: object) -> dict[str, object]:
    return person(f"{MARK}-{name}", **{"is_mfa_capable": True, **columns})


ROWS: Rows = {
    "users": [marked(f"u{at}", is_mfa_capable=at > 2) for at in range(12)],
    "teams": [team("g-support"), team("g-field")],
    "memberships": [
        *members("g-support", [f"{MARK}-u{at}" for at in range(1, 6)]),
        *members("g-field", [f"{MARK}-u{at}" for at in range(6, 12)]),
        *members("g-support", [f"{MARK}-u0"], role="owner"),
    ],
}
ORGANISATION: Document = document(
    "Organisation", "org", roles={"ciso": {"title": "CISO", "holders": [f"user:{MARK}-u1"]}}
)


def processing(change: Callable[[dict[str, Any]], object] | None = None) -> Document:
    """A `Processing` document that opens the pack, after `change` if given."""
    purpose = deepcopy(PURPOSE)
    if change is not None:
        change(purpose)
    return document("Processing", "processing", purposes=[purpose])


def verdicts(folder: Path, *documents: Document, more: tuple[str, ...] = ()) -> Verdicts:
    return judge(folder, [ORGANISATION, PACK, *documents], ROWS, *more)


def missing(found: Verdicts) -> str:
    """What the report says is missing for a closed pack."""
    [gap] = [gap for gap in found.report["gaps"] if gap["table"] == "processing"]
    assert (gap["reason"], gap["rules"]) == ("not_permitted", ["P1"])
    return str(gap["detail"])


# The gate


def test_a_people_pack_opens_when_purpose_basis_dpia_and_works_council_are_on_record(tmp_path: Path) -> None:
    found = verdicts(tmp_path, processing())
    assert found.outcome("P1") == ("fail", None)
    assert found.counts("P1", "g-support") == (3, 3, 0, 0)
    assert found.ended.code == 1


def test_without_a_processing_document_a_people_pack_is_unknown_and_the_report_names_all_that_is_missing(
    tmp_path: Path,
) -> None:
    found = verdicts(tmp_path)
    assert found.outcome("P1") == ("unknown", "not_permitted")
    assert found.counts("P1") == (0, 0, 0, 0)
    told = missing(found)
    assert "`people-house`" in told
    assert all(word in told for word in ("(purpose)", "(legal_basis)", "(dpia)", "(works_council)"))


@pytest.mark.parametrize(
    ("change", "named", "unnamed"),
    [
        (lambda each: each.pop("purpose"), ["(purpose)"], ["(legal_basis)", "(dpia)", "(works_council)"]),
        (lambda each: each.pop("legal_basis"), ["(legal_basis)"], ["(purpose)", "(dpia)", "(works_council)"]),
        (lambda each: each.pop("dpia"), ["(dpia)"], ["(purpose)", "(legal_basis)", "(works_council)"]),
        (lambda each: each["dpia"].pop("id"), ["(dpia)"], ["(works_council)"]),
        (lambda each: each["dpia"].pop("date"), ["(dpia)"], ["(works_council)"]),
        (lambda each: each.update(dpia={"not_needed": "Small"}), ["(dpia)"], ["(works_council)"]),
        (lambda each: each.pop("works_council"), ["(works_council)"], ["(dpia)"]),
        (lambda each: each["works_council"].pop("id"), ["(works_council)"], ["(dpia)"]),
        (lambda each: each["works_council"].pop("date"), ["(works_council)"], ["(dpia)"]),
        (lambda each: each["works_council"].update(decision="refused"), ["refused", "(works_council)"], ["(dpia)"]),
        (lambda each: each["works_council"].update(decision="pending"), ["pending", "(works_council)"], ["(dpia)"]),
        (lambda each: each["works_council"].update(decision="perhaps"), ["(works_council)"], ["(dpia)"]),
        (lambda each: each.update(works_council={"decision": "no_works_council"}), ["reason"], ["(dpia)"]),
        (lambda each: each.update(packs=["rhythm"]), ["(purpose)", "(works_council)"], []),
    ],
)
def test_the_message_names_exactly_what_is_missing(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], named: list[str], unnamed: list[str]
) -> None:
    found = verdicts(tmp_path, processing(change))
    assert found.outcome("P1") == ("unknown", "not_permitted")
    told = missing(found)
    assert [word for word in named if word not in told] == []
    assert [word for word in unnamed if word in told] == []


def test_of_several_purposes_one_that_is_complete_opens_the_pack_and_else_the_nearest_is_told(tmp_path: Path) -> None:
    bare = {"id": "bare", "packs": ["people-house"]}
    half = {key: value for key, value in PURPOSE.items() if key != "dpia"} | {"id": "half"}
    closed = document("Processing", "processing", purposes=[bare, half])
    told = missing(verdicts(tmp_path / "closed", closed))
    assert "`half`" in told
    lines = (tmp_path / "closed" / "policies" / "house.yaml").read_text("utf-8").splitlines()
    [line] = [number for number, line in enumerate(lines, start=1) if line.endswith("id: half")]
    assert f"policies/house.yaml:{line})" in told
    opened = document("Processing", "processing", purposes=[bare, half, PURPOSE])
    assert verdicts(tmp_path / "open", opened).outcome("P1") == ("fail", None)


@pytest.mark.parametrize("decision", ["consented", "consent", "Approved", "instemming", "Akkoord"])
@pytest.mark.parametrize("basis", ["legitimate_interest", "AVG art. 6(1)(f)", "gerechtvaardigd belang", "consent"])
def test_a_record_opens_the_pack_in_whatever_words_people_keep_it(tmp_path: Path, decision: str, basis: str) -> None:
    def change(purpose: dict[str, Any]) -> None:
        purpose["legal_basis"] = basis
        purpose["works_council"]["decision"] = decision

    assert verdicts(tmp_path, processing(change)).outcome("P1") == ("fail", None)


def test_an_organisation_without_a_works_council_says_why(tmp_path: Path) -> None:
    reason = {"decision": "no_works_council", "reason": "Fewer than 50 people"}
    found = verdicts(tmp_path, processing(lambda each: each.update(works_council=reason)))
    assert found.outcome("P1") == ("fail", None)


def test_rules_see_one_word_for_each_legal_basis_and_decision(tmp_path: Path) -> None:
    def change(purpose: dict[str, Any]) -> None:
        purpose["legal_basis"] = "Toestemming"
        purpose["works_council"]["decision"] = "ingestemd"

    expect = "legal_basis = 'consent' AND works_council_decision = 'consented'"
    found = judge(tmp_path, [processing(change), policy(rule("R", "processing", expect))], ROWS)
    assert found.outcome("R") == ("pass", None)


def test_a_closed_pack_that_nobody_asked_for_leaves_the_exit_code_alone(tmp_path: Path) -> None:
    assert verdicts(tmp_path / "a").ended.code == 0
    assert verdicts(tmp_path / "b", more=("--select", "people-house")).ended.code == 3


def test_an_open_pack_that_is_unknown_counts_like_any_other(tmp_path: Path) -> None:
    found = judge(tmp_path, [ORGANISATION, PACK, processing()], {}, gaps={"users": "not_licensed"})
    assert (found.outcome("P1"), found.ended.code) == (("unknown", "not_licensed"), 3)


def test_nothing_is_read_and_no_permission_is_needed_for_a_closed_pack(tmp_path: Path) -> None:
    secret = policy(rule("P1", "service_principals", "id IS NOT NULL"), name="people-house", people=True)

    def needed(*documents: Document) -> set[str]:
        file = write_documents(tmp_path / "set.yaml", secret, *documents)
        told = run(tmp_path, "permissions", file, "--format", "json").json
        return {table for each in told["permissions"] for table in each["tables"]}

    assert "service_principals" not in needed()
    assert "service_principals" in needed(processing())


def test_doctor_tells_which_packs_are_closed_and_opens_them_with_the_record(tmp_path: Path) -> None:
    def closed(*documents: Document) -> list[str]:
        file = write_documents(tmp_path / "set.yaml", PACK, *documents)
        told = run(tmp_path, "doctor", file, "--tenant", "demo", "--format", "json").json
        return [each["pack"] for each in told["closed"]]

    assert closed() == ["people-house"]
    assert closed(processing()) == []


# Silence

NAMING = policy(
    RULE,
    rule("P2", "users", "is_mfa_capable", message="{display_name} {user_principal_name} {id}"),
    rule("P3", "teams", "count_of(members, is_mfa_capable) >= 99", message="{display_name}"),
    rule("P4", "memberships", "role = 'nobody'", message="{user_id}"),
    rule("P5", "users", "display_name = 'somebody else'"),
    rule("P6", "exceptions", "expires IS NULL", message="{subjects}"),
    name="people-house",
    people=True,
)
WAIVERS = document(
    "Exceptions",
    "waivers",
    effective="2026-09-01",
    exceptions=[
        {
            "id": "EX-1",
            "rule": "P2",
            "subjects": [f"{MARK}-u0", f"{MARK}-u1@delinde.example"],
            "reason": "Agreed.",
            "owner": "ciso",
            "approved_by": "board",
            "expires": "2026-10-31",
        }
    ],
)


def told(folder: Path, *arguments: str) -> Ended:
    """Check a people pack that tries to name people in every way there is."""
    if not (folder / "snapshot").exists():
        write_documents(folder / "policies" / "house.yaml", ORGANISATION, NAMING, WAIVERS, processing())
        write_snapshot(folder / "snapshot", ROWS)
    return check(folder, *arguments)


@pytest.mark.parametrize("names", ["shown", "pseudonymous", "counts"])
@pytest.mark.parametrize("form", [form for form in FORMATS if form != "xlsx"])
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_an_open_people_pack_names_nobody_in_any_format(tmp_path: Path, form: str, names: str, lang: str) -> None:
    ended = told(tmp_path, "--format", form, "--names", names, "--lang", lang)
    assert ended.code == 1, ended.stderr
    assert MARK.casefold() not in ended.text.casefold()
    assert MARK.casefold() not in ended.stderr.casefold()


def test_a_workbook_names_nobody_either(tmp_path: Path) -> None:
    if "xlsx" not in FORMATS:
        pytest.skip("there is no xlsx format")
    told(tmp_path, "--output", "xlsx=report.xlsx", "--names", "shown")
    with zipfile.ZipFile(tmp_path / "report.xlsx") as book:
        assert not any(
            MARK.casefold() in book.read(name).decode("utf-8", "replace").casefold() for name in book.namelist()
        )


def test_what_is_kept_of_a_run_names_nobody(tmp_path: Path) -> None:
    told(tmp_path, "--format", "json")
    runs = [file for file in (tmp_path / "home" / "runs").rglob("*") if file.is_file()]
    assert runs
    assert not any(MARK.encode() in file.read_bytes() for file in runs)


def test_units_that_fail_are_found_instead_of_people_and_the_role_that_must_act_without_its_holders(
    tmp_path: Path,
) -> None:
    found = Verdicts(told(tmp_path, "--format", "json"))
    [finding] = found.findings("P1")
    assert finding["subject"] == {"kind": "units", "id": "g-support", "label": "G-support"}
    assert finding["units"] == ["g-support", "organisation"]
    assert finding["owner"]["people"] == []
    assert finding["evidence"] == {}
    assert finding["owner"]["role"]


def test_a_finding_of_a_people_pack_about_a_thing_keeps_its_subject(tmp_path: Path) -> None:
    found = Verdicts(told(tmp_path, "--format", "json"))
    assert [finding["subject"]["id"] for finding in found.findings("P3")] == ["g-field", "g-support"]
    assert found.findings("P6")[0]["evidence"].keys() == {"expires"}


def test_a_unit_stands_for_the_units_above_it(tmp_path: Path) -> None:
    units = [
        {"id": "operations", "kind": "department", "department": "Operations"},
        {"id": "support", "kind": "team", "group": "g-support", "parent": "operations"},
    ]
    organisation = {**ORGANISATION, "units": units}
    rows = {**ROWS, "users": [{**user, "department": "Operations"} for user in ROWS["users"]]}
    found = judge(tmp_path, [organisation, PACK, processing()], rows)
    assert [finding["subject"]["id"] for finding in found.findings("P1")] == ["support"]
    assert found.findings("P1")[0]["units"] == ["support", "operations", "organisation"]


def test_small_groups_stay_hidden_in_people_packs_also_where_siblings_would_give_them_away(tmp_path: Path) -> None:
    few = {
        "users": ROWS["users"],
        "teams": [],
        "memberships": [],
    }
    departments = [{**user, "department": "Few" if at < 3 else "Many"} for at, user in enumerate(few["users"])]
    found = judge(tmp_path, [ORGANISATION, PACK, processing()], {**few, "users": departments})
    assert {row["unit"]: row["reason"] for row in found.rule("P1")["units"]} == {
        "organisation": None,
        "Few": "suppressed",
        "Many": "suppressed",
    }


def test_a_lower_limit_holds_for_people_packs_only_with_a_dpia_and_a_works_council(tmp_path: Path) -> None:
    def reason(privacy: dict[str, Any], name: str) -> object:
        organisation = {**ORGANISATION, "privacy": privacy}
        rows = {"users": [marked(f"u{at}") for at in range(4)]}
        return judge(tmp_path / name, [organisation, PACK, processing()], rows).outcome("P1")

    assert reason({"min_group": 3}, "bare") == ("unknown", "suppressed")
    assert reason({"min_group": 3, "dpia": "D", "works_council": "W"}, "recorded") == ("pass", None)


def test_a_rule_about_single_people_in_a_people_pack_is_told_to_count_them(tmp_path: Path) -> None:
    file = write_documents(tmp_path / "set.yaml", NAMING, processing())
    told = json.loads(run(tmp_path, "validate", file, "--format", "json").text)
    faults = told["diagnostics"] if isinstance(told, dict) else told
    assert sum(fault["code"] == "people-rule-without-share" for fault in faults) == 3
