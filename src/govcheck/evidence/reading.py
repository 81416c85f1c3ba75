"""Bytes to a grid or a JSON document, within limits; whatever is in a file, this ends in a refusal at worst."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from govcheck.evidence.refusal import Refusal
from govcheck.evidence.sheet import MAX_COLUMNS, MAX_ROWS, Cell, Grid, Objects, Raw

MAX_BYTES = 50 * 1024 * 1024
_MAX_UNPACKED = 500 * 1024 * 1024
_SAMPLE = 30
_DELIMITERS = ";,\t|"
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
FORMATS = (".csv", ".txt", ".tsv", ".xlsx", ".json", ".jsonl", ".ndjson", ".parquet")


def read_file(path: Path, sheet: str | None) -> Raw:
    """The content of a file by the ending of its name. Raises `Refusal`."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise Refusal("evidence-format", formats=", ".join(FORMATS))
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError:
        raise Refusal("evidence-unreadable") from None
    if size > MAX_BYTES:
        raise Refusal("evidence-too-large", limit=MAX_BYTES // 1024 // 1024)
    match ending:
        case ".xlsx":
            return _spreadsheet(data, sheet)
        case ".parquet":
            return _columnar(data)
        case ".json" | ".jsonl" | ".ndjson":
            return _objects(_decoded(data))
    return _delimited(_decoded(data))


def _decoded(data: bytes) -> str:
    """The text of a file: by its byte order mark, as UTF-8, or as old Windows programs write it."""
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return _decode(data, encoding)
    head = data[:200]
    if head[1::2].count(0) > len(head) // 4:
        return _decode(data, "utf-16-le")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Refusal("evidence-unreadable")
    return text


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Refusal("evidence-unreadable") from None


# Delimited text


def _delimited(text: str) -> Grid:
    first, _, rest = text.partition("\n")
    hint = first.strip().lower()
    if hint.startswith("sep=") and len(hint) == len("sep=") + 1:
        return Grid(_lines(rest, hint[-1], start=2))
    return Grid(_lines(text, _delimiter(text), start=1))


def _delimiter(text: str) -> str:
    """The delimiter that splits the first lines most evenly into the most fields."""
    sample = list(itertools.islice((line for line in text.splitlines() if line.strip()), _SAMPLE))

    def evenness(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter))
        except csv.Error:
            return 0, 0
        width, lines = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(1, 0))
        return (lines if width > 1 else 0), width

    return max(_DELIMITERS, key=evenness)


def _lines(text: str, delimiter: str, start: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    try:
        for row in reader:
            yield start + before, _within(row)
            before = _counted(reader.line_num)
    except csv.Error:
        raise Refusal("evidence-unreadable") from None


def _within(row: Sequence[Cell]) -> Sequence[Cell]:
    if len(row) > MAX_COLUMNS:
        raise Refusal("evidence-too-many-columns", limit=MAX_COLUMNS)
    return row


# Spreadsheets


def _spreadsheet(data: bytes, sheet: str | None) -> Grid:
    import openpyxl

    _check_unpacked(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        names = book.sheetnames
    except Exception:  # noqa: BLE001 - a broken workbook fails in as many ways as there are parts in it
        raise Refusal("evidence-unreadable") from None
    if not names or (sheet is not None and sheet not in names):
        raise Refusal("evidence-no-sheet", sheet=sheet or "")
    return Grid(_sheet_rows(book, sheet or names[0]))


def _check_unpacked(data: bytes) -> None:
    """A workbook is packed: a small file can be a very large one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Refusal("evidence-unreadable") from None
    if unpacked > _MAX_UNPACKED:
        raise Refusal("evidence-too-large", limit=_MAX_UNPACKED // 1024 // 1024)


def _sheet_rows(book: Any, name: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows of a sheet; only now does the library look at it, and what fails there is told by the caller."""
    page = book[name]
    page.reset_dimensions()
    for number, row in enumerate(page.iter_rows(values_only=True), start=1):
        yield _counted(number), _within([_plain(cell) for cell in row])


def _counted(number: int) -> int:
    if number > MAX_ROWS:
        raise Refusal("evidence-too-many-rows", limit=MAX_ROWS)
    return number


# Parquet


def _columnar(data: bytes) -> Grid:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        names = tuple(str(name) for name in file.schema_arrow.names)
    except (pa.ArrowException, OSError, ValueError):
        raise Refusal("evidence-unreadable") from None
    _within(names)
    return Grid(_batches(file), headings=names)


def _batches(file: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    import pyarrow as pa

    number = 0
    try:
        for batch in file.iter_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number = _counted(number + 1)
                yield number, [_plain(cell) for cell in row]
    except (pa.ArrowException, OSError, ValueError):
        raise Refusal("evidence-unreadable") from None


# JSON


def _objects(text: str) -> Objects:
    try:
        try:
            return Objects(json.loads(text, parse_constant=lambda _: None))
        except json.JSONDecodeError:
            lines = [line for line in text.splitlines() if line.strip()]
            return Objects([json.loads(line, parse_constant=lambda _: None) for line in lines])
    except (ValueError, RecursionError):
        raise Refusal("evidence-unreadable") from None


def _plain(cell: object) -> Cell:
    """A cell of a typed format as one of ours; times without a zone are UTC."""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC) if cell.tzinfo else cell.replace(tzinfo=UTC)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), UTC)
    if isinstance(cell, list):
        return [str(item) for item in cell if item is not None]
    if cell is None or isinstance(cell, bool | int | float | str):
        return cell
    return str(cell)
