"""`govcheck permissions`: the least that an application must be granted for the chosen rules, and why."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.engine.needs import Need

_RULES_SHOWN = 8


@click.command(help=help_text("permissions"))
@shared.options(
    shared.paths,
    shared.policies,
    shared.tenant,
    shared.cloud,
    shared.allow_beta,
    shared.select,
    shared.ignore,
    shared.min_severity,
    shared.text_or_json,
    shared.lang,
    shared.quiet,
    shared.debug,
)
def permissions(paths: tuple[Path, ...], **given: Any) -> None:
    """Compute from the catalogue what the rules read, and print what Graph asks for it."""
    from govcheck.cli.inputs import choose_rules
    from govcheck.engine.needs import feeds_needed, licences_needed, permissions_needed
    from govcheck.engine.people_packs import open_rules
    from govcheck.graph.auth import CLOUDS
    from govcheck.graph.consent import consent_url, permission_ids, required_resource_access

    lang = shared.language(given["lang"])
    policies, rules = choose_rules(paths, given, lang)
    rules = open_rules(policies, rules)
    feeds = feeds_needed(rules, allow_beta=given["allow_beta"])
    needed = permissions_needed(feeds)
    ids = permission_ids()
    demo = given["tenant"] is not None
    tenant, client = (None if demo else os.environ.get(f"AZURE_{name}_ID") for name in ("TENANT", "CLIENT"))
    found: dict[str, Any] = {
        "rules": len(rules),
        "permissions": [{"permission": need.name, "id": ids[need.name], **_why(need)} for need in needed],
        "licences": [
            {"licence": need.name, "name": licence_name(need.name, lang), **_why(need)}
            for need in licences_needed(feeds)
        ],
        "admin_consent_url": consent_url(CLOUDS[given["cloud"]].authority, tenant, client),
        "manifest": required_resource_access(need.name for need in needed),
    }
    if given["format_"] == "json":
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(found, lang))


def licence_name(plan: str, lang: Lang) -> str:
    """What people call the licence that holds a service plan."""
    return say(f"cli.licence-{plan.lower().replace('_', '-')}", lang)


def _why(need: Need) -> dict[str, Any]:
    return {
        "tables": list(need.tables),
        "paths": list(dict.fromkeys(feed.feed.path for feed in need.feeds)),
        "rules": list(need.rules),
        "every_run": need.always,
    }


def _lines(found: dict[str, Any], lang: Lang) -> Iterator[str]:
    yield say("cli.permissions-head", lang, rules=say("cli.rules", lang, count=found["rules"]))
    for each in found["permissions"]:
        yield ""
        yield each["permission"]
        yield from _reasons(each, lang)
    if found["licences"]:
        yield ""
        yield say("cli.permissions-licences", lang)
    for each in found["licences"]:
        yield ""
        yield f"{each['name']} ({each['licence']})"
        yield from _reasons(each, lang)
    yield ""
    yield say("cli.permissions-consent", lang)
    yield f"  {found['admin_consent_url']}"
    yield ""
    yield say("cli.permissions-manifest", lang)
    yield json.dumps(found["manifest"], indent=2)


def _reasons(each: dict[str, Any], lang: Lang) -> Iterator[str]:
    yield "  " + say("cli.permissions-reads", lang, tables=", ".join(each["tables"]), paths=", ".join(each["paths"]))
    yield "  " + say("cli.needed-for", lang, askers=askers(each["rules"], lang, every_run=each["every_run"]))


def askers(rules: Sequence[str], lang: Lang, *, every_run: bool) -> str:
    """Who needs something: every run, some rules by id, and how many more there are."""
    named = [say("cli.every-run", lang)] if every_run else []
    named += rules[:_RULES_SHOWN]
    rest = len(rules) - _RULES_SHOWN
    return ", ".join([*named, say("cli.and-more", lang, count=rest)] if rest > 0 else named)
