"""Documents as tables: each row is made once, and the database repeats it for every unit where it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from govcheck.catalogue import Column, Declaration, Table, tables
from govcheck.engine.duck import ARROW_TYPES, add_empty, add_pairs, quoted
from govcheck.engine.in_force import in_force, place_of
from govcheck.engine.units import UnitTree
from govcheck.model import ORGANISATION, Lang, Text
from govcheck.policy.header import parse_date, parse_hours
from govcheck.policy.types import DeclaredDocument, Header

Row = dict[str, Any]
Place = tuple[int, str, str | None]
"""Where a document holds: its number, the unit, and the group of that unit's team."""

_AT = "document_number"
_PLACED = ("unit", "group_id")


def add_documents(
    connection: duckdb.DuckDBPyConnection, documents: Sequence[DeclaredDocument], tree: UnitTree, lang: Lang
) -> None:
    """Create the table of every kind of document, empty where there are no documents."""
    by_kind: dict[str, list[DeclaredDocument]] = {}
    for document in documents:
        by_kind.setdefault(document.header.kind, []).append(document)
    empty: list[Table] = []
    for table in tables().values():
        if table.declaration is None:
            continue
        listed = by_kind.get(table.declaration.kind, [])
        rows = [{_AT: at, **row} for at, document in enumerate(listed) for row in _rows(table, document, lang)]
        if rows:
            _add(connection, table, rows, list(_places(table.declaration, listed, tree)))
        else:
            empty.append(table)
    add_empty(connection, empty)


def _places(declaration: Declaration, documents: Sequence[DeclaredDocument], tree: UnitTree) -> Iterator[Place]:
    units = [place_of(document.header.unit, tree) for document in documents]
    if declaration.per_team:
        yield from ((at, place.id, place.group) for place, at in in_force(units, tree))
        yield from ((at, unit, None) for at, unit in enumerate(units) if unit is not None and unit not in tree.places)
        return
    for at, unit in enumerate(units):
        place = tree.places.get(unit or ORGANISATION)
        yield at, unit or ORGANISATION, place.group if place is not None else None


def _add(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Row], places: Sequence[Place]) -> None:
    columns = [column for column in table.columns.values() if column.computed is None]
    own = [column for column in columns if column.name not in _PLACED]
    schema = pa.schema(
        [pa.field(_AT, pa.int32()), *(pa.field(column.name, ARROW_TYPES[column.type]) for column in own)]
    )
    filled = [{name: row.get(name) for name in schema.names} for row in rows]
    add_pairs(connection, "document_places", {_AT: pa.int32(), "unit": pa.string(), "group_id": pa.string()}, places)
    connection.register("document_rows", pa.Table.from_pylist(filled, schema=schema))
    names = ", ".join(quoted(column.name) for column in columns)
    connection.execute(
        f"CREATE TABLE {quoted(table.name)} AS SELECT {names} FROM document_rows JOIN document_places USING ({_AT})"
    )
    connection.unregister("document_rows")


# Rows


def _rows(table: Table, document: DeclaredDocument, lang: Lang) -> Iterator[Row]:
    """What one document says, as rows that know no unit yet."""
    declaration = table.declaration
    if declaration is None:
        return
    if not declaration.rows:
        yield _header_cells(document.header, lang) | _cells(declaration, document.body, lang) | dict(document.derived)
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


def _header_cells(header: Header, lang: Lang) -> Row:
    return {
        "id": header.id,
        "title": header.title.in_lang(lang) if header.title is not None else None,
        "owner": header.owner,
        "approved_by": header.approved_by,
        "version": header.version,
        "effective": header.effective and header.effective.replace(tzinfo=None),
        "reviewed": header.reviewed and header.reviewed.replace(tzinfo=None),
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
            moment = parse_date(value)
            return moment.replace(tzinfo=None) if moment is not None else None
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
