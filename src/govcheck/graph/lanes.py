"""Lanes: one per limit that Graph publishes, so that we slow down before Graph makes us."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Passing time, in seconds; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in any stretch of so many seconds."""

    requests: int
    seconds: float


# Published per application and tenant (Microsoft Graph service-specific throttling limits). The directory counts
# resource units: 5,000 in ten seconds for a tenant of 50 to 500 people, 8,000 above; ours cost 1 to 3, mostly 2.
LIMITS: Mapping[str, Limit] = {
    "directory": Limit(2_000, 10),
    "reports": Limit(5, 10),
    "conditional_access": Limit(1, 1),
    "intune": Limit(2_000, 20),
    "usage_reports": Limit(14, 600),
}


class Lane:
    """Lets requests through one by one: no faster than its limit, and not at all while Graph asks for rest.

    `share` is the part of the limit to use; 0 means no pacing of our own.
    """

    def __init__(self, limit: Limit | None, share: float, clock: Clock) -> None:
        """Open the lane; `limit` None where Graph publishes none."""
        self._clock = clock
        self._turn = asyncio.Lock()
        self._rest_until = clock.now()
        # Below one request a period the period grows instead: 0.8 of one a second is one in 1.25 seconds.
        allowed = limit.requests * share if limit is not None else 0.0
        self._period = limit.seconds / min(allowed, 1.0) if limit is not None and allowed else 0.0
        self._sent: deque[float] = deque(maxlen=max(int(allowed), 1))

    async def turn(self) -> None:
        """Wait until the next request may go."""
        async with self._turn:
            while (wait := self._wait()) > 0:
                await self._clock.sleep(wait)
            self._sent.append(self._clock.now())

    def rest(self, seconds: float) -> None:
        """Let nothing through for so long: one refused request speaks for all that share its limit."""
        self._rest_until = max(self._rest_until, self._clock.now() + seconds)

    def _wait(self) -> float:
        free = self._rest_until
        if self._period and len(self._sent) == self._sent.maxlen:
            free = max(free, self._sent[0] + self._period)
        return free - self._clock.now()
