"""An invented tenant as a source: the same requests and the same parsers, without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from govcheck.graph.answers import NO_HEADERS, NOT_FOUND, OK, Page, Transport

_VERSION = "/v1.0"
_FOUND = 302
_REPORTS = "https://reports.invalid"
"""Where usage reports are said to stand, as they do elsewhere in Graph; nobody ever goes there."""


class InventedTenant(Protocol):
    """Answers as Graph would."""

    @property
    def id(self) -> str:
        """Id of the tenant."""
        ...

    def respond(self, path: str) -> tuple[int, Any]:
        """Answer a path below the version, with its query: status and JSON."""
        ...

    def report(self, path: str) -> str | None:
        """The usage report at a path, as a CSV file; None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class DemoSource:
    """Reads an invented tenant."""

    invented: InventedTenant

    @property
    def tenant(self) -> str:
        """Id of the invented tenant."""
        return self.invented.id

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transport]:
        """Give a transport; there is nothing to close."""
        yield _DemoTransport(self.invented)


@dataclass(frozen=True, slots=True)
class _DemoTransport(Transport):
    invented: InventedTenant

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        """Answer from memory."""
        del bucket, headers, together
        parts = urlsplit(url)
        path = parts.path.removeprefix(_VERSION) + (f"?{parts.query}" if parts.query else "")
        if self.invented.report(path) is not None:
            return Page(status=_FOUND, body=b"", headers={"Location": _REPORTS + path})
        status, body = self.invented.respond(path)
        return Page(status=status, body=msgspec.json.encode(body))

    async def download(self, address: str) -> Page:
        """Answer with a usage report, from memory too."""
        report = self.invented.report(unquote(address.removeprefix(_REPORTS)))
        return Page(status=OK if report is not None else NOT_FOUND, body=(report or "").encode())
