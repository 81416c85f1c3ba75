"""The manifest of a snapshot folder: what is in it, what is missing and why, and the hash of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

import msgspec

from govcheck import __version__
from govcheck.catalogue import ColumnType, MissingColumn
from govcheck.diagnostics import Diagnostic, GovcheckError
from govcheck.model import Reason, Text
from govcheck.words import text

NAME = "manifest.json"


FeedState = Literal["complete", "not_permitted", "not_licensed", "not_collected", "not_applicable", "stale", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """How one feed of a table was read; `number` says which of them it is, in the order of the catalogue."""

    number: int
    path: str
    state: FeedState
    """`not_applicable`: there was nothing to ask about. `stale`: its rows are here, and too old to go by."""
    read_at: datetime
    """Since when its rows are known."""
    reused: bool = False
    """Its rows were read for an earlier snapshot."""
    detail: Text | None = None
    """Why it is not complete, or could not be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry:
    """One table of a snapshot. With a `gap` the whole table is missing: no files, no rows."""

    rows: int
    columns: Mapping[str, ColumnType]
    files: Mapping[str, str]
    """File name to SHA-256, in hexadecimal."""
    requests: int
    gap: MissingColumn | None = None
    column_gaps: Mapping[str, MissingColumn] = field(default_factory=dict)
    """Columns that were asked for and could not be had."""
    notes: tuple[str, ...] = ()
    """Things worth knowing that leave no gap, such as groups that were deleted meanwhile."""
    read_at: datetime | None = None
    """Since when the oldest part of it is known; None where the snapshot does not say."""
    feeds: tuple[FeedEntry, ...] = ()
    """Of the feeds that were asked for, what came of each; empty where the snapshot does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that was read of one tenant; `path` is the folder."""

    path: Path
    tenant: str
    tenant_name: str
    taken_at: datetime
    tables: Mapping[str, TableEntry]


class _Tenant(msgspec.Struct):
    id: str
    name: str


class _Gap(msgspec.Struct, omit_defaults=True):
    reason: Reason
    detail: str
    detail_nl: str | None = None

    @classmethod
    def of(cls, gap: MissingColumn) -> Self:
        return cls(gap.reason, gap.detail.in_lang("en"), gap.detail.nl)

    def missing(self) -> MissingColumn:
        return MissingColumn(self.reason, Text(nl=self.detail_nl, en=self.detail))


class _FeedEntry(msgspec.Struct, kw_only=True, omit_defaults=True):
    number: int
    path: str
    state: FeedState
    read_at: datetime
    reused: bool = False
    detail: str = ""
    detail_nl: str | None = None

    @classmethod
    def of(cls, feed: FeedEntry) -> Self:
        said = feed.detail or Text(en="")
        return cls(
            number=feed.number,
            path=feed.path,
            state=feed.state,
            read_at=feed.read_at,
            reused=feed.reused,
            detail=said.in_lang("en"),
            detail_nl=said.nl,
        )

    def entry(self) -> FeedEntry:
        return FeedEntry(
            number=self.number,
            path=self.path,
            state=self.state,
            read_at=self.read_at,
            reused=self.reused,
            detail=Text(nl=self.detail_nl, en=self.detail) if self.detail else None,
        )


class _TableEntry(msgspec.Struct, kw_only=True):
    rows: int
    columns: dict[str, ColumnType]
    files: dict[str, str]
    requests: int
    gap: _Gap | None = None
    column_gaps: dict[str, _Gap] = {}
    notes: tuple[str, ...] = ()
    read_at: datetime | None = None
    feeds: tuple[_FeedEntry, ...] = ()

    @classmethod
    def of(cls, table: TableEntry) -> Self:
        return cls(
            rows=table.rows,
            columns=dict(table.columns),
            files=dict(table.files),
            requests=table.requests,
            gap=_Gap.of(table.gap) if table.gap is not None else None,
            column_gaps={name: _Gap.of(gap) for name, gap in table.column_gaps.items()},
            notes=table.notes,
            read_at=table.read_at,
            feeds=tuple(map(_FeedEntry.of, table.feeds)),
        )

    def entry(self) -> TableEntry:
        return TableEntry(
            rows=self.rows,
            columns=self.columns,
            files=self.files,
            requests=self.requests,
            gap=self.gap.missing() if self.gap is not None else None,
            column_gaps={name: gap.missing() for name, gap in self.column_gaps.items()},
            notes=self.notes,
            read_at=self.read_at,
            feeds=tuple(feed.entry() for feed in self.feeds),
        )


class _Manifest(msgspec.Struct):
    """What `manifest.json` holds; words in English under the contract's names, in Dutch beside them."""

    schema: Literal["govcheck.snapshot/v1"]
    tenant: _Tenant
    taken_at: datetime
    govcheck_version: str
    tables: dict[str, _TableEntry]


def write_manifest(
    folder: Path, *, tenant: str, tenant_name: str, taken_at: datetime, tables: Mapping[str, TableEntry]
) -> Snapshot:
    """Write `manifest.json` into a folder whose files are complete; it appears whole or not at all."""
    manifest = _Manifest(
        schema="govcheck.snapshot/v1",
        tenant=_Tenant(id=tenant, name=tenant_name),
        taken_at=taken_at.astimezone(UTC),
        govcheck_version=__version__,
        tables={name: _TableEntry.of(table) for name, table in tables.items()},
    )
    draft = folder / f".{NAME}"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    draft.replace(folder / NAME)
    return _snapshot(folder, manifest)


def read_manifest(folder: Path) -> Snapshot:
    """Read the manifest alone. Raises `GovcheckError` (`invalid-snapshot`) where it is missing or wrong."""
    try:
        manifest = msgspec.json.decode((folder / NAME).read_bytes(), type=_Manifest)
    except OSError as fault:
        raise _invalid("no-manifest", folder) from fault
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise _invalid("bad-manifest", folder, detail=str(fault)) from fault
    if manifest.taken_at.tzinfo is None:
        raise _invalid("bad-manifest", folder, detail="taken_at has no time zone")
    return _snapshot(folder, manifest)


def open_snapshot(path: Path) -> Snapshot:
    """Read a snapshot and check that every file is there, unchanged.

    Raises `GovcheckError` (`invalid-snapshot`) with every fault found.
    """
    snapshot = read_manifest(path)
    faults = [
        fault
        for entry in snapshot.tables.values()
        for name, digest in entry.files.items()
        if (fault := _file_fault(path, name, digest)) is not None
    ]
    if faults:
        raise GovcheckError(*faults)
    return snapshot


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _snapshot(folder: Path, manifest: _Manifest) -> Snapshot:
    return Snapshot(
        path=folder,
        tenant=manifest.tenant.id,
        tenant_name=manifest.tenant.name,
        taken_at=manifest.taken_at.astimezone(UTC),
        tables={name: table.entry() for name, table in manifest.tables.items()},
    )


def _file_fault(folder: Path, name: str, digest: str) -> Diagnostic | None:
    # A manifest may come from anywhere: it names files of its own folder and nothing else.
    if Path(name).name != name or name in {"", ".", ".."}:
        return _diagnostic("foreign-file", folder, name=name)
    try:
        found = file_digest(folder / name)
    except OSError:
        return _diagnostic("no-file", folder, name=name)
    return None if found == digest else _diagnostic("changed-file", folder, name=name)


def _invalid(key: str, folder: Path, **params: object) -> GovcheckError:
    return GovcheckError(_diagnostic(key, folder, **params))


def _diagnostic(key: str, folder: Path, **params: object) -> Diagnostic:
    return Diagnostic(
        level="error",
        code="invalid-snapshot",
        message=text(f"snapshot.{key}", path=folder, **params),
        span=None,
        helps=(text("snapshot.help-collect"),),
    )
