"""Earlier results of `govcheck coverage`, for the trend: <home>/coverage/<tenant>/<as of>.json."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from govcheck.snapshot.folders import file_name, private_folder

KEPT_DAYS = 400
"""As results of checks."""


def last_coverage(home: Path, tenant: str, before: datetime) -> Mapping[str, Any] | None:
    """The newest kept matrix from before a moment; None where there is none that can be read."""
    for path in sorted(_folder(home, tenant).glob("*.json"), reverse=True):
        try:
            found: dict[str, Any] = msgspec.json.decode(path.read_bytes())
            if datetime.fromisoformat(found["as_of"]) < before:
                return found
        except (OSError, msgspec.DecodeError, KeyError, TypeError, ValueError):
            continue
    return None


def keep_coverage(home: Path, tenant: str, as_of: datetime, data: bytes) -> Path:
    """Keep a matrix, whole or not at all, and delete those kept long enough. Raises `OSError`."""
    folder = _folder(home, tenant)
    private_folder(folder)
    target = folder / f"{as_of.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}.json"
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(target)
    since = (datetime.now(UTC) - timedelta(days=KEPT_DAYS)).timestamp()
    for old in folder.glob("*.json"):
        if old.stat().st_mtime < since:
            old.unlink(missing_ok=True)
    return target


def _folder(home: Path, tenant: str) -> Path:
    return home / "coverage" / file_name(tenant)
