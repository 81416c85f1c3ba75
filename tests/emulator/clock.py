"""The emulator's own time, which tests set forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Time that passes as elsewhere but can be set forward.

    Page and delta tokens age by it. Bearer tokens do not: a sign-in library compares those with its own clock.
    """

    def __init__(self) -> None:
        """Start at this machine's time."""
        self._ahead = timedelta()

    def now(self) -> float:
        """Tell the time in seconds since 1970."""
        return time.time() + self._ahead.total_seconds()

    def moment(self) -> datetime:
        """Tell the time as a date."""
        return datetime.fromtimestamp(self.now(), UTC)

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> None:
        """Set the clock forward."""
        self._ahead += timedelta(days=days, hours=hours, seconds=seconds)
