"""The matrix as one self-contained page, in the clothes of the report."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from importlib import resources
from typing import Any

from govcheck.engine.coverage import Coverage
from govcheck.report import Page, wording
from govcheck.report.coverage import tallies
from govcheck.report.coverage.words import cell_words, people_words, tally_words
from govcheck.words import say, visible

_CLASSES = {
    "missing": "fail",
    "overdue": "unknown",
    "partial": "unknown",
    "unknown": "not_applicable",
    "covered": "pass",
    "own": "pass",
    "not_applicable": "not_applicable",
}
"""State to the report's colour; the words in the cell say the same."""


def render(coverage: Coverage, page: Page, previous: Mapping[str, Any] | None) -> bytes:
    """Write the page in `page.lang`."""
    from jinja2 import Environment, StrictUndefined

    lang = page.lang
    folder = resources.files("govcheck.report")
    style = folder.joinpath("report.css").read_text("utf-8")
    environment = Environment(
        autoescape=True, finalize=_inert, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(folder.joinpath("coverage", "coverage.html.jinja").read_text("utf-8"))
    written = template.render(
        lang=lang,
        style=style,
        style_hash=f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}",
        coverage=coverage,
        tallies=tallies(coverage, previous),
        since=wording.clock(datetime.fromisoformat(previous["as_of"]), lang) if previous is not None else None,
        classes=_CLASSES,
        say=lambda key, **params: say(f"coverage.{key}", lang, **params),
        taken=say("report.snapshot_of", lang, moment=wording.clock(coverage.taken_at, lang)),
        people=people_words(coverage, lang),
        cell_words=lambda cell: cell_words(cell, lang),
        tally_words=lambda tally: tally_words(tally, lang),
        number=lambda value: wording.number(value, lang),
        day=lambda moment: wording.day(moment, lang),
    )
    return (written.rstrip() + "\n").encode()


def _inert(value: object) -> object:
    """Escape what would act; markup comes from the template itself and stays."""
    return value if hasattr(value, "__html__") else visible(str(value))
