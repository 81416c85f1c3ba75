"""`govcheck validate` and `govcheck test`: policy files, offline."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from govcheck.diagnostics import Diagnostic
    from govcheck.engine.examples import ExampleResult
    from govcheck.model import Lang
    from govcheck.policy.types import PolicySet


@click.command(help=help_text("validate"))
@shared.options(
    shared.paths,
    shared.policies,
    shared.text_or_json,
    shared.lang,
    shared.quiet,
    shared.debug,
)
def validate(paths: tuple[Path, ...], **given: Any) -> int:
    """Report every fault of every file; exit 2 when one is an error."""
    from datetime import UTC, datetime

    from govcheck.cli.inputs import policy_paths
    from govcheck.diagnostics import GovcheckError
    from govcheck.policy import load_policies

    lang = shared.language(given["lang"])
    found = policy_paths([*paths, *given["policies"]], demo=False)
    try:
        policies = load_policies(found, lenient=False, today=datetime.now(UTC).date())
    except GovcheckError as wrong:
        _print(wrong.diagnostics, given["format_"], lang)
        return wrong.exit_code
    _print(policies.diagnostics, given["format_"], lang)
    if not given["quiet"]:
        sys.stderr.write(_summary(policies, lang) + "\n")
    return 0


def _print(diagnostics: Sequence[Diagnostic], format_: str, lang: Lang) -> None:
    from govcheck.diagnostics import render, to_json
    from govcheck.policy import line_reader

    if format_ == "json":
        sys.stdout.write(json.dumps(to_json(diagnostics, lang), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stderr.write(render(diagnostics, lang, line_reader()))


def _summary(policies: PolicySet, lang: Lang) -> str:
    documents, rules = len(policies.headers), len(policies.rules)
    return say(
        "cli.valid",
        lang,
        documents=say("cli.documents", lang, count=documents),
        rules=say("cli.rules", lang, count=rules),
    )


@click.command(help=help_text("test"))
@shared.options(shared.paths, shared.policies, shared.lang, shared.quiet, shared.verbose, shared.debug)
def test(paths: tuple[Path, ...], **given: Any) -> int:
    """Evaluate the examples inside policies; exit 1 when one is wrong."""
    from govcheck.cli.inputs import read_policies
    from govcheck.engine.examples import run_examples

    lang = shared.language(given["lang"])
    policies = read_policies(paths, given["policies"], lenient=True, lang=lang, quiet=True)
    results = list(run_examples(policies))
    wrong = [result for result in results if not result.right]
    for result in results if given["verbose"] else wrong:
        sys.stdout.write(_line(result, lang) + "\n")
    if not given["quiet"]:
        sys.stderr.write(_count(len(results), len(wrong), lang) + "\n")
    return 1 if wrong else 0


def _line(result: ExampleResult, lang: Lang) -> str:
    span = result.example.span
    wanted = "pass" if result.example.passes else "fail"
    key = "cli.example-right" if result.right else "cli.example-wrong"
    words = {name: say(f"cli.verdict-{name}", lang) for name in (wanted, result.verdict)}
    place = f"{span.path}:{span.line}:{span.column}"
    return say(key, lang, place=place, rule=result.rule.id, wanted=words[wanted], verdict=words[result.verdict])


def _count(examples: int, wrong: int, lang: Lang) -> str:
    counted = say("cli.examples", lang, count=examples)
    return say("cli.examples-summary", lang, examples=counted, wrong=say("cli.examples-wrong", lang, count=wrong))
