"""Evidence files as tables of a run: what is missing or too old, what is hidden, and the counts of leavers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from govcheck.catalogue import SUPPRESSED, MissingColumn, Table, tables
from govcheck.engine.duck import add_empty, add_pairs, add_rows
from govcheck.engine.outcomes import Family, hidden_units
from govcheck.engine.plan import Gaps, rule_reads
from govcheck.engine.units import UnitTree
from govcheck.evidence import Evidence, FileEvidence, Row
from govcheck.model import ORGANISATION, UNASSIGNED, Lang, Reason, Text
from govcheck.policy.evidence import file_columns
from govcheck.policy.types import EvidenceFile, PolicySet, Rule
from govcheck.words import say, text

FILES, LEAVERS = "evidence_files", "leavers"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedEvidence:
    """What a report must know of evidence besides its rows."""

    suppressed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Table to the units of which rows are left out."""
    warnings: tuple[Text, ...] = ()


def evidence_needed(rules: Iterable[Rule]) -> frozenset[str] | None:
    """The evidence tables that rules read; None, for all, when one of them is about the files themselves."""
    read = {name for rule in rules for name in rule_reads(rule)}
    return None if FILES in read else frozenset(read)


def evidence_gaps(
    policies: PolicySet, evidence: Evidence, as_of: datetime, lang: Lang
) -> dict[tuple[str, str | None], MissingColumn]:
    """Why evidence tables, or columns of them, are missing. A table is whole when all its files are."""
    files = Counter(file.table.name for file in policies.evidence)
    found: dict[tuple[str, str | None], MissingColumn] = {
        (name, None): MissingColumn(Reason.EVIDENCE_MISSING, say("evidence.gap-undeclared", lang))
        for name, table in tables().items()
        if table.from_files and not files[name]
    }
    for read in evidence.read:
        name = read.file.table.name
        if (stale := _stale(read, as_of, lang)) is not None:
            found.setdefault((name, None), stale)
        for column in file_columns(read.file.table) if name != LEAVERS else ():
            if column not in read.columns:
                detail = say("evidence.gap-column", lang, path=read.file.shown)
                found.setdefault((name, column), MissingColumn(Reason.EVIDENCE_MISSING, detail))
    for file in evidence.absent:
        detail = say("evidence.gap-absent", lang, path=file.shown)
        found[file.table.name, None] = MissingColumn(Reason.EVIDENCE_MISSING, detail)
    return found


def _stale(read: FileEvidence, as_of: datetime, lang: Lang) -> MissingColumn | None:
    days = read.file.stale_after_days
    if days is None:
        return None
    if read.newest is None:
        return MissingColumn(Reason.EVIDENCE_STALE, say("evidence.gap-undated", lang, path=read.file.shown))
    newest = read.newest.date()
    if (as_of.date() - newest).days <= days:
        return None
    said = say("evidence.gap-stale", lang, path=read.file.shown, newest=newest, days=days)
    return MissingColumn(Reason.EVIDENCE_STALE, said)


def add_evidence(
    connection: duckdb.DuckDBPyConnection, evidence: Evidence, tree: UnitTree, gaps: Gaps, as_of: datetime
) -> LoadedEvidence:
    """Create every evidence table, with rows where files hold them, and `evidence_files`."""
    by_table: dict[str, list[FileEvidence]] = defaultdict(list)
    for read in evidence.read:
        by_table[read.file.table.name].append(read)
    suppressed: dict[str, frozenset[str]] = {}
    warnings: list[Text] = []
    kept: dict[tuple[str, str], list[Row]] = {}
    for name, reads in by_table.items():
        if name == LEAVERS:
            _count_leavers(connection, reads, tree, gaps, as_of)
            continue
        hidden = _hidden(reads[0].file, reads, tree, evidence.min_group)
        for read in reads:
            kept[name, read.file.shown] = [row for row in read.rows if _place(row, read.file) not in hidden]
        suppressed[name] = frozenset(unit for unit, _ in hidden)
        rows = [row for read in reads for row in kept[name, read.file.shown]]
        rows += [
            dict(zip(reads[0].file.table.key, (unit, *rest), strict=True)) for unit, rest in sorted(hidden, key=str)
        ]
        add_rows(connection, reads[0].file.table, [_completed(row, hidden, reads[0].file, tree) | _age(row, as_of) for row in rows])
        warnings += _warnings(reads, kept, tree, evidence.min_group)
    add_empty(connection, (table for table in tables().values() if table.from_files and table.name not in by_table))
    add_rows(connection, tables()[FILES], list(_file_rows(evidence, kept, as_of)))
    return LoadedEvidence(suppressed=suppressed, warnings=tuple(warnings))


def _completed(row: Row, hidden: set[_Place], file: EvidenceFile, tree: UnitTree) -> Row:
    """A row with the group of its unit; of a hidden one there is nothing but its key."""
    return row | {"group_id": _group(row, tree), SUPPRESSED: _place(row, file) in hidden}


def _age(row: Row, as_of: datetime) -> Row:
    """How old something is that was taken at a moment."""
    taken_at = row.get("taken_at")
    if not isinstance(taken_at, datetime):
        return {}
    return {"age_days": (as_of.replace(tzinfo=None) - taken_at) / timedelta(days=1)}


def _group(row: Row, tree: UnitTree) -> str | None:
    place = tree.places.get(str(row.get("unit")))
    return place.group if place else None


# Small groups


_Place = tuple[str, tuple[Any, ...]]
"""A unit, and the rest of the key of a row: the round, the course and so on."""


def _place(row: Row, file: EvidenceFile) -> _Place:
    return str(row.get("unit")), tuple(row.get(name) for name in file.table.key if name != "unit")


def _hidden(file: EvidenceFile, reads: Sequence[FileEvidence], tree: UnitTree, min_group: int) -> set[_Place]:
    """The rows that are not shown: of too few people, or telling of such rows by what is left of a total."""
    if file.group_size is None:
        return set()
    sizes: dict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
    for read in reads:
        for row in (*read.rows, *read.small):
            unit, rest = _place(row, file)
            sizes[rest][unit] = row.get(file.group_size) or 1
    return {
        (unit, rest) for rest, units in sizes.items() for unit in hidden_units(units, min_group, _family(units, tree))
    }


def _family(units: Mapping[str, int], tree: UnitTree) -> Family:
    """Who adds up to whom among the units of one round: a unit's parent is the nearest one above that has a row."""
    children: dict[str, list[str]] = defaultdict(list)
    depth: dict[str, int] = {}
    for unit in units:
        above = list(tree.lineage(unit))[1:] if unit in tree.places else [ORGANISATION]
        depth[unit] = len(above) if unit != ORGANISATION else 0
        parent = next((place for place in above if place in units), None)
        if parent is not None and unit != ORGANISATION:
            children[parent].append(unit)
    parents = sorted(children, key=lambda unit: (-depth[unit], unit))
    return Family(parents=parents, children=lambda unit: sorted(children[unit]), overlapping=frozenset())


def _warnings(
    reads: Sequence[FileEvidence], kept: Mapping[tuple[str, str], list[Row]], tree: UnitTree, min_group: int
) -> Iterator[Text]:
    for read in reads:
        shown = kept[read.file.table.name, read.file.shown]
        left_out = len(read.rows) + len(read.small) - len(shown)
        if left_out:
            yield text("evidence.suppressed-rows", count=left_out, path=read.file.shown, limit=min_group)
        strange = sum(str(row.get("unit")) not in tree.places for row in shown if "unit" in row)
        if strange:
            yield text("evidence.unknown-units", count=strange, path=read.file.shown)


# The files themselves


def _file_rows(evidence: Evidence, kept: Mapping[tuple[str, str], list[Row]], as_of: datetime) -> Iterator[Row]:
    for file in evidence.absent:
        yield _about(file) | {"found": False, "min_group": evidence.min_group}
    for read in evidence.read:
        file = read.file
        counted = len(read.rows) + len(read.small)
        rows = kept.get((file.table.name, file.shown))
        shown = counted if rows is None else len(rows)
        sizes = [row[file.group_size] for row in rows or () if file.group_size]
        yield _about(file) | {
            "found": True,
            "stale": _stale(read, as_of, "en") is not None if file.stale_after_days is not None else None,
            "newest": read.newest,
            "min_group": evidence.min_group,
            "smallest_group": min(sizes, default=None),
            "rows": shown,
            "rows_suppressed": counted - shown,
            "units": len({row.get("unit") for row in rows or ()}),
            "columns": list(read.columns),
            "dropped_columns": list(read.dropped),
        }


def _about(file: EvidenceFile) -> Row:
    table: Table = file.table
    unit = file.unit if file.unit is not None else ORGANISATION
    return {"table": table.name, "path": file.shown, "unit": unit, "people": table.people, "group_size": file.group_size}


# Leavers


def _count_leavers(
    connection: duckdb.DuckDBPyConnection, reads: Sequence[FileEvidence], tree: UnitTree, gaps: Gaps, as_of: datetime
) -> None:
    """Counts per unit of people who left. Who they are stays in the database until they are counted, no longer."""
    table = tables()[LEAVERS]
    if gaps.of(LEAVERS, None) is not None:
        add_rows(connection, table, [])
        return
    people = [(row["person"].lower(), row["leave_date"]) for read in reads for row in read.rows]
    add_pairs(connection, "leave_dates", {"person": pa.string(), "left_on": pa.timestamp("us")}, people)
    now = as_of.replace(tzinfo=None)
    counted = connection.execute(
        f"""
        WITH gone AS (
            SELECT u.id, any_value(u.account_enabled) AS enabled, min(d.left_on) AS left_on
            FROM leave_dates d JOIN users u ON lower(u.user_principal_name) = d.person OR lower(u.id) = d.person
            WHERE d.left_on <= ? GROUP BY u.id
        ), placed AS (
            SELECT g.*, coalesce(l.unit, {tree.numbers[UNASSIGNED]}) AS unit
            FROM gone g LEFT JOIN user_units l ON l.id = g.id
            UNION ALL SELECT g.*, {tree.numbers[ORGANISATION]} FROM gone g
        )
        SELECT unit, count(*), count(*) FILTER (WHERE enabled),
               max(epoch(?::TIMESTAMP - left_on) / 86400) FILTER (WHERE enabled)
        FROM placed GROUP BY unit ORDER BY unit
        """,
        [now, now],
    ).fetchall()
    connection.execute("DROP TABLE leave_dates")
    rows = [
        {"unit": tree.ids[unit], "left_count": left, "still_enabled": enabled, "longest_enabled_days": days}
        for unit, left, enabled, days in counted
    ]
    add_rows(connection, table, [row | {"group_id": _group(row, tree)} for row in rows])
