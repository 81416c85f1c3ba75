"""Names that people know for the ids that policies use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from govcheck.access.app_groups import app_names, spelled

if TYPE_CHECKING:
    from govcheck.snapshot import Snapshot

NAMED: Mapping[str, tuple[str, ...]] = {
    "groups": ("id", "display_name"),
    "role_definitions": ("id", "template_id", "display_name"),
}
"""Tables, and columns of them, that hold names; read so that people recognise what they are told."""


_GROUPS = {"Office365": "Office 365", "MicrosoftAdminPortals": "Microsoft Admin Portals"}
"""Groups of applications as Microsoft's pages call them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Names by id in lower case; whatever has none is called by its id."""

    groups: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    applications: Mapping[str, str] = field(default_factory=dict)

    def group(self, id_: str) -> str:
        """A group of people."""
        return self.groups.get(id_.lower(), id_)

    def role(self, id_: str) -> str:
        """A built-in role, by its template."""
        return self.roles.get(id_.lower(), id_)

    def application(self, id_: str) -> str:
        """An application by its appId, or a group of applications."""
        known = self.applications.get(id_.lower()) or app_names().get(id_.lower())
        return known or _GROUPS.get(spelled(id_), id_)


def labels_of(snapshot: Snapshot) -> Labels:
    """The names that a snapshot holds; no more than that where it holds few."""
    return Labels(
        groups=_names(snapshot, "groups", "id"),
        roles=_names(snapshot, "role_definitions", "template_id") or _names(snapshot, "role_definitions", "id"),
        applications=_names(snapshot, "service_principals", "app_id"),
    )


def _names(snapshot: Snapshot, table: str, key: str) -> dict[str, str]:
    entry = snapshot.tables.get(table)
    if entry is None or entry.gap is not None or not {key, "display_name"} <= entry.columns.keys():
        return {}
    import pyarrow.parquet as pq

    found: dict[str, str] = {}
    for name in entry.files:
        rows = pq.read_table(snapshot.path / name, columns=[key, "display_name"])
        for id_, words in zip(rows[key].to_pylist(), rows["display_name"].to_pylist(), strict=True):
            if id_ and words:
                found[str(id_).lower()] = str(words)
    return found
