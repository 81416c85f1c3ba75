"""Scripted mishaps: what goes wrong, on which path, at which request."""

from __future__ import annotations

import email.utils
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Until:
    """A Retry-After that is a date, so many seconds from when it is written."""

    seconds: float

    def __str__(self) -> str:
        """Write it as HTTP does."""
        return email.utils.formatdate(time.time() + self.seconds, usegmt=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Answer with this status; a `retry_after` that is text goes out as it stands."""

    status: int
    retry_after: str | Until | None = None
    body: Literal["graph", "html", "empty"] = "graph"
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Expire:
    """Let all tokens issued so far expire; with `claims` the refusal asks for a new one that has them."""

    claims: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the client elsewhere."""

    location: str
    status: int = 302


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
    """Point the nextLink, or the deltaLink, at another host."""

    host: str = "https://graph.attacker.example"


@dataclass(frozen=True, slots=True)
class Replay:
    """Let a round of delta begin where the round before it began, so that the same changes come again."""


Effect = (
    Refuse
    | Expire
    | Redirect
    | Truncate
    | Reset
    | Delay
    | EmptyPage
    | DuplicateRow
    | MissingRow
    | ForeignNextLink
    | Replay
)

BATCH = "/$batch"
DOWNLOAD = "download:"
"""Stands before the path of a report on the host where it is fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An effect on the requests whose path below the version matches `path` as a whole.

    A batch is one such request, apart from those inside it.
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
