"""Reads one feed into files of its own, page after page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from govcheck.catalogue import Column, Feed, MissingColumn
from govcheck.graph.answers import NOT_JSON, Observer, Transport
from govcheck.graph.assigned import decoder_of
from govcheck.graph.columns import Decoder
from govcheck.graph.faults import FeedFault, missing
from govcheck.graph.feeds import Turn, read_pages, request_path
from govcheck.graph.parts import Parts
from govcheck.graph.plan import Errand
from govcheck.model import Reason

_LOST_PAGES = frozenset(
    {"Directory_ExpiredPageToken", "DirectoryPageTokenNotFoundException", "Directory_InvalidPageToken"}
)
"""What Graph answers to the address of a page that it no longer keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How reading one feed ended: whole, without some columns (`faults`), or not at all (`gap`)."""

    columns: tuple[Column, ...]
    requests: int
    gap: MissingColumn | None = None
    faults: Mapping[str, MissingColumn] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    refused: int | None = None
    """The status of the answer that left the gap, where there was one."""
    applicable: bool = True
    """There was something to ask about."""


async def read_feed(transport: Transport, errand: Errand, parts: Parts, observe: Observer) -> Reading:
    """Read a feed to its end, from where `parts` stop. Never raises for the feed's own faults."""
    decoder = decoder_of(errand.feed, errand.columns)
    try:
        try:
            await _go_on(transport, errand, decoder, parts, observe)
        except FeedFault as fault:
            if fault.code not in _LOST_PAGES:
                raise
            parts.restart()
            await _go_on(transport, errand, decoder, parts, observe)
    except FeedFault as fault:
        return Reading(columns=decoder.columns, requests=parts.requests, gap=fault.missing, refused=fault.status)
    return Reading(columns=decoder.columns, requests=parts.requests, faults=column_faults(decoder))


async def _go_on(transport: Transport, errand: Errand, decoder: Decoder, parts: Parts, observe: Observer) -> None:
    decoder.faults = parts.faults.copy()
    if parts.finished:
        return
    start = parts.following.get("") or request_path(errand.feed, errand.columns)
    async for rows, turn in decoded_pages(transport, errand, decoder, start):
        parts.append(rows, turn.following, faults=decoder.faults)
        observe(errand.table.name, parts.rows, parts.requests)


async def decoded_pages(
    transport: Transport, errand: Errand, decoder: Decoder, start: str
) -> AsyncIterator[tuple[pa.Table, Turn]]:
    """Follow a feed, giving the rows of every page. Raises `FeedFault`."""
    keys = {*errand.table.key, errand.feed.join}
    required = [column.name for column in errand.columns if column.name in keys]
    async for turn in read_pages(transport, errand.feed, start):
        yield decode_page(decoder, errand.feed, turn.rows, required), turn


def decode_page(decoder: Decoder, feed: Feed, page: bytes, required: Sequence[str]) -> pa.Table:
    """Decode a page whose rows all have the `required` columns. Raises `FeedFault`."""
    try:
        rows = decoder.decode(page)
    except (*NOT_JSON, ValueError) as fault:
        raise FeedFault(missing(Reason.ERROR, "unreadable-page", path=feed.path, said=fault)) from fault
    for name in required:
        if rows[name].null_count:
            raise FeedFault(missing(Reason.ERROR, "rows-without", path=feed.path, name=name))
    return rows


def column_faults(decoder: Decoder) -> Mapping[str, MissingColumn]:
    """The columns that held values of another type than the catalogue says, with how many."""
    return {
        column.name: odd_values(column, decoder.faults[column.name])
        for column in decoder.columns
        if decoder.faults[column.name]
    }


def odd_values(column: Column, count: int) -> MissingColumn:
    """Why a column is left out of which so many values are of another type than the catalogue says."""
    if column.path is None:
        return missing(Reason.ERROR, "not-assigned", count=count)
    return missing(Reason.ERROR, "odd-values", path=column.path, type=column.type, count=count)
