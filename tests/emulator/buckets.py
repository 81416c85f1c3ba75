"""What a request counts against: the limit of the service behind its path, and how many resource units it costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RULES: tuple[tuple[str, str], ...] = (
    (r"/auditlogs/.*|/reports/(authenticationmethods|.*credential).*|/users/[^/]+/authentication/.*", "reports"),
    (r"/reports/security/.*", "attack_simulation"),
    (r"/reports/get.*|/admin/reportsettings", "usage_reports"),
    (r"/identity/conditionalaccess/.*|/identityprotection/.*", "conditional_access"),
    (r"/devicemanagement/manageddevices.*", "intune"),
    (r"/device(app)?management/.*", "intune_configuration"),
    (r"/teams/[^/]+/(members|\w*channels).*", "teams_members"),
    (r"/teams.*", "teams"),
    (r"/planner/.*|/(groups|users)/[^/]+/planner/.*", "planner"),
    (r"/(groups|users)/[^/]+/(mailboxsettings|calendar|events|messages|mailfolders).*", "outlook"),
    (r"/communications/.*|/users/[^/]+/presence", "presence"),
    (r"/admin/serviceannouncement/.*", "service_communications"),
    (r"/security/securescore.*", "secure_score"),
    (r"/admin/sharepoint/.*", "sharepoint"),
    (r".*", "directory"),
)
"""Paths in lower case; the first that matches tells the bucket."""

_COSTS: tuple[tuple[str, int], ...] = (
    (r"/users(/delta|/[^/]+)?", 2),
    (r"/users/[^/]+/memberof", 2),
    (r"/groups/[^/]+/members(/[^/]+)?", 3),
    (r"/groups/[^/]+/transitivemembers(/[^/]+)?", 5),
    (r"/oauth2permissiongrants(/.*)?", 2),
    (r"/serviceprincipals/[^/]+/approleassign.*", 2),
    (r"/applications(/.*)?", 2),
    (r"/subscribedskus(/.*)?", 3),
    (r".*", 1),
)
"""Resource units of a request to the directory, before what its query adds or takes away."""
_SMALL_PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What one request counts against."""

    bucket: str
    units: int = 1
    owner: str = ""
    """Mailbox, team or report, where a limit holds for each of those by itself."""


def classify(path: str, query: Mapping[str, str]) -> Call:
    """Tell the bucket, the owner and the cost of a GET of `path` below the version; query names as they came."""
    path = path.lower()
    options = {name.lower().removeprefix("$"): value for name, value in query.items()}
    if (
        path.startswith("/users")
        and "signinactivity" in (options.get("select", "") + options.get("filter", "")).lower()
    ):
        return Call(bucket="sign_in_activity")
    bucket = next(bucket for rule, bucket in _RULES if re.fullmatch(rule, path))
    if bucket == "directory":
        return Call(bucket=bucket, units=_units(path, options))
    return Call(bucket=bucket, owner=_owner(bucket, path))


def _units(path: str, options: Mapping[str, str]) -> int:
    units = next(cost for rule, cost in _COSTS if re.fullmatch(rule, path))
    units -= "select" in options
    units += "expand" in options
    top = options.get("top", "")
    units -= top.isdigit() and int(top) < _SMALL_PAGE
    return max(1, units)


def _owner(bucket: str, path: str) -> str:
    match bucket:
        case "usage_reports":
            return path.partition("(")[0]
        case "outlook" | "teams" | "teams_members":
            return "/".join(path.split("/")[:3])
        case _:
            return ""
