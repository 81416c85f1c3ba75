"""What is wrong with a file, without a word of what stands in it."""

from __future__ import annotations

from typing import Any

from govcheck.diagnostics import Diagnostic, error
from govcheck.policy.types import EvidenceFile
from govcheck.words import text


class Refusal(Exception):  # noqa: N818 - what happens to the file, and no error of ours
    """A file that is not taken in. `params` hold names of ours, counts and row numbers: never the file's own text."""

    def __init__(self, code: str, *, variant: str | None = None, **params: str | int | None) -> None:
        """`code` names the words, or `variant` where one code has several."""
        super().__init__(code)
        self.code = code
        self.variant = variant or code
        self.params = params

    def diagnostic(self, file: EvidenceFile) -> Diagnostic:
        """The fault at the place where the document names the file."""
        params: dict[str, Any] = {**self.params, "path": file.shown}
        helps = (text(f"evidence.help-{self.code}", **params),)
        return error(self.code, file.span, key=f"evidence.{self.variant}", helps=helps, **params)
