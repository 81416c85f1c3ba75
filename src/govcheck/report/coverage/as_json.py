"""The matrix as `govcheck.coverage/v1`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from govcheck.engine.coverage import Cell, Coverage
from govcheck.report import Page
from govcheck.report.as_json import timestamp
from govcheck.report.coverage import tallies


def render(coverage: Coverage, page: Page, previous: Mapping[str, Any] | None) -> bytes:
    """Write the matrix as JSON, with how it changed since `previous`."""
    data = {
        "schema": "govcheck.coverage/v1",
        "tenant": coverage.tenant,
        "snapshot_taken_at": timestamp(coverage.taken_at),
        "as_of": timestamp(coverage.as_of),
        "topics": [{"id": topic.id, "title": topic.title.in_lang(page.lang)} for topic in coverage.topics],
        "summary": {
            "people": {"members": coverage.people, "uncovered": coverage.uncovered},
            "previous": previous["as_of"] if previous is not None else None,
            "topics": {
                topic: {
                    "covered": tally.covered,
                    "overdue": tally.overdue,
                    "missing": tally.missing,
                    "teams": tally.teams,
                    "change": tally.change,
                }
                for topic, tally in tallies(coverage, previous).items()
            },
        },
        "units": [
            {
                "id": unit.id,
                "name": unit.name,
                "parent": unit.parent,
                "members": unit.members,
                "topics": {topic: _cell(cell) for topic, cell in unit.cells.items()},
            }
            for unit in coverage.units
        ],
    }
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "state": cell.state,
        "document": cell.document,
        "due": timestamp(cell.due) if cell.due is not None else None,
        "share": None if cell.share is None else round(cell.share, 4),
    }
