"""Evidence files as tables of a run: what is missing or too old, and what is hidden."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from govcheck.catalogue import SUPPRESSED, UNIT_NAME, MissingColumn, Table, tables
from govcheck.engine.duck import WHOLE, add_empty, add_rows
from govcheck.engine.leavers import LEAVERS, count_leavers
from govcheck.engine.outcomes import Family, hidden_units
from govcheck.engine.plan import Gaps, rule_reads
from govcheck.engine.units import UnitTree
from govcheck.evidence import Evidence, FileEvidence, Row
from govcheck.model import ORGANISATION, Lang, Reason, Text
from govcheck.policy.evidence import file_columns
from govcheck.policy.types import EvidenceFile, PolicySet, Rule
from govcheck.words import text

FILES = "evidence_files"


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
    policies: PolicySet, evidence: Evidence, as_of: datetime
) -> dict[tuple[str, str | None], MissingColumn]:
    """Why evidence tables, or columns of them, are missing. A table is whole when all its files are."""
    files = Counter(file.table.name for file in policies.evidence)
    found: dict[tuple[str, str | None], MissingColumn] = {
        (name, None): MissingColumn(Reason.EVIDENCE_MISSING, text("evidence.gap-undeclared"))
        for name, table in tables().items()
        if table.from_files and not files[name]
    }
    for read in evidence.read:
        name = read.file.table.name
        if (stale := _stale(read, as_of)) is not None:
            found.setdefault((name, None), stale)
        for column in file_columns(read.file.table) if name != LEAVERS else ():
            if column not in read.columns:
                detail = text("evidence.gap-column", path=read.file.shown)
                found.setdefault((name, column), MissingColumn(Reason.EVIDENCE_MISSING, detail))
    for file in evidence.absent:
        detail = text("evidence.gap-absent", path=file.shown)
        found[file.table.name, None] = MissingColumn(Reason.EVIDENCE_MISSING, detail)
    return found


def _stale(read: FileEvidence, as_of: datetime) -> MissingColumn | None:
    days = read.file.stale_after_days
    if days is None:
        return None
    if read.newest is None:
        return MissingColumn(Reason.EVIDENCE_STALE, text("evidence.gap-undated", path=read.file.shown))
    newest = read.newest.date()
    if (as_of.date() - newest).days <= days:
        return None
    said = text("evidence.gap-stale", path=read.file.shown, newest=newest, days=days)
    return MissingColumn(Reason.EVIDENCE_STALE, said)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A file with the rows of it that may be shown."""

    read: FileEvidence
    rows: list[Row]


def add_evidence(
    connection: duckdb.DuckDBPyConnection, evidence: Evidence, tree: UnitTree, gaps: Gaps, as_of: datetime, lang: Lang
) -> LoadedEvidence:
    """Create every evidence table, with rows where files hold them, and `evidence_files`."""
    by_table: dict[str, list[FileEvidence]] = defaultdict(list)
    for read in evidence.read:
        by_table[read.file.table.name].append(read)
    suppressed: dict[str, frozenset[str]] = {}
    files: list[_Shown] = []
    for name, reads in by_table.items():
        if name == LEAVERS:
            count_leavers(connection, [row for read in reads for row in read.rows], tree, gaps, as_of, lang)
            files += [_Shown(read, list(read.rows)) for read in reads]
            continue
        hidden = _hidden(reads[0].file.table, reads, tree, evidence.min_group)
        shown = [_Shown(read, [row for row in read.rows if _place(row, read.file) not in hidden]) for read in reads]
        _add_table(connection, shown, hidden, tree, as_of, lang)
        suppressed[name] = frozenset(unit for unit, _ in hidden)
        files += shown
    add_empty(connection, (table for table in tables().values() if table.from_files and table.name not in by_table))
    add_rows(connection, tables()[FILES], list(_file_rows(evidence, files, as_of)))
    return LoadedEvidence(suppressed=suppressed, warnings=tuple(_warnings(files, tree, evidence.min_group)))


def _add_table(
    connection: duckdb.DuckDBPyConnection,
    shown: Sequence[_Shown],
    hidden: set[_Place],
    tree: UnitTree,
    as_of: datetime,
    lang: Lang,
) -> None:
    """A table with what may be shown, and of hidden rows the key alone; for rates, one with all rows."""
    table = shown[0].read.file.table
    if table.group_size is not None:
        whole = [_sized(row, file.read.file) for file in shown for row in (*file.read.rows, *file.read.small)]
        add_rows(connection, table, [row | _unit(row, tree, lang) | _age(row, as_of) for row in whole], WHOLE)
    rows = [row | {SUPPRESSED: False} for file in shown for row in file.rows]
    for unit, rest in sorted(hidden, key=str):
        rows.append(dict(zip(table.key, (unit, *rest), strict=True)) | {SUPPRESSED: True})
    add_rows(connection, table, [row | _unit(row, tree, lang) | _age(row, as_of) for row in rows])


def _sized(row: Row, file: EvidenceFile) -> Row:
    """A row with how many people it is about where its table has that."""
    counted = file.table.group_size or ""
    return {counted: row.get(file.group_size or counted)} | row | {SUPPRESSED: False}


def _age(row: Row, as_of: datetime) -> Row:
    """How old something is that was taken at a moment."""
    taken_at = row.get("taken_at")
    if not isinstance(taken_at, datetime):
        return {}
    return {"age_days": (as_of.replace(tzinfo=None) - taken_at) / timedelta(days=1)}


def _unit(row: Row, tree: UnitTree, lang: Lang) -> Row:
    """The group and the name of the unit that a row is about."""
    unit = row.get("unit")
    if unit is None:
        return {}
    place = tree.places.get(unit)
    return {"group_id": place.group if place is not None else None, UNIT_NAME: tree.name_of(unit, lang)}


# Small groups


_Place = tuple[str, tuple[Any, ...]]
"""A unit, and the rest of the key of a row: the round, the course and so on."""


def _place(row: Row, file: EvidenceFile) -> _Place:
    return str(row.get("unit")), tuple(row.get(name) for name in file.table.key if name != "unit")


def _hidden(table: Table, reads: Sequence[FileEvidence], tree: UnitTree, min_group: int) -> set[_Place]:
    """The rows that are not shown: of too few people, or telling of such rows by what is left of a total."""
    if table.group_size is None:
        return set()
    sizes: dict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
    for read in reads:
        for row in (*read.rows, *read.small):
            unit, rest = _place(row, read.file)
            sizes[rest][unit] = row.get(read.file.group_size or table.group_size) or 1
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


def _warnings(files: Iterable[_Shown], tree: UnitTree, min_group: int) -> Iterator[Text]:
    for file in files:
        path = file.read.file.shown
        if left_out := file.read.count - len(file.rows):
            yield text("evidence.suppressed-rows", count=left_out, path=path, limit=min_group)
        if strange := sum(str(row["unit"]) not in tree.places for row in file.rows if "unit" in row):
            yield text("evidence.unknown-units", count=strange, path=path)


# The files themselves


def _file_rows(evidence: Evidence, files: Iterable[_Shown], as_of: datetime) -> Iterator[Row]:
    for file in evidence.absent:
        yield _about(file) | {"found": False, "min_group": evidence.min_group}
    for shown in files:
        read, file = shown.read, shown.read.file
        sizes = [row[file.group_size] for row in shown.rows if file.group_size]
        yield _about(file) | {
            "found": True,
            "stale": None if file.stale_after_days is None else _stale(read, as_of) is not None,
            "newest": read.newest,
            "min_group": evidence.min_group,
            "smallest_group": min(sizes, default=None),
            "rows": len(shown.rows),
            "rows_suppressed": read.count - len(shown.rows),
            "units": len({row["unit"] for row in shown.rows if "unit" in row}),
            "columns": list(read.columns),
            "dropped_columns": list(read.dropped),
        }


def _about(file: EvidenceFile) -> Row:
    return {
        "table": file.table.name,
        "path": file.shown if file.sheet is None else f"{file.shown}#{file.sheet}",
        "unit": file.unit or file.home,
        "people": file.table.people,
        "group_size": file.group_size,
    }
