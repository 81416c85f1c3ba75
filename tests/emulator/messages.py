"""Requests and responses, without HTTP."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from emulator import faults
from emulator.errors import GraphError


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A GET below the version; header names in lower case."""

    url: str
    """Path and query, such as `/users?$top=5`."""
    headers: Mapping[str, str]
    base: str
    """What nextLinks begin with: scheme, host and version."""

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.url.partition("?")[0]).rstrip("/")

    @property
    def eventual(self) -> bool:
        """Whether the request accepts an index that may lag behind."""
        return self.headers.get("consistencylevel", "").lower() == "eventual"


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A page whose rows are JSON already."""

    envelope: Mapping[str, Any]
    value: Sequence[bytes]

    def encode(self) -> bytes:
        """Write the whole body."""
        opening = json.dumps(self.envelope, ensure_ascii=False).encode().removesuffix(b"}")
        return b'%b,"value":[%b]}' % (opening, b",".join(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer; a body that is text goes out as it is, anything else as JSON."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    effect: faults.Effect | None = None
    """What is yet to go wrong with the connection."""
    wait: float = 0
    """Seconds that it takes; where the answer came at once, whoever asked has still to wait for them."""

    @property
    def rows(self) -> int:
        """How many rows it carries."""
        if isinstance(self.body, EncodedPage):
            return len(self.body.value)
        return len(self.body.get("value", ())) if isinstance(self.body, dict) else 0

    @property
    def content(self) -> bytes:
        """The body as it goes out."""
        match self.body:
            case EncodedPage() as page:
                return page.encode()
            case str() as text:
                return text.encode()
            case body:
                return json.dumps(body, ensure_ascii=False).encode()

    def with_headers(self, headers: Mapping[str, str]) -> Response:
        """Add headers."""
        return replace(self, headers={**self.headers, **headers})


def failure(error: GraphError, headers: Mapping[str, str]) -> Response:
    """Turn an error into the response that carries it."""
    request = str(uuid.uuid4())
    inner = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request,
        "client-request-id": headers.get("client-request-id", request),
    }
    return Response(status=error.status, body=error.body(inner), headers=error.headers)
