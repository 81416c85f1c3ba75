"""From the bytes of Graph's rows straight to typed columns.

The SDK's own models cost milliseconds an object; here msgspec decodes a page into slim structs built from the
catalogue, in microseconds. Properties that we did not ask for and enum members that are new to us pass by.

A value that is not of the column's documented type leaves its cell null and is counted in `faults`. The
collector then drops that column and records a gap: a null of our own making must never read as the tenant's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, Protocol

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from govcheck.catalogue import Column, ColumnType
from govcheck.snapshot.arrow import ARROW_TYPES

_NULL = msgspec.Raw(b"null")
_INT64 = 2**63
_UTC_MICROSECONDS = pa.timestamp("us", tz="UTC")

_DECODED: Mapping[ColumnType, Any] = {
    "bool": bool | None,
    "int": Annotated[int, msgspec.Meta(ge=-_INT64, le=_INT64 - 1)] | None,
    "float": float | None,
    "text": str | None,
    "time": str | None,
    "list": list[str] | None,
    "json": msgspec.Raw,
}

_FITS: Mapping[ColumnType, Callable[[Any], bool]] = {
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: type(value) is int and -_INT64 <= value < _INT64,
    "float": lambda value: type(value) in {int, float},
    "text": lambda value: isinstance(value, str),
    "time": lambda value: isinstance(value, str),
    "list": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    "json": lambda _: True,
}

_Tree = dict[str, Any]
"""Property names to a column, or to the tree of a property's own properties."""


class Decoder(Protocol):
    """Makes tables of `columns` from arrays of Graph objects."""

    columns: tuple[Column, ...]
    faults: Counter[str]
    """Values per column that were not of the documented type."""

    def decode(self, rows: bytes) -> pa.Table:
        """Decode one JSON array of objects. Raises `ValueError` where it is no well-formed JSON array."""
        ...


class RowDecoder:
    """Decodes arrays of Graph objects into tables of `columns`, each found at its `path`."""

    def __init__(self, columns: Sequence[Column]) -> None:
        """Build the structs for these columns."""
        self.columns = tuple(columns)
        self.schema = row_schema(self.columns)
        self.faults: Counter[str] = Counter()
        """Values per column that were not of the documented type."""
        self._parts = tuple(_Part(columns) for columns in _apart(self.columns))

    def decode(self, rows: bytes) -> pa.Table:
        """Decode one JSON array of objects. Raises `ValueError` where it is no well-formed JSON array."""
        try:
            return self._table({name: values for part in self._parts for name, values in part.decode(rows)})
        except msgspec.ValidationError:
            return self._decode_leniently(rows)

    def _decode_leniently(self, rows: bytes) -> pa.Table:
        """Decode value by value, so that one odd value costs its own column and no other."""
        objects = msgspec.json.decode(rows, type=list[Any])
        return self._table({column.name: [self._cell(column, row) for row in objects] for column in self.columns})

    def _cell(self, column: Column, row: Any) -> Any:
        value = row
        for name in _path(column):
            if value is None:
                return None
            if not isinstance(value, dict):
                self.faults[column.name] += 1
                return None
            value = value.get(name)
        if value is None:
            return None
        if not _FITS[column.type](value):
            self.faults[column.name] += 1
            return None
        return msgspec.json.encode(value).decode() if column.type == "json" else value

    def _table(self, values: Mapping[str, Sequence[Any]]) -> pa.Table:
        arrays = [
            self._times(column, values[column.name])
            if column.type == "time"
            else pa.array(values[column.name], ARROW_TYPES[column.type])
            for column in self.columns
        ]
        return pa.table(arrays, schema=self.schema)

    def _times(self, column: Column, values: Sequence[str | None]) -> pa.Array:
        # Where no time is known Microsoft documents an empty text here and there: that is no value, and no fault.
        values = [value or None for value in values]
        # Some services write seven decimals; whatever is finer than a microsecond is cut off, never rounded up:
        # the placeholder 9999-12-31T23:59:59.9999999Z has no next microsecond.
        texts = pc.replace_substring_regex(pa.array(values, pa.string()), r"(\.\d{6})\d+", r"\1")
        try:
            moments = texts.cast(_UTC_MICROSECONDS)
        except pa.ArrowInvalid:
            moments = pa.array([self._moment(column, text) for text in texts], _UTC_MICROSECONDS)
        return moments.cast(ARROW_TYPES["time"])

    def _moment(self, column: Column, text: pa.StringScalar) -> Any:
        try:
            return text.cast(_UTC_MICROSECONDS)
        except pa.ArrowInvalid:
            self.faults[column.name] += 1
            return None


class _Part:
    """Decodes columns of which none lies inside another, through one struct."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._attributes: dict[str, list[attrgetter[Any]]] = {}
        tree: _Tree = {}
        for column in columns:
            *parents, leaf = _path(column)
            branch = tree
            for name in parents:
                branch = branch.setdefault(name, {})
            branch[leaf] = column
        self._decoder = msgspec.json.Decoder(list[self._struct(tree, [])])  # type: ignore[misc]

    def decode(self, rows: bytes) -> Iterator[tuple[str, Sequence[Any]]]:
        """Give each column's name and values. Raises `msgspec.ValidationError` where a value does not fit."""
        objects = self._decoder.decode(rows)
        return ((column.name, self._values(column, objects)) for column in self._columns)

    def _struct(self, tree: _Tree, above: list[attrgetter[Any]]) -> type[msgspec.Struct]:
        fields = []
        for index, (name, node) in enumerate(tree.items()):
            attribute = f"field_{index}"
            here = [*above, attrgetter(attribute)]
            if isinstance(node, Column):
                self._attributes[node.name] = here
                kind, default = _DECODED[node.type], _NULL if node.type == "json" else None
            else:
                kind, default = self._struct(node, here) | None, None
            fields.append((attribute, kind, msgspec.field(name=name, default=default)))
        return msgspec.defstruct("Row", fields, gc=False)

    def _values(self, column: Column, objects: Sequence[Any]) -> Sequence[Any]:
        values = objects
        for read in self._attributes[column.name]:
            values = [None if value is None else read(value) for value in values]
        return [_compact(value) for value in values] if column.type == "json" else values


def row_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of a table of these columns."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in columns])


def _path(column: Column) -> list[str]:
    if column.path is None:
        raise ValueError(f"{column.name} is not read from Graph")
    return column.path.split("/")


def _apart(columns: Sequence[Column]) -> list[list[Column]]:
    """Split columns so that none lies inside another of its part, as `deviceFilter/rule` does in `deviceFilter`."""
    parts: list[list[Column]] = []
    for column in columns:
        part = next((part for part in parts if not any(_overlap(column, other) for other in part)), None)
        if part is None:
            parts.append([column])
        else:
            part.append(column)
    return parts


def _overlap(one: Column, other: Column) -> bool:
    short, long = sorted((_path(one), _path(other)), key=len)
    return long[: len(short)] == short


def _compact(raw: msgspec.Raw | None) -> str | None:
    return None if raw is None or raw == _NULL else _compact_text(bytes(raw))


@lru_cache(maxsize=4096)
def _compact_text(written: bytes) -> str:
    """JSON without white space. The same few licences come back in most rows of a page."""
    return msgspec.json.format(written, indent=-1).decode()
