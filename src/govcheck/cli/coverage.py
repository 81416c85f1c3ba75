"""`govcheck coverage`: which team is covered by which agreement, for HR."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang

if TYPE_CHECKING:
    from collections.abc import Mapping

    from govcheck.cli.snapshots import Origin, Voice
    from govcheck.engine.coverage import Coverage
    from govcheck.snapshot import Snapshot


@click.command(help=help_text("coverage"))
@shared.options(
    shared.paths,
    shared.policies,
    shared.tenant,
    shared.cloud,
    shared.snapshot,
    click.option("--as-of", metavar="DATE", help=help_text("as-of-option")),
    shared.lang,
    click.option(
        "-f", "--format", "format_", default="text", metavar="FORMAT", help=help_text("coverage-format-option")
    ),
    click.option("-o", "--output", "outputs", multiple=True, metavar="FORMAT=FILE", help=help_text("output-option")),
    shared.quiet,
    shared.verbose,
    shared.debug,
)
def coverage(paths: tuple[Path, ...], **given: Any) -> int:
    """Fill the matrix of teams and topics, compare it with the one before, and write it."""
    from govcheck.cli.audit import audited
    from govcheck.cli.inputs import moment, read_policies
    from govcheck.cli.output import parse_outputs
    from govcheck.cli.snapshots import origin_of, snapshot_for, voice_of
    from govcheck.engine.coverage import cover, coverage_evidence, coverage_needs
    from govcheck.engine.plan import groups_needed
    from govcheck.evidence import read_evidence
    from govcheck.report.coverage import FORMATS

    lang = shared.language(given["lang"])
    outputs = parse_outputs(given["format_"], given["outputs"], FORMATS)
    at = moment(given["as_of"])
    demo = given["tenant"] is not None
    policies = read_policies(paths, given["policies"], lenient=True, lang=lang, demo=demo, quiet=given["quiet"])
    evidence = read_evidence(policies, coverage_evidence())
    origin, voice = origin_of(given), voice_of(given, lang)
    with (
        audited("coverage", origin, policies, (), voice) as audit,
        snapshot_for(coverage_needs(), groups_needed(policies.organisation), origin, voice) as snapshot,
    ):
        audit.snapshot, audit.evidence = snapshot, evidence
        spoken = _language(given["lang"], snapshot, lang)
        matrix = cover(policies, snapshot, evidence, at or snapshot.taken_at, spoken)
        _write(matrix, outputs, spoken, origin, voice)
        for name, file in outputs:
            audit.wrote(name, file)
    return 0


def _language(asked: str | None, snapshot: Snapshot, otherwise: Lang) -> Lang:
    """What was asked for; else Dutch for a Dutch organisation."""
    from govcheck.engine.coverage import country_of

    if asked or os.environ.get("GOVCHECK_LANG"):
        return otherwise
    return "nl" if country_of(snapshot) == "NL" else otherwise


def _write(matrix: Coverage, outputs: list[tuple[str, Path | None]], lang: Lang, origin: Origin, voice: Voice) -> None:
    from govcheck.cli.output import page_for, write_all
    from govcheck.report import Page
    from govcheck.report.coverage import render

    previous = _previous(matrix.tenant, matrix.as_of)
    write_all([(render(matrix, name, page_for(file, lang), previous), file) for name, file in outputs])
    if not origin.demo:
        _keep(matrix, render(matrix, "json", Page(lang=lang), previous), voice)


def _previous(tenant: str, before: datetime) -> Mapping[str, Any] | None:
    from govcheck.cli.snapshots import home_folder
    from govcheck.snapshot.coverages import last_coverage

    return last_coverage(home_folder(), tenant, before)


def _keep(matrix: Coverage, data: bytes, voice: Voice) -> None:
    from govcheck.cli.snapshots import home_folder, say_aside
    from govcheck.snapshot.coverages import keep_coverage

    folder = home_folder()
    try:
        keep_coverage(folder, matrix.tenant, matrix.as_of, data)
    except OSError:
        say_aside(voice, "cli.coverage-not-kept", folder=folder)
