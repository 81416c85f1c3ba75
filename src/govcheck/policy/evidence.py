"""Evidence documents: which files there are, which tables they fill, and what their columns mean."""

from __future__ import annotations

import re
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
_APART = re.compile(r"[^a-z0-9]+")


def read_evidence_files(documents: Iterable[Document], faults: Faults) -> tuple[EvidenceFile, ...]:
    """The files that the `Evidence` documents among `documents` name, without those that cannot be used."""
    entries = [
        (node, document) for document in documents if document.kind == "Evidence" for node in document.rows("files")
    ]
    own: dict[str, tuple[Table, Node]] = {}
    fit = [_define(node, own, faults) for node, _ in entries]
    return tuple(
        file
        for (node, document), is_fit in zip(entries, fit, strict=True)
        if is_fit
        for file in _read_file(node, document, own, faults)
    )


def own_tables(files: Iterable[EvidenceFile]) -> dict[str, Table]:
    """The tables that the documents themselves define."""
    return {file.table.name: file.table for file in files if not is_shipped(file.table)}


def is_shipped(table: Table) -> bool:
    """Whether a table is one of the catalogue's, as it stands there."""
    return tables().get(table.name) is table


def defined_names(documents: Iterable[Document]) -> set[str]:
    """Every table that an `Evidence` document names, be its definition right or wrong."""
    entries = (document.node.get("files") for document in documents if document.kind == "Evidence")
    return {name for entry in entries if entry for file in entry.children() if (name := read_text(file.get("table")))}


def _read_file(
    node: Node, document: Document, own: Mapping[str, tuple[Table, Node]], faults: Faults
) -> Iterator[EvidenceFile]:
    name, path = str(node.at(["table"]).value), str(node.at(["path"]).value)
    table = own[name][0] if name in own else tables().get(name)
    if table is None:
        faults.hard.append(_unknown_table(node.at(["table"])))
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
        columns=_headings(node, table),
        unit=read_text(node.get("unit")),
        home=read_text(document.node.get("unit")) or ORGANISATION,
        group_size=_group_column(node) or table.group_size,
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


def _headings(node: Node, table: Table) -> dict[str, str]:
    """Columns to headings, where an entry says so; a shipped table that it redefines has all that it lists."""
    columns = node.get("columns")
    if columns is None:
        return {}
    redefined = table.name in tables() and not is_shipped(table)
    found: dict[str, str] = {}
    for name, child in columns.items():
        heading = read_text(child.get("from")) or (name if redefined else None)
        if heading is not None:
            found[name] = heading
    group, counted = _group_column(node), read_text(node.get("group_size"))
    known = tables().get(table.name)
    if group and counted and columns.get(group) is None and (known is None or group not in known.columns):
        found[group] = counted
    return found


# Tables of one's own


def _define(node: Node, own: dict[str, tuple[Table, Node]], faults: Faults) -> bool:
    """Note the table that an entry defines, if it does; whether the entry's table can be used."""
    name, columns = node.at(["table"]), node.get("columns")
    known = tables().get(str(name.value))
    if known is not None and not known.from_files:
        faults.hard.append(_refused_table(name))
        return False
    if columns is None:
        return True
    if known is not None and not _redefines(columns, known):
        return True
    reserved = [key for key in columns.keys if key in _OURS or key.upper() in KEYWORDS]
    faults.hard += [_reserved(columns.keys[key], key) for key in reserved]
    table = _defined(node, str(name.value), columns, known)
    earlier = own.setdefault(table.name, (table, name))
    if earlier[0].columns != table.columns:
        faults.hard.append(_redefined(name, earlier[1]))
        return False
    return not reserved


def _redefines(columns: Node, known: Table) -> bool:
    """Whether an entry gives a shipped table columns of its own: they say their type, which a slip would not."""
    return known.name not in _LAYOUTS and any(
        name not in file_columns(known) and _type(child) is not None for name, child in columns.items()
    )


def _defined(node: Node, name: str, columns: Node, known: Table | None) -> Table:
    """A table of what an entry lists; of a shipped one the other columns stay, for the rules that read them."""
    group_size = _group_column(node)
    types: dict[str, ColumnType] = {
        column: _type(child) or (known.columns[column].type if known and column in known.columns else "text")
        for column, child in columns.items()
        if column != UNIT
    }
    if group_size is not None:
        given = columns.get(group_size)
        types[group_size] = (_type(given) if given is not None else None) or "int"
    elif known is not None and known.group_size in types:
        group_size = known.group_size
    found: dict[str, ColumnType] = {UNIT: "text", UNIT_NAME: "text", GROUP: "text", **types}
    named = [column for column in read_texts(node.get("key")) if column in types]
    telling = named or [column for column, kind in types.items() if kind in ("text", "time")]
    if group_size is not None:
        found[SUPPRESSED] = "bool"
    plain = {column: Column(name=column, type=kind) for column, kind in found.items()}
    rest = {column: each for column, each in known.columns.items() if column not in plain} if known else {}
    return Table(
        name=name,
        title=known.title if known is not None else Text(nl=name, en=name),
        columns=plain | rest,
        key=(UNIT, *telling),
        label=next((column for column in telling if types[column] == "text"), UNIT_NAME),
        lands="declared",
        lands_by=UNIT,
        people=group_size is not None,
        relations={"units": Relation(name="units", table="units", match=((UNIT, "id"),), one=True)}
        | (dict(known.relations) if known is not None else {}),
        evidence=True,
        group_size=group_size,
    )


def _group_column(node: Node) -> str | None:
    """The column that counts people: one that an entry lists by that name or takes from that heading, or a new one."""
    named, columns = read_text(node.get("group_size")), node.get("columns")
    if named is None or columns is None or columns.get(named) is not None:
        return named
    listed_from = (name for name, child in columns.items() if read_text(child.get("from")) == named)
    return next(listed_from, _APART.sub("_", named.lower()).strip("_") or "group_size")


def _type(node: Node) -> ColumnType | None:
    return cast("ColumnType | None", read_text(node.get("type")))


# Faults


def _reserved(place: Node, name: str) -> Diagnostic:
    key = "evidence.evidence-reserved-column"
    helps = (words("evidence.help-evidence-reserved-column"),)
    return error("evidence-reserved-column", place.span, key=key, helps=helps, name=name)


def _redefined(name: Node, first: Node) -> Diagnostic:
    key = "evidence.evidence-redefined"
    place, helps = ((first.span, words(_FIRST)),), (words("evidence.help-evidence-redefined"),)
    return error("evidence-redefined", name.span, key=key, helps=helps, related=place, name=name.value)


def _unknown_table(name: Node) -> Diagnostic:
    close = [known for known, table in tables().items() if table.from_files]
    helps = value_helps(str(name.value), close, otherwise=words("evidence.help-define-table"))
    return error("unknown-table", name.span, helps=helps, name=name.value)


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
    if _group_column(node) not in whole:
        helps = value_helps(str(named.value), whole, otherwise=words("evidence.help-evidence-group-size"))
        key = "evidence.evidence-group-size"
        yield error("evidence-group-size", named.span, key=key, helps=helps, name=named.value, table=table.name)
