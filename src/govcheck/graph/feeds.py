"""From a feed of the catalogue to requests, and from their answers to arrays of rows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import msgspec

from govcheck.catalogue import ASSIGNED, Column, Feed
from govcheck.graph.answers import NO_HEADERS, NOT_JSON, OK, Envelope, Page, Transport, refusal
from govcheck.graph.faults import FeedFault, missing
from govcheck.model import Reason

ODATA_TYPE = Column(name="odata_type", type="text", path="@odata.type")
"""Says what a directory object is; Graph adds it to collections of mixed types."""

_PLACE = re.compile(r"\{\w+\}")


def wanted_columns(feed: Feed, columns: Collection[str]) -> tuple[Column, ...]:
    """The columns to read from `feed` so that `columns` can be filled; none where it fills none of them.

    A joined feed is read with the column it joins on.
    """
    wanted = tuple(column for name, column in feed.columns.items() if name in columns)
    if wanted and feed.join is not None:
        return (Column(name=feed.join, type="text", path=feed.join), *wanted)
    return wanted


def request_path(feed: Feed, columns: Collection[Column], group: str = "") -> str:
    """The path and query that ask for these columns; `group` is the id that the path has a place for, if it has one.

    Only large collections, those read by the page, are selected from. On the small ones Graph is not to be relied
    on: settings may refuse `$select`, a base type does not know its subtypes' properties, and a selected
    `grantControls` may come without its authentication strength. What we did not ask for is dropped in decoding.
    """
    parts = [column.path.split("/") for column in columns if column.path is not None]
    query: dict[str, str] = {}
    if feed.top is not None:
        query["$select"] = ",".join(dict.fromkeys(head for head, *_ in parts if head not in feed.expand))
    expand = [
        f"{name}($select={','.join(rest[0] if rest else 'id' for head, *rest in parts if head == name)})"
        for name in feed.expand
        if any(head == name for head, *_ in parts)
    ]
    if feed.rows is not None:
        expand.append(feed.rows)
    if any(column.name in ASSIGNED for column in columns):
        expand.append("assignments")
    if expand:
        query["$expand"] = ",".join(expand)
    if feed.filter is not None:
        query["$filter"] = feed.filter
    if feed.top is not None:
        query["$top"] = str(feed.top)
    path = _PLACE.sub(lambda _: quote(group, safe=""), feed.path)
    return f"{path}?{urlencode(query, quote_via=quote, safe='$,()/:')}" if query else path


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One page of a feed: its rows as a JSON array, and where the next page begins; None at the end."""

    rows: bytes
    following: str | None = None
    delta_link: str | None = None
    """Where the changes since will be found; on the last page of a delta query."""


async def read_pages(
    transport: Transport, feed: Feed, start: str, *, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
) -> AsyncIterator[Turn]:
    """Follow a feed to its end, page after page, empty ones included.

    The SDK's own iterator stops at the first empty page, which Graph sends in the middle of filtered
    collections. Raises `FeedFault` when a page is refused, is no page at all, or was read before.
    """
    seen: set[str] = set()
    following: str | None = start
    while following is not None:
        if following in seen:
            raise FeedFault(missing(Reason.ERROR, "pages-in-a-circle", path=feed.path))
        seen.add(following)
        page = await transport.get(following, bucket=feed.bucket, headers=headers, together=together)
        if page.status != OK:
            raise refusal(feed, page)
        turn = _open(feed, page)
        following = turn.following
        yield turn


def _open(feed: Feed, page: Page) -> Turn:
    try:
        if feed.rows is not None:
            return Turn(rows=_rows_inside(feed.rows, page))
        envelope = msgspec.json.decode(page.body, type=Envelope)
    except (*NOT_JSON, KeyError) as fault:
        raise FeedFault(missing(Reason.ERROR, "unknown-shape", path=feed.path, said=fault)) from fault
    rows = page.body if isinstance(envelope.value, msgspec.UnsetType) else bytes(envelope.value)
    if rows.lstrip().startswith(b"{"):  # a single object; some settings stand in an envelope of their own
        return Turn(rows=b"[" + rows + b"]")
    return Turn(rows=rows, following=envelope.next_link, delta_link=envelope.delta_link)


def _rows_inside(name: str, page: Page) -> bytes:
    return bytes(msgspec.json.decode(page.body, type=dict[str, msgspec.Raw])[name])
