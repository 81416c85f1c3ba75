"""What the client does with whatever Graph, or something on the way to it, answers."""

from __future__ import annotations

import asyncio
import socket
import time
from email.utils import formatdate

import pytest

from govcheck.graph.answers import Page
from govcheck.graph.client import retry_after
from govcheck.graph.faults import FeedFault, SignInError, UnreachableError
from govcheck.graph.lanes import Lane, Limit
from scripted_graph import (
    EXPIRED,
    NO_LICENCE,
    NO_PERMISSION,
    Answer,
    Impatient,
    ScriptedGraph,
    ScriptedSource,
    refused,
    rows,
)

BUSY = refused(429, "TooManyRequests", "Please retry again later.")
DONE = rows({"id": "u1"})


def get(source: ScriptedSource, url: str = "/users", bucket: str = "directory", times: int = 1) -> list[Page]:
    async def ask() -> list[Page]:
        async with source.open() as client:
            return [await client.get(url, bucket=bucket) for _ in range(times)]

    return asyncio.run(ask())


def test_every_request_carries_the_token() -> None:
    with ScriptedGraph(users=DONE) as graph:
        [page] = get(ScriptedSource(url=graph.url))
    assert page.status == 200
    assert [request.authorization for request in graph.requests] == ["Bearer token-1"]


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), ("2.128", 2.128), ("300", 300.0)])
def test_a_busy_graph_is_given_the_rest_it_asks_for(header: str, seconds: float) -> None:
    busy = Answer(status=429, body=BUSY.body, headers={"Retry-After": header})
    with ScriptedGraph(users=[busy, DONE]) as graph:
        source = ScriptedSource(url=graph.url)
        [page] = get(source)
    assert page.status == 200
    assert sum(source.patience.slept) == seconds


def test_a_retry_after_that_is_an_http_date_counts_from_the_servers_own_date() -> None:
    headers = {"Retry-After": formatdate(1_000_120, usegmt=True), "Date": formatdate(1_000_000, usegmt=True)}
    assert retry_after(headers) == 120


def test_a_retry_after_date_counts_from_our_clock_where_the_server_shows_none() -> None:
    waiting = retry_after({"Retry-After": formatdate(time.time() + 60, usegmt=True)})
    assert waiting is not None
    assert 50 < waiting <= 60


@pytest.mark.parametrize("header", ["", "soon", "-5", "0", "nan", "inf"])
def test_a_retry_after_that_says_nothing_usable_counts_as_absent(header: str) -> None:
    assert retry_after({"Retry-After": header}) is None


def test_a_busy_graph_that_does_not_say_for_how_long_is_asked_at_growing_intervals() -> None:
    with ScriptedGraph(users=[BUSY, BUSY, BUSY, DONE]) as graph:
        source = ScriptedSource(url=graph.url)
        [page] = get(source)
    assert page.status == 200
    first, second, third = filter(None, source.patience.slept)
    assert 1 <= first <= 2 <= second <= 3
    assert 4 <= third <= 5


def test_a_retry_after_of_more_than_an_hour_is_not_waited_for() -> None:
    busy = Answer(status=429, body=BUSY.body, headers={"Retry-After": "7200"})
    with ScriptedGraph(users=busy) as graph, pytest.raises(FeedFault, match="7200 seconds"):
        get(ScriptedSource(url=graph.url))
    assert len(graph.requests) == 1


async def pass_through(lane: Lane) -> float:
    async with lane.turn() as sent:
        return sent


def test_one_busy_answer_holds_back_everything_under_the_same_limit() -> None:
    patience = Impatient()

    async def ask() -> None:
        lane = Lane(Limit(), 0, patience.clock())
        async with lane.turn() as sent:
            lane.refused(sent, 30)
        await asyncio.gather(pass_through(lane), pass_through(lane))

    asyncio.run(ask())
    assert patience.slept == [30]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_passing_failure_of_the_server_is_repeated(status: int) -> None:
    html = Answer(status=status, body=b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"})
    with ScriptedGraph(users=[html, DONE]) as graph:
        [page] = get(ScriptedSource(url=graph.url))
    assert page.status == 200


def test_a_lasting_failure_of_the_server_is_given_up_after_five_attempts() -> None:
    with ScriptedGraph(users=Answer(status=502, body=b"<html>")) as graph:
        [page] = get(ScriptedSource(url=graph.url))
    assert page.status == 502
    assert len(graph.requests) == 5


@pytest.mark.parametrize(
    "broken",
    [
        Answer(body=b'{"value": [{"id": "u'),
        Answer(body=b"<html>Sign in to the proxy</html>"),
        Answer(body=b""),
        Answer(body=b'["no", "object"]'),
        Answer(body=b'{"value": [', missing_bytes=500),
    ],
    ids=["half a page", "a web page", "nothing", "no object", "connection cut off"],
)
def test_an_answer_that_is_no_whole_json_object_is_asked_for_again(broken: Answer) -> None:
    with ScriptedGraph(users=[broken, DONE]) as graph:
        [page] = get(ScriptedSource(url=graph.url))
    assert page.body == DONE.encoded()
    assert len(graph.requests) == 2


def test_an_answer_that_is_never_whole_ends_the_feed() -> None:
    with ScriptedGraph(users=Answer(body=b'{"value": [')) as graph, pytest.raises(FeedFault, match="5 attempts"):
        get(ScriptedSource(url=graph.url))


def test_a_token_that_is_refused_is_renewed_once() -> None:
    with ScriptedGraph(users=DONE) as graph:
        graph.expired = {"Bearer token-1"}
        [page] = get(ScriptedSource(url=graph.url))
    assert page.status == 200
    assert [request.authorization for request in graph.requests] == ["Bearer token-1", "Bearer token-2"]


def test_a_renewed_token_that_is_refused_ends_the_run_as_a_failed_sign_in() -> None:
    with ScriptedGraph(users=EXPIRED) as graph, pytest.raises(SignInError, match="token is expired") as caught:
        get(ScriptedSource(url=graph.url))
    assert caught.value.exit_code == 4
    assert len(graph.requests) == 2


def test_requests_that_are_refused_together_renew_the_token_once() -> None:
    with ScriptedGraph(users=DONE) as graph:
        graph.expired = {"Bearer token-1"}
        source = ScriptedSource(url=graph.url)

        async def ask() -> None:
            async with source.open() as client:
                await asyncio.gather(*(client.get("/users", bucket="directory") for _ in range(5)))

        asyncio.run(ask())
    assert source.credential.number == 2


def test_a_challenge_for_other_claims_is_met_with_a_token_that_has_them() -> None:
    challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ"'
    challenged = Answer(status=401, body={}, headers={"WWW-Authenticate": challenge})
    with ScriptedGraph(users=[challenged, DONE]) as graph:
        source = ScriptedSource(url=graph.url)
        [page] = get(source)
    assert page.status == 200
    assert source.credential.claims == ['{"a":1}']


def test_a_refusal_for_want_of_a_licence_is_believed_the_third_time() -> None:
    with ScriptedGraph(users=[NO_LICENCE, NO_LICENCE, DONE], groups=NO_LICENCE) as graph:
        source = ScriptedSource(url=graph.url)
        assert get(source)[0].status == 200
        assert get(source, "/groups")[0].status == 403
    assert len(graph.asked("/groups")) == 3


def test_a_refusal_for_want_of_a_permission_is_believed_at_once() -> None:
    with ScriptedGraph(users=NO_PERMISSION) as graph:
        assert get(ScriptedSource(url=graph.url))[0].status == 403
    assert len(graph.requests) == 1


def test_a_graph_that_cannot_be_reached_ends_the_run() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1.0"
        with pytest.raises(UnreachableError) as caught:
            get(ScriptedSource(url=url))
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    "elsewhere",
    ["http://localhost:{port}/v1.0/users", "https://127.0.0.1:{port}/v1.0/users", "http://127.0.0.1@evil.example/"],
    ids=["host", "scheme", "user name that looks like the host"],
)
def test_no_request_goes_to_another_origin(elsewhere: str) -> None:
    with ScriptedGraph(users=DONE) as graph:
        port = graph.origin.rpartition(":")[2]
        with pytest.raises(FeedFault, match="another host"):
            get(ScriptedSource(url=graph.url), elsewhere.format(port=port))
    assert graph.requests == []


def test_another_port_on_the_same_host_is_another_origin() -> None:
    with ScriptedGraph(users=DONE) as graph, ScriptedGraph(users=DONE) as neighbour:
        with pytest.raises(FeedFault, match="another host"):
            get(ScriptedSource(url=graph.url), f"{neighbour.url}/users")
        assert neighbour.requests == []


def test_a_redirect_is_not_followed() -> None:
    with ScriptedGraph(users=DONE) as neighbour:
        away = Answer(status=302, headers={"Location": f"{neighbour.url}/users"})
        with ScriptedGraph(users=away) as graph:
            [page] = get(ScriptedSource(url=graph.url))
        assert page.status == 302
        assert neighbour.requests == []


def test_requests_keep_to_the_chosen_share_of_a_published_limit() -> None:
    with ScriptedGraph(users=DONE) as graph:
        source = ScriptedSource(url=graph.url, pace=0.8)
        get(source, bucket="reports", times=9)  # four of the five in ten seconds that Graph allows
    assert source.patience.time == 20


def test_a_pace_of_zero_sends_as_fast_as_it_can() -> None:
    with ScriptedGraph(users=DONE) as graph:
        source = ScriptedSource(url=graph.url, pace=0)
        get(source, bucket="reports", times=9)
    assert source.patience.slept == []
