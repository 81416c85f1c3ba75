"""`govcheck schema KIND`: the JSON Schema of a kind of document, for editors."""

from __future__ import annotations

import json
import sys

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text


@click.command(help=help_text("schema"))
@click.argument("kind")
@shared.options(shared.lang, shared.debug)
def schema(kind: str, **given: object) -> None:
    """Print one self-contained schema."""
    del given
    from govcheck.policy.schema import bundled

    sys.stdout.write(json.dumps(bundled(kind), ensure_ascii=False, indent=2) + "\n")
