"""Requests that travel together: how many calls they take, and that each is answered by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from govcheck.graph.answers import Page
from govcheck.graph.faults import SignInError
from govcheck.graph.lanes import Lane, Limit, resource_units
from scripted_graph import (
    EXPIRED,
    NO_PERMISSION,
    NOT_FOUND,
    Answer,
    Impatient,
    ScriptedGraph,
    ScriptedSource,
    refused,
    rows,
)

BUSY = Answer(status=429, body={}, headers={"Retry-After": "7"})
NAMES = [f"g{number}" for number in range(50)]


def ask(source: ScriptedSource, urls: Sequence[str], bucket: str = "directory") -> list[Page]:
    async def together() -> list[Page]:
        async with source.open() as client:
            return await asyncio.gather(*(client.get(url, bucket=bucket, together=True) for url in urls))

    return asyncio.run(together())


def graph_with(names: Sequence[str], **script: Any) -> ScriptedGraph:
    return ScriptedGraph(**{name: rows({"id": name}) for name in names} | script)


def test_twenty_requests_take_one_call_and_are_answered_in_whatever_order() -> None:
    with graph_with(NAMES) as graph:
        pages = ask(ScriptedSource(url=graph.url), [f"/{name}" for name in NAMES])
    assert [name.encode() in page.body for name, page in zip(NAMES, pages, strict=True)] == [True] * 50
    assert graph.calls() == 3


def test_a_request_inside_a_batch_that_is_refused_is_asked_again_without_the_others() -> None:
    with graph_with(["a", "b"], c=[BUSY, rows({"id": "c"})]) as graph:
        source = ScriptedSource(url=graph.url)
        pages = ask(source, ["/a", "/b", "/c"])
    assert [page.status for page in pages] == [200, 200, 200]
    assert [len(graph.asked(path)) for path in ("/a", "/b", "/c")] == [1, 1, 2]
    assert sum(source.patience.slept) == 7


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_passing_failure_inside_a_batch_is_asked_again(status: int) -> None:
    with graph_with(["a"], b=[Answer(status=status), rows({"id": "b"})]) as graph:
        pages = ask(ScriptedSource(url=graph.url), ["/a", "/b"])
    assert [page.status for page in pages] == [200, 200]
    assert (len(graph.asked("/a")), len(graph.asked("/b"))) == (1, 2)


def test_a_final_refusal_inside_a_batch_is_the_answer_to_that_request_alone() -> None:
    with graph_with(["a"], b=NO_PERMISSION, c=NOT_FOUND) as graph:
        pages = ask(ScriptedSource(url=graph.url), ["/a", "/b", "/c"])
    assert [page.status for page in pages] == [200, 403, 404]


@pytest.mark.parametrize(
    "answer",
    [
        BUSY,
        Answer(status=503, body=b"<html>"),
        Answer(body=b"<html>Sign in to the proxy</html>"),
        Answer(body=b'{"responses": [{"id": "0", '),
        Answer(body={"responses": []}),
        Answer(body=b'{"responses": [', missing_bytes=500),
    ],
    ids=["busy", "web page", "proxy", "half", "without answers", "cut off"],
)
def test_a_batch_that_is_not_answered_is_sent_again(answer: Answer) -> None:
    with graph_with(["a", "b"]) as graph:
        graph.posted = [answer]
        pages = ask(ScriptedSource(url=graph.url), ["/a", "/b"])
    assert [page.status for page in pages] == [200, 200]
    assert graph.posts == 2


def test_a_token_that_ends_between_batches_is_renewed_once() -> None:
    with graph_with(NAMES) as graph:
        graph.expired = {"Bearer token-1"}
        source = ScriptedSource(url=graph.url)
        pages = ask(source, [f"/{name}" for name in NAMES])
    assert {page.status for page in pages} == {200}
    assert source.credential.number == 2


def test_a_token_that_no_batch_is_accepted_with_ends_the_run() -> None:
    with ScriptedGraph(a=EXPIRED) as graph, pytest.raises(SignInError):
        ask(ScriptedSource(url=graph.url), ["/a"])


def test_the_requests_inside_a_batch_count_against_the_limit() -> None:
    with graph_with(NAMES) as graph:
        source = ScriptedSource(url=graph.url, pace=1)
        ask(source, [f"/{name}" for name in NAMES], bucket="teams_members")
    assert source.patience.time == 0
    with graph_with(NAMES) as graph:
        source = ScriptedSource(url=graph.url, pace=0.5)
        ask(source, [f"/{name}" for name in NAMES], bucket="teams_members")
    assert source.patience.time == 2  # twenty, twenty and ten, where twenty-five a second are allowed


def test_requests_of_different_limits_do_not_share_a_batch() -> None:
    with graph_with(["a", "b"]) as graph:
        source = ScriptedSource(url=graph.url)

        async def both() -> None:
            async with source.open() as client:
                one = client.get("/a", bucket="directory", together=True)
                await asyncio.gather(one, client.get("/b", bucket="teams", together=True))

        asyncio.run(both())
    assert graph.posts == 2


@pytest.mark.parametrize(
    ("url", "units"),
    [
        ("/users", 2),
        ("/users?$select=id", 1),
        ("/users?$select=id&$expand=manager($select=id)&$top=999", 2),
        ("/users?$count=true&$top=1&$select=id", 1),
        ("/users/delta?$select=id", 1),
        ("/groups/g1/members?$select=id", 2),
        ("/groups/g1/transitiveMembers", 5),
        ("https://graph.microsoft.com/v1.0/groups/g1/transitiveMembers?%24select=id&$skiptoken=a", 4),
        ("/subscribedSkus", 3),
        ("/oauth2PermissionGrants?$top=999", 2),
        ("/organization", 1),
    ],
)
def test_a_directory_request_costs_what_microsoft_publishes(url: str, units: int) -> None:
    assert resource_units(url) == units


def test_a_lane_spends_the_units_of_its_limit_and_no_more() -> None:
    patience = Impatient()

    async def spend() -> list[float]:
        lane = Lane(Limit(units=10, seconds=10), 1, patience.clock())
        return [await pass_through(lane, units) for units in (4, 4, 4, 2)]

    assert asyncio.run(spend()) == [0, 0, 10, 10]


def test_refusals_narrow_a_lane_and_success_widens_it_again() -> None:
    patience = Impatient()

    async def crowd(lane: Lane, size: int) -> int:
        inside = most = 0

        async def one() -> None:
            nonlocal inside, most
            async with lane.turn():
                inside, most = inside + 1, max(most, inside + 1)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*(one() for _ in range(size)))
        return most

    async def widths() -> list[int]:
        lane = Lane(Limit(in_flight=4), 0, patience.clock())
        found = [await crowd(lane, 9)]
        lane.refused(patience.time, 1)
        found.append(await crowd(lane, 9))
        for _ in range(20):
            lane.answered()
        return [*found, await crowd(lane, 9)]

    assert asyncio.run(widths()) == [4, 2, 4]


def test_requests_that_were_under_way_when_the_lane_began_to_rest_do_not_lengthen_the_pauses() -> None:
    patience = Impatient()

    async def refuse_many() -> float:
        lane = Lane(Limit(), 0, patience.clock())
        patience.time = 5
        for _ in range(8):
            lane.refused(0, None)
        return await pass_through(lane)

    assert asyncio.run(refuse_many()) <= 7


async def pass_through(lane: Lane, units: int = 1) -> float:
    async with lane.turn(units) as went:
        return went


def test_a_lane_without_retry_after_rests_as_a_whole() -> None:
    silent = refused(429, "TooManyRequests", "")
    with ScriptedGraph(a=[silent, rows()], b=rows()) as graph:
        source = ScriptedSource(url=graph.url)

        async def one_after_the_other() -> float:
            async with source.open() as client:
                await client.get("/a", bucket="conditional_access")
                return source.patience.time

        assert 1 <= asyncio.run(one_after_the_other()) <= 2
