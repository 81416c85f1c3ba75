"""Paths to policy files."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from govcheck.diagnostics import Diagnostic, ReadLine, error
from govcheck.model import Span
from govcheck.shipped import shipped
from govcheck.source import LINE_BREAK, MAX_BYTES

_SUFFIXES = (".yaml", ".yml")
_SKIPPED = "examples"

PACKS = "policies"
"""Folder of the shipped packs, in the source tree and in what people see."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A file to read; `shown` is its path as people see it."""

    path: Path
    shown: str

    def read(self) -> bytes | Diagnostic:
        """The bytes of the file, cut just above the limit, or why they cannot be had."""
        try:
            with self.path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as problem:
            reason = problem.strerror or type(problem).__name__
            return error("unreadable-file", Span(self.shown, 1, 1, 1, 1), reason=reason)


def discover(paths: Sequence[Path]) -> tuple[list[PolicyFile], list[Diagnostic]]:
    """The files that `paths` name, each once, and a fault for every path that leads to none.

    Folders are read recursively for `*.yaml` and `*.yml`, in order of path; hidden files and folders and
    `examples/` are skipped unless named.
    """
    found: dict[str, PolicyFile] = {}
    faults: list[Diagnostic] = []
    for path in paths:
        files = list(_walk(path)) if path.is_dir() else [path]
        if not path.exists():
            faults.append(error("missing-path", None, path=shown_path(path)))
        elif not files:
            faults.append(error("no-policy-files", None, path=shown_path(path)))
        else:
            for file in files:
                found.setdefault(os.path.realpath(file), PolicyFile(file, shown_path(file)))
    return list(found.values()), faults


def line_reader() -> ReadLine:
    """Give lines of policy files as people see their paths, each file read once; None where there is no line."""
    files: dict[str, list[str]] = {}

    def read_line(shown: str, number: int) -> str | None:
        if shown not in files:
            files[shown] = _lines(shown)
        return files[shown][number - 1] if 0 < number <= len(files[shown]) else None

    return read_line


def _lines(shown: str) -> list[str]:
    path = Path(shown)
    if not path.exists() and shown.startswith(f"{PACKS}/"):
        path = shipped(PACKS).parent / shown
    data = PolicyFile(path, shown).read()
    if isinstance(data, Diagnostic):
        return []
    return LINE_BREAK.split(data.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace"))


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != _SKIPPED)
        for name in sorted(files):
            path = Path(parent, name)
            if path.suffix.lower() in _SUFFIXES and not name.startswith(".") and path.is_file():
                yield path


def shown_path(path: Path) -> str:
    """The path as people see it, with forward slashes.

    Files below the working directory are shown from there, shipped packs as they stand in the source tree, so that
    a report names no place of this machine.
    """
    clean = Path(os.path.normpath(path))
    for place, prefix in ((shipped(PACKS), PACKS), (Path.cwd(), ".")):
        if clean.is_absolute() and clean.is_relative_to(place):
            clean = Path(prefix, clean.relative_to(place))
    return os.fsencode(clean.as_posix()).decode("utf-8", errors="replace")
