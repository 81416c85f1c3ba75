"""`govcheck check`: the main job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang, Severity

if TYPE_CHECKING:
    from govcheck.cli.audit import Audit
    from govcheck.cli.snapshots import Origin, Voice
    from govcheck.engine.evaluate import Evaluation
    from govcheck.evidence import Evidence
    from govcheck.model import Report
    from govcheck.policy.types import PolicySet, Rule
    from govcheck.report.names import NamesMode

NAMES = ("shown", "pseudonymous", "counts")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asked for, checked before anything is collected."""

    lang: Lang
    outputs: list[tuple[str, Path | None]]
    """Format and file; None is stdout."""
    names: NamesMode | None
    as_of: datetime | None
    known: frozenset[str]
    """Fingerprints of the baseline."""


@click.command(help=help_text("check"))
@shared.options(
    shared.paths,
    shared.policies,
    shared.tenant,
    shared.cloud,
    shared.incremental,
    shared.allow_beta,
    shared.snapshot,
    click.option("--as-of", metavar="DATE", help=help_text("as-of-option")),
    shared.select,
    shared.ignore,
    click.option("--team", metavar="NAME", help=help_text("team-option")),
    shared.min_severity,
    shared.settings,
    shared.lang,
    click.option("-f", "--format", "format_", default="text", metavar="FORMAT", help=help_text("format-option")),
    click.option("-o", "--output", "outputs", multiple=True, metavar="FORMAT=FILE", help=help_text("output-option")),
    click.option(
        "--fail-on",
        type=click.Choice([severity.value for severity in Severity]),
        default=Severity.LOW.value,
        show_default=True,
        help=help_text("fail-on-option"),
    ),
    click.option("--exit-zero", is_flag=True, help=help_text("exit-zero-option")),
    click.option("--allow-unknown", is_flag=True, help=help_text("allow-unknown-option")),
    click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help=help_text("baseline-option")),
    click.option("--names", type=click.Choice(NAMES), default=None, help=help_text("names-option")),
    click.option(
        "--engine",
        type=click.Choice(["duckdb"]),
        default="duckdb",
        show_default=True,
        help=help_text("engine-option"),
    ),
    shared.quiet,
    shared.verbose,
    shared.debug,
)
def check(paths: tuple[Path, ...], **given: Any) -> int:
    """Read, collect, judge, write, and turn the verdict into an exit code."""
    from govcheck.cli.audit import audited
    from govcheck.cli.inputs import choose_rules
    from govcheck.cli.snapshots import origin_of, snapshot_for, voice_of
    from govcheck.engine.people_packs import open_rules
    from govcheck.engine.plan import collect_needs, groups_needed

    request = _request(given)
    policies, rules = choose_rules(paths, given, request.lang)
    parameters = _parameters(policies, given["settings"])
    origin, voice = origin_of(given), voice_of(given, request.lang)
    running = open_rules(policies, rules)
    needs, groups = collect_needs(running), groups_needed(policies.organisation)
    evidence = _evidence(policies, running)
    with (
        audited("check", origin, policies, rules, voice) as audit,
        snapshot_for(needs, groups, origin, voice) as snapshot,
    ):
        from govcheck.engine.evaluate import evaluate

        audit.snapshot, audit.evidence = snapshot, evidence
        as_of = request.as_of or snapshot.taken_at
        evaluation = evaluate(policies, rules, snapshot, evidence, parameters, as_of, request.lang)
        report = _report(evaluation, as_of, given["team"], counts_only=request.names == "counts")
        _write(report, request, origin, voice, audit)
    return _exit_code(report, policies, given, request.known, paths)


def _request(given: dict[str, Any]) -> Request:
    from govcheck.cli.inputs import moment
    from govcheck.cli.output import baseline_fingerprints, parse_outputs
    from govcheck.report import FORMATS

    return Request(
        lang=shared.language(given["lang"]),
        outputs=parse_outputs(given["format_"], given["outputs"], FORMATS),
        names=given["names"],
        as_of=moment(given["as_of"]),
        known=baseline_fingerprints(given["baseline"]),
    )


def _evidence(policies: PolicySet, rules: tuple[Rule, ...]) -> Evidence:
    """What the evidence files hold that the rules need; a refused file stops the run before anything is collected."""
    from govcheck.engine.evidence_tables import evidence_needed
    from govcheck.evidence import read_evidence

    return read_evidence(policies, evidence_needed(rules))


def _parameters(policies: PolicySet, settings: tuple[str, ...]) -> Any:
    from govcheck.engine.parameters import effective
    from govcheck.policy import parse_settings

    return effective(policies.policies, policies.organisation, parse_settings(settings, policies.policies))


def _report(evaluation: Evaluation, as_of: datetime, team: str | None, *, counts_only: bool) -> Report:
    from uuid import uuid4

    from govcheck import __version__
    from govcheck.engine.reporting import build_report, narrow, new_run
    from govcheck.engine.selection import find_unit

    run = new_run(evaluation, run_id=str(uuid4()), version=__version__, as_of=as_of)
    report = build_report(evaluation, run, complementary=counts_only)
    return narrow(report, find_unit(report.units, team)) if team else report


def _write(report: Report, request: Request, origin: Origin, voice: Voice, audit: Audit) -> None:
    from govcheck.cli.output import keep_run, names_mode, write_reports
    from govcheck.cli.snapshots import home_folder, say_aside

    for warning in report.warnings:
        say_aside(voice, "cli.warning", text=warning.in_lang(request.lang))
    write_reports(report, request.outputs, names=request.names, lang=request.lang)
    audit.run = report.run.id
    for name, file in request.outputs:
        audit.wrote(name, file, names_mode(name, request.names))
    # Whoever works on a kept snapshot still needs it, however old it is.
    at_work = origin.folder is not None and origin.folder.resolve().is_relative_to(home_folder().resolve())
    keep_run(report, voice, tidy=not at_work)


def _exit_code(
    report: Report,
    policies: PolicySet,
    given: dict[str, Any],
    known: frozenset[str],
    paths: tuple[Path, ...],
) -> int:
    from govcheck.cli.inputs import packs_in
    from govcheck.engine import gate
    from govcheck.engine.people_packs import closed_packs
    from govcheck.engine.selection import asked_for

    closed = set(closed_packs(policies))
    asked = asked_for(policies, shared.listed(given["select"])) | packs_in(paths, policies)
    code = gate.verdict(
        report,
        Severity(given["fail_on"]),
        known=known,
        ignored_packs=closed - asked,
        narrowed=given["team"] is not None,
    )
    forgiven = {gate.FINDINGS: given["exit_zero"], gate.UNDECIDED: given["allow_unknown"]}
    return gate.CLEAN if forgiven.get(code) else code
