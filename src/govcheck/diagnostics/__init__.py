"""Faults in what people write: a code, a place, words in two languages, and what to do next."""

from govcheck.diagnostics.faults import Diagnostic, GovcheckError, Level, error, warning
from govcheck.diagnostics.frame import ReadLine, in_order, render, to_json
from govcheck.diagnostics.nearest import nearest

__all__ = [
    "Diagnostic",
    "GovcheckError",
    "Level",
    "ReadLine",
    "error",
    "in_order",
    "nearest",
    "render",
    "to_json",
    "warning",
]
