"""Evidence documents: which files there are, which tables they fill, and what their columns mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from govcheck.catalogue import SUPPRESSED, UNIT_NAME, Column, ColumnType, Relation, Table, tables
from govcheck.diagnostics import Diagnostic, error
from govcheck.expr.tokens import KEYWORDS
from govcheck.model import ORGANISATION, Text
from govcheck.policy.documents import Document, Faults
from govcheck.policy.header import read_text, read_texts
from govcheck.policy.translate import listed, value_helps
from govcheck.policy.types import EvidenceFile
from govcheck.source import Node
from govcheck.words import text as words

UNIT, GROUP = "unit", "group_id"
"""Columns that every table of a document has: the unit of a row, and the Entra group behind that unit."""
_OURS = (GROUP, UNIT_NAME, SUPPRESSED)
_FIRST = "diagnostics.first-here"


def read_evidence_files(documents: Iterable[Document], faults: Faults) -> tuple[EvidenceFile, ...]:
    """The files that the `Evidence` documents among `documents` name, without those that cannot be used."""
    own: dict[str, tuple[Table, Node]] = {}
    files: list[EvidenceFile] = []
    for document in documents:
        if document.kind == "Evidence":
            for node in document.rows("files"):
                files += _read_file(node, document, own, faults)
    return tuple(files)


def own_tables(files: Iterable[EvidenceFile]) -> dict[str, Table]:
    """The tables that the documents themselves define."""
    return {file.table.name: file.table for file in files if file.table.name not in tables()}


def defined_names(documents: Iterable[Document]) -> set[str]:
    """Every table that an `Evidence` document names, be its definition right or wrong."""
    entries = (document.node.get("files") for document in documents if document.kind == "Evidence")
    return {name for entry in entries if entry for file in entry.children() if (name := read_text(file.get("table")))}


def _read_file(
    node: Node, document: Document, own: dict[str, tuple[Table, Node]], faults: Faults
) -> Iterator[EvidenceFile]:
    name, path = str(node.at(["table"]).value), str(node.at(["path"]).value)
    known = tables().get(name)
    table = known if known is not None and known.from_files else None
    if known is not None and table is None:
        faults.hard.append(_refused_table(node.at(["table"])))
        return
    if table is None:
        table = _own_table(node, own, faults)
    if table is None:
        return
    found = [*_column_faults(node, table), *_group_faults(node, table)]
    faults.hard += found
    if found:
        return
    days = node.get("stale_after_days")
    yield EvidenceFile(
        table=table,
        path=document.file.path.parent / path,
        shown=path,
        columns=_headings(node.get("columns")),
        unit=read_text(node.get("unit")),
        home=read_text(document.node.get("unit")) or ORGANISATION,
        group_size=read_text(node.get("group_size")) or table.group_size,
        stale_after_days=days.value if days is not None and isinstance(days.value, int) else None,
        month_first=read_text(node.get("dates")) == "month-first",
        sheet=read_text(node.get("sheet")),
        span=node.at(["path"]).span,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a file behind a table holds."""

    columns: Mapping[str, ColumnType]
    key: tuple[str, ...]
    """Columns that tell its rows apart."""
    person: str | None = None
    """The one column that may say who a row is about."""


_LAYOUTS: Mapping[str, Layout] = {
    "leavers": Layout(columns={"person": "text", "leave_date": "time"}, key=("person",), person="person"),
}
"""Files that are counted rather than taken over: the table holds something else than the file."""


def layout_of(table: Table) -> Layout:
    """What a file behind a table holds; of most, the table's own columns."""
    if table.name in _LAYOUTS:
        return _LAYOUTS[table.name]
    columns = table.columns.items()
    plain = {name: column.type for name, column in columns if column.computed is None and name not in _OURS}
    return Layout(columns=plain, key=table.key)


def file_columns(table: Table) -> Mapping[str, ColumnType]:
    """The columns that a file behind a table may fill, with their types."""
    return layout_of(table).columns


def _headings(columns: Node | None) -> dict[str, str]:
    """Columns to headings, where an entry says so."""
    children = columns.items() if columns is not None else ()
    return {name: heading for name, child in children if (heading := read_text(child.get("from"))) is not None}


# Tables of one's own


def _own_table(node: Node, own: dict[str, tuple[Table, Node]], faults: Faults) -> Table | None:
    """The table that an entry defines, or that an earlier one defined under the same name."""
    name, columns = node.at(["table"]), node.get("columns")
    earlier = own.get(str(name.value))
    if columns is None:
        if earlier is None:
            close = [known for known, table in tables().items() if table.from_files]
            helps = value_helps(str(name.value), close, otherwise=words("evidence.help-define-table"))
            faults.hard.append(error("unknown-table", name.span, helps=helps, name=name.value))
        return None if earlier is None else earlier[0]
    reserved = [key for key in columns.keys if key in _OURS or key.upper() in KEYWORDS]
    faults.hard += [
        error(
            "evidence-reserved-column",
            columns.keys[key].span,
            key="evidence.evidence-reserved-column",
            helps=(words("evidence.help-evidence-reserved-column"),),
            name=key,
        )
        for key in reserved
    ]
    if reserved:
        return None
    table = _defined(node, str(name.value), columns)
    if earlier is not None and earlier[0].columns != table.columns:
        place = ((earlier[1].span, words(_FIRST)),)
        helps = (words("evidence.help-evidence-redefined"),)
        key = "evidence.evidence-redefined"
        faults.hard.append(error("evidence-redefined", name.span, key=key, helps=helps, related=place, name=name.value))
        return None
    return own.setdefault(table.name, (table, name))[0]


def _defined(node: Node, name: str, columns: Node) -> Table:
    types = {column: _type(child) or "text" for column, child in columns.items() if column != UNIT}
    found: dict[str, ColumnType] = {UNIT: "text", UNIT_NAME: "text", GROUP: "text", **types}
    named = [column for column in read_texts(node.get("key")) if column in types]
    telling = named or [column for column, kind in types.items() if kind in ("text", "time")]
    group_size = read_text(node.get("group_size"))
    if group_size is not None:
        found[SUPPRESSED] = "bool"
    return Table(
        name=name,
        title=Text(nl=name, en=name),
        columns={column: Column(name=column, type=kind) for column, kind in found.items()},
        key=(UNIT, *telling),
        label=next((column for column in telling if types[column] == "text"), UNIT_NAME),
        lands="declared",
        lands_by=UNIT,
        people=group_size is not None,
        relations={"units": Relation(name="units", table="units", match=((UNIT, "id"),), one=True)},
        evidence=True,
        group_size=group_size,
    )


def _type(node: Node) -> ColumnType | None:
    return cast("ColumnType | None", read_text(node.get("type")))


# Faults


def _refused_table(name: Node) -> Diagnostic:
    key = "evidence.evidence-not-from-files"
    helps = (words("evidence.help-evidence-not-from-files"),)
    return error("evidence-not-from-files", name.span, key=key, helps=helps, name=name.value)


def _column_faults(node: Node, table: Table) -> Iterator[Diagnostic]:
    """Columns that the table does not have, or has with another type."""
    wanted = file_columns(table)
    columns = node.get("columns")
    for name, child in columns.items() if columns is not None else ():
        kind = _type(child)
        if name not in wanted:
            assert columns is not None
            yield _unknown_column(columns.keys[name], name, table, wanted)
        elif kind is not None and kind != wanted[name]:
            key = "evidence.evidence-column-type"
            helps = (words("evidence.help-evidence-column-type"),)
            place = child.at(["type"]).span
            yield error(
                "evidence-column-type", place, key=key, helps=helps, name=name, table=table.name, type=wanted[name]
            )
    listed_keys = node.get("key")
    for child in listed_keys.children() if listed_keys is not None else ():
        if child.value not in wanted:
            yield _unknown_column(child, str(child.value), table, wanted)


def _unknown_column(place: Node, name: str, table: Table, wanted: Mapping[str, ColumnType]) -> Diagnostic:
    otherwise = words("diagnostics.help-allowed", names=listed(list(wanted)))
    helps = value_helps(name, list(wanted), otherwise=otherwise)
    key = "evidence.evidence-unknown-column"
    return error("evidence-unknown-column", place.span, key=key, helps=helps, name=name, table=table.name)


def _group_faults(node: Node, table: Table) -> Iterator[Diagnostic]:
    """A group size must be a column with whole numbers."""
    named = node.get("group_size")
    if named is None:
        return
    whole = [name for name, kind in file_columns(table).items() if kind == "int" and table.group_size is not None]
    if named.value not in whole:
        helps = value_helps(str(named.value), whole, otherwise=words("evidence.help-evidence-group-size"))
        key = "evidence.evidence-group-size"
        yield error("evidence-group-size", named.span, key=key, helps=helps, name=named.value, table=table.name)
