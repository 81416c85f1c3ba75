"""Which documents hold where: the nearest unit's, else its parents', else the general one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from govcheck.engine.units import Place, UnitTree
from govcheck.model import ORGANISATION, UnitKind


def place_of(unit: str | None, tree: UnitTree) -> str | None:
    """The id of the unit that a document names: by id, by group id or as a department; None for no unit.

    A name that means nothing comes back as it is.
    """
    if unit is None or unit in tree.places:
        return unit
    if unit in tree.by_group:
        return tree.by_group[unit].id
    return next((place.id for place in tree.places.values() if place.department == unit), unit)


def nearest_first(units: Sequence[str | None], tree: UnitTree, unit: str) -> Iterator[int]:
    """Indices of the documents that hold for `unit`, nearest first, the general ones last.

    `units` has the unit of each document, as `place_of` gives it.
    """
    for place in tree.lineage(unit):
        yield from (index for index, named in enumerate(units) if named == place)
    yield from (index for index, named in enumerate(units) if named is None)


def in_force(units: Sequence[str | None], tree: UnitTree) -> Iterator[tuple[Place, int]]:
    """Every unit with documents of its own, and every team with the nearest that hold for it, by index.

    Where there are no teams at all, general documents hold for the organisation.
    """
    if not units:
        return
    held: dict[str | None, list[int]] = {}
    for index, unit in enumerate(units):
        held.setdefault(unit, []).append(index)
    general = held.get(None, [])
    teams = False
    for place in tree.places.values():
        teams = teams or place.kind is UnitKind.TEAM
        if place.id in held:
            yield from ((place, index) for index in held[place.id])
        elif place.kind is UnitKind.TEAM:
            above = next((unit for unit in tree.lineage(place.id) if unit in held), None)
            yield from ((place, index) for index in (held[above] if above is not None else general))
    if not teams and ORGANISATION not in held:
        yield from ((tree.places[ORGANISATION], index) for index in general)
