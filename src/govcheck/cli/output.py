"""Where reports go: stdout or files, and the store of runs."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govcheck.cli.options import language
from govcheck.cli.snapshots import Voice, home_folder, say_aside, say_not_kept
from govcheck.model import Lang
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.model import Report
    from govcheck.report import Page
    from govcheck.report.names import NamesMode
    from govcheck.report.terminal import Screen


def parse_outputs(format_: str, files: Sequence[str], formats: Collection[str]) -> list[tuple[str, Path | None]]:
    """`-f` for stdout and each `-o FORMAT=FILE`, with formats known and files writable."""
    outputs: list[tuple[str, Path | None]] = [(_known(format_, formats, "--format"), None)]
    for entry in files:
        name, separator, file = entry.partition("=")
        if not separator or not file:
            raise click.BadParameter(say("cli.bad-output", language(), value=entry), param_hint="--output")
        outputs.append((_known(name, formats, "--output"), _writable(Path(file))))
    return outputs


def _known(name: str, formats: Collection[str], hint: str) -> str:
    from govcheck.diagnostics import nearest

    if name in formats:
        return name
    near = nearest(name, formats)
    key = "cli.unknown-format-near" if near else "cli.unknown-format"
    raise click.BadParameter(say(key, language(), name=name, near=near, known=", ".join(formats)), param_hint=hint)


def _writable(file: Path) -> Path:
    """Found out before the work is done: a report that cannot be written helps nobody."""
    folder = file.parent
    if file.is_dir() or not folder.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise click.BadParameter(say("cli.unwritable", language(), file=file), param_hint="--output")
    return file


def baseline_fingerprints(file: Path | None) -> frozenset[str]:
    """The findings that a JSON report says were known."""
    if file is None:
        return frozenset()
    try:
        report = json.loads(file.read_text("utf-8"))
        return frozenset(finding["fingerprint"] for finding in report["findings"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise click.BadParameter(say("cli.bad-baseline", language(), file=file), param_hint="--baseline") from problem


def write_reports(
    report: Report, outputs: Sequence[tuple[str, Path | None]], *, names: NamesMode | None, lang: Lang
) -> None:
    """Render every output first, then write: one that fails leaves nothing half-written."""
    from govcheck.report import render
    from govcheck.report.names import with_names

    rendered: list[tuple[bytes, Path | None]] = []
    for name, file in outputs:
        mode = names_mode(name, names)
        shown = report if mode == "shown" else with_names(report, mode, _pseudonym_key())
        page = page_for(file, lang)
        rendered.append((render(shown, name, lang=lang, width=page.width, color=page.color), file))
    write_all(rendered)


def page_for(file: Path | None, lang: Lang) -> Page:
    """What is written for: a terminal with its width and colours, or anything else."""
    from govcheck.report import Page

    tty = file is None and sys.stdout.isatty()
    return Page(lang=lang, width=shutil.get_terminal_size().columns if tty else None, color=tty and _colour())


def screen() -> Screen:
    """The terminal that is written for; wide where it is none."""
    from govcheck.report.terminal import Screen

    page = page_for(None, "en")
    return Screen(width=page.width or 120, color=page.color)


def write_all(rendered: Sequence[tuple[bytes, Path | None]]) -> None:
    """Write what was rendered, files first; None is stdout."""
    for data, file in rendered:
        if file is not None:
            _replace(file, data)
    sys.stdout.flush()
    for data, file in rendered:
        if file is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


def names_mode(format_: str, asked: NamesMode | None) -> NamesMode:
    """How people appear in a format: as was asked, else under pseudonyms where machines of many people read it."""
    from govcheck.report import FORMATS

    return asked or ("pseudonymous" if FORMATS[format_].ci else "shown")


def _colour() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _replace(file: Path, data: bytes) -> None:
    """Write a file whole or not at all, behind a link too; a pipe or a device is written to and stays what it is."""
    target = file.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(data)
            return
        temporary.write_bytes(data)
        temporary.replace(target)
    except OSError as problem:
        temporary.unlink(missing_ok=True)
        raise click.UsageError(say("cli.unwritable", language(), file=file)) from problem


def keep_run(report: Report, voice: Voice, *, tidy: bool = True) -> None:
    """Store the run in GOVCHECK_HOME and, with `tidy`, delete what was kept long enough.

    Where the home cannot be written, say so and go on.
    """
    from govcheck.diagnostics import GovcheckError
    from govcheck.report import render
    from govcheck.snapshot.store import save_run

    folder = home_folder()
    try:
        save_run(folder, render(report, "json", lang=voice.lang))
    except (GovcheckError, OSError):
        say_not_kept(voice, "cli.run-not-kept", folder=folder)
        return
    if tidy:
        _prune(folder, voice)


def _prune(folder: Path, voice: Voice) -> None:
    from govcheck.snapshot.store import prune

    try:
        gone = prune(folder, datetime.now(UTC))
    except OSError as problem:
        say_aside(voice, "cli.not-pruned", folder=problem.filename or folder)
        return
    if gone:
        say_aside(voice, "cli.pruned", count=len(gone))


def _pseudonym_key() -> bytes:
    """The key of this installation's pseudonyms, made at first use; one for this run alone where it cannot be kept."""
    file = home_folder() / "pseudonyms.key"
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
                handle.write(secrets.token_bytes(32))
        return file.read_bytes()
    except OSError:
        return secrets.token_bytes(32)
