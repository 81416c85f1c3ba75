"""What an earlier attempt left behind: continued where it is of the same plan, young and whole; else thrown away."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from govcheck import __version__
from govcheck.graph.answers import NOT_JSON
from govcheck.graph.parts import DamagedPart, read_progress
from govcheck.model import Text
from govcheck.words import text

Tell = Callable[[Text], None]
"""Told what a person should know of how the collection goes."""

_NAME = "checkpoint.json"
_LONGEST = timedelta(hours=6)
"""Graph's page tokens do not live longer, and nobody wants a snapshot of two days."""


class _Header(msgspec.Struct):
    version: str
    plan: str
    began: datetime


def digest_of(*parts: object) -> str:
    """A short name for a plan, the same for the same plan."""
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


def open_checkpoint(folder: Path, plan: str, moment: datetime, tell: Tell) -> datetime:
    """Make `folder` ready for pages of `plan`, and give when the reading of those that are there began."""
    header = _read(folder)
    if header is not None and not (why := _unusable(folder, header, plan, moment)):
        tell(text("graph.collection-continued", moment=header.began))
        return header.began
    if any(folder.iterdir()):
        tell(text(f"graph.checkpoint-{why if header is not None else 'damaged'}"))
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    began = _Header(version=__version__, plan=plan, began=moment)
    draft = folder / f".{_NAME}"
    draft.write_bytes(msgspec.json.encode(began))
    draft.replace(folder / _NAME)
    return moment


def _read(folder: Path) -> _Header | None:
    try:
        return msgspec.json.decode((folder / _NAME).read_bytes(), type=_Header)
    except (OSError, *NOT_JSON):
        return None


def _unusable(folder: Path, header: _Header, plan: str, moment: datetime) -> str:
    """What is wrong with a checkpoint; empty where nothing is."""
    if (header.version, header.plan) != (__version__, plan):
        return "of-another-plan"
    if abs(moment - header.began) > _LONGEST:
        return "too-old"
    try:
        for file in folder.glob("*/*.parquet"):
            read_progress(file)
    except DamagedPart:
        return "damaged"
    return ""
