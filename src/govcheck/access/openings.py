"""What is open to one persona: where somebody gets in, where that takes some control, and where not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from govcheck.access.cells import (
    CLIENT,
    DEVICE,
    FLOW,
    INSIDER_RISK,
    LOCATION,
    PLATFORM,
    SIGN_IN_RISK,
    TARGET,
    USER_RISK,
    Space,
)
from govcheck.access.demands import Demand, closed_boxes, protected_boxes
from govcheck.access.model import Clause
from govcheck.access.search import Box, find_outside, overlap, with_side
from govcheck.model import Standing

_MANY = 64
_ORDER = (SIGN_IN_RISK, USER_RISK, INSIDER_RISK, FLOW, PLATFORM, DEVICE, LOCATION, CLIENT, TARGET)
"""What a description may best leave out comes first."""


Find = Callable[[Box, tuple[Box, ...]], Box | None]
"""`find_outside`, or the same with a memory: much is asked of many personas alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """The sign-ins of one persona in a space, as boxes, by whether they take one of some counted controls."""

    space: Space
    demands: tuple[Demand, ...]
    counted: Clause
    sometimes: bool
    """A counted control may be asked for anywhere, as security defaults do with a second factor."""
    closed: tuple[Box, ...]
    """Where nobody gets in: blocked, or asked for what the device at hand cannot give."""
    protected: tuple[Box, ...]
    """Where nobody gets in without a counted control; all that is closed included."""
    find: Find

    def is_open(self, within: Box) -> bool:
        """Whether somebody gets in by some sign-in of a box."""
        return self.find(within, self.closed) is not None

    def is_unprotected(self, within: Box) -> bool:
        """Whether somebody gets in by some sign-in of a box without a counted control."""
        return self.find(within, self.protected) is not None

    def standing(self, within: Box) -> Standing:
        """What all sign-ins of a box come to."""
        if not self.is_open(within):
            return "blocked"
        if not self.is_unprotected(within):
            return "always"
        return "conditional" if self.sometimes or self._asks(within) else "never"

    def unprotected(self) -> tuple[list[Box], bool]:
        """Boxes, as large as can be, that together hold every open sign-in without a counted control.

        They may overlap. The truth says whether these are all: of very many, only the first are given.
        """
        return cover(self.space.whole, self.protected)

    def _asks(self, within: Box) -> bool:
        """Whether a counted control is a choice somewhere, and nothing stricter makes that choice needless."""
        for each in self.demands:
            for clause in each.grant.clauses:
                shared = overlap(within, each.box) if clause & self.counted else None
                if shared is not None and self.find(shared, (*self.closed, *self._stricter(clause))) is not None:
                    return True
        return False

    def _stricter(self, clause: Clause) -> Iterator[Box]:
        for each in self.demands:
            if any(other < clause and not other & self.counted for other in each.grant.clauses):
                yield each.box


def openings_of(
    space: Space,
    demands: Iterable[Demand],
    counted: Clause,
    *,
    sometimes: bool = False,
    find: Find = find_outside,
) -> Openings:
    """What some demands leave open, and what of it takes one of the `counted` controls."""
    listed = tuple(demands)
    closed = tuple(closed_boxes(space, listed))
    return Openings(
        space=space,
        demands=listed,
        counted=counted,
        sometimes=sometimes,
        closed=closed,
        protected=tuple(dict.fromkeys((*closed, *protected_boxes(space, listed, counted)))),
        find=find,
    )


def cover(whole: Box, avoid: Sequence[Box]) -> tuple[list[Box], bool]:
    """Boxes, as large as can be, that hold all of `whole` but what `avoid` holds; and whether those are all."""
    found: list[Box] = []
    while (rest := find_outside(whole, (*avoid, *found))) is not None:
        if len(found) == _MANY:
            return found, False
        found.append(widest(rest, whole, avoid))
    for box in list(found):
        others = [each for each in found if each != box]
        if others and find_outside(box, others) is None:
            found = others
    return found, True


def widest(start: Box, whole: Box, avoid: Sequence[Box]) -> Box:
    """The box around a sign-in of `start` that is limited in the fewest dimensions."""
    point = tuple(1 << (side.bit_length() - 1) if at == TARGET else side & -side for at, side in enumerate(start))
    orders = [(first, *(at for at in _ORDER if at != first)) for first in _ORDER]
    grown = [_grown(point, whole, avoid, order) for order in orders]
    return min(grown, key=lambda box: (sum(side != all_ for side, all_ in zip(box, whole, strict=True)), -_size(box)))


def _grown(point: Box, whole: Box, avoid: Sequence[Box], order: Sequence[int]) -> Box:
    box = point
    for at in order:
        taken = 0
        for other in avoid:
            if other[at] & ~taken and overlap(with_side(box, at, other[at]), other) is not None:
                taken |= other[at]
        box = with_side(box, at, whole[at] & ~taken)
    return box


def _size(box: Box) -> int:
    size = 1
    for side in box:
        size *= side.bit_count()
    return size
