"""A `Report` in the format a reader asks for. A format is one file in this folder and one line in `FORMATS`.

Formats never decide anything: they show what the engine said. Names are hidden beforehand, with
`govcheck.report.names.with_names`, so that no format can forget to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from govcheck.model import Lang, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a report is written for: a language and, for terminals, a width in cells and whether colour shows."""

    lang: Lang
    width: int | None = None
    color: bool = False


Renderer = Callable[[Report, Page], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write a report. `ci` formats end up in build logs, so they hide names unless told otherwise."""

    name: str
    media_type: str
    ci: bool
    module: str
    """Module of this folder whose `render` writes the format."""

    def load(self) -> Renderer:
        """Import the renderer; its libraries load only now."""
        renderer: Renderer = import_module(f"{__name__}.{self.module}").render
        return renderer


FORMATS: dict[str, Format] = {
    written.name: written
    for written in (
        Format(name="text", media_type="text/plain; charset=utf-8", ci=False, module="as_text"),
        Format(name="json", media_type="application/json", ci=False, module="as_json"),
        Format(name="html", media_type="text/html; charset=utf-8", ci=False, module="as_html"),
        Format(name="csv", media_type="text/csv; charset=utf-8", ci=False, module="as_csv"),
    )
}


def render(report: Report, fmt: str, *, lang: Lang, width: int | None = None, color: bool = False) -> bytes:
    """Write the report as `fmt`, a key of `FORMATS`; the same report gives the same bytes.

    Raises `KeyError` for a format that does not exist.
    """
    return FORMATS[fmt].load()(report, Page(lang=lang, width=width, color=color))
