"""Documents as tables: a row per document or per item of a list, as the catalogue says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from govcheck.catalogue import Column, Declaration, Table
from govcheck.engine.duck import add_empty, naive
from govcheck.engine.held import Row, add_held, hold
from govcheck.engine.units import UnitTree
from govcheck.model import Lang, Text
from govcheck.policy.declarations import declared_tables
from govcheck.policy.header import parse_date, parse_hours
from govcheck.policy.types import DeclaredDocument, Header


def add_documents(
    connection: duckdb.DuckDBPyConnection, documents: Sequence[DeclaredDocument], tree: UnitTree, lang: Lang
) -> None:
    """Create the table of every kind of document, empty where there are no documents."""
    empty: list[Table] = []
    for kind, filled in declared_tables().items():
        listed = [document for document in documents if document.header.kind == kind]
        if not listed:
            empty += filled
            continue
        per_team = any(table.declaration.per_team for table in filled if table.declaration is not None)
        hold(connection, [document.header.unit for document in listed], tree, lang, per_team=per_team)
        for table in filled:
            rows = ((at, row) for at, document in enumerate(listed) for row in _rows(table, document, lang))
            add_held(connection, table, rows)
    add_empty(connection, empty)


# Rows


def _rows(table: Table, document: DeclaredDocument, lang: Lang) -> Iterator[Row]:
    """What one document says, as rows that know no unit yet."""
    declaration = table.declaration
    if declaration is None:
        return
    if not declaration.rows:
        yield header_cells(document.header, lang) | _cells(declaration, document.body, lang) | dict(document.derived)
        return
    for number, outer, item in _items(declaration, document.body):
        repeated = {column: outer.get(key) for column, key in declaration.outer.items()}
        yield {"document": document.header.id, "number": number, **repeated, **_cells(declaration, item, lang)}


def _items(
    declaration: Declaration, body: Mapping[str, Any]
) -> Iterator[tuple[int, Mapping[str, Any], Mapping[str, Any]]]:
    """Number, enclosing item and item; where rows stand in the document itself, that is what encloses them."""
    first, *inner = declaration.rows
    outers: list[Mapping[str, Any]] = list(body.get(first) or ()) if inner else [body]
    for outer in outers:
        for number, item in enumerate(outer.get(inner[0] if inner else first) or (), start=1):
            yield number, outer, item


def header_cells(header: Header, lang: Lang) -> Row:
    """The columns that every document fills, whatever its kind."""
    return {
        "id": header.id,
        "title": header.title.in_lang(lang) if header.title is not None else None,
        "owner": header.owner,
        "approved_by": header.approved_by,
        "version": header.version,
        "effective": naive(header.effective),
        "reviewed": naive(header.reviewed),
        "review_every_days": header.review_every_days,
    }


def _cells(declaration: Declaration, body: Mapping[str, Any], lang: Lang) -> Row:
    cells: Row = {}
    for column in declaration.columns.values():
        if column.path is not None:
            value = _value(body, column.path)
            hours = column.name in declaration.hours
            cells[column.name] = None if value is None else _cell(value, column, lang, hours=hours)
    return cells


def _value(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for key in path.split("/"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any, column: Column, lang: Lang, *, hours: bool) -> Any:
    if hours:
        return parse_hours(value)
    match column.type:
        case "time":
            return naive(parse_date(value))
        case "float":
            return float(value)
        case "int":
            return int(value)
        case "list":
            return [_said(item, lang) for item in value]
        case "text":
            return _said(value, lang)
    return value


def _said(value: Any, lang: Lang) -> str:
    """Text for people in the language of the report; a text without a language as it is."""
    if isinstance(value, Mapping):
        return Text(nl=value.get("nl"), en=value.get("en")).in_lang(lang)
    return str(value)
