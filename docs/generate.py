"""Write the pages that follow from data: `python docs/generate.py` (a test holds the pages against it)."""
# ruff: noqa: INP001 - a script, no package

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import click
import yaml

from govcheck.catalogue import Feed, Table, tables
from govcheck.cli import cli
from govcheck.cli.options import language
from govcheck.engine.plan import collect_needs
from govcheck.model import LANGS, Lang
from govcheck.policy import load_policies
from govcheck.policy.types import Policy, Rule
from govcheck.shipped import shipped
from govcheck.words import say

HERE = Path(__file__).parent

WORDS: dict[str, dict[Lang, str]] = {
    "controls": {"en": "The rules that ship", "nl": "De meegeleverde regels"},
    "tables": {"en": "Tables, columns and relations", "nl": "Tabellen, kolommen en relaties"},
    "article": {"en": "From sentence to control", "nl": "Van zin naar regel"},
    "article-intro": {
        "en": "govcheck began with an article about leading digital and hybrid teams. These are its sentences that"
        " carry a rule, in short, with the controls that look after each. A *limit* is something that govcheck refuses"
        " to do to a person.",
        "nl": "govcheck begon met een artikel over leidinggeven aan digitale en hybride teams. Dit zijn de zinnen waar"
        " een regel in zit, met de controles die erop letten. Een *grens* is iets wat govcheck met mensen niet wil"
        " doen.",
    },
    "sentence": {"en": "Sentence", "nl": "Zin"},
    "kind": {"en": "Kind", "nl": "Soort"},
    "by": {"en": "Controls", "nl": "Regels"},
    "must": {"en": "must", "nl": "moet"},
    "should": {"en": "should", "nl": "hoort"},
    "risk": {"en": "risk", "nl": "risico"},
    "limit": {"en": "limit", "nl": "grens"},
    "context": {"en": "context", "nl": "context"},
    "commands": {"en": "Commands and options", "nl": "Opdrachten en opties"},
    "check": {"en": "checks", "nl": "controleert"},
    "owner": {"en": "Owner", "nl": "Eigenaar"},
    "why": {"en": "Why", "nl": "Waarom"},
    "fix": {"en": "Fix", "nl": "Oplossing"},
    "references": {"en": "References", "nl": "Verwijzingen"},
    "column": {"en": "Column", "nl": "Kolom"},
    "type": {"en": "Type", "nl": "Type"},
    "graph": {"en": "In Microsoft Graph", "nl": "In Microsoft Graph"},
    "relation": {"en": "Relation", "nl": "Relatie"},
    "rows": {"en": "Rows of", "nl": "Rijen van"},
    "permission": {"en": "Permission", "nl": "Machtiging"},
    "made": {"en": "made by govcheck", "nl": "gemaakt door govcheck"},
    "beta": {
        "en": "In the test version of Graph (beta) alone: read only with `--allow-beta`.",
        "nl": "Alleen in de testversie van Graph (beta): wordt alleen gelezen met `--allow-beta`.",
    },
    "option": {"en": "Option", "nl": "Optie"},
    "meaning": {"en": "Meaning", "nl": "Betekenis"},
    "default": {"en": "default", "nl": "standaard"},
    "reads": {"en": "What it reads", "nl": "Wat ermee gelezen wordt"},
    "packs": {"en": "Asked for by", "nl": "Gevraagd door"},
    "always": {"en": "every run", "nl": "elke controle"},
    "nobody": {"en": "no shipped pack", "nl": "geen meegeleverd pakket"},
    "generated": {
        "en": "This page is made from the data by `python docs/generate.py`; change the data, not the page.",
        "nl": "`python docs/generate.py` maakt deze pagina uit de gegevens; wijzig de gegevens, niet de pagina.",
    },
}
LICENCES = {
    "AAD_PREMIUM": "Entra ID P1",
    "AAD_PREMIUM_P2": "Entra ID P2",
    "Entra_Identity_Governance": "Entra ID Governance",
    "INTUNE_A": "Intune",
    "THREAT_INTELLIGENCE": "Defender for Office 365 Plan 2",
}
PERMISSIONS: dict[Lang, Path] = {"en": HERE / "collecting.md", "nl": HERE / "nl" / "verzamelen.md"}
"""Pages written by hand that hold the table of permissions, between two marks."""
MARKED = re.compile(r"(?<=<!-- permissions -->)\n(.*)\n(?=<!-- end -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Every page that follows from data, whole or in part, with its text."""
    policies = load_policies([shipped("policies")], lenient=False).policies
    made: dict[Path, str] = {}
    for lang in LANGS:
        folder = HERE / "nl" if lang == "nl" else HERE
        for name, lines in (
            ("controls", controls(policies, lang)),
            ("tables", catalogue(lang)),
            ("article", article(lang)),
            ("commands", commands(cli, "govcheck", lang)),
        ):
            head = f"# {WORDS[name][lang]}\n\n{WORDS['generated'][lang]}\n"
            made[folder / f"{name}.md"] = head + "\n".join(lines) + "\n"
        before, _, after = MARKED.split(PERMISSIONS[lang].read_text("utf-8"))
        made[PERMISSIONS[lang]] = "\n".join([before, *permissions(policies, lang), after])
    return made


def controls(policies: tuple[Policy, ...], lang: Lang) -> Iterator[str]:
    """The rules, pack by pack."""
    for policy in policies:
        yield f"\n## {policy.title.in_lang(lang)} (`{policy.header.id}`)"
        yield f"\n{WORDS['owner'][lang]}: `{policy.owner}`"
        for rule in policy.rules:
            yield from control(rule, lang)


def control(rule: Rule, lang: Lang) -> Iterator[str]:
    """One rule."""
    severity = say(f"report.severity_{rule.severity}", lang)
    yield f"\n### {rule.id}: {rule.title.in_lang(lang)}"
    yield f"\n{severity} · {WORDS['check'][lang]} `{rule.table}`"
    if rule.why:
        yield f"\n**{WORDS['why'][lang]}.** {rule.why.in_lang(lang).strip()}"
    if rule.fix:
        yield f"\n**{WORDS['fix'][lang]}.** {rule.fix.in_lang(lang).strip()}"
    if rule.references:
        yield f"\n{WORDS['references'][lang]}: " + ", ".join(f"`{reference}`" for reference in rule.references)


def article(lang: Lang) -> Iterator[str]:
    """The sentences that carry a rule, each with its controls."""
    yield f"\n{WORDS['article-intro'][lang]}"
    heads = [WORDS[key][lang] for key in ("sentence", "kind", "by")]
    yield f"\n| | {' | '.join(heads)} |\n| --- | --- | --- | --- |"
    for sentence in sentences():
        controls = " ".join(f"`{control}`" for control in sentence["controls"])
        yield f"| {sentence['id']} | {sentence[lang]} | {WORDS[sentence['kind']][lang]} | {controls} |"


def sentences() -> list[dict[str, Any]]:
    """The sentences of `article.yaml`."""
    found: list[dict[str, Any]] = yaml.safe_load((HERE / "article.yaml").read_text("utf-8"))
    return found


def catalogue(lang: Lang) -> Iterator[str]:
    """The tables that a rule can check."""
    for table in tables().values():
        if not table.hidden:
            yield from one_table(table, lang)


def one_table(table: Table, lang: Lang) -> Iterator[str]:
    """One table with its columns and relations."""
    yield f"\n## {table.name}"
    yield f"\n{table.title.in_lang(lang)}."
    if table.beta:
        yield f"\n{WORDS['beta'][lang]}"
    needed = sorted({feed.permission for feed in table.feeds})
    if needed:
        yield f"\n{WORDS['permission'][lang]}: " + ", ".join(f"`{permission}`" for permission in needed)
    yield f"\n| {WORDS['column'][lang]} | {WORDS['type'][lang]} | {WORDS['graph'][lang]} |\n| --- | --- | --- |"
    for column in table.columns.values():
        origin = column.path or column.computed
        yield f"| `{column.name}` | {column.type} | {f'`{origin}`' if origin else WORDS['made'][lang]} |"
    if table.relations:
        yield f"\n| {WORDS['relation'][lang]} | {WORDS['rows'][lang]} |\n| --- | --- |"
        for relation in table.relations.values():
            yield f"| `{relation.name}` | `{relation.table}` |"


def commands(command: click.Command, path: str, lang: Lang) -> Iterator[str]:
    """A command with its options, and the commands below it."""
    context = click.Context(command, info_name=path)
    yield f"\n## {path}"
    yield f"\n`{' '.join([path, *command.collect_usage_pieces(context)])}`"
    yield f"\n{in_lang(command.help, lang)}"
    options = [option for option in command.params if isinstance(option, click.Option) and option.name != "version"]
    if options:
        yield f"\n| {WORDS['option'][lang]} | {WORDS['meaning'][lang]} |\n| --- | --- |"
    for option in options:
        name, _ = option.get_help_record(context) or ("", "")
        default = f" ({WORDS['default'][lang]}: `{option.default}`)" if option.show_default else ""
        yield f"| `{name.replace('|', chr(92) + '|')}` | {in_lang(option.help, lang)}{default} |"
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, f"{path} {name}", lang)


def in_lang(words: str | None, lang: Lang) -> str:
    """Help in `lang`. Commands hold it in the language of the environment: find the entry that it came from."""
    return help_entries()[words or ""][lang]


@lru_cache
def help_entries() -> dict[str, dict[Lang, str]]:
    """The words of the command line, by what they are in the language of the environment."""
    text = resources.files("govcheck").joinpath("locale", "cli.toml").read_text("utf-8")
    plain = (entry for entry in tomllib.loads(text).values() if isinstance(entry["en"], str))
    return {entry[language()]: entry for entry in plain}


def permissions(policies: tuple[Policy, ...], lang: Lang) -> Iterator[str]:
    """The read permissions there are, with what each is for and which packs ask for it."""
    heads = [WORDS[key][lang] for key in ("permission", "reads", "packs")]
    yield f"| {' | '.join(heads)} |\n| --- | --- | --- |"
    askers = permission_askers(policies)
    feeds = [(table, feed) for table in tables().values() for feed in table.feeds]
    for permission in sorted({feed.permission for _, feed in feeds}):
        mine = [(table, feed) for table, feed in feeds if feed.permission == permission]
        reads = ", ".join(dict.fromkeys(f"`{table.name}`{licensed(feed, lang)}" for table, feed in mine))
        packs = ", ".join(f"`{pack}`" for pack in askers[permission]) or WORDS["nobody"][lang]
        asked = WORDS["always"][lang] if "" in askers[permission] else packs
        yield f"| `{permission}` | {reads} | {asked} |"


def licensed(feed: Feed, lang: Lang) -> str:
    """The licence without which Graph refuses a feed, and whether beta alone has it, in brackets."""
    licence = [say("cli.licence-" + feed.licence.lower().replace("_", "-"), lang)] if feed.licence is not None else []
    conditions = ", ".join([*licence, *(["beta"] if feed.beta else [])])
    return f" ({conditions})" if conditions else ""


def permission_askers(policies: tuple[Policy, ...]) -> dict[str, list[str]]:
    """Permission to the packs that need it; the empty id stands for what every run reads."""
    askers: dict[str, list[str]] = defaultdict(list)
    for pack, rules in [("", ()), *((policy.header.id, policy.rules) for policy in policies)]:
        for name, columns in collect_needs(rules).items():
            first, *joined = tables()[name].feeds
            for feed in [first, *(feed for feed in joined if not columns.isdisjoint(feed.columns))]:
                if pack not in askers[feed.permission]:
                    askers[feed.permission].append(pack)
    return askers


if __name__ == "__main__":
    for page, text in pages().items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, "utf-8")
        sys.stdout.write(f"{page.relative_to(HERE.parent)}: {len(text)} characters\n")
