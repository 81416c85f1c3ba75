"""The catalogue of tables, as data: where a table comes from, its columns, relations and privacy.

Everything that must know Graph or a declaration's shape reads it here: the rule language, the collector,
the snapshot, the engine and the documentation. A new table is a new entry in `tables/*.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from govcheck.model import Reason, Text

ColumnType = Literal["bool", "int", "float", "text", "time", "list", "json"]
Lands = Literal["user", "group", "declared", "organisation"]

SUPPRESSED = "suppressed"
"""Column that marks the rows of an evidence table that are about too few people to be shown."""

UNIT_NAME = "unit_name"
"""Column that says how people call the unit whose id stands in `unit`."""

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def column_name(path: str) -> str:
    """The column for a Graph property path, `signInActivity/lastSignInDateTime`, or a heading, in snake_case."""
    return "_".join(_BOUNDARY.sub("_", part).lower() for part in re.split("[/ .]", path.removeprefix("@")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; exactly one of `path`, `computed`, `made` and none of them (built by us) applies."""

    name: str
    type: ColumnType
    path: str | None = None
    """Property path inside an object of the feed or document, parts joined with `/`; in a report the heading."""
    computed: str | None = None
    """Rule-language expression over the table's relations, evaluated by the engine."""
    made: bool = False
    """Made together with the table `MADE`, from what that table reads."""
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
    beta: bool = False
    """Graph has it in its test version alone, so it is read only where that is allowed."""
    source: str | None = None
    """Where the names come from that Microsoft's metadata of version 1.0 does not have."""
    only: str | None = None
    """How the `@odata.type` of an object ends that is a row; others are passed by."""
    assigned: bool = False
    """To whom an object is assigned comes along, and makes the columns in `ASSIGNED`."""

    @property
    def after(self) -> str | None:
        """The table whose rows must be known before this feed can be read."""
        return self.each.table if self.each is not None else self.report


MADE = "sign_in_paths"
"""The table that the room for Conditional Access makes; columns that say `made` come along with it."""

ASSIGNED: Mapping[str, ColumnType] = {
    "assigned_group_ids": "list",
    "excluded_group_ids": "list",
    "assigned_to_all_users": "bool",
    "assigned_to_all_devices": "bool",
}
"""Columns that say to whom Intune gives something."""


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
    fold: bool = False
    """Capitals make no difference to `match`, as with names that people sign in with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """How documents of one kind become rows: one per document, or one per item of the list at `rows`."""

    kind: str
    columns: Mapping[str, Column]
    hours: frozenset[str]
    """Columns whose text is an ISO 8601 duration; the column holds its hours."""
    rows: tuple[str, ...] = ()
    """Keys of the list of rows; a second key names a list inside each item of the first."""
    outer: Mapping[str, str] = field(default_factory=dict)
    """Columns that repeat a key of the enclosing item."""
    per_team: bool = False
    """A document without a unit holds for every team without a nearer one of its kind."""


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
    declaration: Declaration | None = None
    """For declared tables that documents fill without further ado."""
    data: str | None = None
    """For declared tables that we ship ourselves: the file of rows beside the catalogue."""
    evidence: bool = False
    """Filled from files that an `Evidence` document names; missing until then."""
    group_size: str | None = None
    """Column of an evidence table that counts the people behind a row. Such a table has a column `suppressed` too:
    of a row about too few people the key alone is left."""
    hidden: bool = False
    sql: str | None = None
    """For derived tables: a query over the tables in `reads`."""
    made: bool = False
    """Made from the tables in `reads`, by more than a query."""
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def derived(self) -> bool:
        """Whether its rows follow from other tables, those in `reads`."""
        return self.made or self.sql is not None

    @property
    def from_files(self) -> bool:
        """Whether files fill it; evidence can also be worked out of other evidence."""
        return self.evidence and not self.derived

    @property
    def names_people(self) -> bool:
        """Whether each row is a person, or goes by somebody's name."""
        return any(column.personal for column in self.columns.values() if column.name in (*self.key, self.label))

    @property
    def beta(self) -> bool:
        """Whether Graph has its rows in the test version alone."""
        return bool(self.feeds) and self.feeds[0].beta


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """Why a column, or a table as a whole, could not be collected."""

    reason: Reason
    detail: Text


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
        lands=entry["lands"],
        relations={key: _relation(key, spec) for key, spec in entry.get("relations", {}).items()},
        feeds=feeds,
        label=entry.get("label"),
        lands_by=entry.get("lands_by"),
        people=entry.get("people", False),
        one_row=entry.get("one_row", False),
        declared=entry.get("declared", False),
        declaration=declaration,
        data=entry.get("data"),
        evidence=entry.get("evidence", False),
        group_size=entry.get("group_size"),
        hidden=entry.get("hidden", False),
        sql=entry.get("sql"),
        made=made is True,
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
    assigned = ASSIGNED if entry.get("assigned", False) else {}
    columns |= {name: Column(name=name, type=kind) for name, kind in assigned.items()}
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
        beta=entry.get("beta", False),
        source=entry.get("source"),
        only=entry.get("only"),
        assigned=entry.get("assigned", False),
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
        table=entry["table"],
        match=tuple(entry["match"].items()),
        one=entry.get("one", False),
        via=entry.get("via"),
        to=tuple(entry.get("to", {}).items()),
        where=tuple(entry.get("where", {}).items()),
        only=tuple(entry.get("only", {}).items()),
        fold=entry.get("fold", False),
    )
