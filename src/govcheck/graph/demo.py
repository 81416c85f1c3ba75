"""An invented tenant as a source: the same requests and the same parsers, without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import msgspec

from govcheck.graph.answers import NO_HEADERS, Page

if TYPE_CHECKING:
    from govcheck.graph.answers import Transport

_VERSION = "/v1.0"


class InventedTenant(Protocol):
    """Answers as Graph would."""

    @property
    def id(self) -> str:
        """Id of the tenant."""
        ...

    def respond(self, path: str) -> tuple[int, Any]:
        """Answer a path below the version, with its query: status and JSON."""
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
class _DemoTransport:
    invented: InventedTenant

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        """Answer from memory."""
        del bucket, headers, together
        parts = urlsplit(url)
        path = parts.path.removeprefix(_VERSION) + (f"?{parts.query}" if parts.query else "")
        status, body = self.invented.respond(path)
        return Page(status=status, body=msgspec.json.encode(body))
