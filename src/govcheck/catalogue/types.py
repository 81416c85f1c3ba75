"""What can be said of a table: where its rows come from, its columns, its relations and its privacy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from govcheck.model import Reason, Text

ColumnType = Literal["bool", "int", "float", "text", "time", "list", "json"]
Lands = Literal["user", "group", "declared", "organisation"]

SUPPRESSED = "suppressed"
"""Column that marks the rows of an evidence table that are about too few people to be shown."""

UNIT_NAME = "unit_name"
"""Column that says how people call the unit whose id stands in `unit`."""


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
