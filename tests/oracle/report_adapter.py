"""Putting an invented tenant through the real engine, from a snapshot on disk to the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.catalogue import MissingColumn, tables
from govcheck.engine.evaluate import evaluate
from govcheck.engine.parameters import effective
from govcheck.engine.reporting import build_report
from govcheck.evidence import Evidence
from govcheck.expr import compile_expression
from govcheck.model import Report, Run, Severity, Span, Text
from govcheck.policy.types import DeclaredUnit, Header, Organisation, Policy, PolicySet, Rule, Waiver
from govcheck.snapshot import Snapshot, TableEntry, open_snapshot, write_manifest
from govcheck.snapshot.arrow import ARROW_TYPES
from govcheck.snapshot.manifest import file_digest
from oracle.tenants import TEAMS, Tenant

_NOWHERE = Span(path="", line=1, column=1, end_line=1, end_column=1)
_COLUMNS = {"where": "account_enabled", "expect": "is_mfa_capable"}


def engine_report(tenant: Tenant, folder: Path) -> Report:
    """Return the real report on the tenant's one rule, `R`."""
    snapshot = _snapshot(tenant, folder)
    policies = _policies(tenant)
    parameters = effective(policies.policies, policies.organisation, {})
    evaluation = evaluate(policies, policies.rules, snapshot, Evidence(), parameters, tenant.as_of, "en")
    run = Run(
        id="1",
        tenant=snapshot.tenant,
        tenant_name=snapshot.tenant_name,
        snapshot_taken_at=snapshot.taken_at,
        as_of=tenant.as_of,
        govcheck_version="0",
        policy_digest="",
        engine="duckdb",
    )
    return build_report(evaluation, run, complementary=tenant.complementary)


def _policies(tenant: Tenant) -> PolicySet:
    users = tables()["users"]
    rule = Rule(
        id="R",
        policy="p",
        title=Text(en="R"),
        severity=Severity.LOW,
        table="users",
        where=compile_expression(_COLUMNS["where"], users, {}),
        expect=compile_expression(_COLUMNS["expect"], users, {}),
        at_least=None if tenant.at_least is None else "share",
        span=_NOWHERE,
    )
    policy = Policy(
        header=_header("Policy", "p"),
        title=Text(en="P"),
        owner="ciso",
        parameters={"share": tenant.at_least or 0.0},
        rules=(rule,),
    )
    return PolicySet(
        headers=(policy.header,),
        policies=(policy,),
        organisation=_organisation(tenant),
        matrices=(),
        waivers=tuple(_waivers(tenant)),
        digest="",
    )


def _header(kind: str, name: str) -> Header:
    return Header(kind=kind, id=name, path="", span=_NOWHERE)


def _organisation(tenant: Tenant) -> Organisation:
    units = tuple(
        DeclaredUnit(
            id=unit.id,
            name=unit.id,
            kind=unit.kind,
            parent=unit.parent,
            group=unit.group,
            department=unit.department,
            parameters={} if unit.at_least is None else {"p.share": unit.at_least},
        )
        for unit in tenant.declared
    )
    return Organisation(header=_header("Organisation", "o"), units=units, min_group=tenant.min_group)


def _waivers(tenant: Tenant) -> Sequence[Waiver]:
    return [
        Waiver(
            id=waiver.id,
            rule="R",
            subjects=tuple(sorted(waiver.subjects)),
            units=tuple(sorted(waiver.units)),
            reason="",
            owner="ciso",
            approved_by="board",
            granted=None,
            expires=waiver.expires,
            unit=None,
            valid=True,
            span=_NOWHERE,
        )
        for waiver in tenant.waivers
    ]


def _snapshot(tenant: Tenant, folder: Path) -> Snapshot:
    users = [
        {
            "id": person.id,
            "user_principal_name": person.upn,
            "department": person.department,
            "account_enabled": person.where,
            "is_mfa_capable": person.expect,
        }
        for person in tenant.people
    ]
    links = [
        {"group_id": team, "user_id": person.id, "role": "member"}
        for person in tenant.people
        for team in sorted(person.teams)
    ]
    gaps = {_COLUMNS[side]: MissingColumn(reason, Text(en="")) for side, reason in tenant.missing.items()}
    entries = {
        "users": _entry(folder, "users", [*_USERS], users, gaps),
        "teams": _entry(folder, "teams", ["id", "display_name"], [{"id": team} for team in TEAMS], {}),
        "memberships": _entry(folder, "memberships", ["group_id", "user_id", "role"], links, {}),
    }
    write_manifest(folder, tenant="tenant", tenant_name="Tenant", taken_at=tenant.as_of, tables=entries)
    return open_snapshot(folder)


_USERS = ("id", "user_principal_name", "display_name", "department", "account_enabled", "is_mfa_capable")


def _entry(
    folder: Path, table: str, columns: Sequence[str], rows: Sequence[dict[str, Any]], gaps: Mapping[str, MissingColumn]
) -> TableEntry:
    """Write the columns that were collected; those in `gaps` were asked for in vain."""
    types = {name: tables()[table].columns[name].type for name in columns if name not in gaps}
    schema = pa.schema([pa.field(name, ARROW_TYPES[kind]) for name, kind in types.items()])
    filled = [{name: row.get(name) for name in types} for row in rows]
    file = folder / f"{table}.parquet"
    pq.write_table(pa.Table.from_pylist(filled, schema=schema), file)
    files = {file.name: file_digest(file)}
    return TableEntry(rows=len(rows), columns=dict(types), files=files, requests=1, column_gaps=dict(gaps))
