"""Scripted mishaps: what goes wrong, on which path, at which request."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Answer with this status; `retry_after` goes out as it stands (integer, decimal or HTTP date)."""

    status: int
    retry_after: str | None = None
    body: Literal["graph", "html", "empty"] = "graph"
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Truncate:
    """Promise the whole body, send half of it and close the connection."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Reset the connection instead of answering."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait before answering."""

    seconds: float


@dataclass(frozen=True, slots=True)
class EmptyPage:
    """Answer a page without rows whose nextLink leads to where this page was asked for."""


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """Repeat the page's first row at its end, as when rows move between pages."""


@dataclass(frozen=True, slots=True)
class MissingRow:
    """Leave out the page's first row, as when it was deleted between pages."""


@dataclass(frozen=True, slots=True)
class ForeignNextLink:
    """Point the nextLink at another host."""

    host: str = "https://graph.attacker.example"


@dataclass(frozen=True, slots=True)
class Replay:
    """Let a round of delta begin where the round before it began, so that the same changes come again."""


Effect = Refuse | Truncate | Reset | Delay | EmptyPage | DuplicateRow | MissingRow | ForeignNextLink | Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An effect on the requests whose path below the version matches `path` as a whole.

    The first `skip` such requests pass unharmed, the next `times` do not.
    """

    path: str
    effect: Effect
    skip: int = 0
    times: int = 1


@dataclass(slots=True)
class FaultPlan:
    """The faults of one run and how often each path has been asked for."""

    faults: Sequence[Fault]
    _seen: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(self, path: str) -> Effect | None:
        """Count a request and find what goes wrong with it; of several faults the first in the plan."""
        found = None
        with self._lock:
            for number, fault in enumerate(self.faults):
                if re.fullmatch(fault.path, path, re.IGNORECASE):
                    turn = self._seen[number]
                    self._seen[number] += 1
                    if found is None and fault.skip <= turn < fault.skip + fault.times:
                        found = fault.effect
        return found
