"""`govcheck list`: look things up."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.catalogue import Feed
    from govcheck.policy.types import Rule

Rows = list[dict[str, Any]]


@click.group("list", help=help_text("list"))
def list_() -> None:
    """Look things up."""


@list_.command("rules", help=help_text("list-rules"))
@shared.options(
    shared.paths,
    shared.policies,
    click.option("--framework", metavar="NAME", help=help_text("framework-option")),
    shared.text_or_json,
    shared.lang,
    shared.debug,
)
def rules(paths: tuple[Path, ...], **given: Any) -> None:
    """Every rule of the policy set, or those that refer to a norm."""
    from govcheck.cli.inputs import read_policies

    lang = shared.language(given["lang"])
    wanted = _frameworks(given["framework"])
    policies = read_policies(paths, given["policies"], lenient=True, lang=lang, quiet=True)
    references = {rule.id: _references(rule, wanted) for rule in policies.rules}
    rows = [
        {
            "id": rule.id,
            "policy": rule.policy,
            "severity": rule.severity.value,
            "title": rule.title.in_lang(lang),
            "table": rule.table,
            "tags": list(rule.tags),
            "references": references[rule.id],
            "file": rule.span.path,
            "line": rule.span.line,
        }
        for rule in policies.rules
        if wanted is None or references[rule.id]
    ]
    _print(rows, given["format_"], ("id", "policy", "severity", "title", *(("references",) if wanted else ())), lang)


def _frameworks(name: str | None) -> tuple[str, ...] | None:
    """The norms that `--framework` names; None without it."""
    from govcheck.catalogue.frameworks import frameworks, named
    from govcheck.diagnostics import GovcheckError, error, nearest
    from govcheck.words import text

    if name is None:
        return None
    if found := named(name):
        return found
    known = [id_.partition("@")[0] for id_ in frameworks()]
    near = nearest(name, known)
    helps = (
        text("engine.help-did-you-mean", name=near) if near else text("cli.help-frameworks", names=", ".join(known)),
    )
    raise GovcheckError(error("unknown-framework", None, key="cli.unknown-framework", name=name, helps=helps))


def _references(rule: Rule, wanted: tuple[str, ...] | None) -> list[str]:
    """What a rule refers to: all of it as it stands there, or what concerns the norms that are wanted."""
    from govcheck.catalogue.frameworks import split, with_followers

    if wanted is None:
        return list(rule.references)
    return [reference for reference in with_followers(rule.references) if split(reference)[0] in wanted]


@list_.command("tables", help=help_text("list-tables"))
@click.argument("name", required=False)
@shared.options(shared.text_or_json, shared.lang, shared.debug)
def tables(name: str | None, **given: Any) -> None:
    """Every table that a rule can check; with NAME its columns and relations."""
    from govcheck.catalogue import tables as catalogue
    from govcheck.diagnostics import GovcheckError, error, nearest
    from govcheck.words import text

    lang = shared.language(given["lang"])
    known = {key: table for key, table in catalogue().items() if not table.hidden}
    if name is not None and name not in known:
        near = nearest(name, known)
        helps = (text("engine.help-did-you-mean", name=near),) if near else ()
        raise GovcheckError(error("unknown-table", None, key="cli.unknown-table", name=name, helps=helps))
    chosen = [table for key, table in known.items() if name in (None, key)]
    rows: Rows = [
        {
            "name": table.name,
            "title": table.title.in_lang(lang),
            "beta": table.beta,
            "columns": [{"name": column.name, "type": column.type} for column in table.columns.values()],
            "relations": [{"name": relation.name, "table": relation.table} for relation in table.relations.values()],
            "key": list(table.key),
            "lands": table.lands,
            "permissions": sorted({feed.permission for feed in table.feeds}),
            "feeds": [_feed(feed) for feed in table.feeds],
        }
        for table in chosen
    ]
    if given["format_"] == "json":
        _print(rows, "json", (), lang)
    elif name is None:
        for row in rows:
            row["title"] = say("cli.beta-table", lang, title=row["title"]) if row["beta"] else row["title"]
        _print(rows, "text", ("name", "title"), lang)
    else:
        _print(rows[0]["columns"], "text", ("name", "type"), lang)
        sys.stdout.write("\n")
        _print(rows[0]["relations"], "text", ("name", "table"), lang)


def _feed(feed: Feed) -> dict[str, Any]:
    """How a table is read, and for how many hours a reading counts; null where Graph tracks changes."""
    from govcheck.snapshot.ages import lifetime

    lasts = lifetime(feed)
    hours = None if lasts is None else lasts.total_seconds() / 3600
    return {"path": feed.path, "permission": feed.permission, "tracked": feed.delta, "counts_for_hours": hours}


@list_.command("formats", help=help_text("list-formats"))
@shared.options(shared.text_or_json, shared.lang, shared.debug)
def formats(**given: Any) -> None:
    """Every output format."""
    from govcheck.report import FORMATS

    rows = [{"name": format_.name, "media_type": format_.media_type, "ci": format_.ci} for format_ in FORMATS.values()]
    _print(rows, given["format_"], ("name", "media_type", "ci"), shared.language(given["lang"]))


@list_.command("teams", help=help_text("list-teams"))
@shared.options(
    shared.paths,
    shared.policies,
    shared.tenant,
    shared.cloud,
    shared.snapshot,
    shared.text_or_json,
    shared.lang,
    shared.quiet,
    shared.debug,
)
def teams(paths: tuple[Path, ...], **given: Any) -> None:
    """Every unit that findings can land on, declared or found in the tenant."""
    from govcheck.cli.audit import audited
    from govcheck.cli.inputs import read_policies
    from govcheck.cli.snapshots import origin_of, snapshot_for, voice_of
    from govcheck.engine.plan import collect_needs, groups_needed

    lang = shared.language(given["lang"])
    policies = read_policies(
        paths, given["policies"], lenient=True, lang=lang, demo=given["tenant"] is not None, quiet=True
    )
    origin, voice = origin_of(given), voice_of(given, lang)
    needs, groups = collect_needs(()), groups_needed(policies.organisation)
    with (
        audited("list teams", origin, policies, (), voice) as audit,
        snapshot_for(needs, groups, origin, voice) as snapshot,
    ):
        from govcheck.engine.landing import list_units

        audit.snapshot = snapshot
        found = list_units(policies.organisation, snapshot)
    rows = [
        {"id": unit.id, "name": unit.name, "kind": unit.kind.value, "parent": unit.parent, "members": members}
        for unit, members in found
    ]
    _print(rows, given["format_"], ("name", "kind", "members", "id"), lang)


@list_.command("snapshots", help=help_text("list-snapshots"))
@shared.options(shared.text_or_json, shared.lang, shared.debug)
def snapshots(**given: Any) -> None:
    """Every snapshot in GOVCHECK_HOME, newest first."""
    from govcheck.cli.snapshots import home_folder
    from govcheck.report.as_json import timestamp
    from govcheck.snapshot.store import list_snapshots

    rows = [
        {
            "tenant": found.tenant,
            "tenant_name": found.tenant_name,
            "taken_at": timestamp(found.taken_at),
            "path": str(found.path),
        }
        for found in list_snapshots(home_folder())
    ]
    _print(rows, given["format_"], ("tenant_name", "taken_at", "path"), shared.language(given["lang"]))


@list_.command("runs", help=help_text("list-runs"))
@shared.options(shared.text_or_json, shared.lang, shared.debug)
def runs(**given: Any) -> None:
    """Every run in GOVCHECK_HOME, newest first."""
    from govcheck.cli.snapshots import home_folder
    from govcheck.report.as_json import timestamp
    from govcheck.snapshot.store import list_runs

    rows = [
        {
            "id": found.id,
            "tenant": found.tenant,
            "as_of": timestamp(found.as_of),
            "path": str(found.path),
        }
        for found in list_runs(home_folder())
    ]
    _print(rows, given["format_"], ("id", "tenant", "as_of"), shared.language(given["lang"]))


def _print(rows: Rows, format_: str, columns: tuple[str, ...], lang: Lang) -> None:
    """JSON as a list of objects, or a table of the columns that fit a screen."""
    if format_ == "json":
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    from tabulate import tabulate

    from govcheck.words import visible

    heads = [say(f"cli.column-{column.replace('_', '-')}", lang) for column in columns]
    cells = [[_cell(column, row[column], lang, visible) for column in columns] for row in rows]
    sys.stdout.write(tabulate(cells, heads, disable_numparse=True) + "\n")


def _cell(column: str, value: object, lang: Lang, visible: Callable[[str], str]) -> str:
    if column == "severity":
        return say(f"cli.severity-{value}", lang)
    if isinstance(value, bool):
        return say("cli.yes" if value else "cli.no", lang)
    if isinstance(value, list):
        return ", ".join(visible(str(item)) for item in value)
    return visible(str(value))
