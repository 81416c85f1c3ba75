"""What makes no sense in declarations: an error of `validate`, a warning of `check`, never a crash.

`tests/broken` holds what is said about each fault; here stands when something is one, and when it is not.
"""

from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govcheck.diagnostics import GovcheckError, render
from govcheck.model import LANGS
from govcheck.policy import line_reader, load_policies
from govcheck.policy.declarations import declared_tables
from govcheck.shipped import shipped
from govcheck.source import load as load_yaml
from policies import ROLES, codes, document, faults, load, policy, write
from test_policy_hostile import VALUES, places

UNITS = "units: [{id: support, kind: team, group: g1}, {id: field, kind: team, group: g2}]\n"
ORGANISATION = document("Organisation", ROLES + UNITS)
HOURS = "windows: [{days: [monday], from: 09:00, until: 17:00}]\n"


def said(folder: Path, *documents: str, lenient: bool = False) -> list[str]:
    """The codes of what is wrong with documents beside an organisation and a policy."""
    return codes(write(folder, policy(), ORGANISATION, *documents), lenient=lenient)


def test_a_declaration_at_fault_stops_validate_and_not_check_and_its_rows_are_kept(tmp_path: Path) -> None:
    charter = document("CommunicationCharter", "channels: [{id: chat, owner: nobody}]\n")
    file = write(tmp_path, policy(), ORGANISATION, charter)
    with pytest.raises(GovcheckError):
        load(file)
    loaded = load(file, lenient=True)
    assert [(fault.level, fault.code) for fault in loaded.diagnostics] == [("warning", "unknown-role")]
    assert [declared.body["channels"] for declared in loaded.declarations] == [[{"id": "chat", "owner": "nobody"}]]


def test_a_form_that_cannot_be_read_stops_check_too(tmp_path: Path) -> None:
    charter = document("CommunicationCharter", "channels: [{id: chat, medium: pigeon}]\n")
    with pytest.raises(GovcheckError):
        load(write(tmp_path, policy(), charter), lenient=True)


@pytest.mark.parametrize("kind", sorted(declared_tables()))
def test_a_document_of_any_kind_may_hold_no_more_than_its_header(tmp_path: Path, kind: str) -> None:
    assert said(tmp_path, document(kind, "owner: ciso\napproved_by: board\nx-ours: {any: thing}\n")) == []


@pytest.mark.parametrize("kind", sorted(declared_tables()))
def test_an_unknown_key_in_any_kind_is_an_error(tmp_path: Path, kind: str) -> None:
    assert said(tmp_path, document(kind, "colour: blue\n"), lenient=True) == ["unknown-key"]


# Names


def test_names_are_not_checked_where_nothing_declares_such_things(tmp_path: Path) -> None:
    body = "unit: anywhere\nchannels: [{id: chat, tool: teams, owner: whoever, escalation: delay}]\n"
    kpis = document("Kpis", "dashboards: [{id: d, app: powerbi, owner: whoever}]\n")
    assert codes(write(tmp_path, policy(), document("CommunicationCharter", body), kpis)) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("CommunicationCharter", "updates: [{id: u, tool: pen}]\n"),
        ("Rhythm", "stand_up: {tool: pen}\n"),
        ("Workflow", "board: {app: pen}\n"),
        ("Workflow", "tools: [{app: pen, purpose: notes}]\n"),
        ("Kpis", "dashboards: [{id: d, app: pen}]\n"),
    ],
)
def test_wherever_an_app_is_meant_it_must_be_in_the_apps_document(tmp_path: Path, kind: str, body: str) -> None:
    apps = document("Apps", "apps: [{id: pencil}]\n")
    assert said(tmp_path, apps, document(kind, body)) == ["unknown-app"]
    assert said(tmp_path, apps.replace("pencil", "pen"), document(kind, body)) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("CommunicationCharter", "knowledge_base: {owner: nobody}\n"),
        ("WorkingAgreement", "on_call: {role: nobody}\n"),
        ("RemoteWork", "risk_assessment: {plan_owner: nobody}\n"),
        ("Rhythm", "retrospective: {actions_owner: nobody}\n"),
        ("Goals", "objectives: [{id: o, key_results: [{id: k, owner: nobody}]}]\n"),
        ("Kpis", "kpis: [{id: k, owner: nobody}]\n"),
        ("Programmes", "programmes: [{id: p, owner: nobody}]\n"),
        ("Apps", "apps: [{id: a, owner: nobody}]\n"),
        ("Incident", "contact: nobody\n"),
        ("Register", "actions: [{id: a, owner: nobody}]\n"),
    ],
)
def test_wherever_a_role_is_meant_the_organisation_must_have_it(tmp_path: Path, kind: str, body: str) -> None:
    assert said(tmp_path, document(kind, body)) == ["unknown-role"]
    assert said(tmp_path, document(kind, body.replace("nobody", "engineer"))) == []


def test_an_owner_in_the_header_that_nobody_knows_is_at_most_a_warning(tmp_path: Path) -> None:
    file = write(tmp_path, policy(), ORGANISATION, document("Rhythm", "owner: nobody\n"))
    assert [(fault.level, fault.code) for fault in faults(file)] == [("warning", "unknown-role")]


# Approval


def test_who_owns_a_declaration_does_not_approve_it(tmp_path: Path) -> None:
    assert said(tmp_path, document("Rhythm", "owner: ciso\napproved_by: ciso\n")) == ["approved-by-owner"]


@pytest.mark.parametrize("kind", ["Organisation", "RaciMatrix"])
def test_in_kinds_that_stood_before_and_in_policies_that_is_a_warning(tmp_path: Path, kind: str) -> None:
    body = ROLES if kind == "Organisation" else ""
    both = "owner: ciso\napproved_by: ciso\n"
    found = faults(write(tmp_path, policy(more="approved_by: ciso\n"), document(kind, body + both)))
    assert [(fault.level, fault.code) for fault in found] == [("warning", "approved-by-owner")] * 2


# One document for a unit


@pytest.mark.parametrize(
    "kind", ["CommunicationCharter", "WorkingAgreement", "RemoteWork", "Rhythm", "Goals", "Workflow", "Incident"]
)
def test_a_unit_has_one_document_of_a_kind(tmp_path: Path, kind: str) -> None:
    first, second = (document(kind, "unit: support\n", name=name) for name in ("a", "b"))
    assert said(tmp_path, first, second) == ["second-document"]
    assert said(tmp_path, first, document(kind, "unit: field\n", name="b"), document(kind, name="c")) == []


@pytest.mark.parametrize("kind", ["Register", "Apps", "Kpis", "Programmes", "Processing"])
def test_lists_may_be_spread_over_documents(tmp_path: Path, kind: str) -> None:
    assert said(tmp_path, document(kind, name="a"), document(kind, name="b")) == []


def test_goals_may_differ_per_period(tmp_path: Path) -> None:
    first, second = (document("Goals", f"period: {period}\n", name=period) for period in ("Q3", "Q4"))
    assert said(tmp_path, first, second) == []


# Rows with the same key


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("CommunicationCharter", "channels: [{id: a}, {id: a}]"),
        ("RemoteWork", "facilities: [{item: desk}, {item: desk}]"),
        ("Workflow", "statuses: [{name: To do, stage: todo}, {name: To do, stage: doing}]"),
        ("Workflow", "tools: [{app: pen, purpose: notes}, {app: pen, purpose: notes}]"),
        ("Programmes", "board_training: [{seat: chair}, {seat: chair}]"),
        ("Processing", 'notices: [{version: "1"}, {version: "1"}]'),
        ("Register", "findings: [{id: F1}, {id: F1}]"),
    ],
)
def test_two_rows_of_a_list_never_share_their_key(tmp_path: Path, kind: str, rows: str) -> None:
    assert said(tmp_path, document(kind, f"{rows}\n")) == ["duplicate-id"]


def test_the_same_app_for_another_purpose_is_another_row(tmp_path: Path) -> None:
    tools = "tools: [{app: pen, purpose: notes}, {app: pen, purpose: drawing}]\n"
    assert said(tmp_path, document("Workflow", tools)) == []


# Hours


def test_a_window_may_run_past_midnight_and_past_the_end_of_the_week(tmp_path: Path) -> None:
    windows = "windows: [{days: [sunday], from: 22:00, until: 06:00}, {days: [monday], from: 06:00, until: 14:00}]\n"
    assert said(tmp_path, document("WorkingAgreement", windows)) == []
    overlapping = windows.replace("from: 06:00, until: 14:00", "from: 05:00, until: 14:00")
    assert said(tmp_path, document("WorkingAgreement", overlapping)) == ["windows-overlap"]


def test_windows_of_different_time_zones_may_be_open_together(tmp_path: Path) -> None:
    windows = "windows: [{days: [monday], from: 09:00, until: 17:00, time_zone: Europe/Amsterdam}, {days: [monday], from: 09:00, until: 17:00, time_zone: Asia/Kolkata}]\n"  # noqa: E501
    assert said(tmp_path, document("WorkingAgreement", windows)) == []


def test_quiet_hours_are_held_against_the_working_hours_of_the_same_unit_alone(tmp_path: Path) -> None:
    quiet = document("CommunicationCharter", "unit: support\nquiet_hours: {from: 16:00, until: 08:00}\n")
    assert said(tmp_path, quiet, document("WorkingAgreement", f"unit: support\n{HOURS}")) == ["quiet-hours-in-window"]
    assert said(tmp_path, quiet, document("WorkingAgreement", f"unit: field\n{HOURS}")) == []


def test_core_hours_need_fit_on_one_day_only(tmp_path: Path) -> None:
    windows = "windows: [{days: [monday], from: 09:00, until: 17:00}, {days: [friday], from: 09:00, until: 12:00}]\n"
    core = "core_hours: {from: 10:00, until: 15:00}\n"
    assert said(tmp_path, document("WorkingAgreement", windows + core)) == []
    assert said(tmp_path, document("WorkingAgreement", windows + core.replace("10:00", "08:00"))) == [
        "core-hours-outside"
    ]


# Reasons, norms and dates


def test_what_does_not_apply_says_why(tmp_path: Path) -> None:
    body = "facilities: [{item: phone, provision: not_applicable, reason: Calls go over the headset}]\n"
    assert said(tmp_path, document("RemoteWork", body)) == []


@pytest.mark.parametrize(("year", "expected"), [(2022, []), (2026, []), (2027, ["no-allowance-norm"])])
def test_a_year_without_a_norm_for_the_allowance_is_told(tmp_path: Path, year: int, expected: list[str]) -> None:
    found = faults(write(tmp_path, policy(), document("RemoteWork", f"allowance: {{year: {year}, per_day: 2}}\n")))
    assert [fault.code for fault in found] == expected
    assert {fault.level for fault in found} <= {"warning"}


def test_a_review_that_lies_ahead_is_told_where_today_is_known(tmp_path: Path) -> None:
    file = write(tmp_path, policy(more="reviewed: 2026-05-02\n"), document("Rhythm", "reviewed: 2026-05-01\n"))

    def told(today: date | None) -> list[tuple[str, int]]:
        found = load_policies([file], lenient=False, packs=Path("no packs"), today=today).diagnostics
        return [(fault.code, fault.span.line) for fault in found if fault.span]

    assert told(date(2026, 5, 2)) == []
    assert told(None) == []
    assert [code for code, _ in told(date(2026, 5, 1))] == ["reviewed-ahead"]
    assert [code for code, _ in told(date(2026, 4, 30))] == ["reviewed-ahead"] * 2


# Organisation and matrix


def test_a_deputy_who_holds_the_role_already_is_a_warning(tmp_path: Path) -> None:
    roles = 'roles: {ciso: {holders: ["user:Ann@x.nl"], deputies: ["user:ann@x.nl", "role:board", "role:ciso"]}, board: {}}\n'  # noqa: E501
    found = faults(write(tmp_path, policy(), document("Organisation", roles)))
    assert [(fault.level, fault.code) for fault in found] == [("warning", "deputy-holds-role")] * 2


def test_a_later_step_with_less_time_than_an_earlier_one_is_a_warning(tmp_path: Path) -> None:
    levels = "[{role: engineer, within: PT4H}, {role: teamlead, within: PT4H}, {role: board, within: PT1H}]"
    found = faults(
        write(tmp_path, policy(), ORGANISATION, document("RaciMatrix", f"escalations: [{{id: e, levels: {levels}}}]\n"))
    )
    assert [(fault.level, fault.code) for fault in found] == [("warning", "escalation-order")]


@pytest.mark.parametrize(
    ("privacy", "expected", "general", "people"),
    [
        ("{min_group: 8}", [], 8, 8),
        ("{min_group: 5}", [], 5, 5),
        ("{}", [], 5, 5),
        ("{min_group: 4}", ["group-unrecorded"], 4, 5),
        ("{min_group: 3, dpia: DPIA-1}", ["group-unrecorded"], 3, 5),
        ("{min_group: 3, dpia: DPIA-1, works_council: OR-1}", [], 3, 3),
        ("{min_group: 2, dpia: DPIA-1, works_council: OR-1}", ["group-too-small"], 2, 3),
        ("{min_group: 1}", ["group-too-small"], 1, 5),
    ],
)
def test_smaller_groups_than_five_take_a_dpia_and_a_works_council_and_people_packs_hold_to_that(
    tmp_path: Path, privacy: str, expected: list[str], general: int, people: int
) -> None:
    file = write(tmp_path, policy(), document("Organisation", f"{ROLES}privacy: {privacy}\n"))
    assert codes(file) == expected
    found = load(file, lenient=True).organisation
    assert found is not None
    assert (found.min_group, found.people_min_group) == (general, people)


# Whatever is done to them

EXAMPLES = [
    node.plain()
    for file in sorted((shipped("policies") / "examples").glob("*.yaml"))
    for node in load_yaml(file.name, file.read_bytes())[0]
]
ONE_OF_EACH = [next(each for each in EXAMPLES if each["kind"] == kind) for kind in sorted(declared_tables())]


@st.composite
def spoilt(draw: st.DrawFn) -> list[Any]:
    documents = copy.deepcopy(ONE_OF_EACH)
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(list(places(documents))))
        parent: Any = documents
        for step in above:
            parent = parent[step]
        if draw(st.booleans()):
            parent[last] = draw(VALUES)
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        else:
            del parent[last]
    return documents


@given(documents=spoilt(), lenient=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_declaration_that_is_spoilt_is_read_or_refused_with_places_and_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, *, documents: list[Any], lenient: bool
) -> None:
    file = tmp_path_factory.mktemp("spoilt") / "set.yaml"
    file.write_text("\n---\n".join(json.dumps(each) for each in documents), "utf-8")
    found = faults(file, lenient=lenient)
    assert all(fault.span is not None for fault in found)
    for lang in LANGS:
        assert render(found, lang, line_reader()) is not None
