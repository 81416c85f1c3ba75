"""The catalogue of tables, as data: where a table comes from, its columns, relations and privacy.

Everything that must know Graph or a declaration's shape reads it here: the rule language, the collector,
the snapshot, the engine and the documentation. A new table is a new entry in `tables/*.yaml`.
"""

from __future__ import annotations

from govcheck.catalogue.load import column_name, shipped_rows, tables
from govcheck.catalogue.types import (
    ASSIGNED,
    MADE,
    SUPPRESSED,
    UNIT_NAME,
    Column,
    ColumnType,
    Declaration,
    Each,
    Feed,
    Lands,
    MissingColumn,
    Relation,
    Table,
)

__all__ = [
    "ASSIGNED",
    "MADE",
    "SUPPRESSED",
    "UNIT_NAME",
    "Column",
    "ColumnType",
    "Declaration",
    "Each",
    "Feed",
    "Lands",
    "MissingColumn",
    "Relation",
    "Table",
    "column_name",
    "shipped_rows",
    "tables",
]
