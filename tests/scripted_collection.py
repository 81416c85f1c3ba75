"""One collection from a scripted Graph, and the tables that it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.snapshot import Snapshot, open_snapshot
from scripted_graph import Answer, ScriptedGraph, ScriptedSource, rows

TAKEN_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
ORGANIZATION = rows({"id": "t-1", "displayName": "Contoso"})


def collect(
    folder: Path, needs: Needs, script: Mapping[str, Answer | list[Answer]], groups: tuple[str, ...] = ()
) -> tuple[Snapshot, ScriptedGraph]:
    """Collect from a Graph that answers by `script`."""
    with ScriptedGraph(organization=ORGANIZATION) as graph:
        for path, answers in script.items():
            graph.says(path, *([answers] if isinstance(answers, Answer) else answers))
        collect_snapshot(
            ScriptedSource(url=graph.url),
            needs=needs,
            place=lambda *_: folder,
            groups=groups,
            taken_at=TAKEN_AT,
        )
    return open_snapshot(folder), graph


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a table."""
    found = duckdb.read_parquet(str(folder / f"{name}.parquet"))
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
