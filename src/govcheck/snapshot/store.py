"""Where snapshots and runs are kept, and for how long.

<home>/snapshots/<tenant>/<taken at>/   one snapshot
<home>/runs/<tenant>/<run id>/          report.json, findings.parquet, units.parquet
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from pathlib import Path

import msgspec

from govcheck.diagnostics import GovcheckError
from govcheck.snapshot.folders import PARTIAL, file_name, new_folder, remove_folder
from govcheck.snapshot.manifest import NAME as MANIFEST
from govcheck.snapshot.manifest import read_manifest

REPORT = "report.json"
_ABANDONED = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSnapshot:
    """A snapshot in the store."""

    tenant: str
    tenant_name: str
    taken_at: datetime
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run in the store; `stored_at` is when it was put there."""

    id: str
    tenant: str
    snapshot_taken_at: datetime
    as_of: datetime
    stored_at: datetime
    path: Path


class _Run(msgspec.Struct):
    id: str
    tenant: str
    snapshot_taken_at: datetime
    as_of: datetime


class _Head(msgspec.Struct):
    run: _Run


def home(override: str | None = None) -> Path:
    """The folder of snapshots, runs and keys: `override` (GOVCHECK_HOME), else the platform's data folder."""
    if override:
        return Path(override).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("govcheck", appauthor=False))


def snapshot_folder(home: Path, tenant: str, taken_at: datetime) -> Path:
    """A new folder for a snapshot of `tenant` taken at that moment; numbered where that moment has one already."""
    moment = taken_at.astimezone(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")  # no colons: Windows has none in names
    first = home / "snapshots" / file_name(tenant) / moment
    names = chain([first], (first.with_name(f"{moment}-{number}") for number in count(2)))
    return next(folder for folder in names if not _taken(folder))


def run_folder(home: Path, tenant: str, run: str) -> Path:
    """Where a run belongs."""
    return home / "runs" / file_name(tenant) / file_name(run)


def list_snapshots(home: Path) -> tuple[StoredSnapshot, ...]:
    """Every readable snapshot, newest first."""
    found = (_stored_snapshot(folder) for folder in _folders(home / "snapshots"))
    return tuple(sorted(filter(None, found), key=lambda each: (each.taken_at, each.path), reverse=True))


def list_runs(home: Path) -> tuple[StoredRun, ...]:
    """Every readable run, newest first."""
    found = (_stored_run(folder) for folder in _folders(home / "runs"))
    return tuple(sorted(filter(None, found), key=lambda each: (each.stored_at, each.id), reverse=True))


def save_run(home: Path, report: bytes) -> Path:
    """Keep a run: its JSON report as it is, and its findings and verdicts as tables for history and trends.

    Raises `GovcheckError` where the home cannot be written.
    """
    import pyarrow.parquet as pq

    from govcheck.snapshot.history import findings_table, units_table

    run = msgspec.json.decode(report, type=_Head).run
    target = run_folder(home, run.tenant, run.id)
    with new_folder(target) as folder:
        (folder / REPORT).write_bytes(report)
        pq.write_table(findings_table(report), folder / "findings.parquet", compression="zstd")
        pq.write_table(units_table(report), folder / "units.parquet", compression="zstd")
    return target


def prune(home: Path, now: datetime, raw_days: int = 30, results_days: int = 400) -> tuple[Path, ...]:
    """Delete snapshots kept longer than `raw_days`, runs kept longer than `results_days`, and what crashes left.

    Age counts from when they were put there, whatever moment they are of. Gives the folders that went.
    """
    old = list(_kept_longer(home / "snapshots", MANIFEST, now - timedelta(days=raw_days)))
    old += _kept_longer(home / "runs", REPORT, now - timedelta(days=results_days))
    old += [
        folder
        for kind in ("snapshots", "runs")
        for folder in (home / kind).glob(f"*/.*{PARTIAL}")
        if now - _modified(folder) > _ABANDONED
    ]
    for folder in old:
        remove_folder(folder)
    return tuple(old)


def _kept_longer(parent: Path, file: str, since: datetime) -> Iterator[Path]:
    """The folders whose last file was written before a moment; nothing is opened, however many there are."""
    found = (folder for folder in _folders(parent) if (folder / file).is_file())
    return (folder for folder in found if _modified(folder / file) < since)


def _taken(folder: Path) -> bool:
    """Whether a folder is there, or is being written by a run beside this one."""
    return folder.exists() or any(folder.parent.glob(f".{folder.name}.*{PARTIAL}"))


def _folders(parent: Path) -> Iterator[Path]:
    return (folder for folder in parent.glob("*/*") if folder.is_dir() and not folder.name.startswith("."))


def _stored_snapshot(folder: Path) -> StoredSnapshot | None:
    try:
        found = read_manifest(folder)
    except GovcheckError:
        return None
    return StoredSnapshot(tenant=found.tenant, tenant_name=found.tenant_name, taken_at=found.taken_at, path=folder)


def _stored_run(folder: Path) -> StoredRun | None:
    try:
        run = msgspec.json.decode((folder / REPORT).read_bytes(), type=_Head).run
    except (OSError, msgspec.DecodeError):
        return None
    return StoredRun(
        id=run.id,
        tenant=run.tenant,
        snapshot_taken_at=run.snapshot_taken_at,
        as_of=run.as_of,
        stored_at=_modified(folder / REPORT),
        path=folder,
    )


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
