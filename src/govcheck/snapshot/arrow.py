"""How the types of the catalogue's columns stand in Parquet, and in every table of a run."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from govcheck.catalogue import ColumnType

ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    "bool": pa.bool_(),
    "int": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
    "time": pa.timestamp("us"),
    "list": pa.list_(pa.string()),
    "json": pa.string(),
}
"""Times are UTC without saying so; `json` is compact JSON as text."""
