"""From Graph's JSON to typed columns: what is tolerated, and what is counted as a fault."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec
import pytest

from govcheck.catalogue import Column, ColumnType
from govcheck.graph.columns import RowDecoder


def decode(kind: ColumnType, *values: Any, path: str = "a") -> tuple[list[Any], int]:
    """The column that these values of property `a` become, and how many were faults."""
    decoder = RowDecoder([Column(name="a", type=kind, path=path)])
    table = decoder.decode(json.dumps([{"a": value} for value in values]).encode())
    found = [value.isoformat() if isinstance(value, datetime) else value for value in table["a"].to_pylist()]
    return found, decoder.faults["a"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bool", [True, False, None]),
        ("int", [0, -1, 2**63 - 1, None]),
        ("float", [0.5, 1, None]),
        ("text", ["", "Zoë", "a\u0000b", "\u202e", None]),
        ("list", [[], ["a", "b"], None]),
    ],
)
def test_values_come_through_as_they_are(kind: ColumnType, values: list[Any]) -> None:
    assert decode(kind, *values) == (values, 0)


def test_a_missing_property_is_null() -> None:
    decoder = RowDecoder([Column(name="a", type="text", path="a"), Column(name="b", type="json", path="b")])
    assert decoder.decode(b'[{"a": "x"}, {}]').to_pylist() == [{"a": "x", "b": None}, {"a": None, "b": None}]


def test_properties_and_enum_members_that_are_new_to_us_pass_by() -> None:
    decoder = RowDecoder([Column(name="state", type="text", path="state")])
    rows = b'[{"state": "unknownFutureValue", "novelty": {"deep": [1, 2]}, "@odata.etag": "W/1"}]'
    assert decoder.decode(rows)["state"].to_pylist() == ["unknownFutureValue"]


def test_a_nested_property_is_null_wherever_its_path_ends() -> None:
    decoder = RowDecoder([Column(name="a", type="text", path="one/two/three")])
    rows = [{"one": {"two": {"three": "x"}}}, {"one": {"two": {}}}, {"one": {"two": None}}, {"one": None}, {}]
    assert decoder.decode(json.dumps(rows).encode())["a"].to_pylist() == ["x", None, None, None, None]


def test_a_property_can_be_read_whole_and_in_parts() -> None:
    decoder = RowDecoder(
        [
            Column(name="filter", type="json", path="devices/filter"),
            Column(name="mode", type="text", path="devices/filter/mode"),
        ]
    )
    [row] = decoder.decode(b'[{"devices": {"filter": {"mode": "include", "rule": "r"}}}]').to_pylist()
    assert row == {"filter": '{"mode":"include","rule":"r"}', "mode": "include"}


def test_json_is_kept_as_compact_text_in_its_own_order() -> None:
    values, faults = decode("json", {"b": [1, 2.5], "a": None}, [], "text", None)
    assert values == ['{"b":[1,2.5],"a":null}', "[]", '"text"', None]
    assert faults == 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-01T08:00:00Z", "2026-10-01T08:00:00"),
        ("2026-10-01T08:00:00.5Z", "2026-10-01T08:00:00.500000"),
        ("2026-10-01T08:00:00.1234567Z", "2026-10-01T08:00:00.123456"),
        ("2026-10-01T10:00:00+02:00", "2026-10-01T08:00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999"),
    ],
)
def test_times_are_utc_to_the_microsecond(text: str, moment: str) -> None:
    assert decode("time", text) == ([moment], 0)


@pytest.mark.parametrize("text", ["yesterday", "2026-10-01", "2026-10-01T08:00:00", "2026-13-01T08:00:00Z"])
def test_a_time_that_names_no_moment_is_a_fault(text: str) -> None:
    assert decode("time", "2026-10-01T08:00:00Z", text) == (["2026-10-01T08:00:00", None], 1)


@pytest.mark.parametrize(
    ("kind", "good", "odd"),
    [
        ("bool", True, "true"),
        ("bool", True, 1),
        ("int", 1, 1.5),
        ("int", 1, 2**63),
        ("int", 1, True),
        ("text", "x", 5),
        ("text", "x", {"y": 1}),
        ("time", "2026-10-01T08:00:00Z", 0),
        ("list", ["x"], "x"),
        ("list", ["x"], ["x", 1]),
    ],
)
def test_a_value_of_another_type_is_null_and_counted(kind: ColumnType, good: Any, odd: Any) -> None:
    values, faults = decode(kind, good, odd, None)
    assert values[1:] == [None, None]
    assert values[0] is not None
    assert faults == 1


def test_an_empty_text_in_the_place_of_a_time_is_no_value_and_no_fault() -> None:
    values, faults = decode("time", "2026-10-01T08:00:00Z", "", None)
    assert values[1:] == [None, None]
    assert faults == 0


def test_an_odd_value_in_one_column_leaves_the_others_alone() -> None:
    decoder = RowDecoder(
        [
            Column(name="a", type="bool", path="a"),
            Column(name="b", type="text", path="b/c"),
            Column(name="d", type="json", path="d"),
        ]
    )
    table = decoder.decode(b'[{"a": "yes", "b": {"c": "x"}, "d": {"e": 1}}]')
    assert table.to_pylist() == [{"a": None, "b": "x", "d": '{"e":1}'}]
    assert decoder.faults == {"a": 1}


def test_a_row_that_is_no_object_is_a_fault_of_every_column() -> None:
    decoder = RowDecoder([Column(name="a", type="text", path="a"), Column(name="b", type="text", path="b")])
    decoder.decode(b'[{"a": "x"}, 5]')
    assert decoder.faults == {"a": 1, "b": 1}


def test_an_empty_page_is_a_table_with_the_same_columns() -> None:
    decoder = RowDecoder([Column(name="a", type="time", path="a"), Column(name="b", type="list", path="b")])
    assert decoder.decode(b"[]").schema == decoder.schema


@pytest.mark.parametrize("broken", [b'[{"a": "\\ud800"}]', b'[{"a": "\xff"}]', b"[", b'{"a": 1}'])
def test_what_is_no_json_array_of_text_in_unicode_cannot_be_decoded(broken: bytes) -> None:
    decoder = RowDecoder([Column(name="a", type="text", path="a")])
    with pytest.raises((msgspec.DecodeError, UnicodeError)):
        decoder.decode(broken)
