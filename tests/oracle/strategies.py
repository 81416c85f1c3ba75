"""Inventing input: well-typed expressions as text, and worlds to ask them of.

Worlds are small and their keys come from small pools, so that relations do find rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from govcheck.catalogue import tables
from govcheck.model import Reason
from oracle.palette import COMMON, PALETTE, PARAMETERS, TEXTS
from oracle.world import World
from oracle.writer import Place, Writer

WHOLE = (0, 1, 2, 3, 7, -1, 100, 2**31, 2**53)
START = datetime(2025, 12, 30, tzinfo=UTC)
STEPS = (timedelta(0), timedelta(hours=12), timedelta(days=1), timedelta(days=2), timedelta(days=3, seconds=1))

TABLES = tuple(PALETTE)
IDS: Mapping[str, tuple[str, ...]] = {"users": ("u1", "u2", "u3"), "teams": ("t1", "t2"), "other": ("x1", "x2", "x3")}
LINKS: Mapping[str, str] = {"user_id": "users", "manager_id": "users", "group_id": "teams"}
GAP_REASONS = (Reason.NOT_PERMITTED, Reason.NOT_LICENSED, Reason.NOT_COLLECTED)


@st.composite
def worlds(draw: st.DrawFn, *, gaps: bool = True) -> World:
    """A world of every table in the palette, some rows each, with some of it not collected."""
    rows = {name: draw(_rows(name)) for name in PALETTE}
    missing = draw(_missing()) if gaps else {}
    kept = {name: found for name, found in rows.items() if name not in missing}
    moment = START + draw(st.sampled_from(STEPS))
    return World(tables=kept, missing=missing, parameters=PARAMETERS, as_of=moment)


def _rows(table: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    columns = [tables()[table].columns[name] for name in PALETTE[table]]
    key = tables()[table].key
    cells = {
        column.name: _cell(table, column.name, column.type, empty=column.name not in key)
        for column in columns
        if not column.computed
    }
    identity: Callable[[dict[str, Any]], Any] = lambda row: tuple(row[name] for name in key)  # noqa: E731
    return st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=4, unique_by=identity)


def _cell(table: str, column: str, kind: str, *, empty: bool) -> st.SearchStrategy[Any]:
    if column == "id":
        return st.sampled_from(IDS.get(table, IDS["other"]))
    if column in LINKS:
        found = st.sampled_from(IDS[LINKS[column]])
        return _maybe(found) if empty else found
    values: Mapping[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "int": st.sampled_from(WHOLE),
        "text": st.sampled_from(("Guest", "Member") if column == "user_type" else COMMON * 4 + TEXTS),
        "time": st.sampled_from(STEPS).map(lambda step: START + step),
        "list": st.lists(st.sampled_from(COMMON * 2 + TEXTS), max_size=3),
        "json": st.just('[{"a":null}]'),
    }
    if column == "role":
        return st.sampled_from(("member", "owner"))
    return _maybe(values[kind]) if empty else values[kind]


def _maybe(found: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Leave a cell empty one time in five."""
    return st.one_of(found, found, found, found, st.none())


@st.composite
def _missing(draw: st.DrawFn) -> dict[str, Reason]:
    """A few gaps: columns mostly, a whole table now and then, keys never."""
    columns = [
        f"{table}.{name}"
        for table, names in PALETTE.items()
        for name in names
        if name not in tables()[table].key and not tables()[table].columns[name].computed
    ]
    places = st.sampled_from([*columns, *PALETTE])
    return draw(st.dictionaries(places, st.sampled_from(GAP_REASONS), max_size=6))


@st.composite
def conditions(draw: st.DrawFn, table: str) -> str:
    """A well-typed condition over a table of the palette, as text."""
    return Writer(draw).condition(Place(tables()[table]))
