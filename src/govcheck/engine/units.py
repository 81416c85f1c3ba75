"""Units: the teams, departments and the organisation on which findings land."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govcheck.model import ORGANISATION, UNASSIGNED, Lang, UnitKind
from govcheck.policy.types import Organisation
from govcheck.words import say

KIND_ORDER: Mapping[UnitKind, int] = {
    UnitKind.ORGANISATION: 0,
    UnitKind.DEPARTMENT: 1,
    UnitKind.TEAM: 2,
    UnitKind.UNASSIGNED: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A unit in the tree. `group` and `department` say whose rows are its own."""

    id: str
    name: str
    kind: UnitKind
    parent: str | None
    group: str | None = None
    department: str | None = None

    @property
    def order(self) -> tuple[int, str]:
        """Organisation first, then departments, teams and `unassigned`, each by id."""
        return KIND_ORDER[self.kind], self.id


class UnitTree:
    """All units of a run: declared ones, and every Team and department that was not declared."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        """Keep the places; a place's number in `numbers` stands for it in SQL."""
        self.places = dict(sorted(places.items(), key=lambda item: item[1].order))
        self.ids = list(self.places)
        self.numbers = {unit: number for number, unit in enumerate(self.ids)}
        self.by_group = {place.group: place for place in self.places.values() if place.group}

    def name_of(self, unit: str, lang: Lang) -> str:
        """How people call a unit: by its name, or by the id of one that does not exist."""
        if unit == UNASSIGNED:
            return say("report.unassigned", lang)
        return self.places[unit].name if unit in self.places else unit

    def lineage(self, unit: str) -> Iterator[str]:
        """The unit, its parent, and so on up to the organisation."""
        seen: set[str] = set()
        current: str | None = unit
        while current is not None and current not in seen:
            seen.add(current)
            yield current
            place = self.places.get(current)
            current = place.parent if place else None

    def ancestors(self) -> list[tuple[int, int]]:
        """Pairs of a unit and each unit above it but the organisation, as numbers."""
        return [
            (self.numbers[unit], self.numbers[above])
            for unit in self.ids
            for above in list(self.lineage(unit))[1:]
            if above not in (ORGANISATION, unit)
        ]

    def parents(self) -> list[str]:
        """Units with others below them, the lowest first."""
        above = {place.parent for place in self.places.values() if place.parent is not None}
        return sorted(above, key=lambda unit: (-len(list(self.lineage(unit))), unit))

    def children(self, unit: str) -> list[str]:
        """The units directly below a unit."""
        return [place.id for place in self.places.values() if place.parent == unit]

    def for_finding(self, units: Iterator[str] | list[str]) -> tuple[str, ...]:
        """The units of a row as a finding lists them: teams first, the organisation last."""
        order = {UnitKind.TEAM: 0, UnitKind.DEPARTMENT: 1, UnitKind.UNASSIGNED: 2, UnitKind.ORGANISATION: 3}
        return tuple(sorted(set(units), key=lambda unit: (order[self.places[unit].kind], unit)))


def build_units(
    organisation: Organisation | None, tenant_name: str, teams: Mapping[str, str], departments: list[str]
) -> UnitTree:
    """The tree of declared units, of `teams` (group id to name) and of `departments` found in the tenant."""
    places = {
        ORGANISATION: Place(id=ORGANISATION, name=tenant_name, kind=UnitKind.ORGANISATION, parent=None),
        UNASSIGNED: Place(id=UNASSIGNED, name=UNASSIGNED, kind=UnitKind.UNASSIGNED, parent=ORGANISATION),
    }
    declared = organisation.units if organisation else ()
    for unit in declared:
        places[unit.id] = Place(
            id=unit.id,
            name=unit.name,
            kind=unit.kind,
            parent=unit.parent or ORGANISATION,
            group=unit.group,
            department=unit.department,
        )
    known_groups = {unit.group for unit in declared}
    known_departments = {unit.department for unit in declared}
    for group, name in teams.items():
        if group not in known_groups and group not in places:
            places[group] = Place(id=group, name=name, kind=UnitKind.TEAM, parent=ORGANISATION, group=group)
    for name in departments:
        if name not in known_departments and name not in places:
            kind = UnitKind.DEPARTMENT
            places[name] = Place(id=name, name=name, kind=kind, parent=ORGANISATION, department=name)
    return UnitTree(_with_known_parents(places))


def _with_known_parents(places: dict[str, Place]) -> dict[str, Place]:
    """A parent that does not exist, or a circle, hangs the unit under the organisation."""
    tree = UnitTree(places)
    for unit, place in list(places.items()):
        if place.parent is not None and ORGANISATION not in tree.lineage(unit):
            places[unit] = Place(
                id=place.id,
                name=place.name,
                kind=place.kind,
                parent=ORGANISATION,
                group=place.group,
                department=place.department,
            )
    return places
