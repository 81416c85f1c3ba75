"""The vocabulary every other module speaks: plain frozen values, no behaviour to speak of.

Imports nothing of ours. `Report` is what the engine returns and what every renderer reads;
its JSON form is the contract `govcheck.report/v1`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

Lang = Literal["nl", "en"]
LANGS: tuple[Lang, ...] = ("nl", "en")

Value = bool | int | float | str | datetime | tuple[str, ...] | None
"""One cell of a table as Python holds it; `datetime` is always aware and in UTC."""


Standing = Literal["blocked", "always", "conditional", "never"]
"""Of some sign-ins: none is open, all open ones take a second factor, some of them do, none of them does."""


class Outcome(StrEnum):
    """What a rule says of a row, a unit or the whole tenant, worst first."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - no password
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"


class Reason(StrEnum):
    """Why an outcome is no plain pass or fail; the first ten are in order of precedence."""

    NOT_PERMITTED = "not_permitted"
    NOT_LICENSED = "not_licensed"
    NOT_COLLECTED = "not_collected"
    ERROR = "error"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_STALE = "evidence_stale"
    INSUFFICIENT_DATA = "insufficient_data"
    NULL_VALUE = "null_value"
    SUPPRESSED = "suppressed"
    MANUAL = "manual"
    EXCEPTION = "exception"


REASON_PRECEDENCE: tuple[Reason, ...] = tuple(Reason)


class Severity(StrEnum):
    """How much a finding matters, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for critical, 4 for info."""
        return _SEVERITY_RANK[self]

    def at_least(self, other: Severity) -> bool:
        """Whether this severity is as bad as `other` or worse."""
        return self.rank <= other.rank


_SEVERITY_RANK: dict[Severity, int] = {severity: rank for rank, severity in enumerate(Severity)}


class UnitKind(StrEnum):
    """The kinds of units findings land on."""

    ORGANISATION = "organisation"
    DEPARTMENT = "department"
    TEAM = "team"
    UNASSIGNED = "unassigned"


ORGANISATION = "organisation"
"""Unit id of the whole tenant."""
CLOSED_PACKS = "processing"
"""Table that a gap names when a people pack may not run: the declarations that would allow it."""
UNASSIGNED = "unassigned"
"""Unit id of the subjects that belong to no team and no department."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source file; lines and columns count from 1, columns in code points.

    `end_column` is the column just after the last character.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Text:
    """Words for people in Dutch, English or both; at least one is present."""

    nl: str | None = None
    en: str | None = None

    def in_lang(self, lang: Lang) -> str:
        """The text in `lang`, or in the other language where that one is missing."""
        first, second = (self.nl, self.en) if lang == "nl" else (self.en, self.nl)
        return first if first is not None else second or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One evaluation: who, when, with what. `id` alone differs between equal runs."""

    id: str
    tenant: str
    tenant_name: str
    snapshot_taken_at: datetime
    as_of: datetime
    govcheck_version: str
    policy_digest: str
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many rules ended with each outcome."""

    pass_: int = 0
    fail: int = 0
    unknown: int = 0
    waived: int = 0
    not_applicable: int = 0

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Self:
        """Count outcomes."""
        found = Counter(outcomes)
        return cls(
            pass_=found[Outcome.PASS],
            fail=found[Outcome.FAIL],
            unknown=found[Outcome.UNKNOWN],
            waived=found[Outcome.WAIVED],
            not_applicable=found[Outcome.NOT_APPLICABLE],
        )

    def as_dict(self) -> dict[str, int]:
        """The counts under their contract names."""
        return {
            "pass": self.pass_,
            "fail": self.fail,
            "unknown": self.unknown,
            "waived": self.waived,
            "not_applicable": self.not_applicable,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be collected, why, and which rules it leaves undecided.

    Empty `columns` means the whole table.
    """

    table: str
    columns: tuple[str, ...]
    reason: Reason
    detail: Text
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A team, a department, the organisation or `unassigned`, with its rules' outcomes."""

    id: str
    name: str
    kind: UnitKind
    parent: str | None
    members: int
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitVerdict:
    """What one rule says of one unit. Counts are rows, null where the unit is suppressed.

    `share` is pass/(pass+fail), null without `at_least` or when both are 0.
    """

    unit: str
    outcome: Outcome
    reason: Reason | None
    pass_: int | None
    fail: int | None
    unknown: int | None
    waived: int | None
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCounts:
    """Rows of a rule over the whole tenant; `undecided` rows are out of scope by an empty value."""

    pass_: int = 0
    fail: int = 0
    unknown: int = 0
    waived: int = 0
    undecided: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVerdict:
    """A rule with its outcome, its texts and its units, worst unit first in `outcome`."""

    id: str
    policy: str
    policy_title: Text
    title: Text
    severity: Severity
    table: str
    message: Text | None
    why: Text | None
    fix: Text | None
    references: tuple[str, ...]
    tags: tuple[str, ...]
    source: Span
    at_least: float | None
    outcome: Outcome
    reason: Reason | None
    note: Text | None
    """What is missing for a closed people pack; null otherwise."""
    subjects: SubjectCounts
    units: tuple[UnitVerdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The row a finding is about: table, key joined with `/`, and the words people know it by."""

    kind: str
    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who must act."""

    id: str
    name: str
    upn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who must act on a finding: a role and the enabled members who hold it (maybe nobody)."""

    role: str
    title: Text | None
    people: tuple[Person, ...]
    unnamed: bool = False
    """Whoever holds the role stays out of sight, as in everything that people packs say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A row that is `fail`, `waived`, or `unknown` because a value is empty."""

    fingerprint: str
    rule: str
    severity: Severity
    outcome: Outcome
    reason: Reason | None
    subject: Subject
    units: tuple[str, ...]
    tolerated: bool
    evidence: Mapping[str, Value]
    """The columns and relation calls that `expect` read, with this row's values."""
    values: Mapping[str, Value]
    """The columns that the message's placeholders name."""
    owner: Owner
    source: Span
    exception: str | None = None
    """Id of the exception that waives the row."""
    unread: frozenset[str] = frozenset()
    """Names among `evidence` and `values` of which nobody knows the value: what they come from was not collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInGrid:
    """How people can sign in: a row per group of people, a column per condition, one `Standing` where they meet."""

    columns: tuple[Text, ...]
    rows: tuple[tuple[Text, tuple[Standing, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything one run says; renderers need nothing else.

    Order is total: units by kind (organisation, departments, teams, unassigned) then id; rules by id;
    findings by severity, rule, subject kind, subject id; gaps by table, columns, reason.
    """

    run: Run
    summary: Summary
    gaps: tuple[Gap, ...]
    units: tuple[Unit, ...]
    rules: tuple[RuleVerdict, ...]
    findings: tuple[Finding, ...]
    min_group: int = 5
    """Fewest people for which a rate is shown."""
    warnings: tuple[Text, ...] = field(default=())
    """Things worth a person's attention that change no outcome (unused exceptions, unassigned people)."""
    sign_ins: SignInGrid | None = None
    """For pages and terminals; not part of the JSON contract. None where Conditional Access was not collected."""
