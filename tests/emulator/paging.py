"""nextLinks that only the emulator can make: signed, with the query baked in."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from emulator.errors import GraphError


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins, and the query that led there."""

    path: str
    query: Mapping[str, str]
    offset: int


@dataclass(frozen=True, slots=True)
class Pager:
    """Seals places into tokens and opens them again."""

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def seal(self, place: Place) -> str:
        """Make the token for a place; no two are alike."""
        content = json.dumps([place.path, dict(place.query), place.offset, secrets.token_hex(4)]).encode()
        return base64.urlsafe_b64encode(self._mac(content) + content).decode()

    def open(self, token: str, path: str) -> Place:
        """Read a token. Raises Graph's 400 for one that was altered or belongs to another path."""
        try:
            raw = base64.urlsafe_b64decode(token)
        except ValueError:
            raw = b""
        mac, content = raw[:32], raw[32:]
        if hmac.compare_digest(mac, self._mac(content)):
            known, query, offset, _ = json.loads(content)
            if known == path:
                return Place(known, query, offset)
        raise GraphError(400, "Directory_InvalidPageToken", "The specified page token is invalid.")

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")
