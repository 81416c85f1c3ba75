from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from emulator import Running, serve
from emulator.faults import (
    BATCH,
    DOWNLOAD,
    Delay,
    DuplicateRow,
    EmptyPage,
    Expire,
    Fault,
    ForeignNextLink,
    MissingRow,
    Redirect,
    Refuse,
    Reset,
    Truncate,
    Until,
)
from emulator.probe import error, get, pages
from govcheck.demo import Tenant, generate


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate()


@pytest.fixture(scope="module")
def graph(tenant: Tenant) -> Iterator[Running]:
    with serve(tenant) as running:
        yield running


def batch(graph: Running, requests: Sequence[Mapping[str, Any]]) -> httpx.Response:
    return httpx.post(
        f"{graph.url}/$batch", json={"requests": requests}, headers={"Authorization": f"Bearer {graph.token()}"}
    )


def step(number: int, url: str, **rest: Any) -> dict[str, Any]:
    return {"id": str(number), "method": "GET", "url": url} | rest


def test_a_batch_answers_every_step_but_not_in_order(graph: Running, tenant: Tenant) -> None:
    groups = list(tenant.members)[:20]
    steps = [step(n, f"/groups/{group}/members?$select=id") for n, group in enumerate(groups, 1)]
    answers = batch(graph, steps).raise_for_status().json()["responses"]
    assert [answer["id"] for answer in answers] != [request["id"] for request in steps]
    by_id = {answer["id"]: answer["body"]["value"] for answer in answers}
    assert [len(by_id[str(n)]) for n in range(1, 21)] == [
        min(100, len(tenant.members[group]) + len(tenant.member_groups[group])) for group in groups
    ]


def test_an_error_inside_a_batch_leaves_the_batch_a_success(graph: Running) -> None:
    answer = batch(graph, [step(1, "/users?$top=1"), step(2, "/admin/sharepoint/settings"), step(3, "/users/nobody")])
    assert answer.status_code == 200
    assert {inner["id"]: inner["status"] for inner in answer.json()["responses"]} == {"1": 200, "2": 403, "3": 404}


def test_a_step_fails_with_the_step_it_depends_on(graph: Running) -> None:
    answer = batch(graph, [step(1, "/users/nobody"), step(2, "/users?$top=1", dependsOn=["1"])])
    assert {inner["id"]: inner["status"] for inner in answer.json()["responses"]} == {"1": 404, "2": 424}


def test_a_batch_may_be_throttled_inside_with_a_retry_after_of_its_own(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/organization", effect=Refuse(status=429, retry_after="2"))]) as graph:
        inner = batch(graph, [step(1, "/organization")]).raise_for_status().json()["responses"][0]
        assert (inner["status"], inner["headers"]["Retry-After"]) == (429, "2")


@pytest.mark.parametrize(
    "requests",
    [
        [step(n, "/organization") for n in range(21)],
        [step(1, "/organization"), step(1, "/users")],
        [step(1, "/organization", dependsOn=["2"]), step(2, "/users")],
    ],
)
def test_a_batch_too_large_or_with_ids_amiss_is_refused_as_a_whole(
    graph: Running, requests: list[dict[str, Any]]
) -> None:
    assert batch(graph, requests).status_code == 400


@pytest.mark.parametrize("retry_after", ["3", "2.128", "Thu, 01 Oct 2026 08:00:30 GMT", None])
def test_a_scripted_refusal_comes_at_its_turn_with_its_retry_after(tenant: Tenant, retry_after: str | None) -> None:
    plan = [Fault(path="/users", effect=Refuse(status=429, retry_after=retry_after), skip=1, times=2)]
    with serve(tenant, plan=plan) as graph:
        answers = [get(graph, "/users?$top=1") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
        assert answers[1].headers.get("Retry-After") == retry_after
        assert error(answers[1]) == "TooManyRequests"


def test_a_gateway_in_between_answers_with_a_web_page(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users", effect=Refuse(status=502, body="html"))]) as graph:
        answer = get(graph, "/users")
        assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
        assert answer.text.startswith("<html>")


def test_a_truncated_body_ends_before_its_announced_length(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users", effect=Truncate())]) as graph:
        with pytest.raises(httpx.RemoteProtocolError):
            get(graph, "/users")
        assert get(graph, "/users").status_code == 200


def test_a_reset_connection_answers_nothing(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users", effect=Reset())]) as graph, pytest.raises(httpx.ReadError):
        get(graph, "/users")


def test_a_delay_makes_a_client_wait(tenant: Tenant) -> None:
    with (
        serve(tenant, plan=[Fault(path="/users", effect=Delay(0.3))]) as graph,
        pytest.raises(httpx.ReadTimeout),
    ):
        httpx.get(f"{graph.url}/users", headers={"Authorization": f"Bearer {graph.token()}"}, timeout=0.1)


def test_an_empty_page_in_the_middle_loses_no_rows(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users", effect=EmptyPage(), skip=1)]) as graph:
        found = pages(graph, "/users?$top=100")
        assert [len(page["value"]) for page in found] == [100, 0, 100, 85]


def test_rows_may_be_doubled_or_gone_between_pages(tenant: Tenant) -> None:
    plan = [
        Fault(path="/users", effect=DuplicateRow(), skip=0),
        Fault(path="/users", effect=MissingRow(), skip=1),
    ]
    with serve(tenant, plan=plan) as graph:
        assert [len(page["value"]) for page in pages(graph, "/users?$top=200")] == [201, 84]


def test_a_next_link_may_lead_elsewhere(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users", effect=ForeignNextLink())]) as graph:
        link = get(graph, "/users?$top=5").json()["@odata.nextLink"]
        assert urlsplit(link).hostname == "graph.attacker.example"


def test_a_delta_link_may_lead_elsewhere(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users/delta", effect=ForeignNextLink())]) as graph:
        link = get(graph, "/users/delta?$deltatoken=latest").json()["@odata.deltaLink"]
        assert urlsplit(link).hostname == "graph.attacker.example"


def test_a_retry_after_may_be_a_date_some_time_from_now(tenant: Tenant) -> None:
    plan = [Fault(path="/users", effect=Refuse(status=429, retry_after=Until(90)))]
    with serve(tenant, plan=plan) as graph:
        headers = get(graph, "/users").headers
        now, then = (parsedate_to_datetime(headers[name]) for name in ("Date", "Retry-After"))
        assert 88 <= (then - now).total_seconds() <= 92


def test_when_tokens_expire_only_a_new_one_is_accepted(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users", effect=Expire(claims="e30="))]) as graph:
        old = graph.token()
        refused = get(graph, "/users", token=old)
        assert refused.status_code == 401
        assert 'claims="e30="' in refused.headers["WWW-Authenticate"]
        assert get(graph, "/groups", token=old).status_code == 401
        assert get(graph, "/users", token=graph.token()).status_code == 200


def test_a_client_may_be_sent_elsewhere(tenant: Tenant) -> None:
    with serve(tenant, plan=[Fault(path="/users", effect=Redirect("https://elsewhere.example/", status=307))]) as graph:
        answer = get(graph, "/users")
        assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.example/")


def test_a_batch_as_a_whole_may_be_refused(tenant: Tenant) -> None:
    plan = [Fault(path=re.escape(BATCH), effect=Refuse(status=503, body="html"))]
    with serve(tenant, plan=plan) as graph:
        assert batch(graph, [step(1, "/organization")]).status_code == 503
        assert batch(graph, [step(1, "/organization")]).status_code == 200


def test_the_host_of_reports_has_mishaps_of_its_own(tenant: Tenant) -> None:
    report = "/reports/getTeamsTeamActivityDetail"
    plan = [Fault(path=DOWNLOAD + report, effect=Refuse(status=503, body="empty"))]
    with serve(tenant, granted=["Reports.Read.All"], plan=plan) as graph:
        address = get(graph, f"{report}(period='D30')").headers["Location"]
        assert [httpx.get(address).status_code for _ in range(2)] == [503, 200]


def test_the_log_knows_what_was_asked_and_how_it_ended(tenant: Tenant) -> None:
    with serve(tenant) as graph:
        get(graph, "/users?$select=id,mail&$top=1")
        get(graph, "/admin/reportSettings")
        batch(graph, [step(1, "/organization")])
        assert [(entry.path, entry.status, entry.in_batch) for entry in graph.log] == [
            ("/users", 200, False),
            ("/admin/reportSettings", 403, False),
            ("/organization", 200, True),
        ]
        assert graph.log[0].query == {"$select": "id,mail", "$top": "1"}
