"""Graph's published limits, kept as token buckets: what is over them is refused, and counts all the same."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from emulator.buckets import Call
from emulator.errors import GraphError, throttled

_MINUTE, _HOUR = 60.0, 3600.0
_WARNED_ABOVE = 0.8
_COUNTED_UP_TO = 1.8
"""Refused calls count up to here, the most that Graph reports as its limit percentage."""
_SUSTAINED = 5 / 6
"""What Teams bears for long, as a part of what it bears at once."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many resource units, or requests, in so many seconds; `each` for every owner by itself."""

    amount: float
    seconds: float
    each: bool = False


def _teams(per_second: int) -> tuple[Limit, ...]:
    # One team bears four requests a second, whichever of its parts is asked for.
    return Limit(per_second, 1), Limit(per_second * _SUSTAINED * _MINUTE, _MINUTE), Limit(4, 1, each=True)


LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "reports": (Limit(5, 10),),
    "sign_in_activity": (Limit(10, _MINUTE),),
    "conditional_access": (Limit(1, 1),),
    "intune": (Limit(2_000, 20),),
    "intune_configuration": (Limit(1_000, 20),),
    "teams": _teams(30),
    "teams_members": _teams(60),
    "outlook": (Limit(10_000, 10 * _MINUTE, each=True),),
    "presence": (Limit(1_500, 30),),
    "usage_reports": (Limit(14, 10 * _MINUTE, each=True),),
    "service_communications": (Limit(240, _MINUTE), Limit(800, _HOUR)),
    "secure_score": (Limit(150, _MINUTE), Limit(10_000, 10 * _MINUTE)),
}
"""By bucket. Of those that are absent Graph has published no limit; the directory's depends on the tenant's size."""
EVERYTHING = Limit(130_000, 10)
CONCURRENT: Mapping[str, int] = {"outlook": 4, "secure_score": 4}
"""Requests at the same time, for each owner by itself."""

_SILENT = frozenset({"conditional_access"})
"""Refuses without saying when to come back."""
_COUNTS_UNITS = "directory"
_ENTRA = frozenset({_COUNTS_UNITS, "reports", "sign_in_activity", "conditional_access"})
"""Says of a refusal whose limit it was."""


def directory_limit(users: int) -> Limit:
    """The directory's limit in resource units, for a tenant with so many users."""
    sizes = ((50, 3_500), (501, 5_000))
    return Limit(next((amount for below, amount in sizes if users < below), 8_000), 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Which limits hold. With `speed` 50 every window is fifty times shorter, and so is every Retry-After."""

    speed: float = 1
    limits: Mapping[str, tuple[Limit, ...]] = field(default_factory=lambda: LIMITS)
    concurrent: Mapping[str, int] = field(default_factory=lambda: CONCURRENT)
    now: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class _Level:
    """What is left of one limit: it fills up with time and is drawn down by calls, refused ones too."""

    limit: Limit
    speed: float
    left: float
    at: float

    def draw(self, units: float, now: float) -> float:
        """Take units and tell after how many seconds the same call is in time; 0 means that it is now."""
        rate = self.limit.amount / self.limit.seconds * self.speed
        self.left = min(self.limit.amount, self.left + (now - self.at) * rate)
        self.at = now
        refused = units > self.left
        self.left = max(self.left - units, self.limit.amount * (1 - _COUNTED_UP_TO))
        return (units - self.left) / rate if refused else 0

    @property
    def used(self) -> float:
        """The part of the limit that is used up, above 1 where calls were refused."""
        return 1 - self.left / self.limit.amount


class Gate:
    """Lets calls through, for one application in one tenant."""

    def __init__(self, throttle: Throttle, *, users: int, application: str) -> None:
        """Open for a tenant with so many users; `application` is `<client id>/<tenant id>`."""
        self._throttle = throttle
        self._limits = {_COUNTS_UNITS: (directory_limit(users),), **throttle.limits}
        self._application = application
        self._levels: dict[tuple[Limit, str, str], _Level] = {}
        self._running: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def now(self) -> float:
        """Tell the time by which limits fill up."""
        return self._throttle.now()

    @contextmanager
    def passing(self, call: Call) -> Iterator[dict[str, str]]:
        """Hold a call's place while it is answered, and give the headers that go with it. Raises Graph's 429."""
        place = (call.bucket, call.owner)
        with self._lock:
            used = self._draw(call)
            if self._running[place] >= self._throttle.concurrent.get(call.bucket, math.inf):
                raise throttled(call.bucket, {"Retry-After": self._written(1 / self._throttle.speed)})
            self._running[place] += 1
        try:
            yield self._warning(call, used)
        finally:
            with self._lock:
                self._running[place] -= 1

    def _draw(self, call: Call) -> float:
        now = self.now()
        levels = [self._level(limit, call, now) for limit in self._limits.get(call.bucket, ())]
        early = [level.draw(call.units, now) for level in (*levels, self._level(EVERYTHING, Call(bucket=""), now))]
        used = max((level.used for level in levels), default=0)
        if max(early) > 0:
            raise self._refusal(call, max(early), used)
        return used

    def _level(self, limit: Limit, call: Call, now: float) -> _Level:
        key = (limit, "" if limit.each else call.bucket, call.owner if limit.each else "")
        return self._levels.setdefault(key, _Level(limit, self._throttle.speed, limit.amount, now))

    def _warning(self, call: Call, used: float) -> dict[str, str]:
        if call.bucket == _COUNTS_UNITS and used > _WARNED_ABOVE:
            return {"x-ms-throttle-limit-percentage": f"{used:.2f}"}
        return {}

    def _refusal(self, call: Call, early: float, used: float) -> GraphError:
        headers = self._warning(call, used)
        if call.bucket not in _SILENT:
            headers["Retry-After"] = self._written(early)
        if call.bucket in _ENTRA:
            headers["x-ms-throttle-scope"] = f"Tenant_Application/ReadWrite/{self._application}"
            headers["x-ms-throttle-information"] = "ResourceUnitLimitExceeded"
        return throttled(call.bucket, headers)

    def _written(self, seconds: float) -> str:
        """Write a Retry-After: in whole seconds at Graph's own speed, decimal when time is scaled."""
        if self._throttle.speed == 1:
            return str(math.ceil(seconds))
        return f"{math.ceil(seconds * 1000) / 1000:.3f}"
