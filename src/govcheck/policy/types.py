"""What policy files say, checked and typed: the engine's input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from govcheck.catalogue import Table, tables
from govcheck.diagnostics import Diagnostic
from govcheck.expr import Expression
from govcheck.model import ORGANISATION, Severity, Span, Text, UnitKind

MIN_GROUP = 5
"""The fewest people of whom a number is shown, unless the organisation says otherwise."""

ParameterValue = bool | int | float | str | tuple[str, ...] | tuple[float, ...]
"""A parameter's value; its type is that of its default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What every document carries, whatever its kind."""

    kind: str
    id: str
    path: str
    span: Span
    """Place of the document's id."""
    title: Text | None = None
    owner: str | None = None
    approved_by: str | None = None
    version: str | None = None
    effective: datetime | None = None
    reviewed: datetime | None = None
    review_every_days: int | None = None
    unit: str | None = None
    digest: str | None = None
    """sha256 over the document's values, so that comments and layout do not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A made-up row that must pass or fail a rule; related rows nest under the relation's name."""

    row: Mapping[str, Any]
    passes: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One control: which rows, what must hold, and what to tell whom when it does not."""

    id: str
    policy: str
    title: Text
    severity: Severity
    table: str
    where: Expression | None
    expect: Expression
    at_least: float | str | None = None
    """Share of the unit's rows that must pass, or the name of the parameter that holds it."""
    message: Text | None = None
    why: Text | None = None
    fix: Text | None = None
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    examples_as_of: datetime | None = None
    span: Span
    """Place of the rule's id."""
    own_table: Table | None = None
    """The checked table, where an `Evidence` document of the same set defines it."""

    @property
    def checked(self) -> Table:
        """The table whose rows are checked."""
        return self.own_table or tables()[self.table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A document of rules under one owner."""

    header: Header
    title: Text
    owner: str
    parameters: Mapping[str, ParameterValue]
    rules: tuple[Rule, ...]
    people: bool = False
    """A people pack: closed until `Processing` records why it may run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredUnit:
    """A unit named in `Organisation`."""

    id: str
    name: str
    kind: UnitKind
    parent: str | None = None
    group: str | None = None
    """Entra group whose transitive members belong to the unit."""
    department: str | None = None
    """Value of `users.department` whose holders belong to the unit."""
    work_mode: str | None = None
    countries: tuple[str, ...] = ()
    time_zones: tuple[str, ...] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    """Overrides, `policy.parameter` to value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role named in `Organisation`. Holders read `user:<id or UPN>`, `group:<id>` or `role:<id>`."""

    id: str
    title: Text
    holders: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The organisation's units and roles, its parameter overrides and its privacy floor."""

    header: Header
    roles: tuple[Role, ...] = ()
    units: tuple[DeclaredUnit, ...] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    min_group: int = MIN_GROUP
    people_min_group: int = MIN_GROUP
    """The same for people packs: never under 3, and under 5 only with a DPIA and a works council's decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One row of a RACI matrix: role to letter (`R`, `A`, `C`, `I` or `A/R`)."""

    id: str
    title: Text
    assign: Mapping[str, str]
    covers: tuple[str, ...] = ()
    """Rule ids whose findings this activity answers for."""
    separated: bool = False
    """Whoever is Responsible must not be Accountable too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """An escalation path; levels are (role, hours within which to act), first level first."""

    id: str
    trigger: str | None
    levels: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaciMatrix:
    """Who answers for what in one unit, or in every team where `unit` is None."""

    header: Header
    unit: str | None
    activities: tuple[Activity, ...] = ()
    escalations: tuple[Escalation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A granted exception; `valid` is False when it is itself at fault, and then it waives nothing."""

    id: str
    rule: str
    subjects: tuple[str, ...]
    units: tuple[str, ...]
    reason: str
    owner: str
    approved_by: str
    granted: datetime | None
    expires: datetime | None
    """Date at 00:00 UTC; the exception holds through the end of that day."""
    unit: str | None
    valid: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredDocument:
    """A document whose kind has no rules of its own in the engine: the catalogue says which rows it makes."""

    header: Header
    body: Mapping[str, Any]
    """What it says, as plain values by key."""
    places: Mapping[str, Span] = field(default_factory=dict)
    """Where the items of its lists stand, by `list/id`."""
    derived: Mapping[str, Any] = field(default_factory=dict)
    """Columns of its own row that are worked out of what it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """A file with evidence: which table it fills, and how."""

    table: Table
    path: Path
    shown: str
    """The path as the document says it."""
    columns: Mapping[str, str]
    """Columns to the headings they come from, where the document says so."""
    unit: str | None = None
    """A heading of the file or, where it has no such heading, the unit that all its rows are about."""
    home: str = ORGANISATION
    """The unit of rows where neither the entry nor the file says one: the document's."""
    group_size: str | None = None
    """Column that counts the people behind a row."""
    stale_after_days: int | None = None
    month_first: bool = False
    """Whether 03-04-2026 is the fourth of March."""
    sheet: str | None = None
    span: Span
    """Place of the path in the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """Everything that was read, ready for the engine.

    `diagnostics` holds warnings and, for `check`, the semantic faults that `validate` calls errors.
    """

    headers: tuple[Header, ...]
    policies: tuple[Policy, ...]
    organisation: Organisation | None
    matrices: tuple[RaciMatrix, ...]
    waivers: tuple[Waiver, ...]
    digest: str
    """sha256 over the documents' contents, whatever their paths and order."""
    diagnostics: tuple[Diagnostic, ...] = ()
    declarations: tuple[DeclaredDocument, ...] = ()
    """Documents of the other kinds, in file order."""
    evidence: tuple[EvidenceFile, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of all policies, in file order."""
        return tuple(rule for policy in self.policies for rule in policy.rules)

    @property
    def min_group(self) -> int:
        """The fewest people of whom a number is shown."""
        return self.organisation.min_group if self.organisation is not None else MIN_GROUP

    @property
    def people_min_group(self) -> int:
        """The same in people packs."""
        return self.organisation.people_min_group if self.organisation is not None else MIN_GROUP
