"""Three-valued logic (Kleene): True, False, and None for what cannot be decided."""

from __future__ import annotations

from collections.abc import Iterable

Truth = bool | None


def negate(value: Truth) -> Truth:
    """Turn true into false and back; what is unknown stays so."""
    return None if value is None else not value


def all_of(values: Iterable[Truth]) -> Truth:
    """False as soon as one is false, whatever the others are."""
    seen = list(values)
    if False in seen:
        return False
    return None if None in seen else True


def any_of(values: Iterable[Truth]) -> Truth:
    """True as soon as one is true, whatever the others are."""
    return negate(all_of(negate(value) for value in values))
