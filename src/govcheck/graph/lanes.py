"""Lanes: one per limit that Graph publishes, so that we slow down before Graph makes us."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Clock:
    """Passing time, in seconds; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many units in any stretch of so many seconds, and so many requests under way at once.

    A unit is a request, but in the directory, which counts resource units. None where Graph publishes no number.
    """

    units: int | None = None
    seconds: float = 1
    in_flight: int = 8


# Published per application and tenant (Microsoft Graph service-specific throttling limits).
LIMITS: Mapping[str, Limit] = {
    # Of a tenant of more than 500 people. Smaller ones have 3,500 or 5,000, which all that is read of them together
    # hardly reaches; so nothing is gained by finding out the size first.
    "directory": Limit(units=8_000, seconds=10),
    "reports": Limit(units=5, seconds=10),
    "sign_in_activity": Limit(units=10, seconds=60),
    "conditional_access": Limit(units=1, seconds=1),
    "intune": Limit(units=2_000, seconds=20),
    "intune_configuration": Limit(units=1_000, seconds=20),
    # Thirty and sixty a second, of which Teams keeps up 83 % over a longer time.
    "teams": Limit(units=25, seconds=1),
    "teams_members": Limit(units=50, seconds=1),
    "outlook": Limit(units=10_000, seconds=600, in_flight=4),
    "presence": Limit(units=1_500, seconds=30),
    "usage_reports": Limit(units=14, seconds=600),
    "service_communications": Limit(units=240, seconds=60),
    "secure_score": Limit(units=150, seconds=60, in_flight=4),
    "planner": Limit(in_flight=4),
}
UNPUBLISHED = Limit()

_UNITS = {
    "users": 2,
    "members": 3,
    "transitivemembers": 5,
    "memberof": 2,
    "applications": 2,
    "approleassignments": 2,
    "approleassignedto": 2,
    "oauth2permissiongrants": 2,
    "subscribedskus": 3,
}
_FEW_ROWS = 20
_LONGEST_PAUSE = 60.0
_CAUTION = 0.9
_FASTER = 0.001


def resource_units(url: str) -> int:
    """What a request costs in the directory, by Microsoft's table: by kind, and by `$select`, `$expand`, `$top`."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.lower().split("/") if segment != "delta"]
    query = dict(part.partition("=")[::2] for part in unquote(parts.query).lower().split("&"))
    units = _UNITS.get(segments[-1], 1) - ("$select" in query) + ("$expand" in query)
    top = query.get("$top", "")
    return max(units - (top.isdecimal() and int(top) < _FEW_ROWS), 1)


@dataclass(slots=True)
class _FoundPace:
    """How fast Graph turned out to let requests through, by what it did between two refusals.

    `idle` are the seconds since the last refusal in which nobody asked for anything.
    """

    admitted: int = 0
    refused: int = 0
    idle: float = 0.0
    free: float = -math.inf
    """When the next request may go."""
    _rate: float = math.inf
    _since: float = -math.inf
    _turns: int = 0

    def learn(self, now: float) -> None:
        """Begin anew with what the time since the last refusal has taught.

        Graph counts what it refuses as well, though not without end.
        """
        busy = now - self._since - self.idle
        if self.admitted and 0 < busy < math.inf:
            counted = self.admitted + min(self.refused, self.admitted)
            self._rate = _CAUTION * counted / busy
        self.admitted, self.refused, self.idle = 0, 0, 0.0
        self._since, self._turns = now, 0

    def spend(self, units: int, now: float) -> None:
        """Take note of a request that goes now; every one that is not refused makes the next a little faster."""
        self._turns += 1
        self._rate *= 1 + _FASTER * self._turns
        self.free = max(self.free, now) + min(units / self._rate, _LONGEST_PAUSE)


class Lane:
    """Lets requests through in the order they came: no faster than its limit, and not at all while Graph wants rest.

    Every refusal halves how many may be under way at once, and success slowly widens that again. From the second
    refusal on the lane knows what Graph let through in between, and goes no faster than that; then faster and faster
    until it is refused again. So it finds its own pace where Graph publishes no limit, or where others use it up.
    """

    def __init__(self, limit: Limit, share: float, clock: Clock) -> None:
        """Open the lane to `share` of its limit; 0 means no pacing of our own."""
        self._clock = clock
        self._turn = asyncio.Lock()
        self._left = asyncio.Event()
        self._inside = 0
        self._widest = self._width = float(limit.in_flight)
        # Below one unit a period the period grows instead: 0.8 of one a second is one in 1.25 seconds.
        allowed = (limit.units or 0) * share
        self._allowed = max(allowed, 1.0)
        self._period = limit.seconds / min(allowed, 1.0) if allowed else 0.0
        self._spent: deque[tuple[float, int]] = deque()
        self._spent_units = 0
        self._rest_began, self._rest_until = -math.inf, clock.now()
        self._refusals = 0
        self._found = _FoundPace()
        self._present, self._empty_since = 0, clock.now()

    @asynccontextmanager
    async def turn(self, units: int = 1) -> AsyncIterator[float]:
        """Wait until a request may go, and hold a place in the lane while it is under way; gives when it went."""
        self._enter()
        try:
            now = await self._take_turn(units)
            try:
                yield now
            finally:
                self._inside -= 1
                self._left.set()
        finally:
            self._leave()

    async def _take_turn(self, units: int) -> float:
        async with self._turn:
            while self._inside >= int(self._width):
                self._left.clear()
                await self._left.wait()
            while (wait := self._wait(units)) > 0:
                await self._clock.sleep(wait)
            now = self._clock.now()
            if self._period:
                self._spent.append((now, units))
                self._spent_units += units
            self._found.spend(units, now)
            self._inside += 1
            return now

    def _enter(self) -> None:
        if not self._present:
            self._found.idle += self._clock.now() - self._empty_since
        self._present += 1

    def _leave(self) -> None:
        self._present -= 1
        self._empty_since = self._clock.now()

    def refused(self, sent: float, seconds: float | None, units: int = 1) -> None:
        """Let nothing through for so long: one refused request speaks for all that share its limit.

        Without `seconds` the pauses grow, with jitter. Requests that were under way when the rest began were
        refused for the same reason, and make it no longer than they ask.
        """
        now = self._clock.now()
        if sent > self._rest_began:
            self._width = max(self._width / 2, 1.0)
            self._refusals += 1
            self._found.learn(now)
            self._rest_began = now
            if seconds is None:
                seconds = min(2.0 ** (self._refusals - 1), _LONGEST_PAUSE) + random.random()  # noqa: S311 (jitter)
        self._found.refused += units
        self._rest_until = max(self._rest_until, now + (seconds or 0.0))

    def rest_left(self) -> float:
        """For how many seconds more Graph wants rest; 0 or less where it does not."""
        return self._rest_until - self._clock.now()

    def answered(self, units: int = 1) -> None:
        """Take note that Graph took a request."""
        self._found.admitted += units
        self._refusals = 0
        self._width = min(self._width + 1 / self._width, self._widest)

    def _wait(self, units: int) -> float:
        now = self._clock.now()
        while self._spent and self._spent[0][0] + self._period <= now:
            self._spent_units -= self._spent.popleft()[1]
        free = max(self._rest_until, self._found.free)
        if self._spent and self._spent_units + units > self._allowed:
            free = max(free, self._spent[0][0] + self._period)
        return free - now
