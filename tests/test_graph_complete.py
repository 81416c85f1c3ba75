"""Complete or honest: fewer rows than Graph counts are no table, and a licence that is there is not denied."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.model import Reason
from govcheck.snapshot import Snapshot, TableEntry, open_snapshot
from scripted_graph import NO_LICENCE, NOT_FOUND, Answer, ScriptedGraph, ScriptedSource, rows

ORGANIZATION = rows({"id": "t-1", "displayName": "Contoso"})
REGISTRATIONS = "/reports/authenticationMethods/userRegistrationDetails"
COUNT = "/users?$count=true&$top=1&$select=id"


def collect(
    tmp_path: Path, script: Mapping[str, Answer | list[Answer]], needs: Needs
) -> tuple[Snapshot, ScriptedGraph]:
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        for path, answers in script.items():
            graph.says(path, *([answers] if isinstance(answers, Answer) else answers))
        collect_snapshot(ScriptedSource(url=graph.url), needs=needs, place=lambda *_: tmp_path / "snapshot")
    return open_snapshot(tmp_path / "snapshot"), graph


def people(count: int) -> Answer:
    return rows(*({"id": f"u{number}"} for number in range(count)))


def counted(number: int) -> Answer:
    return Answer(body={"@odata.count": number, "value": [{"id": "u0"}]})


def users(tmp_path: Path, read: Answer, counts: Answer | list[Answer]) -> tuple[TableEntry, ScriptedGraph]:
    snapshot, graph = collect(tmp_path, {"/users": read, COUNT: counts}, {"users": {"id"}})
    return snapshot.tables["users"], graph


def test_a_table_with_fewer_rows_than_graph_counts_is_missing_and_names_both_numbers(tmp_path: Path) -> None:
    entry, _ = users(tmp_path, people(980), counted(1000))
    assert entry.gap is not None
    assert entry.gap.reason is Reason.ERROR
    assert "1000" in entry.gap.detail.in_lang("en")
    assert "980" in entry.gap.detail.in_lang("en")
    assert entry.files == {}


@pytest.mark.parametrize(("read", "number"), [(1000, 1000), (995, 1000), (1010, 1000), (0, 0), (1, 6)])
def test_people_who_come_and_go_meanwhile_make_no_table_incomplete(tmp_path: Path, read: int, number: int) -> None:
    entry, graph = users(tmp_path, people(read), counted(number))
    assert (entry.gap, entry.rows) == (None, read)
    assert sum("$count" in request.path for request in graph.requests) == 1


def test_a_row_that_came_twice_does_not_stand_in_for_one_that_did_not_come(tmp_path: Path) -> None:
    names = [f"u{number}" for number in range(990)]
    entry, _ = users(tmp_path, rows(*({"id": name} for name in [*names, *names[:10]])), counted(1000))
    assert entry.gap is not None


def test_a_crowd_that_left_while_we_read_is_not_missed(tmp_path: Path) -> None:
    entry, _ = users(tmp_path, people(900), [counted(1000), counted(900)])
    assert entry.gap is None


def test_a_crowd_that_came_while_we_read_is_not_missed_either(tmp_path: Path) -> None:
    entry, _ = users(tmp_path, people(900), [counted(900), counted(1000)])
    assert entry.gap is None


@pytest.mark.parametrize("answer", [NOT_FOUND, rows({"id": "u0"}), Answer(status=400)])
def test_where_graph_does_not_count_there_is_nothing_to_compare_with(tmp_path: Path, answer: Answer) -> None:
    entry, _ = users(tmp_path, people(3), answer)
    assert (entry.gap, entry.rows) == (None, 3)


def test_counting_takes_the_header_that_graph_wants_for_it(tmp_path: Path) -> None:
    _, graph = users(tmp_path, people(3), counted(3))
    [count] = [request for request in graph.requests if "$count" in request.path]
    assert count.headers["ConsistencyLevel"] == "eventual"


def skus(status: str = "Success", state: str = "Enabled") -> Answer:
    plan = {"servicePlanName": "AAD_PREMIUM", "provisioningStatus": status}
    return rows({"capabilityStatus": state, "servicePlans": [plan]})


def registrations(tmp_path: Path, answers: Any, bought: Answer) -> TableEntry:
    script = {"/users": people(1), REGISTRATIONS: answers, "/subscribedSkus": bought}
    snapshot, _ = collect(tmp_path, script, {"users": {"is_mfa_capable"}})
    return snapshot.tables["users"]


def test_a_refusal_for_want_of_a_licence_that_the_tenant_has_is_not_believed(tmp_path: Path) -> None:
    answers = [*[NO_LICENCE] * 7, rows({"id": "u0", "isMfaCapable": True})]
    assert registrations(tmp_path, answers, skus()).column_gaps == {}


def test_a_lasting_refusal_in_spite_of_the_licence_is_an_error_and_no_missing_licence(tmp_path: Path) -> None:
    gap = registrations(tmp_path, NO_LICENCE, skus()).column_gaps["is_mfa_capable"]
    assert gap.reason is Reason.ERROR
    assert "AAD_PREMIUM" in gap.detail.in_lang("en")


@pytest.mark.parametrize(
    "bought", [skus(status="Disabled"), skus(state="Suspended"), rows(), NOT_FOUND, Answer(body=[])]
)
def test_a_licence_that_is_not_certainly_there_is_missing(tmp_path: Path, bought: Answer) -> None:
    gap = registrations(tmp_path, NO_LICENCE, bought).column_gaps["is_mfa_capable"]
    assert gap.reason is Reason.NOT_LICENSED
