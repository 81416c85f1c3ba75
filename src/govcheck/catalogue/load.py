"""Reads `tables/*.yaml` and the files of rows beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import Any

from govcheck.catalogue.types import (
    ASSIGNED,
    SUPPRESSED,
    UNIT_NAME,
    Column,
    ColumnType,
    Declaration,
    Each,
    Feed,
    Relation,
    Table,
)
from govcheck.model import Text

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def column_name(path: str) -> str:
    """The column for a Graph property path, `signInActivity/lastSignInDateTime`, or a heading, in snake_case."""
    return "_".join(_BOUNDARY.sub("_", part).lower() for part in re.split("[/ .]", path.removeprefix("@")))


@lru_cache
def tables() -> Mapping[str, Table]:
    """Every table by name, in the order of the catalogue's files."""
    from yaml import CSafeLoader, load

    found: dict[str, Table] = {}
    folder = resources.files("govcheck.catalogue").joinpath("tables")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for name, entry in load(file.read_text("utf-8"), Loader=CSafeLoader).items():
            found[name] = _table(name, entry)
    return {name: _asking(table, found) for name, table in found.items()}


_ASKING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "units": (("id", "unit"),),
    "teams": (("id", "group_id"),),
    "organization": (),
}


def _asking(table: Table, found: Mapping[str, Table]) -> Table:
    """A table of units with a relation to each evidence table, so that rules can ask whether a unit has evidence."""
    match = _ASKING.get(table.name)
    if match is None:
        return table
    evidence = {
        name: Relation(name=name, table=name, match=match)
        for name, other in found.items()
        if other.evidence and other.columns.keys() >= {theirs for _, theirs in match}
    }
    return replace(table, relations=evidence | dict(table.relations))


@lru_cache
def shipped_rows(table: str) -> tuple[Mapping[str, Any], ...]:
    """The rows of a table that we ship ourselves, as its `data` file has them."""
    from yaml import CSafeLoader, load

    file = tables()[table].data
    if file is None:
        raise ValueError(table)
    text = resources.files("govcheck.catalogue").joinpath(file).read_text("utf-8")
    return tuple(load(text, Loader=CSafeLoader))


def _table(name: str, entry: Mapping[str, Any]) -> Table:
    personal = frozenset(entry["personal"])
    feeds = tuple(_feed(feed, entry.get("entity"), personal) for feed in entry.get("feeds", ()))
    own = {
        column: Column(name=column, type=kind, personal=column in personal)
        for column, kind in entry.get("derived_columns", {}).items()
    }
    if entry.get("evidence", False) and "unit" in own:
        own[UNIT_NAME] = Column(name=UNIT_NAME, type="text")
    if "group_size" in entry:
        own[SUPPRESSED] = Column(name=SUPPRESSED, type="bool")
    computed = {
        column: Column(name=column, type=spec["type"], computed=spec["expression"])
        for column, spec in entry.get("computed", {}).items()
    }
    made = entry.get("made", False)
    if isinstance(made, dict):
        computed |= {name: Column(name=name, type=kind, made=True) for name, kind in made.items()}
    declaration = _declaration(entry["document"]) if "document" in entry else None
    said = declaration.columns if declaration is not None else {}
    read = {} if own else {column.name: column for feed in feeds for column in feed.columns.values()}
    return Table(
        name=name,
        title=Text(**entry["title"]),
        columns={**said, **own, **read, **computed},
        key=tuple(entry["key"]),
        relations={key: _relation(key, spec) for key, spec in entry.get("relations", {}).items()},
        feeds=feeds,
        declaration=declaration,
        made=made is True,
        reads={table: tuple(columns) for table, columns in entry.get("reads", {}).items()},
        **_as_written(entry, _TABLE),
    )


_TABLE = (
    "lands",
    "label",
    "lands_by",
    "people",
    "one_row",
    "declared",
    "data",
    "evidence",
    "group_size",
    "hidden",
    "sql",
)


def _as_written(entry: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """The values that go by the same name in the file and in the catalogue; what is not there keeps its default."""
    return {key: entry[key] for key in keys if key in entry}


def _feed(entry: Mapping[str, Any], entity: str | None, personal: frozenset[str]) -> Feed:
    each = Each(**entry["each"]) if "each" in entry else None
    ours = each.columns if each is not None else ()
    repeated = {name: Column(name=name, type="text", personal=name in personal) for name in ours}
    columns = {
        name: Column(name=name, type=kind, path=path, personal=name in personal)
        for path, kind in entry["columns"].items()
        for name in (column_name(path),)
    }
    assigned = ASSIGNED if entry.get("assigned", False) else {}
    columns |= {name: Column(name=name, type=kind) for name, kind in assigned.items()}
    return Feed(
        entity=entry.get("entity", entity),
        columns=repeated | columns,
        expand=tuple(entry.get("expand", ())),
        subtypes=tuple(entry.get("subtypes", ())),
        each=each,
        **_as_written(entry, _FEED),
    )


_FEED = (
    *("path", "permission", "bucket", "licence", "top", "filter", "rows", "join", "role", "report", "delta", "counted"),
    *("every_hours", "beta", "source", "only", "assigned"),
)


_HEADER: Mapping[str, ColumnType] = {
    "id": "text",
    "title": "text",
    "owner": "text",
    "approved_by": "text",
    "version": "text",
    "effective": "time",
    "reviewed": "time",
    "review_every_days": "int",
}
_PLACE: Mapping[str, ColumnType] = {"unit": "text", UNIT_NAME: "text", "group_id": "text"}
_ROW: Mapping[str, ColumnType] = {"document": "text", "number": "int"}


def _declaration(entry: Mapping[str, Any]) -> Declaration:
    rows = tuple(entry["rows"].split("/")) if "rows" in entry else ()
    outer = entry.get("outer", {})
    ours: dict[str, ColumnType] = {**_PLACE, **(_ROW if rows else _HEADER), **dict.fromkeys(outer, "text")}
    columns = {name: Column(name=name, type=kind) for name, kind in ours.items()}
    hours = set()
    for path, kind in entry["columns"].items():
        is_hours = kind == "hours"
        name = f"{column_name(path)}_hours" if is_hours else column_name(path)
        typed: ColumnType = "float" if is_hours else kind
        columns[name] = Column(name=name, type=typed, path=path)
        if is_hours:
            hours.add(name)
    return Declaration(
        kind=entry["kind"],
        columns=columns,
        hours=frozenset(hours),
        rows=rows,
        outer=outer,
        per_team=entry.get("per_team", False),
    )


def _relation(name: str, entry: Mapping[str, Any]) -> Relation:
    return Relation(
        name=name,
        match=tuple(entry["match"].items()),
        to=tuple(entry.get("to", {}).items()),
        where=tuple(entry.get("where", {}).items()),
        only=tuple(entry.get("only", {}).items()),
        **_as_written(entry, ("table", "one", "via", "fold")),
    )
