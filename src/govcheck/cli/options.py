"""Options that several commands share, and where their values come from: flags, environment, `govcheck.toml`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from govcheck.model import LANGS, Lang, Severity
from govcheck.words import say

Command = TypeVar("Command", bound=Callable[..., Any])

CONFIG = "govcheck.toml"
CLOUDS = ("global", "us_gov", "us_dod", "china")
"""As `govcheck.graph.auth` has them, which is too much to load for a help text."""


def language(given: str | None = None) -> Lang:
    """The language asked for, else that of the environment, else English."""
    for wish in (given, os.environ.get("GOVCHECK_LANG"), os.environ.get("LC_ALL"), os.environ.get("LANG")):
        if wish:
            return "nl" if wish.lower().startswith("nl") else "en"
    return "en"


def help_text(key: str) -> str:
    """Help for a command or option, in the language of the environment: `--help` comes before `--lang` is known."""
    return say(f"cli.{key}", language())


def settings_from_file(context: click.Context) -> dict[str, Any]:
    """`govcheck.toml` of the working folder as defaults for every command; flags and environment win.

    Raises `click.UsageError` for a file that cannot be read and for keys that mean nothing.
    """
    path = Path(CONFIG)
    if not path.exists():
        return {}
    import tomllib

    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise click.UsageError(say("cli.bad-config", language(), path=path, problem=problem)) from problem
    if unknown := sorted(set(found) - _settable(context.command)):
        raise click.UsageError(say("cli.unknown-setting", language(), path=path, names=", ".join(unknown)))
    return _defaults(context.command, found)


def _settable(command: click.Command) -> set[str]:
    """The options of a command, or of all commands in a group, as `govcheck.toml` spells them."""
    if not isinstance(command, click.Group):
        return {key for parameter in command.params for key in _keys(parameter)}
    return set().union(*map(_settable, command.commands.values()))


def _keys(parameter: click.Parameter) -> set[str]:
    """`fail_on` and `fail-on` for `--fail-on`."""
    long = {option.removeprefix("--") for option in parameter.opts if option.startswith("--")}
    return long | {name.replace("-", "_") for name in long}


def _defaults(command: click.Command, found: dict[str, Any]) -> dict[str, Any]:
    """The settings that each command takes, under its parameters' names; in groups inside groups too."""
    if isinstance(command, click.Group):
        return {name: _defaults(inside, found) for name, inside in command.commands.items()}
    return {
        parameter.name: found[key]
        for parameter in command.params
        for key in sorted(_keys(parameter) & set(found))
        if parameter.name is not None
    }


def options(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Put several options on a command, first one first in its help."""

    def apply(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return apply


paths = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
policies = click.option(
    "--policies",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=help_text("policies-option"),
)
tenant = click.option("--tenant", type=click.Choice(["demo"]), help=help_text("tenant-option"))
cloud = click.option(
    "--cloud", type=click.Choice(CLOUDS), default=CLOUDS[0], show_default=True, help=help_text("cloud-option")
)
incremental = click.option("--incremental", is_flag=True, help=help_text("incremental-option"))
allow_beta = click.option("--allow-beta", is_flag=True, help=help_text("allow-beta-option"))
text_or_json = click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    help=help_text("list-format-option"),
)
lang = click.option(
    "--lang", type=click.Choice(LANGS), default=None, envvar="GOVCHECK_LANG", help=help_text("lang-option")
)
debug = click.option("--debug", is_flag=True, help=help_text("debug-option"))
quiet = click.option("-q", "--quiet", is_flag=True, help=help_text("quiet-option"))
verbose = click.option("-v", "--verbose", is_flag=True, help=help_text("verbose-option"))
settings = click.option("--set", "settings", multiple=True, metavar="P=V", help=help_text("set-option"))
select = click.option("--select", multiple=True, metavar="ID|PACK|TAG", help=help_text("select-option"))
ignore = click.option("--ignore", multiple=True, metavar="ID|PACK|TAG", help=help_text("ignore-option"))
snapshot = click.option("--snapshot", type=click.Path(path_type=Path), metavar="DIR", help=help_text("snapshot-option"))
min_severity = click.option(
    "--min-severity",
    type=click.Choice([severity.value for severity in Severity]),
    help=help_text("min-severity-option"),
)


def listed(values: tuple[str, ...]) -> list[str]:
    """Values given repeatedly, by comma, or both."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
