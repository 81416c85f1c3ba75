from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

import reports
from govcheck.model import LANGS, Lang
from govcheck.report import render
from govcheck.report.names import NamesMode, with_names
from govcheck.shipped import shipped

SCHEMA = json.loads((shipped("schemas") / "report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def written(lang: Lang = "nl") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render(reports.build(), "json", lang=lang))
    return document


def test_the_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("mode", ["shown", "pseudonymous", "counts"])
@pytest.mark.parametrize("build", [reports.build, reports.clean, reports.empty])
@pytest.mark.parametrize("lang", LANGS)
def test_every_report_keeps_to_the_schema(mode: NamesMode, build: Callable[[], Any], lang: Lang) -> None:
    hidden = with_names(build(), mode, b"0123456789abcdef")
    VALIDATOR.validate(json.loads(render(hidden, "json", lang=lang)))


@pytest.mark.parametrize("place", ["", "run", "summary", "gaps", "units", "rules", "findings"])
def test_the_schema_notices_a_key_that_is_missing(place: str) -> None:
    document = written()
    _at(document, place).popitem()
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("place", ["", "run", "summary", "gaps", "units", "rules", "findings"])
def test_the_schema_notices_a_key_that_is_unknown(place: str) -> None:
    document = written()
    _at(document, place)["surprise"] = 1
    assert not VALIDATOR.is_valid(document)


def _at(document: dict[str, Any], place: str) -> dict[str, Any]:
    part = document[place] if place else document
    found: dict[str, Any] = part[0] if isinstance(part, list) else part
    return found


def test_keys_stand_in_the_order_of_the_contract() -> None:
    document = written()
    verdict = document["rules"][1]["units"][0]
    finding = document["findings"][0]
    assert [*document] == ["schema", "run", "summary", "gaps", "units", "rules", "findings"]
    assert [*document["run"]] == [
        *("id", "tenant", "snapshot_taken_at", "as_of", "govcheck_version", "policy_digest", "engine"),
    ]
    assert [*document["gaps"][0]] == ["table", "columns", "reason", "rules", "detail"]
    assert [*document["units"][0]] == ["id", "name", "kind", "parent", "members", "summary"]
    assert [*document["rules"][1]] == [
        *("id", "policy", "severity", "outcome", "reason", "subjects", "units"),
    ]
    assert [*verdict] == ["unit", "outcome", "reason", "pass", "fail", "unknown", "waived", "share"]
    assert [*finding] == [
        *("fingerprint", "rule", "severity", "outcome", "reason", "subject", "units", "message", "tolerated"),
        *("evidence", "owner", "source"),
    ]


def test_the_document_reads_as_agreed(golden: Callable[[str, bytes], None]) -> None:
    golden("report.json", render(reports.build(), "json", lang="nl"))


def test_shares_have_four_decimals_and_suppressed_units_have_no_numbers() -> None:
    verdicts = {verdict["unit"]: verdict for verdict in written()["rules"][1]["units"]}
    assert verdicts["support"]["share"] == 0.3333
    assert [verdicts["unassigned"][key] for key in ("pass", "fail", "unknown", "waived", "share")] == [None] * 5


def test_times_are_utc() -> None:
    assert written()["run"]["snapshot_taken_at"] == "2026-11-23T08:00:00Z"


def test_times_lists_and_empty_values_keep_their_kind_in_evidence() -> None:
    report = reports.build()
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    finding = replace(report.findings[0], evidence={"at": when, "tags": ("a", "b"), "gone": None})
    document = json.loads(render(replace(report, findings=(finding,)), "json", lang="en"))
    assert document["findings"][0]["evidence"] == {"at": "2026-01-02T03:04:05Z", "tags": ["a", "b"], "gone": None}


def test_hostile_labels_come_back_unharmed() -> None:
    labels = {finding["subject"]["label"] for finding in written()["findings"]}
    assert {reports.SCRIPT, reports.ESCAPES, reports.OVERRIDE, reports.BROKEN} <= labels


def test_people_who_must_act_are_named_by_their_sign_in_name() -> None:
    owner = next(f["owner"] for f in written()["findings"] if f["rule"] == "ACC-02")
    assert owner == {"role": "teamlead", "people": [reports.upn("Daan Jansen")]}
