"""Where a command's snapshot comes from: a folder, the demo tenant, or a tenant that is read now."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from govcheck.model import Lang, Text
from govcheck.words import say, visible

if TYPE_CHECKING:
    from govcheck.graph.answers import Source
    from govcheck.graph.auth import CloudName
    from govcheck.snapshot import Snapshot
    from govcheck.snapshot.manifest import FeedEntry

Needs = Mapping[str, Collection[str]]
Place = Callable[[str, datetime], Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How to speak to the person at the terminal."""

    lang: Lang
    quiet: bool
    verbose: bool = False
    told: set[str] = field(default_factory=set)
    """What is said once was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where data come from: a snapshot `folder`, the embedded tenant, or else the tenant we sign in to."""

    folder: Path | None = None
    demo: bool = False
    cloud: CloudName = "global"
    incremental: bool = False
    """Read only what has changed since the newest snapshot in GOVCHECK_HOME, where Graph tells."""
    allow_beta: bool = False
    """Read what Graph has in its test version alone, too."""

    @property
    def kind(self) -> Literal["snapshot", "demo", "tenant"]:
        """Which of the three."""
        if self.folder is not None:
            return "snapshot"
        return "demo" if self.demo else "tenant"


def voice_of(given: Mapping[str, Any], lang: Lang) -> Voice:
    """How `--quiet` and `--verbose` ask us to speak."""
    return Voice(lang=lang, quiet=given.get("quiet", False), verbose=given.get("verbose", False))


def origin_of(given: Mapping[str, Any]) -> Origin:
    """What `--snapshot`, `--tenant`, `--cloud`, `--incremental` and `--allow-beta` say."""
    return Origin(
        folder=given.get("snapshot"),
        demo=given["tenant"] is not None,
        cloud=given["cloud"],
        incremental=given.get("incremental", False),
        allow_beta=given.get("allow_beta", False),
    )


@contextmanager
def snapshot_for(needs: Needs, groups: Collection[str], origin: Origin, voice: Voice) -> Iterator[Snapshot]:
    """The snapshot in the origin's folder, else one that is collected now.

    What is read from a real tenant is kept in GOVCHECK_HOME, where that can be written; the demo leaves nothing.
    """
    from govcheck.snapshot import open_snapshot

    if origin.folder is not None:
        yield open_snapshot(origin.folder)
        return
    with tempfile.TemporaryDirectory(prefix="govcheck-") as temporary:
        keep = home_folder()
        if origin.demo or not _writable(keep):
            if not origin.demo:
                say_not_kept(voice, "cli.snapshot-not-kept", folder=keep)
            keep = Path(temporary)
        yield take_snapshot(needs, groups, place=_in_store(keep), origin=origin, voice=voice)


def take_snapshot(needs: Needs, groups: Collection[str], *, place: Place, origin: Origin, voice: Voice) -> Snapshot:
    """Read a tenant, or the demo, into the folder that `place` names."""
    from govcheck.cli.progress import progress
    from govcheck.graph.collect import collect_snapshot

    source, taken_at = open_source(origin, voice)
    with progress(voice.lang, quiet=voice.quiet, verbose=voice.verbose) as observe:

        def tell(words: Text) -> None:
            observe.make_way()
            say_aside(voice, "cli.note", text=words.in_lang(voice.lang))

        snapshot = collect_snapshot(
            source,
            needs=needs,
            groups=groups,
            place=place,
            taken_at=taken_at,
            observe=observe,
            watch=observe,
            tell=tell,
            previous=_newest(source.tenant) if origin.incremental else None,
            follow=origin.incremental,
            allow_beta=origin.allow_beta,
        )
    for what, age, feed in reused_feeds(snapshot, voice.lang):
        if feed.detail and feed.state == "complete":
            say_aside(voice, "cli.kept", place=what, age=age, detail=feed.detail.in_lang(voice.lang))
    return snapshot


def reused_feeds(snapshot: Snapshot, lang: Lang) -> Iterator[tuple[str, str, FeedEntry]]:
    """What a snapshot has from an earlier one: its place, its age in words, and what the manifest says of it."""
    for name, entry in snapshot.tables.items():
        for feed in entry.feeds:
            if feed.reused:
                hours = round((snapshot.taken_at - feed.read_at).total_seconds() / 3600)
                yield f"{name} ({feed.path})", say("cli.hours", lang, count=hours), feed


def _newest(tenant: str | None) -> Snapshot | None:
    """The newest snapshot of a tenant in GOVCHECK_HOME; where the tenant is not known, of any."""
    from govcheck.snapshot import open_snapshot
    from govcheck.snapshot.store import list_snapshots

    kept = (found for found in list_snapshots(home_folder()) if tenant in (None, found.tenant))
    newest = next(kept, None)
    return None if newest is None else open_snapshot(newest.path)


def open_source(origin: Origin, voice: Voice) -> tuple[Source, datetime | None]:
    """The tenant to read, signed in to where it is a real one, and the moment that the invented one stands still at."""
    if origin.demo:
        from govcheck.demo import generate
        from govcheck.graph.demo import DemoSource

        invented = generate()
        return DemoSource(invented), invented.taken_at
    import logging

    from govcheck.graph.auth import sign_in

    # azure-identity warns by itself of what we say in our own words.
    logging.getLogger("azure").setLevel(logging.ERROR)
    prompt = _prompt(voice) if sys.stderr.isatty() else None
    return sign_in(os.environ, cloud=origin.cloud, prompt=prompt), None


def stored_or(folder: Path | None) -> Place:
    """The place of a snapshot: the folder that was given, else a new one in GOVCHECK_HOME."""
    return _in_store(home_folder()) if folder is None else lambda *_: folder


def home_folder() -> Path:
    """GOVCHECK_HOME: the folder of snapshots, runs, keys and the audit log."""
    from govcheck.snapshot.store import home

    return home(os.environ.get("GOVCHECK_HOME"))


def say_aside(voice: Voice, key: str, **params: object) -> None:
    """A line on stderr, inert on a terminal, unless the person asked for quiet."""
    if not voice.quiet:
        sys.stderr.write(visible(say(key, voice.lang, **params)) + "\n")


def say_not_kept(voice: Voice, key: str, **params: object) -> None:
    """Warn of something that is not kept; where GOVCHECK_HOME takes nothing at all, say just that, and once."""
    folder = home_folder()
    if _writable(folder):
        say_aside(voice, key, **params)
    elif "nothing-kept" not in voice.told:
        voice.told.add("nothing-kept")
        say_aside(voice, "cli.nothing-kept", folder=folder)


def _in_store(home: Path) -> Place:
    from govcheck.snapshot.store import snapshot_folder

    return lambda tenant, taken_at: snapshot_folder(home, tenant, taken_at)


def _prompt(voice: Voice) -> Callable[[Text], None]:
    return lambda words: click.echo(visible(words.in_lang(voice.lang)), err=True)


def _writable(folder: Path) -> bool:
    """Whether the folder, or the nearest one above it that exists, takes new files."""
    existing = next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))
    return existing.is_dir() and os.access(existing, os.W_OK)
