"""`govcheck collect`: read the tenant once, into a folder that can be checked again and again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.words import say

COMPLETE, WITH_GAPS = 0, 3


@click.command(help=help_text("collect"))
@shared.options(
    shared.paths,
    shared.policies,
    shared.tenant,
    shared.cloud,
    shared.incremental,
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
    from govcheck.cli.snapshots import origin_of, stored_or, take_snapshot, voice_of
    from govcheck.engine.evaluate import open_rules
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
    gaps = 0
    for name, entry in snapshot.tables.items():
        for column, gap in [("", entry.gap), *sorted(entry.column_gaps.items())]:
            if gap is not None:
                gaps += 1
                place = f"{name}.{column}" if column else name
                sys.stderr.write(say("cli.gap", lang, place=place, reason=gap.reason.value, detail=gap.detail) + "\n")
    return WITH_GAPS if gaps else COMPLETE
