"""Faults in what people write: a code, a place, words in two languages, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from govcheck.model import Span, Text
from govcheck.words import text

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One root cause at one place. `code` is stable, kebab-case, and documented in `docs/diagnostics.md`."""

    level: Level
    code: str
    message: Text
    span: Span | None
    helps: tuple[Text, ...] = ()
    related: tuple[tuple[Span, Text], ...] = ()
    """Other places that matter, such as where a duplicate id was defined first."""


class GovcheckError(Exception):
    """Something a person must mend; carries every fault found, never just the first."""

    exit_code = 2

    def __init__(self, *diagnostics: Diagnostic) -> None:
        """Keep all the faults; the exception's own text is the first one's."""
        super().__init__(diagnostics[0].message.in_lang("en") if diagnostics else "")
        self.diagnostics = diagnostics


def error(
    code: str,
    span: Span | None,
    *,
    key: str | None = None,
    helps: tuple[Text, ...] = (),
    related: tuple[tuple[Span, Text], ...] = (),
    **params: object,
) -> Diagnostic:
    """An error with the words under `key` (default: the code), in the room `diagnostics` unless it names one."""
    message = text(_words(key or code), **params)
    return Diagnostic(level="error", code=code, message=message, span=span, helps=helps, related=related)


def warning(
    code: str,
    span: Span | None,
    *,
    key: str | None = None,
    helps: tuple[Text, ...] = (),
    related: tuple[tuple[Span, Text], ...] = (),
    **params: object,
) -> Diagnostic:
    """A warning with the words under `key` (default: the code), in the room `diagnostics` unless it names one."""
    message = text(_words(key or code), **params)
    return Diagnostic(level="warning", code=code, message=message, span=span, helps=helps, related=related)


def _words(key: str) -> str:
    return key if "." in key else f"diagnostics.{key}"
