"""Files as they come: a grid of cells under headings that are yet to be found, or a JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

Cell = str | int | float | bool | datetime | list[str] | None

MAX_COLUMNS = 500
MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells, each with its number in the file from 1. They can be gone through once."""

    rows: Iterator[tuple[int, Sequence[Cell]]]
    headings: tuple[str, ...] | None = None
    """Where the format itself has headings; otherwise a row holds them."""


@dataclass(frozen=True, slots=True)
class Objects:
    """A JSON document, or the documents of a file with one a line."""

    value: object


Raw = Grid | Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Rows under headings. `dropped` are headings whose columns were never taken in."""

    headings: tuple[str, ...]
    rows: Iterator[tuple[int, Sequence[Cell]]]
    dropped: tuple[str, ...] = ()
    converted: bool = False
    """Whether a converter chose the columns; the headings are then our own names."""
