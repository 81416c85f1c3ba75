"""Variants of the responsibility matrix, as data: their letters and how tables head their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from govcheck.model import Lang

_BETWEEN = re.compile(r"\s*[/,+&]\s*")
_BOTH = frozenset({"A", "R"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The letters people may write, each with what it means, and the meanings that only one role may have."""

    letters: Mapping[str, str]
    single: frozenset[str]

    @property
    def written(self) -> list[str]:
        """What may stand in a cell, doing both included."""
        doing = [letter for letter, means in self.letters.items() if means == "R"]
        answering = [letter for letter, means in self.letters.items() if means == "A"]
        return [*self.letters, *(f"{a}/{r}" for a in answering for r in doing)]

    def meaning(self, written: str) -> frozenset[str] | None:
        """What a cell means: one of R, A, S, C and I, or A and R together; None for anything else."""
        parts = _BETWEEN.split(written.strip())
        if not all(part in self.letters for part in parts):
            return None
        meant = frozenset(self.letters[part] for part in parts)
        return meant if len(meant) == len(parts) and (len(parts) == 1 or meant == _BOTH) else None


def variant(name: str, language: Lang) -> Variant:
    """The variant of that name with the letters of a language. Raises `KeyError` for another name."""
    found = _data()["variants"][name]
    return Variant(letters=found["letters"] | _data()["languages"][language], single=frozenset(found["single"]))


def letters_of(language: Lang) -> frozenset[str]:
    """The letters that a language adds."""
    return frozenset(_data()["languages"][language])


def heading(text: str) -> str | None:
    """What a column with this heading holds: `id`, `covers`, `role` or `code`; None for any other."""
    plain = text.strip().casefold()
    return next((name for name, ways in _data()["headings"].items() if plain in ways), None)


@lru_cache
def _data() -> dict[str, Any]:
    from yaml import CSafeLoader, load

    text = resources.files("govcheck.catalogue").joinpath("raci_variants.yaml").read_text("utf-8")
    data: dict[str, Any] = load(text, Loader=CSafeLoader)
    return data
