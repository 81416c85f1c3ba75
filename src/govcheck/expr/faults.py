"""What is wrong in an expression, and where."""

from __future__ import annotations

from dataclasses import dataclass

from govcheck.model import Text
from govcheck.words import text


@dataclass(frozen=True, slots=True)
class ExpressionFault:
    """A fault with its place: `offset` and `length` in code points of the expression's text."""

    code: str
    message: Text
    offset: int
    length: int
    helps: tuple[Text, ...] = ()


class ExpressionFaults(Exception):  # noqa: N818 - it carries faults, each of which is an error
    """Everything wrong in one expression."""

    def __init__(self, faults: tuple[ExpressionFault, ...]) -> None:
        """Keep the faults in the order of their places."""
        super().__init__("; ".join(fault.message.in_lang("en") for fault in faults))
        self.faults = faults


def fault(
    code: str,
    offset: int,
    length: int,
    *,
    key: str | None = None,
    helps: tuple[Text, ...] = (),
    **params: object,
) -> ExpressionFault:
    """A fault whose words stand in `locale/expr.toml` under `key` (default: the code)."""
    return ExpressionFault(code, text(f"expr.{key or code}", **params), offset, max(length, 1), helps)
