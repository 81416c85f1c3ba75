"""The emulator without sockets, on an event loop whose time is invented: hours of waiting take no time at all."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

import httpx

from emulator.batch import answer_batch
from emulator.graph import Graph
from emulator.messages import Request
from emulator.web import VERSION

T = TypeVar("T")

ORIGIN = "http://127.0.0.1:1"
"""Where the emulator would listen."""


class Inside(httpx.AsyncBaseTransport):
    """Answers as the emulator would at `ORIGIN`; latency passes in the loop's time."""

    def __init__(self, graph: Graph) -> None:
        """Answer for `graph`."""
        self._graph = graph

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a GET or a batch."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        url, base = request.url.raw_path.decode().removeprefix(VERSION), ORIGIN + VERSION
        if request.method == "POST":
            response = answer_batch(self._graph, await request.aread(), headers, base)
        else:
            response = self._graph.answer(Request(url=url, headers=headers, base=base), at_once=True)
        await asyncio.sleep(response.wait)
        return httpx.Response(response.status, headers=dict(response.headers), content=response.content)


class _Hasty(selectors.DefaultSelector):
    """Never waits for what is to happen at a known time, but tells for how long it would have waited."""

    def __init__(self, skip: Callable[[float], None]) -> None:
        super().__init__()
        self._skip = skip

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            self._skip(timeout)
            timeout = 0
        return super().select(timeout)


class InventedTime(asyncio.SelectorEventLoop):
    """A loop whose clock stands still while something is to be done, and jumps to when the next thing is."""

    def __init__(self) -> None:
        """Begin at 0."""
        self._now = 0.0
        super().__init__(_Hasty(self._skip))

    def time(self) -> float:
        """Tell the time in seconds."""
        return self._now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Run at once, since nobody may jump while a thread is at work."""
        del executor
        done: asyncio.Future[T] = self.create_future()
        done.set_result(func(*args))
        return done

    def _skip(self, seconds: float) -> None:
        self._now += seconds


def now() -> float:
    """Tell the time of the loop that runs."""
    return asyncio.get_running_loop().time()
