"""What Graph answers: a page, the envelope around its rows, and what a refusal means for us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import msgspec

from govcheck.catalogue import Feed
from govcheck.graph.faults import FeedFault, missing
from govcheck.model import Reason

Observer = Callable[[str, int, int], None]
"""Told, page after page: table, rows so far, requests so far."""

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError)
"""What msgspec raises for bytes that are no JSON of the expected shape."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
OK, BAD_REQUEST, FORBIDDEN, NOT_FOUND = 200, 400, 403, 404
_LICENCE_STATUSES = frozenset({BAD_REQUEST, FORBIDDEN})

# Graph has no one code for "your tenant did not buy this": Entra, Intune and SharePoint each say it their way.
_LICENCE_WORDS = (
    "nonpremiumtenant",
    "premiumlicense",
    "premium license",
    "needs to have microsoft entra id",
    "not licensed for this feature",
    "not applicable to target tenant",
    "does not have a spo license",
)
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer, whatever its status. `body` is JSON where the status is 200."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Transport(Protocol):
    """Whatever answers GET requests as Graph does: Graph itself, or an invented tenant. Those it has subclass it."""

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        """Answer a path below the version, or the absolute URL of a next page.

        `bucket` names the limit that Graph counts the request against; `together` lets the request travel in one
        with others of its bucket. Raises `FeedFault` where no usable answer came.
        """
        ...

    async def download(self, address: str) -> Page:
        """Answer an address elsewhere, to which Graph pointed: it is good for whoever knows it, so no token goes along.

        Raises `FeedFault` where nothing whole came.
        """
        raise FeedFault(missing(Reason.ERROR, "nothing-to-fetch", address=address))

    def resting(self) -> Mapping[str, float]:
        """The limits that are rested for since Graph asked for it, by bucket, with how many seconds more."""
        return {}


class Source(Protocol):
    """A tenant that can be read; `tenant` is its id where that is known before reading."""

    @property
    def tenant(self) -> str | None:
        """Id of the tenant."""
        ...

    def open(self) -> AbstractAsyncContextManager[Transport]:
        """Open a connection for the length of one collection."""
        ...


class Envelope(msgspec.Struct):
    """The outside of an answer: rows still as bytes. Without `value` the whole body is the one row."""

    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    delta_link: str | None = msgspec.field(name="@odata.deltaLink", default=None)
    count: int | None = msgspec.field(name="@odata.count", default=None)


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Refusal(msgspec.Struct):
    error: _Error


class _IntuneMessage(msgspec.Struct):
    message: str = msgspec.field(name="Message")


def lacks_licence(page: Page) -> bool:
    """Whether Graph refuses because the tenant did not buy the service."""
    words = page.body.decode("utf-8", "replace").lower()
    return page.status in _LICENCE_STATUSES and any(phrase in words for phrase in _LICENCE_WORDS)


def refusal(feed: Feed, page: Page) -> FeedFault:
    """What an answer other than 200 means for the feed's table."""
    said, code = graph_says(page), _code(page)
    if lacks_licence(page):
        key = "no-licence" if feed.licence is None else "lacks-licence"
        gap = missing(Reason.NOT_LICENSED, key, path=feed.path, licence=feed.licence, said=said)
    elif page.status == FORBIDDEN:
        gap = missing(Reason.NOT_PERMITTED, "refused", path=feed.path, permission=feed.permission, said=said)
    else:
        gap = missing(Reason.ERROR, "unanswered", path=feed.path, said=said)
    return FeedFault(gap, page.status, code)


def graph_says(page: Page) -> str:
    """Status, code and message of a refusal, on one line."""
    error = _error(page)
    if error is None:
        return str(page.status)
    message = " ".join(_plain(error.message or "").split())[:_LONGEST_MESSAGE].rstrip(".")
    return f"{page.status} {error.code or ''}".strip() + (f": {message}" if message else "")


def _error(page: Page) -> _Error | None:
    try:
        return msgspec.json.decode(page.body, type=_Refusal).error
    except NOT_JSON:
        return None


def _code(page: Page) -> str:
    error = _error(page)
    return (error.code if error is not None else None) or ""


def _plain(message: str) -> str:
    """Intune puts a JSON object inside its message text; the words are one level down."""
    try:
        return msgspec.json.decode(message, type=_IntuneMessage).message
    except NOT_JSON:
        return message
