"""Tokens that only the emulator can make: signed, dated, with the query baked in."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.clock import Clock
from emulator.errors import GraphError

PAGE_TOKEN_LIFETIME = 86_400.0
"""Seconds; Graph has not published how long its page tokens hold."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins, and the query that led there."""

    path: str
    query: Mapping[str, str]
    offset: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a token says and how many seconds ago it was made."""

    content: Any
    age: float


@dataclass(frozen=True, slots=True)
class Pager:
    """Seals places into tokens and opens them again."""

    clock: Clock = field(default_factory=Clock)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def seal(self, place: Place) -> str:
        """Make the token for a place; no two are alike."""
        return self.write("page", place.path, [dict(place.query), place.offset])

    def open(self, token: str, path: str) -> Place:
        """Read a token. Raises Graph's 400 for one that was altered, has expired or belongs to another path."""
        sealed = self.read("page", path, token)
        if sealed is None:
            raise GraphError(400, "Directory_InvalidPageToken", "The specified page token is invalid.")
        if sealed.age > PAGE_TOKEN_LIFETIME:
            raise GraphError(
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request.",
            )
        query, offset = sealed.content
        return Place(path, query, offset)

    def write(self, kind: str, path: str, content: Any) -> str:
        """Make a token of some kind that holds for `path`."""
        said = json.dumps([kind, path, self.clock.now(), content, secrets.token_hex(4)]).encode()
        return base64.urlsafe_b64encode(self._mac(said) + said).decode()

    def read(self, kind: str, path: str, token: str) -> Sealed | None:
        """Read a token; None where it was altered, or is of another kind or path."""
        try:
            raw = base64.urlsafe_b64decode(token)
        except ValueError:
            return None
        mac, said = raw[:32], raw[32:]
        if not hmac.compare_digest(mac, self._mac(said)):
            return None
        known_kind, known_path, made, content, _ = json.loads(said)
        if (known_kind, known_path) != (kind, path):
            return None
        return Sealed(content, self.clock.now() - made)

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")
