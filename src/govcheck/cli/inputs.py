"""What commands read: policies from paths, snapshots from a folder, a tenant or the demo."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govcheck.cli.options import language
from govcheck.model import Lang
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.policy.types import PolicySet
    from govcheck.snapshot import Snapshot

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
    from govcheck.policy import load_policies

    policies = load_policies(policy_paths([*paths, *folders], demo=demo), lenient=lenient)
    if policies.diagnostics and not quiet:
        from govcheck.cli.failure import read_line

        sys.stderr.write(render(policies.diagnostics, lang, read_line))
    return policies


def policy_paths(given: Sequence[Path], *, demo: bool) -> list[Path]:
    """Where policies are read from."""
    from govcheck.shipped import shipped

    if given:
        return list(given)
    if demo:
        return [shipped("policies"), shipped("policies") / DEMO_EXAMPLES]
    return [Path("policies")] if Path("policies").is_dir() else [shipped("policies")]


@contextmanager
def snapshot_for(
    policies: PolicySet,
    needs: dict[str, set[str]],
    *,
    folder: Path | None,
    tenant: str | None,
    lang: Lang,
    quiet: bool,
) -> Iterator[Snapshot]:
    """The snapshot a check looks at: the one in `folder`, else one collected now.

    What is collected from a real tenant is kept in GOVCHECK_HOME; the demo tenant leaves nothing behind.
    """
    import tempfile

    from govcheck.engine.plan import groups_needed
    from govcheck.snapshot import open_snapshot
    from govcheck.snapshot.store import home

    if folder is not None:
        yield open_snapshot(folder)
        return
    groups = groups_needed(policies.organisation)
    with tempfile.TemporaryDirectory(prefix="govcheck-") as temporary:
        target = None if tenant else home(os.environ.get("GOVCHECK_HOME"))
        yield take_snapshot(needs, groups, tenant=tenant, home=target, fallback=Path(temporary), lang=lang, quiet=quiet)


def moment(text: str | None) -> datetime | None:
    """The instant that `--as-of` names: a date (00:00 UTC) or an RFC 3339 time."""
    from govcheck.expr.times import parse_time

    if text is None:
        return None
    found = parse_time(text)
    if found is None:
        raise click.BadParameter(say("cli.bad-time", language(), text=text), param_hint="--as-of")
    return found
