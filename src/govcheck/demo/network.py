"""The way into the network from home, as far as Graph has it in its test version alone."""

from __future__ import annotations

from collections.abc import Sequence

from govcheck.demo.basis import Resource, ago, guid, stamp
from govcheck.demo.teams import EVERYBODY, group_id

_STAFF = {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group_id(EVERYBODY)}


def write_beta(configurations: Sequence[Resource]) -> dict[str, list[Resource]]:
    """Write what beta has, by path: the profiles of v1.0 with those for VPN among them, and Global Secure Access."""
    return {
        "/beta/deviceManagement/deviceConfigurations": [*configurations, _vpn("iosVpnConfiguration", "iPhone: VPN")],
        "/beta/networkAccess/forwardingProfiles": [
            _profile("m365", "enabled", 1),
            _profile("private", "disabled", 2),
            _profile("internet", "disabled", 3),
        ],
    }


def _vpn(kind: str, name: str) -> Resource:
    profile = guid("beta-configuration", name)
    return {
        "@odata.type": f"#microsoft.graph.{kind}",
        "id": profile,
        "displayName": name,
        "createdDateTime": stamp(ago(420)),
        "lastModifiedDateTime": stamp(ago(75)),
        "connectionName": "Noorderlicht",
        "assignments": [{"id": f"{profile}_{_STAFF['groupId']}", "target": _STAFF}],
    }


def _profile(kind: str, state: str, priority: int) -> Resource:
    return {
        "id": guid("forwarding-profile", kind),
        "name": f"{kind.capitalize()} traffic forwarding profile",
        "description": "",
        "state": state,
        "version": "1.0.0",
        "lastModifiedDateTime": stamp(ago(130)),
        "trafficForwardingType": kind,
        "priority": priority,
        "associations": [],
    }
