"""What whoever waits is told besides rows: how many there will be, and what Graph makes the collection rest for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from govcheck.graph.answers import NO_HEADERS, Page, Transport
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.lanes import Lane, Limit
from govcheck.graph.plan import Needs
from govcheck.graph.rests import telling_rests
from scripted_collection import ORGANIZATION
from scripted_graph import Answer, Impatient, ScriptedGraph, ScriptedSource, rows

NEEDS: Needs = {"users": {"display_name"}, "channels": {"display_name"}, "memberships": {"role"}}


@dataclass
class Notes:
    """A watcher that writes everything down; `enough` is set after four tellings of rest."""

    expected: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    rests: list[Mapping[str, float]] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def expect(self, table: str, *, rows: int | None = None, requests: int | None = None) -> None:
        self.expected[table] = (rows, requests)

    def rest(self, lanes: Mapping[str, float]) -> None:
        self.rests.append(lanes)
        if len(self.rests) >= 4:
            self.enough.set()


class Resting(Transport):
    """A transport that rests for so long, and a second less each time it is asked."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        raise NotImplementedError

    def resting(self) -> Mapping[str, float]:
        self.left -= 1
        return {"reports": self.left} if self.left > 0 else {}


def test_what_is_rested_for_is_told_every_second_until_it_is_over() -> None:
    async def wait(patience: Impatient) -> None:
        async with telling_rests(Resting(3), notes, patience.clock()):
            await notes.enough.wait()

    notes, patience = Notes(), Impatient()
    asyncio.run(wait(patience))
    assert notes.rests[:4] == [{"reports": 2}, {"reports": 1}, {}, {}]
    assert set(patience.slept) == {1.0}


def test_a_lane_says_for_how_long_graph_wants_rest_and_not_for_its_own_pace() -> None:
    patience = Impatient()
    lane = Lane(Limit(units=1, seconds=10), 1, patience.clock())

    async def take_turns() -> None:
        async with lane.turn():
            assert lane.rest_left() <= 0
        lane.refused(patience.time, 12)
        assert lane.rest_left() == 12
        patience.time += 5
        assert lane.rest_left() == 7
        patience.time += 8
        assert lane.rest_left() <= 0

    asyncio.run(take_turns())


def collect(folder: Path, notes: Notes, source: ScriptedSource) -> None:
    collect_snapshot(source, needs=NEEDS, place=lambda *_: folder / "snapshot", watch=notes)


def test_a_collection_tells_what_graph_counts_and_how_many_requests_there_will_be(tmp_path: Path) -> None:
    counted = Answer(body={"@odata.count": 2, "value": []})
    notes = Notes()
    with ScriptedGraph(organization=ORGANIZATION, users=rows({"id": "u1"}, {"id": "u2"})) as graph:
        graph.says("/users?$count=true&$top=1&$select=id", counted)
        graph.says("/groups", rows({"id": "g1", "owners": []}, {"id": "g2", "owners": []}))
        for group in ("g1", "g2"):
            graph.says(f"/groups/{group}/members", rows({"id": "u1"}))
            graph.says(f"/teams/{group}/channels", rows({"id": f"c-{group}"}))
        collect(tmp_path, notes, ScriptedSource(url=graph.url))
    assert notes.expected == {"users": (2, None), "channels": (None, 2), "memberships": (None, 2)}


def test_a_collection_tells_what_its_connection_rests_for(tmp_path: Path) -> None:
    notes = Notes()
    with ScriptedGraph(organization=ORGANIZATION, users=rows(), groups=rows()) as graph:
        collect(tmp_path, notes, Throttled(url=graph.url))
    assert notes.rests[0] == {"directory": 9.0}


class Throttled(ScriptedSource):
    """A scripted Graph on whose behalf the connection rests."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transport]:
        async with ScriptedSource.open(self) as transport:
            transport.resting = lambda: {"directory": 9.0}  # type: ignore[method-assign]
            yield transport
