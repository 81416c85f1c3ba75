"""Three-valued logic after Kleene: true, false, and None for what cannot be decided."""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def both(truths: Iterable[Truth]) -> Truth:
    """False as soon as one is; else undecided as soon as one is."""
    decided: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            decided = None
    return decided


def either(truths: Iterable[Truth]) -> Truth:
    """True as soon as one is; else undecided as soon as one is."""
    decided: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            decided = None
    return decided


def opposite(truth: Truth) -> Truth:
    """What is undecided stays so."""
    return None if truth is None else not truth


def unless(included: Truth, excluded: Truth) -> Truth:
    """Exclusion beats inclusion."""
    return both((included, opposite(excluded)))
