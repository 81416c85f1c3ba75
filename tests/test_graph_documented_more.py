"""What Microsoft documents for the feeds that follow from another table goes through our decoders too."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from govcheck.catalogue import Feed, Table, tables
from govcheck.graph.answers import NO_HEADERS, Page, Transport
from govcheck.graph.columns import row_schema
from govcheck.graph.each import Parent, read_each
from govcheck.graph.parts import Parts
from govcheck.graph.plan import Errand
from govcheck.graph.reports import parse_report
from govcheck.graph.staging import Reading
from test_graph_documented import MOCKS, VERSION, documented

pytestmark = pytest.mark.skipif(not MOCKS.exists(), reason="Microsoft's documented answers are not at hand")

FEEDS = [(table, feed) for table in tables().values() for feed in table.feeds]
EACH = [pytest.param(table, feed, id=f"{table.name} {feed.path}") for table, feed in FEEDS if feed.each]
REPORTS = [pytest.param(table, feed, id=f"{table.name} {feed.path}") for table, feed in FEEDS if feed.report]


class OneAnswer(Transport):
    """A transport that gives one documented answer; its next page, which the samples only promise, is empty."""

    def __init__(self, body: Any) -> None:
        self._answers = [msgspec.json.encode(body), b'{"value": []}']

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        assert "{" not in url
        assert bucket
        assert not headers
        assert together
        return Page(status=200, body=self._answers.pop(0))


def answers_to(feed: Feed) -> list[Any]:
    """The documented answers, those too that are no JSON for one comma too many."""
    path = re.sub(r"\{\w+\}", "*", feed.path)
    return [body for found, body in [*documented(), *mended()] if found == path]


@lru_cache
def mended() -> list[tuple[str, Any]]:
    found = []
    for mock in json.loads(MOCKS.read_text("utf-8"))["mocks"]:
        body = mock["response"].get("body")
        if isinstance(body, str) and re.search(r",\s*}", body) and mock["request"].get("method", "GET") == "GET":
            try:
                found.append(
                    (mock["request"]["url"].removeprefix(VERSION), json.loads(re.sub(r",(\s*})", r"\1", body)))
                )
            except ValueError:
                continue
    return found


def read(table: Table, feed: Feed, body: Any) -> tuple[Reading, list[dict[str, Any]]]:
    assert feed.each
    errand = Errand(table=table, feed=feed, columns=tuple(feed.columns.values()))
    parent = Parent("p/1", {name: f"the {name}" for name in feed.each.columns})
    with tempfile.TemporaryDirectory() as folder:
        parts = Parts(Path(folder) / "parts", row_schema(errand.columns))
        reading = asyncio.run(read_each(OneAnswer(body), errand, [parent], parts, lambda *_: None))
        return reading, [row for file in parts.files for row in pq.read_table(file).to_pylist()]


@pytest.mark.parametrize(("table", "feed"), EACH)
def test_every_documented_answer_is_read_whole_and_without_a_fault(table: Table, feed: Feed) -> None:
    answers = answers_to(feed)
    assert answers
    for body in answers:
        reading, rows = read(table, feed, body)
        assert (reading.gap, reading.faults, reading.notes) == (None, {}, ())
        assert len(rows) == len(body.get("value", [body]))


@pytest.mark.parametrize(("table", "feed"), EACH)
def test_every_documented_value_lands_in_our_column_beside_what_the_parent_is(table: Table, feed: Feed) -> None:
    assert feed.each
    for body in answers_to(feed):
        _, rows = read(table, feed, body)
        for sample, row in zip(body.get("value", [body]), rows, strict=True):
            assert {name: row[name] for name in feed.each.columns} == {
                name: f"the {name}" for name in feed.each.columns
            }
            for column in (column for column in feed.columns.values() if column.path is not None):
                value = sample
                for name in column.path.split("/") if column.path else ():
                    value = value.get(name) if value is not None else None
                if column.type == "time":
                    assert (row[column.name] is None) == (value is None), column.name
                else:
                    assert row[column.name] == value, column.name


@pytest.mark.parametrize(("table", "feed"), REPORTS)
def test_every_column_of_a_report_has_a_documented_heading(table: Table, feed: Feed) -> None:
    [head] = documented_headings(feed)
    errand = Errand(table=table, feed=feed, columns=tuple(feed.columns.values()))
    line = ",".join("2026-09-30" if heading.endswith("Date") else "7" for heading in head.split(","))
    rows, faults = parse_report(errand, f"\ufeff{head}\n{line}\n".encode())
    assert faults == {}
    [row] = rows.to_pylist()
    expected = {"text": "7", "int": 7, "time": datetime(2026, 9, 30)}  # noqa: DTZ001 (ours are in UTC, without a zone)
    assert row == {column.name: expected[column.type] for column in feed.columns.values()}


def documented_headings(feed: Feed) -> list[str]:
    path = re.sub(r"'.*?'", "*", feed.path)
    mocks = json.loads(MOCKS.read_text("utf-8"))["mocks"]
    return [mock["response"]["body"] for mock in mocks if mock["request"]["url"] == VERSION + path]
