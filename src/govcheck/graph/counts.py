"""Whether a feed is complete: its rows against the number that Graph itself counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import msgspec

from govcheck.catalogue import Feed
from govcheck.graph.answers import OK, Envelope, Transport
from govcheck.graph.assembly import query_number, rows_of
from govcheck.graph.faults import FeedFault

_EVENTUAL = {"ConsistencyLevel": "eventual"}
_FEW = 5
_SHARE = 2_000


async def count_of(transport: Transport, feed: Feed) -> int | None:
    """How many objects Graph counts; None where it does not say.

    A request of its own, in one call with others: rows that are asked for together with a count come from an index
    that may lag behind.
    """
    if not feed.counted:
        return None
    only = f"&$filter={quote(feed.filter, safe='/():')}" if feed.filter is not None else ""
    url = f"{feed.path}?$count=true&$top=1&$select=id{only}"
    try:
        page = await transport.get(url, bucket=feed.bucket, headers=_EVENTUAL, together=True)
    except FeedFault:
        return None
    return msgspec.json.decode(page.body, type=Envelope).count if page.status == OK else None


def distinct(files: Sequence[Path], key: str = "id") -> int:
    """How many different rows there are: one that came twice must not stand in for one that did not come."""
    return query_number(f'SELECT count(DISTINCT "{key}") FROM {rows_of(files)}', files[0].parent)


def drift(counted: int) -> int:
    """By how much rows and count may differ.

    The count comes from an index that lags by minutes, and people come and go while we read; but less than a page
    may be missing of even a small tenant, and one in two thousand of a large one.
    """
    return max(_FEW, counted // _SHARE)
