"""Declarations as tables: what the organisation says about itself, in rows that rules can check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from govcheck.catalogue import shipped_rows, tables
from govcheck.engine.agreements import WORKING_AGREEMENT, with_working_time
from govcheck.engine.documents import add_documents, header_cells
from govcheck.engine.duck import add_pairs, add_rows, naive
from govcheck.engine.landing import count_members
from govcheck.engine.matrices import add_matrices
from govcheck.engine.units import UnitTree
from govcheck.model import UNASSIGNED, Lang
from govcheck.policy.types import DeclaredDocument, Organisation, PolicySet, Role

Row = Mapping[str, Any]


def add_declared(
    connection: duckdb.DuckDBPyConnection, policies: PolicySet, tree: UnitTree, as_of: datetime, lang: Lang
) -> None:
    """Create every table that policies and declarations make."""
    rows = {
        "policies": _policy_rows(policies, lang),
        "exceptions": _exception_rows(policies),
        "roles": _role_rows(policies.organisation, lang),
        "units": _unit_rows(policies.organisation, tree, count_members(connection, tree)),
        "app_ids": _app_id_rows(policies.declarations),
        **{table.name: shipped_rows(table.name) for table in tables().values() if table.data is not None},
    }
    for name, listed in rows.items():
        add_rows(connection, tables()[name], list(listed))
    _add_role_members(connection, policies.organisation)
    add_matrices(connection, policies.matrices, tree, lang)
    documents = [
        with_working_time(document, policies.organisation, as_of.year)
        if document.header.kind == WORKING_AGREEMENT
        else document
        for document in policies.declarations
    ]
    add_documents(connection, documents, tree, lang)


def _policy_rows(policies: PolicySet, lang: Lang) -> Iterator[Row]:
    rules = {policy.header.id: len(policy.rules) for policy in policies.policies}
    people = {policy.header.id for policy in policies.policies if policy.people}
    for header in policies.headers:
        yield {
            **header_cells(header, lang),
            "kind": header.kind,
            "people": header.id in people,
            "rules": rules.get(header.id, 0),
            "unit": header.unit,
            "file": header.path,
            "digest": header.digest,
        }


def _exception_rows(policies: PolicySet) -> Iterator[Row]:
    for waiver in policies.waivers:
        yield {
            "id": waiver.id,
            "rule": waiver.rule,
            "subjects": list(waiver.subjects),
            "units": list(waiver.units),
            "reason": waiver.reason,
            "owner": waiver.owner,
            "approved_by": waiver.approved_by,
            "granted": naive(waiver.granted),
            "expires": naive(waiver.expires),
            "unit": waiver.unit,
        }


def _role_rows(organisation: Organisation | None, lang: Lang) -> Iterator[Row]:
    for role in organisation.roles if organisation else ():
        yield {"id": role.id, "title": role.title.in_lang(lang)}


def _unit_rows(organisation: Organisation | None, tree: UnitTree, members: Mapping[str, int]) -> Iterator[Row]:
    """Teams, departments and the organisation; people without a unit are not one."""
    declared = {unit.id: unit for unit in organisation.units} if organisation else {}
    for place in tree.places.values():
        if place.id == UNASSIGNED:
            continue
        unit = declared.get(place.id)
        yield {
            "id": place.id,
            "name": place.name,
            "kind": place.kind.value,
            "parent": place.parent,
            "group_id": place.group,
            "work_mode": unit.work_mode if unit else None,
            "countries": list(unit.countries) if unit else None,
            "time_zones": list(unit.time_zones) if unit else None,
            "members": members.get(place.id, 0),
        }


def _app_id_rows(documents: Iterable[DeclaredDocument]) -> Iterator[Row]:
    for document in documents:
        for app in document.body.get("apps") or () if document.header.kind == "Apps" else ():
            for app_id in app.get("app_ids") or ():
                yield {"app": app["id"], "app_id": app_id}


def _add_role_members(connection: duckdb.DuckDBPyConnection, organisation: Organisation | None) -> None:
    """Resolve holders and deputies to users: by id or UPN, or as members of a group."""
    roles = {role.id: role for role in organisation.roles} if organisation else {}
    references = [
        (role.id, kind, scheme, name)
        for role in roles.values()
        for kind, listed in (("holder", role.holders), ("deputy", role.deputies))
        for scheme, name in _people_behind(listed, roles, frozenset({role.id}))
    ]
    text = pa.string()
    add_pairs(connection, "role_references", {"role": text, "kind": text, "scheme": text, "name": text}, references)
    connection.execute("""
        CREATE TABLE role_members AS
        SELECT DISTINCT r.role, r.kind, u.id AS user_id FROM role_references r JOIN users u
          ON r.scheme = 'user' AND (u.id = r.name OR lower(u.user_principal_name) = lower(r.name))
        UNION
        SELECT DISTINCT r.role, r.kind, m.user_id FROM role_references r JOIN memberships m
          ON r.scheme = 'group' AND m.group_id = r.name
    """)


def _people_behind(
    references: tuple[str, ...], roles: Mapping[str, Role], seen: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """`user` and `group` references, with `role:` references replaced by that role's holders."""
    for reference in references:
        scheme, _, name = reference.partition(":")
        if scheme != "role":
            yield scheme, name
        elif name in roles and name not in seen:
            yield from _people_behind(roles[name].holders, roles, seen | {name})
