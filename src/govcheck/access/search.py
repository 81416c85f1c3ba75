"""Boxes of sign-ins, and an exact search for one that lies in none of several others.

A box holds a set of values for every dimension, as bits of a number. Policies are boxes too: what a policy applies
to is a set of values per dimension, and nothing else. Whether a path is open is then a question about boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Box = tuple[int, ...]


def bits_of(truths: Iterable[bool]) -> int:
    """The values of one dimension for which something is true."""
    return sum(1 << at for at, truth in enumerate(truths) if truth)


def with_side(box: Box, at: int, values: int) -> Box:
    """A box with other values in one dimension."""
    return (*box[:at], values, *box[at + 1 :])


def holds(outer: Box, inner: Box) -> bool:
    """Whether a box holds all of another one."""
    return all(not theirs & ~mine for mine, theirs in zip(outer, inner, strict=True))


def overlap(one: Box, other: Box) -> Box | None:
    """What two boxes share; None where they share nothing."""
    shared = tuple(mine & theirs for mine, theirs in zip(one, other, strict=True))
    return shared if all(shared) else None


def find_outside(start: Box, avoid: Sequence[Box]) -> Box | None:
    """A box within `start` that shares nothing with any of `avoid`; None where there is no such point.

    Exact: to leave a box one must leave it in some dimension, so every dimension is tried, the box with the fewest
    ways out first.
    """
    near: list[Box] = []
    narrowest: list[int] | None = None
    hardest: Box = ()
    for box in avoid:
        ways = _ways_out(start, box)
        if ways is None:
            continue
        if not ways:
            return None
        near.append(box)
        if narrowest is None or len(ways) < len(narrowest):
            narrowest, hardest = ways, box
    if narrowest is None:
        return start
    rest = list(start)
    for at in narrowest:
        within = rest[at]
        rest[at] = within & ~hardest[at]
        found = find_outside(tuple(rest), near)
        if found is not None:
            return found
        rest[at] = within & hardest[at]
    return None


def _ways_out(start: Box, box: Box) -> list[int] | None:
    """The dimensions in which part of `start` lies outside `box`; None where they share nothing."""
    ways = []
    for at, mine in enumerate(start):
        theirs = box[at]
        if not mine & theirs:
            return None
        if mine & ~theirs:
            ways.append(at)
    return ways


def split(start: Box, by: Box) -> Iterator[tuple[Box, bool]]:
    """Cut a box into parts that lie wholly inside or wholly outside another one, and say which."""
    rest = list(start)
    for at, theirs in enumerate(by):
        outside = rest[at] & ~theirs
        if outside:
            yield (*rest[:at], outside, *rest[at + 1 :]), False
        rest[at] &= theirs
        if not rest[at]:
            return
    yield tuple(rest), True


def merge(boxes: Iterable[Box]) -> list[Box]:
    """Join boxes that differ in one dimension only, until none are left; together they hold the same."""
    found = list(boxes)
    while True:
        before = len(found)
        for at in range(len(found[0]) if found else 0):
            joined: dict[Box, int] = {}
            for box in found:
                others = (*box[:at], *box[at + 1 :])
                joined[others] = joined.get(others, 0) | box[at]
            found = [(*others[:at], values, *others[at:]) for others, values in joined.items()]
        if len(found) == before:
            return sorted(found)
