"""Evidence files for tests: one file, the entry that names it, and what becomes of the two."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import Workbook
from pyarrow import parquet

from govcheck.diagnostics import Diagnostic, GovcheckError, render, to_json
from govcheck.evidence import FileEvidence, read_evidence
from govcheck.policy import PolicySet, load_policies
from policies import document, policy, write

UNITS = """\
units:
  - {id: support, name: Klantenservice, kind: team, group: 11111111-0000-0000-0000-000000000000}
  - {id: planning, name: Planning, kind: team, department: Plan}
"""


def declared(folder: Path, entry: str, name: str, content: str | bytes) -> PolicySet:
    """A policy set with one evidence file beside it; `entry` is all of the entry but its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    files = f"files:\n  - {{path: '{name}', {entry}}}\n"
    path = write(folder, document("Evidence", files), document("Organisation", UNITS), policy())
    return load_policies([path], lenient=True, packs=Path("no packs"))


def taken(folder: Path, entry: str, name: str, content: str | bytes) -> FileEvidence:
    """What is taken in of a file."""
    [read] = read_evidence(declared(folder, entry, name, content)).read
    return read


def rows(folder: Path, entry: str, name: str, content: str | bytes) -> list[dict[str, Any]]:
    """The rows that are taken in of a file."""
    return [dict(row) for row in taken(folder, entry, name, content).rows]


def refused(folder: Path, entry: str, name: str, content: str | bytes) -> Diagnostic:
    """Why a file is refused; fails where it is not."""
    try:
        taken(folder, entry, name, content)
    except GovcheckError as problem:
        [fault] = problem.diagnostics
        return fault
    raise AssertionError("the file was taken in")


def said(fault: Diagnostic) -> str:
    """Everything that is said of a fault, in both languages."""
    texts = [render([fault], lang, lambda *_: None) for lang in ("en", "nl")]
    return "\n".join([*texts, str(to_json([fault], "en"))])


def naive(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment as tables hold it: in UTC without saying so."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


def csv_of(*lines: str, delimiter: str = ";") -> str:
    """Lines as a CSV file, written here with `;`."""
    return "".join(f"{line.replace(';', delimiter)}\n" for line in lines)


def xlsx(rows: Iterable[Sequence[object]], title: str = "Blad1") -> bytes:
    """A workbook with one sheet."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = title
    for row in rows:
        page.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def parquet_of(**columns: Sequence[object]) -> bytes:
    """A Parquet file."""
    packed = io.BytesIO()
    parquet.write_table(pa.table({name: list(values) for name, values in columns.items()}), packed)
    return packed.getvalue()
