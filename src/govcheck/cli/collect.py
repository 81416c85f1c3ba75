"""`govcheck collect`: read the tenant once, into a folder that can be checked again and again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Reason

if TYPE_CHECKING:
    from govcheck.catalogue import MissingColumn
    from govcheck.snapshot import Snapshot

COMPLETE, WITH_GAPS = 0, 3


@click.command(help=help_text("collect"))
@shared.options(
    shared.paths,
    shared.policies,
    shared.tenant,
    shared.cloud,
    shared.incremental,
    shared.allow_beta,
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=help_text("collect-output-option"),
    ),
    shared.select,
    shared.ignore,
    shared.min_severity,
    shared.lang,
    shared.quiet,
    shared.verbose,
    shared.debug,
)
def collect(paths: tuple[Path, ...], **given: Any) -> int:
    """Collect what the chosen rules need; exit 3 when something could not be read."""
    from govcheck.cli.audit import audited
    from govcheck.cli.inputs import choose_rules
    from govcheck.cli.snapshots import origin_of, reused_feeds, say_aside, stored_or, take_snapshot, voice_of
    from govcheck.engine.people_packs import open_rules
    from govcheck.engine.plan import collect_needs, groups_needed

    lang = shared.language(given["lang"])
    policies, rules = choose_rules(paths, given, lang)
    origin, voice = origin_of(given), voice_of(given, lang)
    needs, groups = collect_needs(open_rules(policies, rules)), groups_needed(policies.organisation)
    with audited("collect", origin, policies, rules, voice) as audit:
        snapshot = take_snapshot(needs, groups, place=stored_or(given["output"]), origin=origin, voice=voice)
        audit.snapshot = snapshot
        audit.wrote("snapshot", snapshot.path)
    sys.stdout.write(f"{snapshot.path}\n")
    for place, age, feed in reused_feeds(snapshot, lang):
        if not feed.detail:
            say_aside(voice, "cli.reused", place=place, age=age)
    gaps = list(_gaps(snapshot))
    for place, gap in gaps:
        say_aside(voice, "cli.gap", place=place, reason=gap.reason.value, detail=gap.detail.in_lang(voice.lang))
    # What needs --allow-beta was not asked for; nothing else that was just read can be missing for that reason.
    return COMPLETE if all(gap.reason is Reason.NOT_COLLECTED for _, gap in gaps) else WITH_GAPS


def _gaps(snapshot: Snapshot) -> Iterator[tuple[str, MissingColumn]]:
    """What is missing or too old, by table, or by column where the rest of the table is there."""
    from govcheck.catalogue import tables
    from govcheck.snapshot.ages import stale_gap

    for name, entry in snapshot.tables.items():
        table = tables().get(name)
        whole = entry.gap if entry.gap is not None or table is None else stale_gap(snapshot, table, None)
        if whole is not None:
            yield name, whole
            continue
        for column in sorted({*entry.columns, *entry.column_gaps}):
            gap = entry.column_gaps.get(column)
            if gap is None and table is not None:
                gap = stale_gap(snapshot, table, column)
            if gap is not None:
                yield f"{name}.{column}", gap
