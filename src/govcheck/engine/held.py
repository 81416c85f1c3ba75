"""Rows that hold for several units: each is made once, and the database repeats it for every unit where it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from govcheck.catalogue import UNIT_NAME, Table
from govcheck.engine.duck import add_pairs, quoted
from govcheck.engine.in_force import in_force, place_of
from govcheck.engine.units import UnitTree
from govcheck.model import ORGANISATION, Lang
from govcheck.snapshot.arrow import ARROW_TYPES

Row = dict[str, Any]

_AT = "document_number"
_PLACED = ("unit", UNIT_NAME, "group_id")
_PLACES: Mapping[str, pa.DataType] = {_AT: pa.int32(), **dict.fromkeys(_PLACED, pa.string())}


def hold(
    connection: duckdb.DuckDBPyConnection, units: Sequence[str | None], tree: UnitTree, lang: Lang, *, per_team: bool
) -> None:
    """Say for which units some documents hold; `units` has the unit that each of them names.

    A document for a unit that does not exist holds there all the same. What comes after looks at these until the
    next call.
    """
    add_pairs(connection, "document_places", _PLACES, _places(units, tree, lang, per_team=per_team))


def add_held(connection: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[tuple[int, Row]]) -> None:
    """Create a table of rows, each with the number of its document, for every unit where that holds."""
    columns = [column for column in table.columns.values() if column.computed is None]
    own = [column for column in columns if column.name not in _PLACED]
    schema = pa.schema(
        [pa.field(_AT, pa.int32()), *(pa.field(column.name, ARROW_TYPES[column.type]) for column in own)]
    )
    filled = [{**dict.fromkeys(schema.names), **row, _AT: at} for at, row in rows]
    connection.register("document_rows", pa.Table.from_pylist(filled, schema=schema))
    names = ", ".join(quoted(column.name) for column in columns)
    connection.execute(
        f"CREATE TABLE {quoted(table.name)} AS SELECT {names} FROM document_rows JOIN document_places USING ({_AT})"
    )
    connection.unregister("document_rows")


def _places(
    units: Sequence[str | None], tree: UnitTree, lang: Lang, *, per_team: bool
) -> Iterator[tuple[int, str, str, str | None]]:
    """Number of the document, unit, its name and its group."""
    named = [place_of(unit, tree) for unit in units]
    held = [(at, unit or ORGANISATION) for at, unit in enumerate(named)]
    if per_team:
        held = [(at, place.id) for place, at in in_force(named, tree)]
        held += [(at, unit) for at, unit in enumerate(named) if unit is not None and unit not in tree.places]
    for at, unit in held:
        place = tree.places.get(unit)
        yield at, unit, tree.name_of(unit, lang), place.group if place is not None else None
