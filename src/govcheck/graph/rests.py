"""What a person who waits may want to know besides rows: how many there will be, and for whom Graph lets us rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from govcheck.graph.answers import Transport
from govcheck.graph.lanes import Clock

_SECONDS = 1.0


class Watcher(Protocol):
    """Told what helps to say how long a collection will take."""

    def expect(self, table: str, *, rows: int | None = None, requests: int | None = None) -> None:
        """Take in how many rows, or how many requests, a table will have in the end."""
        ...

    def rest(self, lanes: Mapping[str, float]) -> None:
        """Take in which limits are rested for since Graph asked for it, and for how many seconds more."""
        ...


class Nobody:
    """Watches nothing."""

    def expect(self, table: str, *, rows: int | None = None, requests: int | None = None) -> None:
        """Do nothing."""

    def rest(self, lanes: Mapping[str, float]) -> None:
        """Do nothing."""


@asynccontextmanager
async def telling_rests(transport: Transport, watch: Watcher, clock: Clock | None = None) -> AsyncIterator[None]:
    """Tell the watcher every second for what is rested, while the block lasts."""
    sleep = (clock or Clock()).sleep

    async def tell() -> None:
        while True:
            watch.rest(transport.resting())
            await sleep(_SECONDS)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
