"""A tenant as large as one likes that takes no more memory than a small one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from emulator.copies import CopiedChildren, CopiedLinks, Copies, Ids
from emulator.rows import Row
from govcheck.demo import Tenant, generate

_USERS, _GROUPS = "/users", "/groups"
_DETAILS = "/reports/authenticationMethods/userRegistrationDetails"
_TEAMS = "/teams"
_MANAGED, _DEVICES = "/deviceManagement/managedDevices", "/devices"


class LazyTenant:
    """The demo organisation many times over: its employees, their teams and other groups, their devices.

    Everything there is one of, and everybody who is no employee, is there once. Rows are made from their place in the
    collection whenever they are asked for, always the same.
    """

    def __init__(self, people: int = 500_000, base: Tenant | None = None) -> None:
        """Make as many copies of `base` as it takes to have `people` employees."""
        base = base or generate()
        employees = [user for user in base.collections[_USERS] if user["employeeId"] is not None]
        ids = {user["id"] for user in employees}
        self.copies = max(1, -(-people // len(employees)))
        self.id: str = base.id
        self.name: str = base.name
        self.taken_at: datetime = base.taken_at
        self.singletons: Mapping[str, Row] = base.singletons
        managed = [device for device in base.collections[_MANAGED] if device["userId"] in ids]
        joined = {device["azureADDeviceId"] for device in managed}
        donors: dict[str, Sequence[Row]] = {
            _USERS: employees,
            _GROUPS: base.collections[_GROUPS],
            _TEAMS: base.collections[_TEAMS],
            _DETAILS: [row for row in base.collections[_DETAILS] if row["id"] in ids],
            _MANAGED: managed,
            _DEVICES: [device for device in base.collections[_DEVICES] if device["deviceId"] in joined],
        }
        inside = [rows for children in base.nested.values() for rows in children.values()]
        along = Ids.of({*joined, *_ids(donors.values()), *_ids(inside)})
        self.collections: Mapping[str, Sequence[Row]] = {
            path: Copies(rows, donors[path], self.copies, along) if path in donors else rows
            for path, rows in base.collections.items()
        }
        self.members = CopiedLinks(base.members, self.copies, along)
        self.owners = CopiedLinks(base.owners, self.copies, along)
        self.member_groups = CopiedLinks(base.member_groups, self.copies, along)
        self.managers = CopiedLinks(base.managers, self.copies, along)
        self.nested: Mapping[str, Mapping[str, Sequence[Row]]] = {
            template: CopiedChildren(children, self.copies, along) for template, children in base.nested.items()
        }
        self.reports: Mapping[str, Sequence[Row]] = {
            path: Copies(rows, rows, self.copies, along) for path, rows in base.reports.items()
        }


def _ids(collections: Iterable[Sequence[Row]]) -> Iterable[str]:
    return (row["id"] for rows in collections for row in rows)
