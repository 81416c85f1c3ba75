"""How long Graph takes to answer: so much for a request, so much for each row on its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for a request and for each row of its answer."""

    request: float
    row: float = 0


_USUAL = Pace(0.1, 0.0004)
PACES: Mapping[str, Pace] = {
    "directory": _USUAL,
    "sign_in_activity": Pace(0.2, 0.001),
    "reports": Pace(0.2, 0.0003),
    "intune": Pace(0.2, 0.0008),
    "teams": Pace(0.2),
    "teams_members": Pace(0.2),
    "planner": Pace(0.4, 0.003),
    "usage_reports": Pace(1.5),
}
"""By bucket, so that a full page of users takes half a second and one of devices a second. Assumed, not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long answers take. With `speed` 50 everything goes fifty times faster.

    The steps of a batch run at the same time: it takes as long as its slowest step, and `batch` seconds more.
    """

    speed: float = 1
    paces: Mapping[str, Pace] = field(default_factory=lambda: PACES)
    batch: float = 0.3

    def seconds(self, bucket: str, rows: int) -> float:
        """How long an answer with so many rows takes."""
        pace = self.paces.get(bucket, _USUAL)
        return (pace.request + pace.row * rows) / self.speed
