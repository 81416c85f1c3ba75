"""`govcheck completions SHELL`: the script that makes a shell complete our commands and options."""

from __future__ import annotations

import sys

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text

SHELLS = ("bash", "zsh", "fish")


@click.command(help=help_text("completions"))
@click.argument("shell", type=click.Choice(SHELLS))
@shared.options(shared.debug)
@click.pass_context
def completions(context: click.Context, /, shell: str, **given: object) -> None:
    """Print the script of one shell."""
    del given
    from click.shell_completion import ShellComplete, get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(shell)
    completer = found(context.find_root().command, {}, "govcheck", "_GOVCHECK_COMPLETE")
    # Not bash's own `source`, which starts a bash to ask for its version.
    sys.stdout.write(ShellComplete.source(completer))
