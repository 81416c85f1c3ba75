"""Which rules can be judged with what can be read of a tenant, and what stands in the way of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from govcheck.catalogue import MADE, MissingColumn, tables
from govcheck.engine.needs import FeedNeed, Need, permissions_needed
from govcheck.engine.plan import ATTRIBUTION, Gaps, expression_reads
from govcheck.model import Reason, Text
from govcheck.policy.types import Rule
from govcheck.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Something that cannot be read, and what that leaves undecided. Empty `columns` means the whole table."""

    table: str
    columns: tuple[str, ...]
    reason: Reason
    detail: Text
    rules: tuple[str, ...]
    """Ids of the rules that look at it, in the order they were given."""
    always: bool
    """Every run needs it, to say which team a finding belongs to and who must act."""


class PermissionStatus(StrEnum):
    """What became of a permission that the rules need."""

    GRANTED = "granted"
    COVERED = "covered"
    """The token does not name it, yet Graph answers: a broader permission opens the same."""
    MISSING = "missing"
    REFUSED = "refused"
    """The token names it, yet Graph refuses."""
    UNKNOWN = "unknown"
    """The token names nothing, and Graph does not answer for another reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededPermission:
    """A permission that the rules need, and whether it is there."""

    need: Need
    status: PermissionStatus


def find_obstacles(rules: Iterable[Rule], gaps: Gaps) -> tuple[Obstacle, ...]:
    """What cannot be read of all that decides `rules` or attributes their findings, by table and reason."""
    found: dict[tuple[str, MissingColumn], tuple[set[str], dict[str, None]]] = {}
    for asker, reads in [("", dict(ATTRIBUTION)), *((rule.id, _deciding_reads(rule)) for rule in rules)]:
        for table, column, gap in _missing(reads, gaps):
            columns, askers = found.setdefault((table, gap), (set(), {}))
            columns |= {column} if column else set()
            askers[asker] = None
    return tuple(
        Obstacle(
            table=table,
            columns=tuple(sorted(columns)),
            reason=gap.reason,
            detail=gap.detail,
            rules=tuple(rule for rule in askers if rule),
            always="" in askers,
        )
        for (table, gap), (columns, askers) in sorted(found.items(), key=lambda entry: entry[0][0])
    )


def permission_statuses(
    needs: Iterable[FeedNeed], snapshot: Snapshot, granted: Collection[str]
) -> tuple[NeededPermission, ...]:
    """Compare what Graph answered with what the token says; `granted` is empty where it says nothing."""
    return tuple(
        NeededPermission(need=need, status=_status(need, snapshot, granted)) for need in permissions_needed(needs)
    )


def _status(need: Need, snapshot: Snapshot, granted: Collection[str]) -> PermissionStatus:
    named = need.name in granted
    gaps = [_feed_gap(feed, snapshot) for feed in need.feeds]
    if any(gap is not None and gap.reason is Reason.NOT_PERMITTED for gap in gaps):
        return PermissionStatus.REFUSED if named else PermissionStatus.MISSING
    if named:
        return PermissionStatus.GRANTED
    answered = None in gaps
    if granted:
        return PermissionStatus.COVERED if answered else PermissionStatus.MISSING
    return PermissionStatus.GRANTED if answered else PermissionStatus.UNKNOWN


def _feed_gap(need: FeedNeed, snapshot: Snapshot) -> MissingColumn | None:
    entry = snapshot.tables[need.table.name]
    if need.feed.join is None:
        return entry.gap
    return next((entry.column_gaps[name] for name in need.feed.columns if name in entry.column_gaps), None)


def _deciding_reads(rule: Rule) -> Mapping[str, Collection[str]]:
    """What the rule's conditions look at; a missing name or message column decides nothing."""
    reads: dict[str, set[str]] = {rule.table: set()}
    for expression in filter(None, (rule.where, rule.expect)):
        for table, columns in expression_reads(expression, rule.checked, bases=False).items():
            reads.setdefault(table, set()).update(columns)
    return reads


def _missing(reads: Mapping[str, Collection[str]], gaps: Gaps) -> Iterator[tuple[str, str | None, MissingColumn]]:
    for table, columns in reads.items():
        entry = tables().get(table)
        if entry is not None and entry.derived:
            yield from _missing(gaps.bases(entry), gaps)
            continue
        whole = gaps.of(table, None)
        if whole is not None:
            yield table, None, whole
            continue
        for column in columns:
            if entry is not None and column in entry.columns and entry.columns[column].made:
                yield from _missing(gaps.bases(tables()[MADE]), gaps)
                continue
            gap = gaps.of(table, column)
            if gap is not None:
                yield table, column, gap
