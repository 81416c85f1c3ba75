"""The demo tenant: everything Graph would say about it, in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

from govcheck.demo.access import locate, write_policies
from govcheck.demo.apps import publish
from govcheck.demo.basis import NAME, TAKEN_AT, TENANT_ID, Resource, guid, stamp
from govcheck.demo.blueprint import plan_teams
from govcheck.demo.devices import enrol
from govcheck.demo.directory import activate_roles, join_devices
from govcheck.demo.evidence import NOT_LICENSED, gather_evidence
from govcheck.demo.network import write_beta
from govcheck.demo.outsiders import invite, provision
from govcheck.demo.people import hire, ids_by_name
from govcheck.demo.registration import register
from govcheck.demo.roles import assign_roles, define_roles
from govcheck.demo.settings import SKU_FRONTLINE, write_licences, write_organization, write_settings
from govcheck.demo.signins import record_sign_ins
from govcheck.demo.teams import found_groups
from govcheck.demo.usage import write_report
from govcheck.demo.users import appoint_managers, write_users

_CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"
_NEEDS_P2 = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."
_GROUP_LINK = re.compile(r"/groups/([^/]+)/(members|owners|transitiveMembers)")
_TEAMS_ONLY = re.compile(r"resourceProvisioningOptions/any\((\w+):\s*\1 eq 'Team'\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A tenant as raw Graph JSON; collections and singletons by their path below the version."""

    id: str
    name: str
    taken_at: datetime
    collections: Mapping[str, list[Resource]]
    singletons: Mapping[str, Resource]
    members: Mapping[str, Sequence[str]]
    """Group id to the ids of its direct user members."""
    owners: Mapping[str, Sequence[str]]
    member_groups: Mapping[str, Sequence[str]]
    """Group id to the ids of the groups directly inside it."""
    managers: Mapping[str, str]
    """User id to the id of that user's manager."""
    refused: Mapping[str, Resource]
    """Path to the error body with which Graph answers 403."""
    nested: Mapping[str, Mapping[str, list[Resource]]] = field(default_factory=dict)
    """Collections inside a resource: path with `{id}` for its id, that id, rows."""
    reports: Mapping[str, list[Resource]] = field(default_factory=dict)
    """Usage reports by path without their period; a row is a line of CSV by column title."""
    beta: Mapping[str, list[Resource]] = field(default_factory=dict)
    """Collections that Graph has in its test version alone, by their path with that version."""

    def transitive_groups(self, group: str) -> list[str]:
        """Find the groups inside `group`, however deep, each once; groups may contain one another."""
        found: dict[str, None] = {}
        pending = list(self.member_groups.get(group, ()))
        while pending:
            inner = pending.pop(0)
            if inner not in found and inner != group:
                found[inner] = None
                pending += self.member_groups.get(inner, ())
        return list(found)

    def transitive_members(self, group: str) -> list[str]:
        """Find the ids of the users in `group` and in the groups inside it, each once."""
        found: dict[str, None] = {}
        for inner in (group, *self.transitive_groups(group)):
            found |= dict.fromkeys(self.members.get(inner, ()))
        return list(found)

    def respond(self, path_with_query: str) -> tuple[int, Resource]:
        """Answer a GET as Graph would, the whole collection in one page: status and body.

        Of query options only the filter for Teams and `$expand=manager` have an effect.
        """
        path, _, query = unquote(path_with_query).partition("?")
        if path in self.refused:
            return 403, self.refused[path]
        if path in self.singletons:
            return 200, {"@odata.context": f"{_CONTEXT}{path.lstrip('/')}/$entity"} | self.singletons[path]
        item = self._item(path)
        if item is not None:
            return 200, {"@odata.context": f"{_CONTEXT}{path.lstrip('/')}/$entity"} | item
        rows = self._rows(path, query)
        if rows is None:
            return 404, error_body("Request_ResourceNotFound", f"Resource '{path}' does not exist.")
        return 200, {"@odata.context": _CONTEXT + path.lstrip("/"), "value": rows}

    def report(self, path: str) -> str | None:
        """Write the usage report at a path such as `/reports/getX(period='D30')` as CSV; None where there is none."""
        name, _, period = unquote(path).partition("(period='D")
        rows = self.reports.get(name)
        return None if rows is None else write_report(rows, int(period.removesuffix("')")))

    def _rows(self, path: str, query: str) -> list[Resource] | None:
        link = _GROUP_LINK.fullmatch(path)
        if link:
            return list(self._linked(*link.groups())) if link[1] in self.members else None
        rows = self.collections.get(path, self.beta.get(path, self._nested(path)))
        if rows and path == "/groups" and _TEAMS_ONLY.search(query):
            return [row for row in rows if "Team" in row["resourceProvisioningOptions"]]
        if rows and path == "/users" and "$expand=manager" in query:
            return [self._with_manager(row) for row in rows]
        return rows

    def _nested(self, path: str) -> list[Resource] | None:
        """Find the collection at `/parents/{id}/children`, however many parts parents and children have."""
        for template, children in self.nested.items():
            head, _, tail = template.partition("{id}")
            if path.startswith(head) and path.endswith(tail):
                return children.get(path[len(head) : len(path) - len(tail)])
        return None

    def _item(self, path: str) -> Resource | None:
        parent, _, key = path.rpartition("/")
        return next((row for row in self.collections.get(parent, ()) if row.get("id") == key), None)

    def _linked(self, group: str, link: str) -> Iterator[Resource]:
        users, groups = self.owners.get(group, ()), self.member_groups.get(group, ())
        if link == "members":
            users = self.members[group]
        elif link == "owners":
            groups = ()
        else:
            users, groups = self.transitive_members(group), self.transitive_groups(group)
        yield from ({"@odata.type": "#microsoft.graph.user", "id": user} for user in users)
        yield from ({"@odata.type": "#microsoft.graph.group", "id": inner} for inner in groups)

    def _with_manager(self, user: Resource) -> Resource:
        manager = self.managers.get(user["id"])
        return user | {"manager": {"@odata.type": "#microsoft.graph.user", "id": manager}} if manager else user


def error_body(code: str, message: str) -> Resource:
    """Write an error in Graph's shape; its request ids are made from the code."""
    request = guid("request", code)
    inner = {"date": stamp(TAKEN_AT).rstrip("Z"), "request-id": request, "client-request-id": request}
    return {"error": {"code": code, "message": message, "innerError": inner}}


def generate(people: int = 250, seed: int = 2026) -> Tenant:
    """Make the demo tenant with `people` employees, the same for the same arguments.

    Guests and technical accounts come on top. Raises `ValueError` for fewer people than the cast.
    """
    plans = plan_teams(people)
    staff = hire(people, seed, plans)
    accounts = [*staff, *invite(people, seed), *provision()]
    ids = ids_by_name(accounts)
    groups = found_groups(plans, accounts, seed)
    sign_ins = record_sign_ins(accounts, seed)
    users = [user | sign_ins[user["id"]] for user in write_users(accounts, plans, seed)]
    assignments = assign_roles(ids)
    definitions, devices = define_roles(), enrol(staff, plans, seed)
    admins = frozenset(assignment["principalId"] for assignment in assignments)
    principals, grants = publish([person.id for person in staff if person.team == "verkoop"][:3])
    evidence = gather_evidence(accounts, groups, definitions, assignments, devices, ids, seed)
    licences = [licence["skuId"] for user in users for licence in user["assignedLicenses"]]
    frontline = licences.count(SKU_FRONTLINE)
    return Tenant(
        id=TENANT_ID,
        name=NAME,
        taken_at=TAKEN_AT,
        collections={
            "/users": users,
            "/groups": [group.resource for group in groups],
            "/organization": [write_organization()],
            "/subscribedSkus": write_licences(len(licences) - frontline, frontline),
            "/reports/authenticationMethods/userRegistrationDetails": register(accounts, plans, admins, seed),
            "/identity/conditionalAccess/policies": write_policies(forgotten=ids["Pieter van der Veen"]),
            "/identity/conditionalAccess/namedLocations": locate(),
            "/roleManagement/directory/roleDefinitions": definitions,
            "/roleManagement/directory/roleAssignments": assignments,
            "/servicePrincipals": principals,
            "/oauth2PermissionGrants": grants,
            "/deviceManagement/managedDevices": devices,
            "/directoryRoles": activate_roles(definitions, assignments),
            "/devices": join_devices(devices),
        }
        | evidence.collections,
        singletons=write_settings(consent_reviewer=ids["Priya Ramdin"]) | evidence.singletons,
        members={group.resource["id"]: group.members for group in groups},
        owners={group.resource["id"]: group.owners for group in groups},
        member_groups={group.resource["id"]: group.nested for group in groups},
        managers=appoint_managers(staff),
        refused=_refusals(),
        nested=evidence.nested,
        reports=evidence.reports,
        beta=write_beta(evidence.collections["/deviceManagement/deviceConfigurations"]),
    )


def _refusals() -> dict[str, Resource]:
    """Write what the tenant did not permit, and what it has no licence for."""
    return {
        "/admin/sharepoint/settings": error_body(
            "accessDenied", "Caller does not have required permissions for this API."
        ),
        "/admin/reportSettings": error_body("S2SUnauthorized", "Invalid permission."),
    } | dict.fromkeys(NOT_LICENSED, error_body("AadPremiumLicenseRequired", _NEEDS_P2))
