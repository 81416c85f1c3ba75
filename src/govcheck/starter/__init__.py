"""The first files of an organisation: templates in two languages, filled in from a few answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from json import dumps

from govcheck.catalogue.frameworks import split, with_followers
from govcheck.model import Lang
from govcheck.policy.types import Policy
from govcheck.words import say

WORKS_COUNCIL_FROM = 50
"""Headcount from which a works council is mandatory (WOR, article 2)."""

_PACKS: Mapping[str, frozenset[str]] = {
    "organisation": frozenset(),
    "raci": frozenset(),
    "exceptions": frozenset(),
    "apps": frozenset({"apps", "communication"}),
    "charter": frozenset({"communication"}),
    "working-agreement": frozenset({"remote-work"}),
    "remote-work": frozenset({"remote-work"}),
    "rhythm": frozenset({"rhythm"}),
    "processing": frozenset({"privacy", "rhythm", "progress", "people", "onboarding"}),
    "incident": frozenset({"policy"}),
}
"""Files by the packs that read them; one without packs is always there."""

_ALWAYS = frozenset({"policy", "raci"})
"""Packs about the files themselves: who answers, and whether they are kept up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What somebody said of their organisation."""

    lang: Lang
    name: str
    size: int
    """People who work there."""
    packs: tuple[str, ...]
    """Packs to begin with."""
    nis2: bool
    today: date


def packs_for(frameworks: tuple[str, ...], policies: tuple[Policy, ...]) -> tuple[str, ...]:
    """The packs with a rule that refers to one of these frameworks, and the basic ones; all where none is named."""
    if not frameworks:
        return tuple(policy.header.id for policy in policies)
    return tuple(
        policy.header.id
        for policy in policies
        if policy.header.id in _ALWAYS
        or any(
            split(reference)[0] in frameworks for rule in policy.rules for reference in with_followers(rule.references)
        )
    )


def starter_files(answers: Answers, known_packs: tuple[str, ...], schemas: str) -> dict[str, str]:
    """Path to text: a policy folder that validates, and `govcheck.toml`. `schemas` is where editors find schemas."""
    values = {
        "organisation_title": dumps(say("starter.organisation", answers.lang, name=answers.name), ensure_ascii=False),
        "schemas": schemas,
        "today": answers.today.isoformat(),
        "in_90_days": (answers.today + timedelta(days=90)).isoformat(),
        "next_year": (answers.today + timedelta(days=365)).isoformat(),
        "works_council": answers.size >= WORKS_COUNCIL_FROM,
        "nis2": answers.nis2,
        "ignored": [pack for pack in known_packs if pack not in answers.packs],
    }
    wanted = [name for name, packs in _PACKS.items() if not packs or packs.intersection(answers.packs)]
    files = {f"policies/{name}.yaml": _filled(f"{name}.yaml", answers.lang, values) for name in wanted}
    return {**files, "govcheck.toml": _filled("govcheck.toml", answers.lang, values)}


def _filled(name: str, lang: Lang, values: Mapping[str, object]) -> str:
    from jinja2 import Environment, StrictUndefined

    template = resources.files("govcheck.starter").joinpath(lang, f"{name}.jinja").read_text("utf-8")
    # Plain text files: what HTML would need escaped must stay as it is, and the one free text is quoted already.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    return environment.from_string(template).render(values)
