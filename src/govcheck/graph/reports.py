"""Usage reports: CSV files that stand on another host, to which Graph points.

The address is good for some minutes and for whoever knows it, so our token does not go there. Columns are found by
their heading: Microsoft adds some now and then.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
import pyarrow as pa

from govcheck.catalogue import Column, ColumnType, Feed, MissingColumn, tables
from govcheck.graph.answers import OK, Transport, refusal
from govcheck.graph.columns import row_schema
from govcheck.graph.faults import FeedFault, missing
from govcheck.graph.plan import Errand
from govcheck.graph.staging import Reading, odd_values
from govcheck.model import Reason

_FOUND = 302
_ATTEMPTS = 3
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_INT64 = 2**63


def _whole(text: str) -> int:
    if not -_INT64 <= int(text) < _INT64:
        raise ValueError(text)
    return int(text)


_VALUES: Mapping[ColumnType, Callable[[str], Any]] = {"text": str, "int": _whole, "time": datetime.fromisoformat}


async def read_report(transport: Transport, errand: Errand, known: Collection[str]) -> tuple[Reading, pa.Table]:
    """Read a report whole; `known` are the ids of the rows of the table that it is about.

    Never raises for the report's own faults. A tenant can have usage reports conceal names: then the ids in it are
    nobody's, and what it says cannot be told apart. No permission would change that, so a person must judge.
    """
    try:
        rows, faults = parse_report(errand, await _fetch(transport, errand.feed))
        _refuse_concealed(errand, rows, known)
    except FeedFault as fault:
        reading = Reading(columns=errand.columns, requests=1, gap=fault.missing, refused=fault.status)
        return reading, row_schema(errand.columns).empty_table()
    return Reading(columns=errand.columns, requests=1, faults=faults), rows


async def _fetch(transport: Transport, feed: Feed) -> bytes:
    """The bytes of a report; an address that fails is not tried again, Graph is asked for another."""
    said: object = ""
    for _ in range(_ATTEMPTS):
        address = await _address(transport, feed)
        try:
            page = await transport.download(address)
        except FeedFault as fault:
            said = fault.missing.detail
            continue
        if page.status == OK and _looks_like_csv(page.body):
            return page.body
        said = page.status
    raise FeedFault(missing(Reason.ERROR, "not-downloaded", path=feed.path, said=said))


def _looks_like_csv(body: bytes) -> bool:
    """Whether a body is no empty one and no web page, as a gateway on the way may send with a 200."""
    begins = body.lstrip(b"\xef\xbb\xbf \r\n\t")[:1]
    return begins not in (b"", b"<")


async def _address(transport: Transport, feed: Feed) -> str:
    """Where the report stands. Raises `FeedFault`."""
    page = await transport.get(feed.path, bucket=feed.bucket)
    if page.status not in {OK, _FOUND}:
        raise refusal(feed, page)
    address = page.headers.get("Location", "")
    try:
        place = httpx.URL(address)
    except httpx.InvalidURL as fault:
        raise FeedFault(missing(Reason.ERROR, "bad-report-address", path=feed.path, said=fault)) from fault
    if place.scheme != "https" and not (place.scheme == "http" and place.host in _LOOPBACK):
        raise FeedFault(missing(Reason.ERROR, "no-report-address", path=feed.path))
    return address


def parse_report(errand: Errand, body: bytes) -> tuple[pa.Table, Mapping[str, MissingColumn]]:
    """The wanted columns of a report, and which of them cannot be had. Raises `FeedFault` where it is no report."""
    try:
        head, *lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError) as fault:
        raise FeedFault(missing(Reason.ERROR, "no-csv", path=errand.feed.path)) from fault
    places = {_plain(heading): place for place, heading in enumerate(head)}
    faults: dict[str, MissingColumn] = {}
    arrays = []
    for column in errand.columns:
        place = places.get(_plain(column.path or ""))
        if place is None:
            faults[column.name] = missing(Reason.ERROR, "no-report-column", name=column.path)
        values, odd = _values(column, [_cell(line, place) for line in lines if any(line)])
        if odd:
            faults[column.name] = odd_values(column, odd)
        arrays.append(values)
    rows = pa.table(arrays, schema=row_schema(errand.columns))
    for name in errand.table.key:
        if name in faults or rows[name].null_count:
            raise FeedFault(missing(Reason.ERROR, "report-rows-without", path=errand.feed.path, name=name))
    return rows, faults


def _cell(line: Sequence[str], place: int | None) -> str:
    return line[place] if place is not None and place < len(line) else ""


def _values(column: Column, texts: Sequence[str]) -> tuple[list[Any], int]:
    """The values that texts stand for, and how many stand for none; an empty text is no value."""
    read, values, odd = _VALUES[column.type], [], 0
    for text in texts:
        try:
            values.append(read(text) if text else None)
        except ValueError:
            values.append(None)
            odd += 1
    return values, odd


def _plain(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def _refuse_concealed(errand: Errand, rows: pa.Table, known: Collection[str]) -> None:
    ids = set(rows[errand.table.key[0]].to_pylist())
    if ids and known and ids.isdisjoint(known):
        about = tables()[errand.feed.report or ""].title
        raise FeedFault(missing(Reason.MANUAL, "concealed", path=errand.feed.path, table=about))
