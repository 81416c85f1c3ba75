"""The matrix of `govcheck coverage` in the format a reader asks for: one file each, one line in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from govcheck.engine.coverage import COVERED, Coverage, State
from govcheck.report import Page

FORMATS: Mapping[str, str] = {"text": "as_text", "json": "as_json", "html": "as_html", "xlsx": "as_xlsx"}
"""Format to the module of this folder whose `render` writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One topic over all teams to which it applies; `before` is how many were covered in the previous run."""

    covered: int
    overdue: int
    missing: int
    teams: int
    before: int | None

    @property
    def change(self) -> int | None:
        """How many more teams are covered than in the previous run."""
        return None if self.before is None else self.covered - self.before


def tallies(coverage: Coverage, previous: Mapping[str, Any] | None) -> dict[str, Tally]:
    """Every topic's tally. `previous` is an earlier matrix as JSON holds it."""
    earlier = previous["summary"]["topics"] if previous is not None else {}
    return {
        topic.id: Tally(
            covered=coverage.count(topic.id, COVERED),
            overdue=coverage.count(topic.id, frozenset({State.OVERDUE, State.PARTIAL})),
            missing=coverage.count(topic.id, frozenset({State.MISSING})),
            teams=len(coverage.units) - coverage.count(topic.id, frozenset({State.NOT_APPLICABLE})),
            before=earlier.get(topic.id, {}).get("covered"),
        )
        for topic in coverage.topics
    }


def render(coverage: Coverage, fmt: str, page: Page, previous: Mapping[str, Any] | None) -> bytes:
    """Write the matrix as `fmt`, a key of `FORMATS`."""
    renderer: Callable[[Coverage, Page, Mapping[str, Any] | None], bytes]
    renderer = import_module(f"{__name__}.{FORMATS[fmt]}").render
    return renderer(coverage, page, previous)
