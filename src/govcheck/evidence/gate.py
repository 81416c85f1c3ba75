"""The privacy gate: a file with a column about single people does not get past its headings, or past its values.

Nothing of a file is ever repeated: a refusal names a column by its place, and by words from our own list.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any

from govcheck.catalogue import ColumnType
from govcheck.evidence.headings import folded
from govcheck.evidence.refusal import Refusal
from govcheck.evidence.sheet import Cell
from govcheck.evidence.values import NotAValue, read_time

MAX_TEXT = 40
"""Longer values in a column that is no label are free text."""
MAX_LABEL = 120
_EMAIL = re.compile(r"[^\s@;,<>]+@[^\s@;,<>]+\.[A-Za-z]{2,}")
# Digits inside a digest or a GUID are no number of anybody.
_BSN = re.compile(
    r"(?<![0-9a-f])(?<![0-9a-f]{4}-)"
    r"(?:\d{8,9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})"
    r"(?![0-9a-f])(?!-[0-9a-f]{4})",
    re.IGNORECASE,
)
_COMPACT_DATE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")
_BSN_DIGITS = 9
_REMEMBERED = 10_000
_BORN_BEFORE = 2012
_BORN_AFTER = 1910


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words as our list has them, and the kind of personal data that they tell of."""

    words: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """What closes the gate, folded."""

    phrases: Mapping[str, Phrase]
    """Folded phrases that close the gate wherever they stand in a heading."""
    exact: Mapping[str, Phrase]
    """As `phrases`, with those that must be the whole heading."""
    exports: tuple[tuple[str, frozenset[str]], ...]
    health_values: frozenset[str]


@lru_cache
def forbidden() -> Forbidden:
    """The list that ships with govcheck."""
    from yaml import CSafeLoader, load

    text = resources.files("govcheck.evidence").joinpath("forbidden.yaml").read_text("utf-8")
    found: dict[str, Any] = load(text, Loader=CSafeLoader)
    phrases, exact = (
        {folded(words): Phrase(words, kind) for kind, listed in found[key].items() for words in listed}
        for key in ("phrases", "exact")
    )
    return Forbidden(
        phrases=phrases,
        exact=phrases | exact,
        exports=tuple((entry["product"], frozenset(map(folded, entry["keys"]))) for entry in found["exports"]),
        health_values=frozenset(map(folded, found["health_values"])),
    )


def check_headings(headings: Sequence[str], allowed: Mapping[int, Collection[str]]) -> None:
    """Refuse a raw export of a product, and any heading that tells of single people.

    `allowed` says for the places of columns that are taken in which kinds their headings may still seem to tell of:
    a column `project` may come from "Naam". Raises `Refusal`.
    """
    refuse_exports(headings)
    for place, heading in enumerate(headings):
        found = _phrase_in(folded(heading))
        if found is not None and found.kind not in allowed.get(place, ()):
            variant = f"evidence-heading-{found.kind}"
            raise Refusal("evidence-personal-data", variant=variant, column=place + 1, word=found.words)


def refuse_exports(headings: Iterable[str]) -> None:
    """Refuse what a product writes about single people. Raises `Refusal`."""
    here = {folded(heading) for heading in headings}
    for product, keys in forbidden().exports:
        if keys <= here:
            raise Refusal("evidence-raw-export", product=product)


def _phrase_in(heading: str) -> Phrase | None:
    """The longest forbidden phrase in a heading."""
    listed = forbidden()
    padded = f" {heading} "
    found = max((phrase for phrase in listed.phrases if f" {phrase} " in padded), key=len, default=heading)
    return listed.exact.get(found)


@dataclass(slots=True)
class ValueGate:
    """Looks at every value on its way in. Raises `Refusal` at the first that may be about one person."""

    labels: Mapping[int, ColumnType]
    """Places of the columns that are taken in, with their types."""
    month_first: bool = False
    skipped: Collection[int] = ()
    """Places of columns about people that this table alone may read."""
    dates: dict[int, list[int]] = field(default_factory=dict)
    """Different dates seen per place: how many in all, and how many of them in a year that people are born in."""
    harmless: dict[int, set[str]] = field(default_factory=dict)
    """Values per place that were looked at before."""

    def watched(self, rows: Iterable[tuple[int, Sequence[Cell]]]) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The same rows; after the last one, columns of birth dates are known."""
        for number, row in rows:
            for place, cell in enumerate(row):
                if place not in self.skipped:
                    self._look(place, number, cell)
            yield number, row
        for place, (seen, born) in self.dates.items():
            if born * 2 > seen:
                raise _in_values(place, "birth", None)

    def _look(self, place: int, number: int, cell: Cell) -> None:
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        if cell is None or isinstance(cell, bool | float):
            return
        if isinstance(cell, datetime):
            self._date(place, cell)
            return
        known = self.harmless.setdefault(place, set())
        for part in cell if isinstance(cell, list) else [str(cell)]:
            if part in known:
                continue
            kind = self._kind_of(place, part)
            if kind is not None:
                raise _in_values(place, kind, number)
            if len(known) < _REMEMBERED:
                known.add(part)

    def _kind_of(self, place: int, text: str) -> str | None:
        """What kind of personal data a text looks like, if any."""
        label = place in self.labels
        if len(text) > (MAX_LABEL if label else MAX_TEXT):
            return "text"
        if _EMAIL.search(text):
            return "contact"
        if any(is_bsn(found) for found in _BSN.findall(text)):
            return "bsn"
        if not label and folded(text) in forbidden().health_values:
            return "health"
        if any(character.isdigit() for character in text[:4]):
            try:
                self._date(place, read_time(text.strip(), month_first=self.month_first))
            except NotAValue:
                return None
        return None

    def _date(self, place: int, moment: datetime) -> None:
        counts = self.dates.setdefault(place, [0, 0])
        counts[0] += 1
        counts[1] += _BORN_AFTER < moment.year < _BORN_BEFORE


def is_bsn(text: str) -> bool:
    """Whether digits pass the eleven-test of Dutch citizen service numbers.

    There are nine, of which a spreadsheet drops a leading zero; eight that are a date are a date.
    """
    written = "".join(character for character in text if character.isdigit())
    if len(written) not in (_BSN_DIGITS - 1, _BSN_DIGITS) or _COMPACT_DATE.fullmatch(written) or not written.strip("0"):
        return False
    digits = [int(digit) for digit in written.zfill(_BSN_DIGITS)]
    weights = [*range(_BSN_DIGITS, 1, -1), -1]
    total: int = sum(digit * weight for digit, weight in zip(digits, weights, strict=True))
    return total % 11 == 0


def _in_values(place: int, kind: str, row: int | None) -> Refusal:
    """The refusal for what values look like; they are not told."""
    return Refusal("evidence-personal-data", variant=f"evidence-values-{kind}", column=place + 1, row=row)
