"""What all of the demo tenant rests on: its name, its moment, stable ids and seeded chance."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Resource = dict[str, Any]
"""A Graph resource as its JSON says it."""

NAME = "Noorderlicht Installatietechniek"
DOMAIN = "noorderlicht.example"
TAKEN_AT = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
"""The moment the tenant is seen; every date in it is told from here."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, DOMAIN)


def guid(kind: str, key: str) -> str:
    """Return the id of the resource of this kind with this key: the same in every run, size and seed."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{key}"))


TENANT_ID = guid("tenant", DOMAIN)


def chance(seed: int, topic: str) -> Random:
    """Open a stream of chance of its own per topic, so that a change in one leaves the others alone."""
    return Random(f"{seed}/{topic}")  # noqa: S311 (invented data, no secret)


def ago(days: float) -> datetime:
    """Return the moment `days` before the tenant is seen; negative days lie ahead."""
    return TAKEN_AT - timedelta(days=days)


def stamp(moment: datetime) -> str:
    """Write a time as Graph does, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def fine_stamp(moment: datetime) -> str:
    """Write a time as Graph's younger services do, with seven decimals."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
