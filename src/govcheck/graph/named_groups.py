"""The groups whose members decide what Conditional Access does: those that policies name, and those with a role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from govcheck.graph.answers import NOT_JSON

POLICIES, ASSIGNMENTS = "conditional_access_policies", "role_assignments"
CONDITIONS, PRINCIPAL = "conditions", "principal_id"


def groups_in_policies(files: Sequence[Path]) -> list[str]:
    """Ids of the groups that policies include or exclude, each once."""
    return list(dict.fromkeys(group for text in _column(files, CONDITIONS) for group in _groups(text)))


def principals_in(files: Sequence[Path]) -> list[str]:
    """Ids of whoever holds a role, each once: people, applications and groups."""
    return list(dict.fromkeys(_column(files, PRINCIPAL)))


def ids_in(files: Sequence[Path]) -> set[str]:
    """The ids of rows."""
    return set(_column(files, "id"))


def _column(files: Sequence[Path], name: str) -> Iterator[str]:
    for file in files:
        yield from filter(None, pq.read_table(file, columns=[name])[name].to_pylist())


def _groups(text: str) -> Iterator[str]:
    try:
        users: Any = msgspec.json.decode(text)["users"]
        for side in ("includeGroups", "excludeGroups"):
            yield from (group for group in users.get(side) or () if isinstance(group, str))
    except (*NOT_JSON, KeyError, TypeError, AttributeError):
        return
