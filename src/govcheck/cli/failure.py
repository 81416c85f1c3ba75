"""How a command ends when something is wrong."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

from govcheck.cli.options import language

INTERNAL_ERROR = 70
INTERRUPTED = 130


def fail(problem: Exception, arguments: Sequence[str]) -> int:
    """Say on stderr what is wrong; gives the exit code. The traceback shows with `--debug` only."""
    from govcheck.diagnostics import GovcheckError, render
    from govcheck.words import say

    lang = language(_given(arguments))
    debug = "--debug" in arguments
    if debug:
        traceback.print_exception(problem)
    if isinstance(problem, GovcheckError):
        from govcheck.policy import line_reader

        sys.stderr.write(render(problem.diagnostics, lang, line_reader()))
        return problem.exit_code
    sys.stderr.write(say("cli.internal-error", lang, kind=type(problem).__name__, problem=str(problem)) + "\n")
    return INTERNAL_ERROR


def report_failure(code: object) -> int:
    """The exit code a command returned; None means that all is well."""
    return code if isinstance(code, int) else 0


def _given(arguments: Sequence[str]) -> str | None:
    """The value of `--lang`, found without parsing: parsing may be what failed."""
    for at, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if argument == "--lang" and at + 1 < len(arguments):
            return arguments[at + 1]
    return None
