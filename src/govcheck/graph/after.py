"""Feeds that can be read once the rows of another table are known: one per row, or a report about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.catalogue import tables
from govcheck.graph.answers import Observer, Transport
from govcheck.graph.assembly import Staged
from govcheck.graph.columns import row_schema
from govcheck.graph.each import parents_of, read_each
from govcheck.graph.memberships import BATCH
from govcheck.graph.parts import Parts
from govcheck.graph.plan import Errand
from govcheck.graph.reports import read_report
from govcheck.graph.rests import Watcher
from govcheck.graph.staging import Reading

Result = tuple[Reading, tuple[Path, ...]]
"""How the reading ended, and the files that hold the rows."""


async def read_after(
    transport: Transport, errand: Errand, others: Staged, folder: Path, observe: Observer, watch: Watcher
) -> Result:
    """Read a feed into files in `folder`. Where the `others` are not known, neither is what follows from them."""
    if others.reading.gap is not None:
        return Reading(columns=errand.columns, requests=0, gap=others.reading.gap), ()
    if errand.feed.each is None:
        return await _report(transport, errand, others, folder, observe)
    parts = Parts(folder / errand.name, row_schema(errand.columns), pages_per_file=BATCH)
    parents = parents_of(errand.feed.each, others.files)
    watch.expect(errand.table.name, requests=len(parents))
    reading = await read_each(transport, errand, parents, parts, observe)
    reading = replace(reading, applicable=bool(parents))
    return reading, parts.files or (_write(folder, errand, row_schema(errand.columns).empty_table()),)


async def _report(transport: Transport, errand: Errand, others: Staged, folder: Path, observe: Observer) -> Result:
    [key] = tables()[errand.feed.report or ""].key
    known = {row for file in others.files for row in pq.read_table(file, columns=[key])[key].to_pylist()}
    reading, rows = await read_report(transport, errand, known)
    observe(errand.table.name, rows.num_rows, reading.requests)
    return reading, (_write(folder, errand, rows),)


def _write(folder: Path, errand: Errand, rows: pa.Table) -> Path:
    file = folder / f"{errand.name}.parquet"
    pq.write_table(rows, file, compression="zstd")
    return file
