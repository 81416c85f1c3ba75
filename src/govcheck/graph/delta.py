"""Delta: only what has changed since a link that Graph gave, merged into what was known then.

A whole reading never goes through delta. Its pages hold some two hundred objects where a list gives 999, and come one
after another; and `groups/delta` with members reads every group of the tenant, where batches read the teams alone, many
at a time: for 10,000 people some hundred pages in a row against 25 calls side by side. So Graph is asked, before a
whole reading that others will follow, for the link from which the changes will be found, which costs one request. What
changes during the reading is reported once more the next time, and does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.catalogue import Column, Feed
from govcheck.graph.answers import NOT_JSON, OK, Envelope, Observer, Transport
from govcheck.graph.assembly import rows_of, write_query
from govcheck.graph.columns import RowDecoder
from govcheck.graph.faults import FeedFault, missing
from govcheck.graph.feeds import read_pages
from govcheck.graph.parts import Parts
from govcheck.model import Reason

CHANGE_SCHEMA = pa.schema([("change", pa.string())])
"""Changes as Graph wrote them, in JSON: a property that is absent has not changed."""

REMOVED = "@removed"
# Without it Graph repeats what did not change, and leaves out what lost its value and what never had one alike.
_MINIMAL = {"Prefer": "return=minimal"}


class DeltaLink(msgspec.Struct, frozen=True):
    """Where the changes of a feed will be found, and what was asked for when Graph gave the link."""

    path: str
    link: str


class _Kept(msgspec.Struct):
    links: dict[str, DeltaLink]


class DeltaLinks:
    """The delta links of a collection, by feed, in a file that is written at every change."""

    def __init__(self, file: Path) -> None:
        """Know what `file` holds, and nothing where it cannot be read."""
        self._file = file
        self.known: Mapping[str, DeltaLink] = {}
        try:
            self.known = msgspec.json.decode(file.read_bytes(), type=_Kept).links
        except (OSError, *NOT_JSON):
            return

    def keep(self, links: Mapping[str, DeltaLink]) -> None:
        """Keep these links, and no others."""
        self.known = links
        draft = self._file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_bytes(msgspec.json.encode(_Kept(dict(links))))
        draft.replace(self._file)


def delta_path(feed: Feed, columns: Iterable[Column]) -> str | None:
    """The query that tracks these columns; None where Graph cannot track the feed.

    That is so for a filtered feed: of filters on properties delta knows none.
    """
    if not feed.delta or feed.filter is not None:
        return None
    heads = dict.fromkeys((column.path or "").partition("/")[0] for column in columns)
    return f"{feed.path}/delta?$select={','.join(heads)}"


async def link_from_now(transport: Transport, feed: Feed, path: str) -> DeltaLink | None:
    """Ask for the link from which changes after this moment will be found."""
    try:
        page = await transport.get(f"{path}&$deltatoken=latest", bucket=feed.bucket, together=True)
    except FeedFault:
        return None
    link = msgspec.json.decode(page.body, type=Envelope).delta_link if page.status == OK else None
    return DeltaLink(path, link) if link is not None else None


async def read_changes(
    transport: Transport, table: str, feed: Feed, since: DeltaLink, parts: Parts, observe: Observer
) -> DeltaLink:
    """Read the changes since a link into `parts`, and give the link for the next time. Raises `FeedFault`."""
    if not parts.finished:
        async for turn in read_pages(transport, feed, parts.following.get("") or since.link, headers=_MINIMAL):
            changes = [bytes(raw).decode() for raw in msgspec.json.decode(turn.rows, type=list[msgspec.Raw])]
            parts.append(pa.table([changes], schema=CHANGE_SCHEMA), turn.following, delta_link=turn.delta_link)
            observe(table, parts.rows, parts.requests)
    if parts.delta_link is None:
        raise FeedFault(missing(Reason.ERROR, "no-next-changes", path=feed.path))
    return DeltaLink(since.path, parts.delta_link)


def changes_in(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """The changes in the order in which Graph gave them. Raises `FeedFault` for what is no change of an object."""
    for file in files:
        for text in pq.read_table(file)["change"].to_pylist():
            change = msgspec.json.decode(text)
            if not isinstance(change, dict) or not isinstance(change.get("id"), str):
                raise FeedFault(missing(Reason.ERROR, "no-change"))
            yield change


def apply_changes(
    before: Sequence[Path], changes: Sequence[Path], feed: Feed, columns: Sequence[Column], file: Path
) -> RowDecoder:
    """Write the rows of `before`, with the changes, to `file`; the decoder tells which new values had odd types."""
    rows, removed, anew = _sum_up(changes_in(changes), feed)
    decoder = RowDecoder(columns)
    changed = decoder.decode(msgspec.json.encode(list(rows.values())))
    for column in columns:
        head = (column.path or "").partition("/")[0]
        given = [head in row or name in anew for name, row in rows.items()]
        changed = changed.append_column(_given(column), pa.array(given, pa.bool_()))
    news, gone = file.with_suffix(".changed"), file.with_suffix(".removed")
    pq.write_table(changed, news)
    pq.write_table(pa.table({"id": pa.array(removed, pa.string())}), gone)
    values = ", ".join(
        f'CASE WHEN old.id IS NULL OR new."{_given(column)}" THEN new."{column.name}" ELSE old."{column.name}" END'
        f' AS "{column.name}"'
        for column in columns
    )
    write_query(
        f"SELECT {values} FROM {rows_of(before)} AS old FULL JOIN {rows_of([news])} AS new ON old.id = new.id"
        f" WHERE coalesce(new.id, old.id) NOT IN (SELECT id FROM {rows_of([gone])})",
        file,
    )
    return decoder


def _sum_up(
    changes: Iterable[dict[str, Any]], feed: Feed
) -> tuple[Mapping[str, Mapping[str, Any]], list[str], set[str]]:
    """What changed per object; the objects that are gone; and those that are new in spite of an old row."""
    rows: dict[str, dict[str, Any]] = {}
    removed: dict[str, None] = {}
    anew: set[str] = set()
    for change in changes:
        name = change["id"]
        if REMOVED in change:
            rows.pop(name, None)
            removed[name] = None
            continue
        if name in removed:
            del removed[name]
            anew.add(name)
        for link in feed.expand:
            if f"{link}@delta" in change:
                change[link] = _linked(change.pop(f"{link}@delta"))
        rows[name] = rows.get(name, {}) | change
    return rows, list(removed), anew


def _linked(references: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The object that a link to one leads to, of those that it led to and leads to."""
    return next((reference for reference in references if REMOVED not in reference), None)


def _given(column: Column) -> str:
    return f"{column.name} is given"
