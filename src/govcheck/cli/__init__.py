"""The command line: parse, call, print, exit. What commands do stands in the other rooms."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from govcheck import __version__
from govcheck.cli.check import check
from govcheck.cli.collect import collect
from govcheck.cli.completions import completions
from govcheck.cli.coverage import coverage
from govcheck.cli.doctor import doctor
from govcheck.cli.explain import explain
from govcheck.cli.failure import INTERRUPTED, fail, let_click_speak, report_failure, spoken
from govcheck.cli.init import init
from govcheck.cli.listing import list_
from govcheck.cli.options import help_text, language, settings_from_file
from govcheck.cli.permissions import permissions
from govcheck.cli.schema import schema
from govcheck.cli.validate import test, validate
from govcheck.cli.what_if import what_if


@click.group(
    help=help_text("govcheck"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, "--version", prog_name="govcheck", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Read `govcheck.toml`, then go on to the command."""
    context.default_map = settings_from_file(context)


for _command in (
    check,
    collect,
    validate,
    test,
    explain,
    list_,
    permissions,
    doctor,
    schema,
    completions,
    init,
    coverage,
    what_if,
):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; nothing but `--debug` shows a traceback."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    asks_help = not {"-h", "--help"}.isdisjoint(arguments)
    let_click_speak(language() if asks_help else spoken(arguments))
    try:
        code = cli.main(arguments, prog_name="govcheck", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as problem:  # noqa: BLE001 - the last line of defence: every fault gets words and a code
        sys.exit(fail(problem, arguments))
    sys.exit(report_failure(code))
