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
    from govcheck.cli.inputs import read_policies
    from govcheck.cli.snapshots import Voice, stored_or, take_snapshot
    from govcheck.engine.plan import collect_needs, groups_needed
    from govcheck.engine.selection import select_rules
    from govcheck.model import Severity

    lang = shared.language(given["lang"])
    demo = given["tenant"] is not None
    policies = read_policies(paths, given["policies"], lenient=True, lang=lang, demo=demo, quiet=given["quiet"])
    severity = Severity(given["min_severity"]) if given["min_severity"] else None
    rules = select_rules(policies, shared.listed(given["select"]), shared.listed(given["ignore"]), severity)
    snapshot = take_snapshot(
        collect_needs(rules),
        groups_needed(policies.organisation),
        place=stored_or(given["output"]),
        tenant=given["tenant"],
        voice=Voice(lang=lang, quiet=given["quiet"]),
    )
    sys.stdout.write(f"{snapshot.path}\n")
    gaps = 0
    for name, entry in snapshot.tables.items():
        for column, gap in [("", entry.gap), *sorted(entry.column_gaps.items())]:
            if gap is not None:
                gaps += 1
                place = f"{name}.{column}" if column else name
                sys.stderr.write(say("cli.gap", lang, place=place, reason=gap.reason.value, detail=gap.detail) + "\n")
    return WITH_GAPS if gaps else COMPLETE
