"""Access tokens as an event loop needs them: kept while they live, asked for once by whoever comes first."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import TYPE_CHECKING

from govcheck.graph.auth import AccessToken, newer_than_now

if TYPE_CHECKING:
    from govcheck.graph.auth import Credential

_SPARE_SECONDS = 300


class Tokens:
    """The current token of one credential. `generation` counts the renewals."""

    def __init__(self, credential: Credential) -> None:
        """Ask for no token yet."""
        self._credential = credential
        self._token: AccessToken | None = None
        self._asking = asyncio.Lock()
        self.generation = 0

    async def current(self, challenge: str | None = None) -> str:
        """Give a token that is good for some minutes more.

        `challenge` holds the claims, in base 64, that Graph demanded of a new one.
        """
        async with self._asking:
            if challenge is not None:
                self._token = await self._ask(base64.b64decode(challenge + "==").decode())
            elif self._token is None or self._token.expires_on - time.time() < _SPARE_SECONDS:
                self._token = await self._ask(None)
            return self._token.value

    async def renew(self, generation: int) -> None:
        """Replace the token of that generation, unless somebody else has done so meanwhile."""
        async with self._asking:
            if generation == self.generation:
                self._token = await self._ask(newer_than_now())
                self.generation += 1

    async def _ask(self, claims: str | None) -> AccessToken:
        return await asyncio.to_thread(self._credential.token, claims)
