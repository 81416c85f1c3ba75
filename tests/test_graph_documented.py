"""Every answer that Microsoft documents for our feeds goes through our decoders, whole and without a fault."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from govcheck.catalogue import Feed, Table, tables
from govcheck.graph.answers import NO_HEADERS, Page, Transport
from govcheck.graph.columns import row_schema
from govcheck.graph.feeds import ODATA_TYPE
from govcheck.graph.parts import Parts
from govcheck.graph.plan import Errand
from govcheck.graph.staging import Reading, read_feed

MOCKS = Path(__file__).parents[2] / "shared" / "graph" / "docs-mocks.json"
VERSION = "https://graph.microsoft.com/v1.0"

FEEDS = [
    pytest.param(table, feed, id=f"{table.name} {feed.path}")
    for table in tables().values()
    for feed in table.feeds
    if feed.after is None and not feed.beta
]

pytestmark = pytest.mark.skipif(not MOCKS.exists(), reason="Microsoft's documented answers are not at hand")

# Documented nowhere in that collection.
UNDOCUMENTED = {"/deviceManagement/managedDevices", "/policies/deviceRegistrationPolicy"}


class OneAnswer(Transport):
    """A transport that gives one documented answer; its next page, which the samples only promise, is empty."""

    def __init__(self, body: Any) -> None:
        self._answers = [msgspec.json.encode(body), b'{"value": []}']

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        assert url
        assert bucket
        assert not headers
        assert not together
        return Page(status=200, body=self._answers.pop(0))


@lru_cache
def documented() -> list[tuple[str, Any]]:
    """Path and body of every documented answer to a GET."""
    mocks = json.loads(MOCKS.read_text("utf-8"))["mocks"]
    return [
        (mock["request"]["url"].removeprefix(VERSION).partition("?")[0], mock["response"]["body"])
        for mock in mocks
        if mock["request"].get("method", "GET") == "GET"
        and mock["response"].get("statusCode", 200) == 200
        and isinstance(mock["response"].get("body"), dict)
    ]


def answers_to(feed: Feed) -> Sequence[Any]:
    path = feed.path.replace("{group_id}", "*")
    return [body for found, body in documented() if found == path]


def read(table: Table, feed: Feed, body: Any) -> tuple[Reading, list[dict[str, Any]]]:
    columns = (*feed.columns.values(), *([ODATA_TYPE] if feed.entity == "directoryObject" else []))
    errand = Errand(table=table, feed=feed, columns=columns)
    with tempfile.TemporaryDirectory() as folder:
        parts = Parts(Path(folder) / "parts", row_schema(columns))
        reading = asyncio.run(read_feed(OneAnswer(body), errand, parts, lambda *_: None))
        return reading, [row for file in parts.files for row in pq.read_table(file).to_pylist()]


@pytest.mark.parametrize(("table", "feed"), FEEDS)
def test_every_documented_answer_is_read_without_a_fault(table: Table, feed: Feed) -> None:
    answers = answers_to(feed)
    assert answers or feed.path in UNDOCUMENTED
    for body in answers:
        reading, _ = read(table, feed, body)
        assert reading.gap is None or "rows without id" in reading.gap.detail.in_lang("en")
        assert reading.faults == {}


@pytest.mark.parametrize(("table", "feed"), FEEDS)
def test_every_value_that_is_documented_under_our_path_lands_in_our_column(table: Table, feed: Feed) -> None:
    for body in answers_to(feed):
        reading, rows = read(table, feed, body)
        if reading.gap is not None:
            continue
        objects = body[feed.rows] if feed.rows else body.get("value", body)
        objects = objects if isinstance(objects, list) else [objects]
        for sample, row in zip(objects, rows, strict=True):
            for column in (each for each in feed.columns.values() if each.name not in reading.faults):
                value = sample
                for name in (column.path or "").split("/"):
                    value = value.get(name) if value is not None else None
                nothing = value is None or (column.type == "time" and value == "")
                assert (row[column.name] is None) == nothing, column.name
                if column.type in {"bool", "int", "text", "list"}:
                    assert row[column.name] == value, column.name
