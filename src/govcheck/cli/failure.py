"""How a command ends when something is wrong."""

from __future__ import annotations

import gettext
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from govcheck.cli.options import CONFIG, language
from govcheck.model import Lang

INTERNAL_ERROR = 70
INTERRUPTED = 130


def fail(problem: Exception, arguments: Sequence[str]) -> int:
    """Say on stderr what is wrong; gives the exit code. The traceback shows with `--debug` only."""
    from govcheck.diagnostics import GovcheckError, render
    from govcheck.words import say

    lang = spoken(arguments)
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


def spoken(arguments: Sequence[str]) -> Lang:
    """The language to say in that something is wrong, whatever is wrong."""
    return language(_given(arguments) or os.environ.get("GOVCHECK_LANG") or _set_here())


def let_click_speak(lang: Lang) -> None:
    """Have click say its own words in a language: it asks gettext, which goes by the environment."""
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("messages", str(resources.files("govcheck").joinpath("locale")))


def _set_here() -> str | None:
    """The language in `govcheck.toml`, unless that file is what cannot be read."""
    import tomllib

    try:
        found = tomllib.loads(Path(CONFIG).read_text("utf-8")).get("lang")
    except (OSError, ValueError):
        return None
    return found if isinstance(found, str) else None


def _given(arguments: Sequence[str]) -> str | None:
    """The value of `--lang`, found without parsing: parsing may be what failed."""
    for at, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if argument == "--lang" and at + 1 < len(arguments):
            return arguments[at + 1]
    return None
