"""How long a collection takes where Graph's limits are in force: as long as its slowest lane must, and little more.

Time is invented, so that minutes pass at once and always the same: the emulator's limits and latency, and the
collector's lanes, go by the clock of one event loop.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from emulated import BOUGHT, EVERYTHING, read_tables
from emulator import Latency, Running, Throttle, serve
from emulator.inside import ORIGIN, Inside, InventedTime, now
from emulator.scale import LazyTenant
from emulator.throttle import LIMITS, directory_limit
from govcheck.graph.answers import Transport
from govcheck.graph.auth import AccessToken, Session
from govcheck.graph.client import open_client
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.lanes import Clock, Lane, Limit
from govcheck.graph.plan import Needs
from govcheck.snapshot import Snapshot

PEOPLE = 10_000
HARDLY_MORE = 1.3
# Reports about usage stand on another host, which would really be called.
NEEDS: Needs = {
    name: set(table.columns) for name, table in read_tables().items() if not any(feed.report for feed in table.feeds)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The emulator without sockets."""

    graph: Running
    pace: float
    tenant: str = "t-1"

    def token(self, claims: str | None = None) -> AccessToken:
        del claims
        return AccessToken(self.graph.token(), math.inf)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transport]:
        session = Session(
            graph_url=f"{ORIGIN}/v1.0", credential=self, tenant=self.tenant, permissions=frozenset(), pace=self.pace
        )
        clock = Clock(now=now, sleep=asyncio.sleep)
        async with open_client(session, clock, Inside(self.graph.graph)) as client:
            yield client


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """One collection: how long it took, what came, and what every lane was asked for."""

    seconds: float
    snapshot: Snapshot
    units: Mapping[str, int]
    """Per lane, of the requests that were answered."""
    refused: Mapping[str, int]
    last: Mapping[str, float]
    """When each lane's last request went."""

    def floor(self, *, full: bool) -> float:
        """The least that the slowest lane takes: what it was asked for, at the published rate.

        A bucket that is `full` at the start gives what it holds at once.
        """
        return max(self._floor(bucket, full=full) for bucket in self.units)

    def _floor(self, bucket: str, *, full: bool) -> float:
        limits = (directory_limit(PEOPLE),) if bucket == "directory" else LIMITS.get(bucket, ())
        return max(
            (
                (self.units[bucket] - full * limit.amount) / limit.amount * limit.seconds
                for limit in limits
                if not limit.each and self.units[bucket] > limit.amount
            ),
            default=0,
        )


def ride(folder: Path, *, pace: float, speed: float = 1) -> Ride:
    """Collect a tenant of `PEOPLE` with Graph's limits in force, so many times faster."""
    loops: list[InventedTime] = []

    def invented() -> InventedTime:
        loops.append(InventedTime())
        return loops[-1]

    with (
        patch("asyncio.events.new_event_loop", invented),
        serve(
            LazyTenant(PEOPLE),
            granted=EVERYTHING,
            licences=BOUGHT,
            throttle=Throttle(speed=speed, now=now),
            latency=Latency(speed=speed),
        ) as graph,
    ):
        snapshot = collect_snapshot(Source(graph=graph, pace=pace), needs=NEEDS, place=lambda *_: folder / "snapshot")
    units, refused, last = Counter[str](), Counter[str](), dict[str, float]()
    for access in graph.log:
        last[access.bucket] = access.at
        (refused if access.status == 429 else units)[access.bucket] += access.resource_units
    return Ride(seconds=loops[0].time(), snapshot=snapshot, units=units, refused=refused, last=last)


@pytest.fixture(scope="module")
def paced(tmp_path_factory: pytest.TempPathFactory) -> Ride:
    """With the share of the limits that is the default."""
    return ride(tmp_path_factory.mktemp("paced"), pace=0.8)


@pytest.fixture(scope="module", params=[1, 50], ids=["at Graph's speed", "fifty times faster"])
def unpaced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ride, float]:
    """Without pacing of our own, at some speed of the limits."""
    speed: float = request.param
    return ride(tmp_path_factory.mktemp("unpaced"), pace=0, speed=speed), speed


def test_pacing_takes_hardly_longer_than_the_slowest_lane_must(paced: Ride) -> None:
    assert paced.seconds <= HARDLY_MORE * paced.floor(full=False)


def test_pacing_keeps_graph_from_refusing_anything(paced: Ride) -> None:
    assert paced.refused == {}


def test_lanes_go_side_by_side(paced: Ride) -> None:
    ends = sorted(paced.last.values())
    assert paced.seconds <= 1.02 * ends[-1]
    assert sum(ends) > 2 * paced.seconds


def test_without_pacing_refusals_teach_how_fast_graph_is(unpaced: tuple[Ride, float]) -> None:
    found, speed = unpaced
    # Fifty times faster, a single wait for whole seconds weighs fifty times as much.
    most = HARDLY_MORE if speed == 1 else 2
    assert found.seconds * speed <= most * found.floor(full=True)


def test_without_pacing_nothing_is_missing_either(unpaced: tuple[Ride, float], paced: Ride) -> None:
    found, _ = unpaced
    assert {name: entry.gap or entry.column_gaps for name, entry in found.snapshot.tables.items()} == {
        name: entry.gap or entry.column_gaps for name, entry in paced.snapshot.tables.items()
    }
    assert {name: entry.rows for name, entry in found.snapshot.tables.items()} == {
        name: entry.rows for name, entry in paced.snapshot.tables.items()
    }
    assert not [name for name, entry in found.snapshot.tables.items() if entry.gap or entry.column_gaps]


def test_a_lane_that_is_refused_again_and_again_goes_as_fast_as_graph_lets_it() -> None:
    loop = InventedTime()
    try:
        refused = loop.run_until_complete(pass_one_every(2.0, times=100))
        assert refused <= 15
        assert loop.time() <= HARDLY_MORE * 200
    finally:
        loop.close()


async def pass_one_every(seconds: float, times: int) -> int:
    """Send through a lane to a server that takes one request in so many seconds; gives how many it refused."""
    lane = Lane(Limit(), 0, Clock(now=now, sleep=asyncio.sleep))
    free, answered, refused = 0.0, 0, 0
    while answered < times:
        async with lane.turn() as sent:
            await asyncio.sleep(0.1)
        if sent < free:
            refused += 1
            lane.refused(sent, free - now())
        else:
            answered, free = answered + 1, sent + seconds
            lane.answered()
    return refused
