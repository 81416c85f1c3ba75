"""Which heading of a file is which column: by name and by other names in two languages, never by place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from govcheck.evidence.refusal import Refusal

_APART = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def folded(heading: str) -> str:
    """A heading without what people vary: case, accents, marks and spaces."""
    bare = unicodedata.normalize("NFKD", _CAMEL.sub(" ", heading))
    letters = "".join(character for character in bare if not unicodedata.combining(character))
    return _APART.sub(" ", letters.lower()).strip()


@lru_cache
def aliases() -> Mapping[str, tuple[str, ...]]:
    """Other names of columns, folded, by column."""
    from yaml import CSafeLoader, load

    text = resources.files("govcheck.evidence").joinpath("aliases.yaml").read_text("utf-8")
    return {
        column: tuple(folded(str(name)) for name in names) for column, names in load(text, Loader=CSafeLoader).items()
    }


def names_of(column: str, declared: str | None) -> tuple[str, ...]:
    """The folded headings by which a column is known, the best first; a declared one is the only one."""
    if declared is not None:
        return (folded(declared),)
    return (folded(column), *aliases().get(column, ()))


@dataclass(frozen=True, slots=True)
class Match:
    """Columns with the places of their headings, and what stands in the way of reading on."""

    places: dict[str, int]
    problem: Refusal | None


def match(headings: Sequence[str], columns: Iterable[str], declared: Mapping[str, str]) -> Match:
    """Find the heading of each column: the best name that any heading bears decides.

    It is a problem when two headings bear it, or when a heading that a document names is not there.
    """
    by_name: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        by_name.setdefault(folded(heading), []).append(place)
    found: dict[str, int] = {}
    taken: set[int] = set()
    problem: Refusal | None = None
    # What a document names goes first, then a column's own name: an alias takes only what is left.
    waiting = [(column, names_of(column, declared.get(column))) for column in columns]
    for depth in range(max((len(names) for _, names in waiting), default=0)):
        for column, names in waiting:
            if column in found or depth >= len(names):
                continue
            here = [place for place in by_name.get(names[depth], ()) if place not in taken]
            if here:
                found[column] = here[0]
                taken.add(here[0])
            if len(here) > 1:
                problem = Refusal("evidence-ambiguous-column", column=column, first=here[0] + 1, second=here[1] + 1)
    for column in declared:
        if column not in found:
            problem = Refusal("evidence-column-missing", column=column, heading=f"`{declared[column]}`")
    return Match(found, problem)
