"""`govcheck check`: the main job."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang, Severity
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.engine.evaluate import Evaluation
    from govcheck.model import Report
    from govcheck.policy.types import PolicySet
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
    from govcheck.cli.inputs import read_policies
    from govcheck.cli.snapshots import Voice, snapshot_for
    from govcheck.engine.plan import collect_needs, groups_needed
    from govcheck.engine.selection import select_rules

    request = _request(given)
    policies = read_policies(
        paths,
        given["policies"],
        lenient=True,
        lang=request.lang,
        demo=given["tenant"] is not None,
        quiet=given["quiet"],
    )
    severity = Severity(given["min_severity"]) if given["min_severity"] else None
    select = shared.listed(given["select"])
    rules = select_rules(policies, select, shared.listed(given["ignore"]), severity)
    parameters = _parameters(policies, given["settings"])
    voice = Voice(lang=request.lang, quiet=given["quiet"])
    needs, groups = collect_needs(rules), groups_needed(policies.organisation)
    with snapshot_for(needs, groups, folder=given["snapshot"], tenant=given["tenant"], voice=voice) as snapshot:
        from govcheck.engine.evaluate import evaluate

        as_of = request.as_of or snapshot.taken_at
        evaluation = evaluate(policies, rules, snapshot, parameters, as_of, request.lang)
        report = _report(evaluation, as_of, given["team"], counts_only=request.names == "counts")
        _write(report, request, given)
    return _exit_code(report, policies, given, request.known, select, paths)


def _request(given: dict[str, Any]) -> Request:
    from govcheck.cli.inputs import moment
    from govcheck.cli.output import baseline_fingerprints, parse_outputs

    return Request(
        lang=shared.language(given["lang"]),
        outputs=parse_outputs(given["format_"], given["outputs"]),
        names=given["names"],
        as_of=moment(given["as_of"]),
        known=baseline_fingerprints(given["baseline"]),
    )


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


def _write(report: Report, request: Request, given: dict[str, Any]) -> None:
    from govcheck.cli.output import keep_run, write_reports

    for warning in report.warnings:
        if not given["quiet"]:
            sys.stderr.write(say("cli.warning", request.lang, text=warning.in_lang(request.lang)) + "\n")
    write_reports(report, request.outputs, names=request.names, lang=request.lang)
    keep_run(report, lang=request.lang, quiet=given["quiet"])


def _exit_code(
    report: Report,
    policies: PolicySet,
    given: dict[str, Any],
    known: frozenset[str],
    select: list[str],
    paths: tuple[Path, ...],
) -> int:
    from govcheck.engine import gate
    from govcheck.engine.selection import asked_for

    closed = {policy.header.id for policy in policies.policies if policy.people}
    asked = asked_for(policies, select) | (closed if paths else set())
    code = gate.verdict(
        report,
        Severity(given["fail_on"]),
        known=known,
        ignored_packs=closed - asked,
        narrowed=given["team"] is not None,
    )
    forgiven = {gate.FINDINGS: given["exit_zero"], gate.UNDECIDED: given["allow_unknown"]}
    return gate.CLEAN if forgiven.get(code) else code
