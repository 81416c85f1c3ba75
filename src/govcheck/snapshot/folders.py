"""Folders that appear whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govcheck.diagnostics import Diagnostic, GovcheckError
from govcheck.words import text

PARTIAL = ".partial"
"""Suffix of a folder that is still being written, or that a crash left behind."""


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target` to fill; when the block ends well it becomes `target`.

    When the block fails nothing remains. Raises `GovcheckError` where `target` holds anything already or cannot
    be written: an older snapshot is never overwritten or mixed with a newer one.
    """
    try:
        _refuse_occupied(target)
        private_folder(target.parent)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=PARTIAL, dir=target.parent))
    except OSError as fault:
        raise _error("cannot-write", target, reason=fault.strerror or fault) from fault
    try:
        yield draft
        for file in draft.iterdir():
            _settle(file)
        _become(draft, target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def private_folder(path: Path) -> None:
    """Make a folder, and the parents it lacks, for its owner alone; existing ones keep their mode."""
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)


def remove_folder(path: Path) -> None:
    """Delete a folder; it leaves under its own name at once, so that nobody reads half of it."""
    leaving = path.with_name(f".{path.name}{PARTIAL}")
    path.replace(leaving)
    shutil.rmtree(leaving)


def _refuse_occupied(target: Path) -> None:
    if target.is_symlink() or target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise _error("folder-not-empty", target)


def _settle(file: Path) -> None:
    """Close a file off for others and put its bytes on the disk before the folder gets its name."""
    file.chmod(0o600)
    with file.open("r+b") as written:
        os.fsync(written.fileno())


def _become(draft: Path, target: Path) -> None:
    try:
        if target.is_dir():
            target.rmdir()
        draft.rename(target)
    except OSError as fault:
        raise _error("folder-not-empty", target) from fault


def _error(code: str, target: Path, **params: object) -> GovcheckError:
    message = text(f"snapshot.{code}", path=target, **params)
    helps = (text(f"snapshot.help-{code}"),)
    return GovcheckError(Diagnostic(level="error", code=code, message=message, span=None, helps=helps))
