from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from emulator import Latency, Running, Throttle, serve
from emulator.latency import Pace
from emulator.probe import get
from govcheck.demo import Tenant, generate


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


def seconds(act: Callable[[], object]) -> float:
    start = time.monotonic()
    act()
    return time.monotonic() - start


@pytest.mark.parametrize(
    ("bucket", "rows", "expected"),
    [("directory", 999, 0.5), ("intune", 1000, 1.0), ("governance", 0, 0.1)],
)
def test_a_full_page_takes_as_long_as_its_service_takes(bucket: str, rows: int, expected: float) -> None:
    assert Latency().seconds(bucket, rows) == pytest.approx(expected, abs=0.01)
    assert Latency(speed=50).seconds(bucket, rows) == pytest.approx(expected / 50, abs=0.001)


def test_a_page_takes_longer_the_more_rows_it_has(tenant: Tenant) -> None:
    with serve(tenant, latency=Latency(paces={"directory": Pace(0.02, 0.005)})) as graph:
        get(graph, "/users")
        assert seconds(lambda: get(graph, "/users?$top=1")) >= 0.025
        assert seconds(lambda: get(graph, "/users?$top=40")) >= 0.22


def test_a_refusal_takes_time_too(tenant: Tenant) -> None:
    with serve(tenant, latency=Latency(paces={"directory": Pace(0.1)})) as graph:
        assert seconds(lambda: get(graph, "/users/nobody")) >= 0.1


def test_a_batch_takes_as_long_as_its_slowest_step(tenant: Tenant) -> None:
    def batch(graph: Running) -> httpx.Response:
        urls = ["/users?$top=1"] * 10 + ["/users?$top=40"]
        steps = [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(urls)]
        headers = {"Authorization": f"Bearer {graph.token()}"}
        return httpx.post(f"{graph.url}/$batch", json={"requests": steps}, headers=headers)

    with serve(tenant, latency=Latency(paces={"directory": Pace(0.05, 0.005)}, batch=0.1)) as graph:
        get(graph, "/users")
        assert 0.35 <= seconds(lambda: batch(graph)) < 0.6


def test_requests_in_flight_do_not_wait_for_one_another(tenant: Tenant) -> None:
    with serve(tenant, latency=Latency(paces={"directory": Pace(0.2)})) as graph, ThreadPoolExecutor(8) as pool:
        get(graph, "/organization")
        assert seconds(lambda: list(pool.map(lambda _: get(graph, "/organization"), range(8)))) < 1


def test_a_fifth_request_to_a_mailbox_at_the_same_time_is_refused(tenant: Tenant) -> None:
    latency = Latency(paces={"outlook": Pace(0.4)})
    with serve(tenant, latency=latency, throttle=Throttle()) as graph, ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: get(graph, "/users/a/mailboxSettings"), range(5)))
        assert [answer.status_code for answer in answers].count(429) == 1
        assert get(graph, "/users/a/mailboxSettings").status_code != 429
