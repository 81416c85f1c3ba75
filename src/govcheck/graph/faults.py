"""What can go wrong with Graph: one feed that cannot be read, or no way in at all."""

from __future__ import annotations

from typing import TypeVar

from govcheck.catalogue import MissingColumn
from govcheck.diagnostics import Diagnostic, GovcheckError
from govcheck.model import Reason
from govcheck.words import text

Fault = TypeVar("Fault", bound=Exception)


def missing(reason: Reason, key: str, /, **params: object) -> MissingColumn:
    """Why something could not be had, in the words under `gap-<key>`; what Graph says itself is quoted in them."""
    return MissingColumn(reason, text(f"graph.gap-{key}", **params))


class FeedFault(Exception):  # noqa: N818 — the outcome of one feed, not an error of the run
    """One feed could not be read; the others go on. `status` and `code` are Graph's, where it answered."""

    def __init__(self, missing: MissingColumn, status: int | None = None, code: str = "") -> None:
        """Keep what the manifest will say."""
        super().__init__(missing.detail.in_lang("en"))
        self.missing = missing
        self.status = status
        self.code = code


class SignInError(GovcheckError):
    """We cannot prove to Graph who we are."""

    exit_code = 4


class UnreachableError(GovcheckError):
    """Graph, or the sign-in service, does not answer at all."""

    exit_code = 4


def problem(code: str, **params: object) -> Diagnostic:
    """An error whose words, and whose next step, stand in `locale/graph.toml`."""
    message, helps = text(f"graph.{code}", **params), (text(f"graph.help-{code}"),)
    return Diagnostic(level="error", code=code, message=message, span=None, helps=helps)


def first_of(faults: BaseExceptionGroup[Fault]) -> Fault:
    """The first fault of tasks that ran side by side, however deep they were nested."""
    first = faults.exceptions[0]
    return first_of(first) if isinstance(first, BaseExceptionGroup) else first
