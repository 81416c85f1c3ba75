"""What an administrator consents to: the ids of permissions, where to consent, and what is more than needed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import quote

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's own application id, the same in every cloud."""

TENANT_PLACEHOLDER = "{tenant}"
CLIENT_PLACEHOLDER = "{client_id}"

_CONTENT = frozenset(
    {
        "AiEnterpriseInteraction",
        "Calendars",
        "CallRecordings",
        "CallRecords",
        "CallTranscripts",
        "ChannelMessage",
        "Chat",
        "ChatMessage",
        "Contacts",
        "Files",
        "Group-Conversation",
        "ListItems",
        "Lists",
        "Mail",
        "MailboxItem",
        "Notes",
        "OnlineMeetingAiInsight",
        "OnlineMeetingRecording",
        "OnlineMeetingTranscript",
        "OnlineMeetings",
        "Sites",
        "eDiscovery",
    }
)
"""First parts of the permissions to what people say, write and keep."""

_FREE_OF_CONTENT = "Calendars.ReadBasic"
_SIGN_IN = frozenset({"openid", "profile", "email", "offline_access"})
"""Scopes that come with every sign-in of a person and open nothing of Graph's."""


class ExcessKind(StrEnum):
    """How a permission goes beyond what is needed, worst first."""

    CONTENT = "content"
    MORE_THAN_READING = "more_than_reading"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Excess:
    """A permission in the token that the rules do not need."""

    permission: str
    kind: ExcessKind


@lru_cache
def permission_ids() -> Mapping[str, str]:
    """The id of every application permission in the catalogue, as Microsoft publishes it for Microsoft Graph."""
    found: dict[str, str] = json.loads(
        resources.files("govcheck.graph").joinpath("permission_ids.json").read_text("utf-8")
    )
    return found


def required_resource_access(permissions: Iterable[str]) -> dict[str, Any]:
    """The part of an app registration's manifest that asks for these application permissions."""
    access = [{"id": permission_ids()[name], "type": "Role"} for name in permissions]
    return {"requiredResourceAccess": [{"resourceAppId": GRAPH_APP_ID, "resourceAccess": access}]}


def consent_url(authority: str, tenant: str | None, client: str | None) -> str:
    """Where an administrator grants an application what its manifest asks for; what is unknown is a placeholder."""
    place = quote(tenant, safe="") if tenant else TENANT_PLACEHOLDER
    application = quote(client, safe="") if client else CLIENT_PLACEHOLDER
    return f"{authority}/{place}/adminconsent?client_id={application}"


def excess(granted: Iterable[str], needed: Collection[str]) -> tuple[Excess, ...]:
    """What is granted beyond `needed`, the worst first."""
    order = list(ExcessKind)
    found = [Excess(name, _kind(name)) for name in granted if name not in needed and name not in _SIGN_IN]
    return tuple(sorted(found, key=lambda each: (order.index(each.kind), each.permission)))


def _kind(permission: str) -> ExcessKind:
    resource, _, actions = permission.partition(".")
    if resource in _CONTENT and not permission.startswith(_FREE_OF_CONTENT):
        return ExcessKind.CONTENT
    if not actions.startswith("Read") or actions.startswith("ReadWrite"):
        return ExcessKind.MORE_THAN_READING
    return ExcessKind.UNUSED
