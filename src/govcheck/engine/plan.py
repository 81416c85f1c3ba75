"""What a set of rules reads: the tables and columns to collect, and which of them are missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from govcheck.catalogue import MADE, MissingColumn, Relation, Table, tables
from govcheck.catalogue import Column as CatalogueColumn
from govcheck.expr import Expression, compile_expression
from govcheck.expr.tree import Column, Node, RelationCall, children
from govcheck.model import REASON_PRECEDENCE, Reason
from govcheck.policy.types import Organisation, PolicySet, Rule
from govcheck.snapshot import Snapshot
from govcheck.snapshot.ages import stale_gap
from govcheck.words import text

Reads = dict[str, set[str]]
"""Table name to the columns that are read."""

ATTRIBUTION: Mapping[str, frozenset[str]] = {
    "organization": frozenset({"id", "display_name"}),
    "users": frozenset({"id", "display_name", "user_principal_name", "department", "account_enabled", "user_type"}),
    "teams": frozenset({"id", "display_name"}),
    "memberships": frozenset({"group_id", "user_id", "role"}),
}
"""What every run reads, to say which team a finding belongs to and who must act."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def placeholders(rule: Rule) -> list[str]:
    """The columns that the rule's message shows, each once, in the order of the text."""
    if rule.message is None:
        return []
    texts = (rule.message.nl or "", rule.message.en or "")
    return list(dict.fromkeys(name for text in texts for name in _PLACEHOLDER.findall(text)))


def rule_reads(rule: Rule) -> Reads:
    """Every table and column that one rule looks at, through relations and computed columns too."""
    table = rule.checked
    reads: Reads = defaultdict(set)
    reads[table.name] |= {*table.key, *filter(None, (table.label, table.lands_by))}
    for expression in filter(None, (rule.where, rule.expect)):
        _add(expression.tree, [table], reads)
    for name in placeholders(rule):
        _add_column(table, name, reads)
    return _with_bases(reads)


def expression_reads(expression: Expression, table: Table, *, bases: bool = True) -> Reads:
    """Every table and column that one expression over `table` looks at; with `bases` what those are made of too."""
    reads: Reads = defaultdict(set)
    _add(expression.tree, [table], reads)
    return _with_bases(reads) if bases else reads


def collect_needs(rules: Iterable[Rule]) -> Reads:
    """What must be collected from Graph for `rules`: their reads and what attribution needs."""
    needs: Reads = defaultdict(set)
    for reads in (ATTRIBUTION, *(rule_reads(rule) for rule in rules)):
        for name, columns in reads.items():
            table = tables().get(name)
            if table is not None and table.feeds:
                needs[name] |= {column for column in columns if _is_read(table.columns[column])}
    return dict(needs)


def groups_needed(organisation: Organisation | None) -> set[str]:
    """Ids of the Entra groups whose members the declarations refer to."""
    if organisation is None:
        return set()
    holders = (ref for role in organisation.roles for ref in (*role.holders, *role.deputies))
    named = {ref.removeprefix("group:") for ref in holders if ref.startswith("group:")}
    return named | {unit.group for unit in organisation.units if unit.group}


def _add(node: Node, rows: list[Table], reads: Reads) -> None:
    if isinstance(node, Column):
        _add_column(rows[-2] if node.outer else rows[-1], node.name, reads)
    if isinstance(node, RelationCall):
        relation = rows[-1].relations[node.relation]
        _add_relation(rows[-1], relation, reads)
        if node.condition is not None:
            _add(node.condition, [*rows, tables()[relation.table]], reads)
        return
    for child in children(node):
        _add(child, rows, reads)


def _add_column(table: Table, name: str, reads: Reads) -> None:
    reads[table.name].add(name)
    computed = table.columns[name].computed
    if computed is not None:
        expression: Expression = compile_expression(computed, table, {}, condition=False)
        _add(expression.tree, [table], reads)


def _add_relation(table: Table, relation: Relation, reads: Reads) -> None:
    related = tables()[relation.table]
    reads[table.name] |= {ours for ours, _ in relation.match}
    reads[related.name] |= {*related.key, *(name for name, _ in relation.only)}
    if relation.via is None:
        reads[related.name] |= {theirs for _, theirs in relation.match}
        return
    reads[relation.via] |= {link for _, link in relation.match} | {link for link, _ in relation.to}
    reads[relation.via] |= {name for name, _ in relation.where}
    reads[related.name] |= {theirs for _, theirs in relation.to}


def _is_read(column: CatalogueColumn) -> bool:
    """Whether a column comes from Graph, and not from what we make of it."""
    return column.computed is None and not column.made


def _with_bases(reads: Reads) -> Reads:
    """With the tables from which derived ones, and columns that are made, come."""
    for name, read in list(reads.items()):
        table = tables().get(name)
        if table is None:
            continue
        # Of evidence a document may add columns to those of the catalogue.
        listed = [table.columns[column] for column in read if column in table.columns]
        made = tables()[MADE].reads if any(column.made for column in listed) else {}
        for base, columns in (*table.reads.items(), *made.items()):
            reads[base] |= set(columns)
    return reads


@dataclass(frozen=True, slots=True)
class Gaps:
    """What of the catalogue is missing in one snapshot."""

    snapshot: Snapshot
    roles_missing: MissingColumn | None = None
    """Why the holders of roles are not known, if so."""
    evidence: Mapping[tuple[str, str | None], MissingColumn] = field(default_factory=dict)
    """Which evidence tables, and which columns of them, no file fills."""

    def of(self, table: str, column: str | None) -> MissingColumn | None:
        """Why a column, or for None the table itself, is missing; None when it is there."""
        entry = tables().get(table)
        if entry is None or entry.from_files:
            return self._of_evidence(table, column)
        if entry.declared:
            return self.roles_missing if table == "role_members" else self._of_units(table, column)
        if column is not None and entry.columns[column].made:
            return self.of(MADE, None)
        if entry.derived:
            found = [self.of(base, name) for base, columns in self.bases(entry).items() for name in (None, *columns)]
            return min(filter(None, found), key=lambda gap: rank(gap.reason), default=None)
        if column is not None and entry.columns[column].computed is not None:
            return None
        collected = self.snapshot.tables.get(table)
        if collected is None:
            return MissingColumn(Reason.NOT_COLLECTED, text("snapshot.lacks-table"))
        if collected.gap is not None or column is None:
            return collected.gap or stale_gap(self.snapshot, entry, None)
        if column in collected.column_gaps:
            return collected.column_gaps[column]
        if column not in collected.columns:
            return MissingColumn(Reason.NOT_COLLECTED, text("snapshot.lacks-column"))
        return stale_gap(self.snapshot, entry, column)

    def bases(self, table: Table) -> Mapping[str, Collection[str]]:
        """What a derived table is made of; what `MADE` is made of hangs on what the tenant may have."""
        if table.name != MADE:
            return table.reads
        from govcheck.access.directory import reads_of

        return reads_of(self.snapshot)

    def _of_evidence(self, table: str, column: str | None) -> MissingColumn | None:
        """A file fills a table, or it does not; leavers are looked up among the users besides."""
        gap = self.evidence.get((table, None)) or self.evidence.get((table, column))
        entry = tables().get(table)
        if gap is not None or entry is None:
            return gap
        found = [self.of(base, name) for base, columns in entry.reads.items() for name in (None, *columns)]
        return min(filter(None, found), key=lambda gap: rank(gap.reason), default=None)

    def _of_units(self, table: str, column: str | None) -> MissingColumn | None:
        """The units are the tenant's Teams besides the declared ones, and their members its users."""
        if table != "units":
            return None
        if column == "members":
            return self.of("users", None) or self.of("memberships", None)
        return self.of("teams", None)

    def rank_of(self, table: str, column: str | None) -> int | None:
        """As `of`, as the rank that compiled expressions carry."""
        gap = self.of(table, column)
        return None if gap is None else rank(gap.reason)


def rank(reason: Reason) -> int:
    """Place of a reason in the order of precedence, 0 first."""
    return REASON_PRECEDENCE.index(reason)


def roles_gap(policies: PolicySet, snapshot: Snapshot) -> MissingColumn | None:
    """Why the holders of declared roles cannot be known: no users, or groups named and no memberships."""
    gaps = Gaps(snapshot)
    organisation = policies.organisation
    wanted: list[tuple[str, str | None]] = [
        ("users", None),
        ("users", "id"),
        ("users", "user_principal_name"),
    ]
    if organisation and any(
        ref.startswith("group:") for role in organisation.roles for ref in (*role.holders, *role.deputies)
    ):
        wanted += [("memberships", None)]
    return next((gap for table, column in wanted if (gap := gaps.of(table, column))), None)
