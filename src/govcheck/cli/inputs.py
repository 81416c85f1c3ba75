"""What commands read from the command line: policies from paths, and moments."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli.options import language, listed
from govcheck.model import Lang, Severity
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.policy.types import PolicySet, Rule

DEMO_EXAMPLES = "examples"


def read_policies(
    paths: Sequence[Path],
    folders: Sequence[Path],
    *,
    lenient: bool,
    lang: Lang,
    demo: bool = False,
    quiet: bool = False,
) -> PolicySet:
    """The policy set of `paths` and `--policies`; by default `policies/`, else the shipped packs.

    The demo tenant brings its own declarations. Warnings go to stderr. Raises `GovcheckError`.
    """
    from govcheck.diagnostics import render
    from govcheck.policy import line_reader, load_policies

    policies = load_policies(policy_paths([*paths, *folders], demo=demo), lenient=lenient)
    if policies.diagnostics and not quiet:
        sys.stderr.write(render(policies.diagnostics, lang, line_reader()))
    return policies


def choose_rules(paths: Sequence[Path], given: Mapping[str, Any], lang: Lang) -> tuple[PolicySet, tuple[Rule, ...]]:
    """The policy set and the rules of it that `--select`, `--ignore` and `--min-severity` leave.

    Raises `GovcheckError`, for a selection of nothing too.
    """
    from govcheck.engine.selection import select_rules

    demo, quiet = given["tenant"] is not None, given["quiet"]
    policies = read_policies(paths, given["policies"], lenient=True, lang=lang, demo=demo, quiet=quiet)
    severity = Severity(given["min_severity"]) if given["min_severity"] else None
    return policies, select_rules(policies, listed(given["select"]), listed(given["ignore"]), severity)


def policy_paths(given: Sequence[Path], *, demo: bool) -> list[Path]:
    """Where policies are read from."""
    from govcheck.shipped import shipped

    if given:
        return list(given)
    if demo:
        return [shipped("policies"), shipped("policies") / DEMO_EXAMPLES]
    return [Path("policies")] if Path("policies").is_dir() else [shipped("policies")]


def packs_in(paths: Sequence[Path], policies: PolicySet) -> set[str]:
    """The packs that stand in `paths` themselves, and not the shipped ones that came along."""
    from govcheck.policy.discover import discover

    named = {file.shown for file in discover(paths)[0]}
    return {policy.header.id for policy in policies.policies if policy.header.span.path in named}


def moment(text: str | None) -> datetime | None:
    """The instant that `--as-of` names: a date (00:00 UTC) or an RFC 3339 time."""
    from govcheck.expr.times import parse_time

    if text is None:
        return None
    found = parse_time(text)
    if found is None:
        raise click.BadParameter(say("cli.bad-time", language(), text=text), param_hint="--as-of")
    return found
