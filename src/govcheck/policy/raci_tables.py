"""Responsibility matrices as people already have them: a CSV file, or a Markdown table, beside or inside the document.

Two forms are known: a row per activity with a column per role, and a row per activity and role with its letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from govcheck.catalogue.raci import heading
from govcheck.diagnostics import Diagnostic, error
from govcheck.policy.discover import PolicyFile, shown_path
from govcheck.policy.documents import Document
from govcheck.policy.header import read_text
from govcheck.policy.tabular import Row, block_lines, csv_rows, markdown_tables, text_lines
from govcheck.source import Node
from govcheck.source.text import read
from govcheck.words import text as words

_MARKDOWN = (".md", ".markdown")
_CSV = (".csv", ".tsv")
_NOTHING = frozenset({"", "-", "–", "—"})
_ID = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_NO_ID = re.compile(r"[^a-z0-9._-]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


@dataclass(slots=True)
class MatrixTable:
    """Activities as nodes with their place in the table, and the names of roles, each where it first stands."""

    activities: list[Node] = field(default_factory=list)
    roles: list[Node] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)


def read_table(document: Document, titles: Mapping[str, str]) -> MatrixTable:
    """The table that a `RaciMatrix` names or holds. `titles` leads from a role's title, in small letters, to its id."""
    matrix = document.part("matrix")
    found = MatrixTable()
    if matrix is None:
        return found
    rows = _block_rows(matrix, found) if isinstance(matrix.value, str) else _file_rows(matrix, document, found)
    if found.faults:
        return found
    if len(rows) < 2:  # noqa: PLR2004 - headings alone say nothing
        found.faults.append(error("matrix-empty", matrix.span))
        return found
    renamed = matrix.get("roles")
    own = {head.casefold(): name for head, node in renamed.items() if (name := read_text(node))} if renamed else {}
    _read_rows(rows, {**titles, **own}, found)
    return found


# Where the table is


def _block_rows(matrix: Node, found: MatrixTable) -> list[Row]:
    return _only(list(markdown_tables(block_lines(matrix), matrix.source)), matrix, matrix, found)


def _file_rows(matrix: Node, document: Document, found: MatrixTable) -> list[Row]:
    named = matrix.at(["file"])
    path = _beside(document.file.path, str(named.value))
    suffix = Path(str(named.value)).suffix.lower()
    if path is None:
        found.faults.append(error("matrix-outside", named.span))
    elif suffix not in (*_MARKDOWN, *_CSV):
        found.faults.append(error("matrix-format", named.span))
    elif not path.is_file():
        found.faults.append(error("missing-path", named.span, path=str(named.value)))
    else:
        return _rows_of(path, suffix, matrix, found)
    return []


def _rows_of(path: Path, suffix: str, matrix: Node, found: MatrixTable) -> list[Row]:
    file = PolicyFile(path, shown_path(path))
    data = file.read()
    if isinstance(data, Diagnostic):
        found.faults.append(data)
        return []
    source, fault = read(file.shown, data)
    if fault is not None:
        found.faults.append(fault)
        return []
    if suffix in _MARKDOWN:
        return _only(list(markdown_tables(text_lines(source), source)), matrix, matrix.at(["file"]), found)
    rows, faults = csv_rows(source)
    found.faults += faults
    return rows


def _beside(document: Path, name: str) -> Path | None:
    """The file of that name in the document's folder or below it, links followed; None outside."""
    folder = document.parent.resolve()
    path = Path(name)
    if path.is_absolute() or not (folder / path).resolve().is_relative_to(folder):
        return None
    return document.parent / path


def _only(tables: Sequence[list[Row]], matrix: Node, place: Node, found: MatrixTable) -> list[Row]:
    """The table that `table` counts out, or the only one there is."""
    number = matrix.get("table")
    if number is not None and isinstance(number.value, int):
        if number.value <= len(tables):
            return tables[number.value - 1]
        found.faults.append(error("matrix-no-table", number.span))
    elif not tables:
        found.faults.append(error("matrix-no-table", place.span))
    elif len(tables) > 1:
        found.faults.append(error("matrix-tables", place.span, count=len(tables)))
    else:
        return tables[0]
    return []


# What it says


def _read_rows(rows: Sequence[Row], titles: Mapping[str, str], found: MatrixTable) -> None:
    heads, *lines = rows
    columns = {kind: at for at, head in enumerate(heads) if (kind := heading(str(head.value))) is not None}
    if not {"role", "code"} <= columns.keys():
        columns = {kind: at for kind, at in columns.items() if kind in ("id", "covers")}
    name = next((at for at in range(len(heads)) if at not in columns.values()), 0)
    reader = _Reader(heads=heads, columns=columns, name=name, titles=titles, found=found)
    for line in lines:
        reader.take(line)
    found.activities += [_mapping(entry) for entry in reader.entries]


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Takes the lines below the headings; `columns` says where what is held, `name` where activities are named."""

    heads: Row
    columns: Mapping[str, int]
    name: int
    titles: Mapping[str, str]
    found: MatrixTable
    entries: list[dict[str, Node]] = field(default_factory=list)
    _by_id: dict[str, dict[str, Node]] = field(default_factory=dict)
    _roles: set[str] = field(default_factory=set)

    def take(self, line: Row) -> None:
        """Read one line: an activity, or in the long form one of its letters."""
        extra = next((cell for cell in line[len(self.heads) :] if cell.value), None)
        named = line[self.name] if self.name < len(line) else None
        if extra is not None:
            self.found.faults.append(error("matrix-width", extra.span))
        elif named is None or not named.value:
            self.found.faults.append(error("matrix-no-activity", line[0].span))
        elif "role" in self.columns:
            self._long(line, named)
        else:
            self._wide(line, named)

    def _wide(self, line: Row, named: Node) -> None:
        entry = self._entry(line, named)
        self.entries.append(entry)
        for at, (head, cell) in enumerate(zip(self.heads, line, strict=False)):
            if at == self.name or at in self.columns.values():
                continue
            if head.value:
                self._assign(entry, head, cell)
            elif cell.value:
                self.found.faults.append(error("matrix-width", cell.span))

    def _long(self, line: Row, named: Node) -> None:
        role, code = (self._cell(line, kind) for kind in ("role", "code"))
        if role is None or code is None:
            self.found.faults.append(error("matrix-no-role", named.span))
            return
        entry = self._entry(line, named)
        known = self._by_id.setdefault(str(entry["id"].value), entry)
        if known is entry:
            self.entries.append(entry)
        self._assign(known, role, code)

    def _assign(self, entry: Mapping[str, Node], head: Node, cell: Node) -> None:
        """Give a role its letter. The role's name is told of once, at its heading or its first line."""
        role = self.titles.get(str(head.value).casefold(), str(head.value))
        if role not in self._roles:
            self._roles.add(role)
            self.found.roles.append(_text(role, head))
        if cell.value in _NOTHING:
            return
        assign = entry["assign"]
        if isinstance(assign.value, dict) and role not in assign.value:
            assign.value[role] = cell
            assign.keys[role] = _text(role, cell)
        else:
            place = ((assign.at([role]).span, words("diagnostics.first-here")),)
            self.found.faults.append(error("duplicate-key", cell.span, related=place, name=role))

    def _entry(self, line: Row, named: Node) -> dict[str, Node]:
        told, covers = self._cell(line, "id"), self._cell(line, "covers")
        id_ = str(told.value) if told is not None else _id_of(str(named.value))
        entry = {"id": _text(id_, told or named), "title": named}
        entry["assign"] = Node({}, named.source, named.start, named.end)
        if covers is not None:
            entry["covers"] = Node(list(_listed(covers)), covers.source, covers.start, covers.end)
        return entry

    def _cell(self, line: Row, kind: str) -> Node | None:
        """The cell in the column of that kind; None where there is no such column or nothing stands in it."""
        at = self.columns.get(kind, len(line))
        return line[at] if at < len(line) and line[at].value else None


def _mapping(entry: dict[str, Node]) -> Node:
    named = entry["id"]
    return Node(dict(entry), named.source, named.start, named.end, keys=dict.fromkeys(entry, named))


def _listed(cell: Node) -> Iterator[Node]:
    """The words of a cell that lists some, each at its own place."""
    for found in _WORD.finditer(cell.written):
        yield Node(found.group(), cell.source, cell.start + found.start(), cell.start + found.end(), "'")


def _text(value: str, place: Node) -> Node:
    return Node(value, place.source, place.start, place.end, "'")


def _id_of(title: str) -> str:
    """The id of an activity that has none of its own: its name, with signs and accents put aside."""
    if _ID.fullmatch(title):
        return title
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    id_ = _NO_ID.sub("_", plain).strip("_.-")
    return id_ if _ID.fullmatch(id_) else f"activity_{id_}".rstrip("_")
