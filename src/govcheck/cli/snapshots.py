"""Where a command's snapshot comes from: a folder, the demo tenant, or a tenant that is read now."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govcheck.model import Lang, Text
from govcheck.words import say, visible

if TYPE_CHECKING:
    from govcheck.graph.answers import Source
    from govcheck.snapshot import Snapshot

Needs = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How to speak to the person at the terminal."""

    lang: Lang
    quiet: bool


@contextmanager
def snapshot_for(
    needs: Needs, groups: Collection[str], *, folder: Path | None, tenant: str | None, voice: Voice
) -> Iterator[Snapshot]:
    """The snapshot in `folder`, else one that is collected now.

    What is read from a real tenant is kept in GOVCHECK_HOME, where that can be written; the demo leaves nothing.
    """
    from govcheck.snapshot import open_snapshot
    from govcheck.snapshot.store import home

    if folder is not None:
        yield open_snapshot(folder)
        return
    with tempfile.TemporaryDirectory(prefix="govcheck-") as temporary:
        keep = home(os.environ.get("GOVCHECK_HOME"))
        if tenant is not None or not _writable(keep):
            if tenant is None:
                say_aside(voice, "cli.snapshot-not-kept", folder=keep)
            keep = Path(temporary)
        yield take_snapshot(needs, groups, place=_in_store(keep), tenant=tenant, voice=voice)


def take_snapshot(
    needs: Needs,
    groups: Collection[str],
    *,
    place: Callable[[str, datetime], Path],
    tenant: str | None,
    voice: Voice,
) -> Snapshot:
    """Read a tenant, or the demo, into the folder that `place` names."""
    from govcheck.graph.collect import collect_snapshot

    source, taken_at = _source(tenant, voice)
    with _progress(voice) as observe:
        return collect_snapshot(source, needs=needs, groups=groups, place=place, taken_at=taken_at, observe=observe)


def stored_or(folder: Path | None) -> Callable[[str, datetime], Path]:
    """The place of a snapshot: the folder that was given, else a new one in GOVCHECK_HOME."""
    from govcheck.snapshot.store import home

    return _in_store(home(os.environ.get("GOVCHECK_HOME"))) if folder is None else lambda *_: folder


def say_aside(voice: Voice, key: str, **params: object) -> None:
    """A line on stderr, unless the person asked for quiet."""
    if not voice.quiet:
        sys.stderr.write(say(key, voice.lang, **params) + "\n")


def _in_store(home: Path) -> Callable[[str, datetime], Path]:
    from govcheck.snapshot.store import snapshot_folder

    return lambda tenant, taken_at: snapshot_folder(home, tenant, taken_at)


def _source(tenant: str | None, voice: Voice) -> tuple[Source, datetime | None]:
    if tenant is not None:
        from govcheck.demo import generate
        from govcheck.graph.demo import DemoSource

        invented = generate()
        return DemoSource(invented), invented.taken_at
    from govcheck.graph.auth import sign_in

    return sign_in(os.environ, prompt=_prompt(voice) if sys.stderr.isatty() else None), None


def _prompt(voice: Voice) -> Callable[[Text], None]:
    return lambda words: click.echo(visible(words.in_lang(voice.lang)), err=True)


def _writable(folder: Path) -> bool:
    """Whether the folder, or the nearest one above it that exists, takes new files."""
    existing = next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))
    return existing.is_dir() and os.access(existing, os.W_OK)


@contextmanager
def _progress(voice: Voice) -> Iterator[Callable[[str, int, int], None]]:
    """A line on the terminal that follows the reading, and is gone when it is done."""
    if voice.quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return

    def show(table: str, rows: int, requests: int) -> None:
        line = say("cli.progress", voice.lang, table=table, rows=rows, requests=requests)
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
