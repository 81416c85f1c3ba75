"""`$batch`: up to twenty requests in one, of which each is answered, refused and repeated by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from govcheck.graph.answers import NOT_JSON, OK, Page
from govcheck.graph.lanes import Lane

_MOST = 20
_LINGER = 0.005
"""Seconds that a batch which is not full waits for company."""

_NO_ANSWER = Page(status=OK, body=b"")
"""Fails as half a page does, and is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A GET below the version, to travel with others; `units` is what Graph counts for it."""

    url: str
    headers: Mapping[str, str]
    units: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer, and when its request went."""

    page: Page
    sent: float


class _Inner(msgspec.Struct):
    id: str
    status: int
    headers: dict[str, Any] | None = None
    body: msgspec.Raw = msgspec.Raw(b"")


class _Answers(msgspec.Struct):
    responses: list[_Inner]


class Mailbox:
    """Gathers the requests of one lane into batches; each of their senders waits for its own answer."""

    def __init__(self, post: Callable[[bytes], Awaitable[Page]], lane: Lane) -> None:
        """Send batches with `post`, as the lane allows."""
        self._post = post
        self._lane = lane
        self._waiting: list[tuple[Letter, asyncio.Future[Delivery]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def send(self, letter: Letter) -> Delivery:
        """Give the answer to one request. Raises whatever befell its batch."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Delivery] = loop.create_future()
        self._waiting.append((letter, answer))
        if len(self._waiting) == _MOST:
            self._dispatch()
        elif self._timer is None:
            self._timer = loop.call_later(_LINGER, self._dispatch)
        return await answer

    async def close(self) -> None:
        """Give up what is still under way."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _dispatch(self) -> None:
        batch, self._waiting = self._waiting, []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        task = asyncio.create_task(self._deliver(batch))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, batch: Sequence[tuple[Letter, asyncio.Future[Delivery]]]) -> None:
        letters = [letter for letter, _ in batch]
        try:
            async with self._lane.turn(sum(letter.units for letter in letters)) as sent:
                page = await self._post(_envelope(letters))
        except Exception as fault:  # noqa: BLE001 (every sender gets it, and decides)
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(fault)
            return
        for (_, answer), inner in zip(batch, _open(page, len(batch)), strict=True):
            if not answer.done():
                answer.set_result(Delivery(inner, sent))


def _envelope(letters: Sequence[Letter]) -> bytes:
    requests = [
        {"id": str(number), "method": "GET", "url": letter.url}
        | ({"headers": dict(letter.headers)} if letter.headers else {})
        for number, letter in enumerate(letters)
    ]
    return msgspec.json.encode({"requests": requests})


def _open(page: Page, count: int) -> list[Page]:
    """The answers in the order of the requests. A batch that is refused as a whole is refused to each of them."""
    if page.status != OK:
        return [page] * count
    try:
        found = {inner.id: inner for inner in msgspec.json.decode(page.body, type=_Answers).responses}
    except NOT_JSON:
        found = {}
    return [_page(found[str(number)]) if str(number) in found else _NO_ANSWER for number in range(count)]


def _page(inner: _Inner) -> Page:
    headers = httpx.Headers({name: str(value) for name, value in (inner.headers or {}).items()})
    return Page(status=inner.status, body=bytes(inner.body), headers=headers)
