"""The catalogue of tables, as data: where a table comes from, its columns, relations and privacy.

Everything that must know Graph or a declaration's shape reads it here: the rule language, the collector,
the snapshot, the engine and the documentation. A new table is a new entry in `tables/*.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from govcheck.model import Reason, Text

ColumnType = Literal["bool", "int", "float", "text", "time", "list", "json"]
Lands = Literal["user", "group", "declared", "organisation"]

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def column_name(path: str) -> str:
    """The column for a Graph property path, `signInActivity/lastSignInDateTime`, or a heading, in snake_case."""
    return "_".join(_BOUNDARY.sub("_", part).lower() for part in re.split("[/ ]", path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; exactly one of `path`, `computed` and neither (built by us) applies."""

    name: str
    type: ColumnType
    path: str | None = None
    """Graph property path inside an object of the feed, parts joined with `/`; in a report the heading."""
    computed: str | None = None
    """Rule-language expression over the table's relations, evaluated by the engine."""
    personal: bool = False
    """Says something about one person: pseudonymised where names are not to be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """The rows of another table, of which each has a feed of its own."""

    table: str
    columns: Mapping[str, str]
    """Columns of ours that repeat one of theirs. The first stands in the path, between braces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One Graph collection or singleton that fills columns of a table."""

    path: str
    """Path below the version, such as `/users`; `{group_id}` means one request per group."""
    entity: str
    permission: str
    bucket: str
    columns: Mapping[str, Column]
    licence: str | None = None
    """Service plan without which Graph refuses."""
    top: int | None = None
    filter: str | None = None
    expand: tuple[str, ...] = ()
    """To-one navigation properties that need `$expand`."""
    subtypes: tuple[str, ...] = ()
    """Derived entity types whose properties are columns too."""
    rows: str | None = None
    """Navigation property of a singleton that holds the rows, needing `$expand`."""
    join: str | None = None
    """Column on which this feed joins the table's first feed."""
    role: str | None = None
    """Value of `memberships.role` for rows of this feed."""
    each: Each | None = None
    """There is such a feed of each row of another table."""
    report: str | None = None
    """Table that a usage report in CSV is about, row by row."""
    delta: bool = False
    counted: bool = False
    """Graph tells how many objects there are, for the price of one request."""
    every_hours: int = 0
    """For how long an earlier reading is good enough for an incremental collection."""

    @property
    def after(self) -> str | None:
        """The table whose rows must be known before this feed can be read."""
        return self.each.table if self.each is not None else self.report


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Rows of another table that belong to a row: `match` pairs (our column, theirs); empty means all rows.

    Through a link table `via`, `match` pairs (our column, link column), `to` pairs (link column, theirs) and
    `where` fixes link columns; `only` fixes columns of the related table.
    """

    name: str
    table: str
    match: tuple[tuple[str, str], ...]
    one: bool = False
    via: str | None = None
    to: tuple[tuple[str, str], ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    only: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of one kind. `declared` tables come from YAML, `sql` ones from other tables, the rest from Graph."""

    name: str
    title: Text
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    lands: Lands
    relations: Mapping[str, Relation]
    feeds: tuple[Feed, ...] = ()
    label: str | None = None
    lands_by: str | None = None
    """Column that says which user, group or unit a row belongs to."""
    people: bool = False
    """Rows are about people, so small groups are suppressed."""
    one_row: bool = False
    declared: bool = False
    hidden: bool = False
    sql: str | None = None
    """For derived tables: a query over the tables in `reads`."""
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """Why a column, or a table as a whole, could not be collected."""

    reason: Reason
    detail: str


@lru_cache
def tables() -> Mapping[str, Table]:
    """Every table by name, in the order of the catalogue's files."""
    from yaml import CSafeLoader, load

    found: dict[str, Table] = {}
    folder = resources.files("govcheck.catalogue").joinpath("tables")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for name, entry in load(file.read_text("utf-8"), Loader=CSafeLoader).items():
            found[name] = _table(name, entry)
    return found


def _table(name: str, entry: Mapping[str, Any]) -> Table:
    personal = frozenset(entry["personal"])
    feeds = tuple(_feed(feed, entry.get("entity"), personal) for feed in entry.get("feeds", ()))
    own = {
        column: Column(name=column, type=kind, personal=column in personal)
        for column, kind in entry.get("derived_columns", {}).items()
    }
    computed = {
        column: Column(name=column, type=spec["type"], computed=spec["expression"])
        for column, spec in entry.get("computed", {}).items()
    }
    read = {} if own else {column.name: column for feed in feeds for column in feed.columns.values()}
    return Table(
        name=name,
        title=Text(**entry["title"]),
        columns=own | read | computed,
        key=tuple(entry["key"]),
        lands=entry["lands"],
        relations={key: _relation(key, spec) for key, spec in entry.get("relations", {}).items()},
        feeds=feeds,
        label=entry.get("label"),
        lands_by=entry.get("lands_by"),
        people=entry.get("people", False),
        one_row=entry.get("one_row", False),
        declared=entry.get("declared", False),
        hidden=entry.get("hidden", False),
        sql=entry.get("sql"),
        reads={table: tuple(columns) for table, columns in entry.get("reads", {}).items()},
    )


def _feed(entry: Mapping[str, Any], entity: str | None, personal: frozenset[str]) -> Feed:
    each = Each(**entry["each"]) if "each" in entry else None
    ours = each.columns if each is not None else ()
    repeated = {name: Column(name=name, type="text", personal=name in personal) for name in ours}
    columns = {
        name: Column(name=name, type=kind, path=path, personal=name in personal)
        for path, kind in entry["columns"].items()
        for name in (column_name(path),)
    }
    return Feed(
        path=entry["path"],
        entity=entry.get("entity", entity),
        permission=entry["permission"],
        bucket=entry["bucket"],
        columns=repeated | columns,
        licence=entry.get("licence"),
        top=entry.get("top"),
        filter=entry.get("filter"),
        expand=tuple(entry.get("expand", ())),
        subtypes=tuple(entry.get("subtypes", ())),
        rows=entry.get("rows"),
        join=entry.get("join"),
        role=entry.get("role"),
        each=each,
        report=entry.get("report"),
        delta=entry.get("delta", False),
        counted=entry.get("counted", False),
        every_hours=entry.get("every_hours", 0),
    )


def _relation(name: str, entry: Mapping[str, Any]) -> Relation:
    return Relation(
        name=name,
        table=entry["table"],
        match=tuple(entry["match"].items()),
        one=entry.get("one", False),
        via=entry.get("via"),
        to=tuple(entry.get("to", {}).items()),
        where=tuple(entry.get("where", {}).items()),
        only=tuple(entry.get("only", {}).items()),
    )
