"""Folders that appear whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Draft:
    """A folder that outlives a crash: `work` is as an earlier attempt left it, `result` is empty."""

    work: Path
    result: Path


@contextmanager
def resumable_folder(target: Path, name: str) -> Iterator[Draft]:
    """Give a hidden folder beside `target` to work in; when the block ends well, its `result` becomes `target`.

    `name` tells whose work it is. When the block fails the files in `work` stay for the next attempt. Raises
    `GovcheckError` where somebody else works there now, and as `new_folder` does.
    """
    place = target.parent / f".{file_name(name)}{PARTIAL}"
    try:
        _refuse_occupied(target)
        private_folder(place)
    except OSError as fault:
        raise _error("cannot-write", target, reason=fault.strerror or fault) from fault
    with _alone(place):
        draft = Draft(place / "work", place / "result")
        try:
            shutil.rmtree(draft.result, ignore_errors=True)
            draft.work.mkdir(mode=0o700, exist_ok=True)
            draft.result.mkdir(mode=0o700)
            yield draft
            for file in draft.result.iterdir():
                _settle(file)
            _become(draft.result, target)
            shutil.rmtree(place, ignore_errors=True)
        except BaseException:
            if not any(draft.work.glob("*/*")):
                shutil.rmtree(place, ignore_errors=True)
            raise


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends."""
    from filelock import FileLock, Timeout

    lock = FileLock(place / "lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as fault:
        raise _error("busy", place) from fault
    except OSError as fault:
        raise _error("cannot-write", place, reason=fault.strerror or fault) from fault
    try:
        yield
    finally:
        lock.release()


def file_name(name: str) -> str:
    """A name that is safe as one part of a path on every platform."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "_"


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
