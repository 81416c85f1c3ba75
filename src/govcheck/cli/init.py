"""`govcheck init`: the first policy folder, from a few answers."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang
from govcheck.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from govcheck.policy.types import Policy
    from govcheck.starter import Answers

_SCHEMAS = ".schemas"
"""Beside the policies, hidden from people and found by editors."""


@click.command(help=help_text("init"))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="[DIR]")
@click.option("--name", help=help_text("name-option"))
@click.option("--size", type=click.IntRange(min=1), help=help_text("size-option"))
@click.option("--framework", "frameworks", multiple=True, metavar="NAME", help=help_text("init-framework-option"))
@click.option("--pack", "packs", multiple=True, metavar="PACK", help=help_text("pack-option"))
@shared.options(shared.lang, shared.quiet, shared.debug)
def init(folder: Path, **given: Any) -> int:
    """Ask what was not said on the command line, on a terminal, and write files that validate."""
    from govcheck.starter import starter_files

    answers, known = _answers(given)
    files = starter_files(answers, known, _SCHEMAS)
    files |= {f"policies/{_SCHEMAS}/{name}": text for name, text in _schemas(files).items()}
    _write(folder, files)
    if not given["quiet"]:
        said = say("starter.wrote", answers.lang, n=len(files), folder=folder.resolve())
        sys.stderr.write(f"{said}\n\n{say('starter.next', answers.lang, folder=folder.resolve())}\n")
    return 0


def _answers(given: dict[str, Any]) -> tuple[Answers, tuple[str, ...]]:
    """What to write for, and the packs there are."""
    from govcheck.catalogue.frameworks import frameworks, named
    from govcheck.policy import load_policies
    from govcheck.shipped import shipped
    from govcheck.starter import WORKS_COUNCIL_FROM, Answers, packs_for

    asking = sys.stdin.isatty() and sys.stderr.isatty()
    lang = shared.language(given["lang"])
    if asking and given["lang"] is None:
        lang = shared.language(_ask("language", lang, lang, kind=click.Choice(("en", "nl"))))
    policies = load_policies([shipped("policies")], lenient=True).policies
    known = tuple(policy.header.id for policy in policies)
    short = tuple(dict.fromkeys(name.partition("@")[0] for name in frameworks()))
    name = given["name"] or say("starter.default-name", lang)
    size = given["size"] or WORKS_COUNCIL_FROM
    if asking:
        name = given["name"] or _ask("name", lang, name)
        size = given["size"] or _ask("size", lang, size, kind=click.IntRange(min=1))
    norms = shared.listed(given["frameworks"])
    if asking and not norms:
        norms = shared.listed((_ask("frameworks", lang, "", names=", ".join(short)),))
    wanted = tuple(id_ for norm in norms for id_ in _known_norm(norm, named(norm), short))
    fitting = packs_for(wanted, policies)
    packs = shared.listed(given["packs"])
    if asking and not packs:
        packs = shared.listed((_ask("packs", lang, ", ".join(fitting), names=", ".join(known)),))
    answers = Answers(
        lang=lang,
        name=name,
        size=size,
        packs=tuple(_known_pack(pack, policies) for pack in packs) or fitting,
        nis2=any(id_.startswith("nis2@") for id_ in wanted),
        today=datetime.now(UTC).date(),
    )
    return answers, known


def _ask(key: str, lang: Lang, default: Any, *, kind: Any = str, **params: str) -> Any:
    return click.prompt(
        say(f"starter.ask-{key}", lang, **params), default=default, show_default=bool(default), type=kind, err=True
    )


def _known_norm(name: str, found: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    if not found:
        raise _unknown(name, known, "cli.unknown-framework", "cli.help-frameworks")
    return found


def _known_pack(name: str, policies: tuple[Policy, ...]) -> str:
    known = tuple(policy.header.id for policy in policies)
    if name not in known:
        raise _unknown(name, known, "starter.unknown-pack", "starter.help-packs")
    return name


def _unknown(name: str, known: tuple[str, ...], key: str, otherwise: str) -> Exception:
    from govcheck.diagnostics import GovcheckError, error, nearest
    from govcheck.words import text

    near = nearest(name, known)
    helps = (text("engine.help-did-you-mean", name=near) if near else text(otherwise, names=", ".join(known)),)
    return GovcheckError(error(key.partition(".")[2], None, key=key, name=name, helps=helps))


def _schemas(files: Mapping[str, str]) -> dict[str, str]:
    """The schemas that the written files name in their first line."""
    from govcheck.policy.schema import bundled

    names = sorted(
        {line.rpartition("/")[2] for text in files.values() if "$schema=" in (line := text.partition("\n")[0])}
    )
    return {name: json.dumps(bundled(name.partition(".")[0]), ensure_ascii=False, indent=2) + "\n" for name in names}


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write every file, or none where one is there already."""
    from govcheck.diagnostics import GovcheckError, error
    from govcheck.words import text

    there = [name for name in files if (folder / name).exists()]
    if there:
        names = ", ".join(f"`{name}`" for name in there)
        helps = (text("starter.help-files-exist"),)
        raise GovcheckError(
            error("files-exist", None, key="starter.files-exist", names=names, count=len(there), helps=helps)
        )
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
    except OSError as problem:
        raise click.UsageError(say("cli.unwritable", shared.language(), file=path)) from problem
