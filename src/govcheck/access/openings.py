"""What is open to one persona: where somebody gets in, where that takes multifactor authentication, and where not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from govcheck.access.cells import CLIENT, DEVICE, TARGET, Space
from govcheck.access.conditions import DIMENSIONS
from govcheck.access.effective import Demand
from govcheck.access.model import Clause
from govcheck.access.requirements import Controls, out_of_reach
from govcheck.access.search import Box, find_outside, overlap
from govcheck.model import Standing

LOCATION = DIMENSIONS.index("location")
_MANY = 64
_ORDER = (*(DIMENSIONS.index(name) for name in ("sign_in_risk", "user_risk", "insider_risk", "flow", "platform")),
          DEVICE, LOCATION, CLIENT, TARGET)  # fmt: skip
"""What a description may best leave out comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Openings:
    """The sign-ins of one persona in a space, as boxes."""

    space: Space
    closed: tuple[Box, ...]
    """Where nobody gets in: blocked, or asked for what the device at hand cannot give."""
    protected: tuple[Box, ...]
    """Where whoever gets in has given a second factor."""
    asked: tuple[tuple[Box, tuple[Box, ...]], ...]
    """Where a second factor is one of the choices, and where something stricter makes that choice needless."""
    sometimes: bool
    """Microsoft may ask for a second factor anywhere, as security defaults do."""

    def is_open(self, within: Box) -> bool:
        """Whether somebody gets in by some sign-in of a box."""
        return find_outside(within, self.closed) is not None

    def standing(self, within: Box) -> Standing:
        """What all sign-ins of a box come to."""
        if not self.is_open(within):
            return "blocked"
        if find_outside(within, (*self.closed, *self.protected)) is None:
            return "always"
        return "conditional" if self.sometimes or self._asks(within) else "never"

    def without_mfa(self) -> tuple[list[Box], bool]:
        """Boxes, as large as can be, that together hold every open sign-in without a second factor.

        They may overlap. The truth says whether these are all: of very many, only the first are given.
        """
        return cover(self.space.whole, (*self.closed, *self.protected))

    def _asks(self, within: Box) -> bool:
        for box, stricter in self.asked:
            shared = overlap(within, box)
            if shared is not None and find_outside(shared, (*self.closed, *stricter)) is not None:
                return True
        return False


def openings_of(space: Space, demands: Iterable[Demand], controls: Controls, *, sometimes: bool) -> Openings:
    """What some demands leave open."""
    listed = [each for each in demands if all(each.box)]
    counted = controls.mfa
    return Openings(
        space=space,
        closed=tuple(closed_boxes(space, listed)),
        protected=tuple(_where(space, listed, lambda clause, unmet: not clause - counted - unmet)),
        asked=tuple(
            (each.box, tuple(_stricter(clause, counted, listed)))
            for each in listed
            for clause in each.grant.clauses
            if clause & counted
        ),
        sometimes=sometimes,
    )


def closed_boxes(space: Space, demands: Sequence[Demand]) -> Iterator[Box]:
    """Where somebody is blocked, or cannot meet some clause with the device at hand."""
    yield from (each.box for each in demands if each.grant.blocks)
    yield from _where(space, demands, lambda clause, unmet: not clause - unmet)


def _stricter(clause: Clause, counted: Clause, demands: Iterable[Demand]) -> Iterator[Box]:
    return (each.box for each in demands if any(other < clause and not other & counted for other in each.grant.clauses))


def _where(space: Space, demands: Iterable[Demand], fails: Callable[[Clause, Clause], bool]) -> Iterator[Box]:
    """The parts of demands in which the device makes some clause fail a test."""
    kinds = device_kinds(space)
    for each in demands:
        bits = sum(bits for unmet, bits in kinds if any(fails(clause, unmet) for clause in each.grant.clauses))
        if each.box[DEVICE] & bits:
            yield with_side(each.box, DEVICE, each.box[DEVICE] & bits)


@lru_cache(maxsize=16)
def _kinds(devices: tuple[tuple[bool, bool], ...]) -> tuple[tuple[Clause, int], ...]:
    found: dict[Clause, int] = {}
    for at, (compliant, joined) in enumerate(devices):
        unmet = out_of_reach(compliant=compliant, hybrid_joined=joined)
        found[unmet] = found.get(unmet, 0) | 1 << at
    return tuple(found.items())


def device_kinds(space: Space) -> tuple[tuple[Clause, int], ...]:
    """States of devices by the controls they cannot meet."""
    return _kinds(tuple((each.compliant, each.hybrid_joined) for each in space.devices))


def with_side(box: Box, at: int, values: int) -> Box:
    """A box with other values in one dimension."""
    return (*box[:at], values, *box[at + 1 :])


def holds(outer: Box, inner: Box) -> bool:
    """Whether a box holds all of another one."""
    return all(not theirs & ~mine for mine, theirs in zip(outer, inner, strict=True))


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
