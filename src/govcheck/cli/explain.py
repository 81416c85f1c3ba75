"""`govcheck explain ID`: one rule's story, for who must act on it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from govcheck.cli import options as shared
from govcheck.cli.options import help_text
from govcheck.model import Lang
from govcheck.words import say

if TYPE_CHECKING:
    from govcheck.engine.parameters import Parameters
    from govcheck.policy.types import PolicySet, Rule


_READER = "reader:"


@click.command(help=help_text("explain"))
@click.argument("id_", metavar="ID")
@shared.options(
    shared.policies,
    shared.tenant,
    shared.settings,
    shared.text_or_json,
    shared.lang,
    shared.debug,
)
def explain(id_: str, **given: Any) -> int:
    """Show what a rule checks, why, how to fix it, with which parameters, and what it reads."""
    from govcheck.cli.inputs import read_policies
    from govcheck.engine.parameters import effective
    from govcheck.policy import parse_settings

    lang = shared.language(given["lang"])
    policies = read_policies(
        (), given["policies"], lenient=True, lang=lang, demo=given["tenant"] is not None, quiet=True
    )
    parameters = effective(
        policies.policies, policies.organisation, parse_settings(given["settings"], policies.policies)
    )
    story = _story(_find(policies, id_), policies, parameters, lang)
    if given["format_"] == "json":
        sys.stdout.write(json.dumps(story, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(_text(story, lang))
    return 0


def _find(policies: PolicySet, id_: str) -> Rule:
    from govcheck.diagnostics import GovcheckError, error, nearest
    from govcheck.words import text

    for rule in policies.rules:
        if rule.id.casefold() == id_.casefold():
            return rule
    near = nearest(id_, [rule.id for rule in policies.rules])
    helps = (text("engine.help-did-you-mean", name=near),) if near else (text("engine.help-list-rules"),)
    raise GovcheckError(error("unknown-rule", None, key="cli.unknown-rule", name=id_, helps=helps))


def _story(rule: Rule, policies: PolicySet, parameters: Parameters, lang: Lang) -> dict[str, Any]:
    """Everything there is to say about a rule, as plain values."""
    from govcheck.catalogue import tables
    from govcheck.engine.needs import rule_permissions
    from govcheck.engine.plan import rule_reads

    policy = next(policy for policy in policies.policies if policy.header.id == rule.policy)
    used = set(rule.expect.parameters) | (rule.where.parameters if rule.where else frozenset())
    used |= {rule.at_least} if isinstance(rule.at_least, str) else set()
    values = parameters.of_policy(rule.policy)
    reads = rule_reads(rule)
    return {
        "id": rule.id,
        "title": rule.title.in_lang(lang),
        "severity": rule.severity.value,
        "policy": rule.policy,
        "policy_title": policy.title.in_lang(lang),
        "owner": policy.owner,
        "check": rule.table,
        "where": rule.where.text if rule.where else None,
        "expect": rule.expect.text,
        "at_least": parameters.threshold(rule),
        "parameters": [
            {"name": name, "value": values[name], "origin": parameters.origin(rule.policy, name)}
            for name in sorted(used)
        ],
        "why": rule.why.in_lang(lang) if rule.why else None,
        "fix": rule.fix.in_lang(lang) if rule.fix else None,
        "references": list(rule.references),
        "requirements": [_requirement(reference, lang) for reference in rule.references],
        "tags": list(rule.tags),
        "readers": [tag.removeprefix(_READER) for tag in rule.tags if tag.startswith(_READER)],
        "table": tables()[rule.table].title.in_lang(lang) if rule.table in tables() else rule.table,
        "documents": sorted({kind for name in reads if name in tables() and (kind := _kind_behind(name))}),
        "evidence": [
            _file_behind(name, lang) for name in sorted(reads) if name in tables() and tables()[name].from_files
        ],
        "reads": {table: sorted(columns) for table, columns in sorted(reads.items())},
        "permissions": list(rule_permissions(rule)),
        "source": {"file": rule.span.path, "line": rule.span.line},
    }


def _requirement(reference: str, lang: Lang) -> dict[str, str | None]:
    """What a norm asks, in our own words; null where the catalogue does not know it."""
    from govcheck.catalogue.frameworks import frameworks, split

    name, id_ = split(reference)
    norm = frameworks().get(name)
    meaning = norm.requirements.get(id_) if norm is not None else None
    return {
        "reference": reference,
        "norm": norm.title.in_lang(lang) if norm is not None else name,
        "meaning": meaning.in_lang(lang) if meaning is not None else None,
    }


def _kind_behind(table: str) -> str | None:
    """The kind of document that fills a table, if one does."""
    from govcheck.catalogue import tables

    declaration = tables()[table].declaration
    return declaration.kind if declaration is not None else None


def _file_behind(table: str, lang: Lang) -> dict[str, Any]:
    """An evidence file that the rule needs: what it holds, and in which columns."""
    from govcheck.catalogue import tables
    from govcheck.evidence.values import PERIODS
    from govcheck.policy.evidence import file_columns

    found = tables()[table]
    columns = file_columns(found)
    worked_out = {f"{PERIODS[name]}_{end}" for name in columns if name in PERIODS for end in ("start", "end")}
    names = [name for name in columns if name not in worked_out]
    return {"table": table, "title": found.title.in_lang(lang), "columns": names}


def _text(story: dict[str, Any], lang: Lang) -> str:
    from textwrap import fill, indent

    def part(key: str, body: str | None) -> str:
        return f"\n{say(f'cli.explain-{key}', lang)}\n{indent(body, '  ')}\n" if body else ""

    share = story["at_least"]
    rows = [story["expect"].strip()]
    if story["where"]:
        rows.insert(0, f"{say('cli.explain-where', lang)} {story['where'].strip()}")
    if share is not None:
        rows.append(say("cli.explain-share", lang, percent=f"{share:.1%}"))
    values = "\n".join(
        f"{entry['name']} = {entry['value']}   ({_origin(entry['origin'], lang)})" for entry in story["parameters"]
    )
    title = f"{story['id']}  {story['title']}\n"
    readers = ", ".join(_called(reader, lang) for reader in story["readers"])
    files = "\n".join(f"{each['title']} ({each['table']}): {', '.join(each['columns'])}" for each in story["evidence"])
    norms = "\n".join(
        f"{each['reference']}  {each['norm']}" + (f": {each['meaning']}" if each["meaning"] else "")
        for each in story["requirements"]
    )
    head = say(
        "cli.explain-head",
        lang,
        severity=say(f"cli.severity-{story['severity']}", lang),
        policy=story["policy_title"],
        owner=story["owner"],
    )
    return "".join(
        [
            title,
            f"{head}\n",
            f"{say('cli.explain-readers', lang, readers=readers)}\n" if readers else "",
            part("why", fill(story["why"], 88) if story["why"] else None),
            part("fix", fill(story["fix"], 88) if story["fix"] else None),
            part("check", f"{story['table']} ({story['check']})\n" + "\n".join(rows)),
            part("documents", ", ".join(story["documents"])),
            part("evidence", files),
            part("parameters", values),
            part("references", norms),
            part("permissions", ", ".join(story["permissions"])),
            part("source", f"{story['source']['file']}:{story['source']['line']}"),
        ]
    )


def _called(reader: str, lang: Lang) -> str:
    """Who a rule is for; readers that only the organisation's own rules name stay as they are."""
    return say(f"cli.reader-{reader}", lang) if reader in ("it", "hr", "teamlead") else reader


def _origin(origin: str, lang: Lang) -> str:
    """Where a value comes from; `Organisation` and `--set` are called that in both languages."""
    return say("cli.origin-default", lang) if origin == "default" else origin
