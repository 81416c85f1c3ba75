"""Who is covered by which agreement: units by topics, for HR. Nobody is named, and no group that is too small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from govcheck.catalogue.topics import Topic, TopicEvidence, topics
from govcheck.engine.duck import add_snapshot, connect
from govcheck.engine.in_force import in_force, place_of
from govcheck.engine.landing import count_members
from govcheck.engine.plan import collect_needs
from govcheck.engine.units import Place
from govcheck.engine.world import World, open_world
from govcheck.evidence import Evidence
from govcheck.model import Lang, UnitKind
from govcheck.policy.types import Header, PolicySet
from govcheck.snapshot import Snapshot


class State(StrEnum):
    """How a unit stands on a topic, worst first."""

    MISSING = "missing"
    OVERDUE = "overdue"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    COVERED = "covered"
    OWN = "own"
    NOT_APPLICABLE = "not_applicable"


COVERED = frozenset({State.OWN, State.COVERED})
BARE = frozenset({State.MISSING, State.UNKNOWN, State.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One unit on one topic. `share` is between 0 and 1, for topics that are counted; None where it may not show."""

    state: State
    document: str | None = None
    due: datetime | None = None
    """When the document must next be reviewed."""
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredUnit:
    """A team with its cells by topic."""

    id: str
    name: str
    parent: str | None
    members: int
    cells: Mapping[str, Cell]

    @property
    def bare(self) -> bool:
        """Whether nothing at all was agreed or shown here."""
        return all(cell.state in BARE for cell in self.cells.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The whole matrix; teams in the order of their names."""

    tenant: str
    tenant_name: str
    taken_at: datetime
    as_of: datetime
    topics: tuple[Topic, ...]
    units: tuple[CoveredUnit, ...]
    people: int
    """Enabled members of the organisation."""
    uncovered: int | None
    """Those who are in no team, or only in bare ones; None where they are too few to tell."""

    def count(self, topic: str, states: frozenset[State]) -> int:
        """How many teams stand like that on a topic."""
        return sum(unit.cells[topic].state in states for unit in self.units)


def coverage_needs() -> Mapping[str, set[str]]:
    """What must be collected: who is in which team, and the country, for the language."""
    needs = {table: set(columns) for table, columns in collect_needs(()).items()}
    needs.setdefault("organization", set()).add("country_letter_code")
    return needs


def country_of(snapshot: Snapshot) -> str | None:
    """Where the organisation says it is, as a country code."""
    connection = connect()
    add_snapshot(connection, snapshot)
    row = connection.execute("SELECT country_letter_code FROM organization").fetchone()
    return row[0] if row is not None else None


def coverage_evidence() -> frozenset[str]:
    """The evidence tables behind the topics."""
    return frozenset(topic.evidence.table for topic in topics() if topic.evidence is not None)


def cover(policies: PolicySet, snapshot: Snapshot, evidence: Evidence, as_of: datetime, lang: Lang) -> Coverage:
    """Fill the matrix for every team, declared or found in the tenant."""
    world = open_world(policies, (), snapshot, evidence, as_of, lang)
    teams = [place for place in world.tree.places.values() if place.kind is UnitKind.TEAM]
    members = count_members(world.connection, world.tree)
    columns = {topic.id: _column(topic, world, teams) for topic in topics()}
    units = tuple(
        CoveredUnit(
            id=place.id,
            name=place.name,
            parent=place.parent,
            members=members.get(place.id, 0),
            cells={topic: cells[place.id] for topic, cells in columns.items()},
        )
        for place in sorted(teams, key=lambda place: (place.name.casefold(), place.id))
    )
    people, uncovered = _uncovered_people(world, [unit.id for unit in units if not unit.bare])
    return Coverage(
        tenant=snapshot.tenant,
        tenant_name=snapshot.tenant_name,
        taken_at=snapshot.taken_at,
        as_of=as_of,
        topics=topics(),
        units=units,
        people=people,
        uncovered=None if 0 < uncovered < policies.min_group else uncovered,
    )


def _column(topic: Topic, world: World, teams: Iterable[Place]) -> dict[str, Cell]:
    """The cells of one topic, by unit."""
    found = _documents(topic.kind, world) if topic.kind is not None else {}
    otherwise = State.MISSING
    if topic.evidence is not None and world.gaps.of(topic.evidence.table, None) is not None:
        otherwise = State.UNKNOWN
    elif topic.evidence is not None:
        found = _evidence(topic.evidence, world)
    outside = _outside(topic, world.policies)
    return {
        place.id: Cell(state=State.NOT_APPLICABLE)
        if place.id in outside
        else found.get(place.id, Cell(state=otherwise))
        for place in teams
    }


def _outside(topic: Topic, policies: PolicySet) -> frozenset[str]:
    """Declared units to which a topic does not apply; how an undeclared team works is not known, so it does."""
    declared = policies.organisation.units if policies.organisation else ()
    if not topic.work_modes:
        return frozenset()
    return frozenset(unit.id for unit in declared if unit.work_mode and unit.work_mode not in topic.work_modes)


# Documents


def _documents(kind: str, world: World) -> dict[str, Cell]:
    """The document that holds for each unit; of several, the one that stands worst."""
    headers = [header for header in world.policies.headers if header.kind == kind]
    units = [place_of(header.unit, world.tree) for header in headers]
    found: dict[str, Cell] = {}
    for place, at in in_force(units, world.tree):
        cell = _document_cell(headers[at], own=units[at] == place.id, as_of=world.as_of)
        if place.id not in found or _rank(cell) < _rank(found[place.id]):
            found[place.id] = cell
    return found


def _document_cell(header: Header, *, own: bool, as_of: datetime) -> Cell:
    due = None
    if header.reviewed is not None and header.review_every_days is not None:
        due = header.reviewed + timedelta(days=header.review_every_days)
    late = due is not None and due < as_of
    state = State.OVERDUE if late else State.OWN if own else State.COVERED
    return Cell(state=state, document=header.id, due=due)


def _rank(cell: Cell) -> int:
    return list(State).index(cell.state)


# Evidence


def _evidence(evidence: TopicEvidence, world: World) -> dict[str, Cell]:
    """The share of the newest rows of each team, else of the nearest unit above it that has any."""
    shares = {unit: share for unit, share in _shares(evidence, world) if share is not None}
    found: dict[str, Cell] = {}
    for unit in world.tree.places:
        share = next((shares[above] for above in world.tree.lineage(unit) if above in shares), None)
        if share is not None:
            found[unit] = Cell(state=State.COVERED if share >= 1 else State.PARTIAL, share=share)
    return found


def _shares(evidence: TopicEvidence, world: World) -> Iterator[tuple[str, float | None]]:
    """Unit and share; rows of groups that are too small were left out when the file was read."""
    table, counted, of = evidence.table, evidence.counted, evidence.of
    if evidence.current is not None:
        query = f"""
            SELECT e.unit, sum(e.{counted}) / nullif(sum(e.{of}), 0) FROM {table} e
            JOIN policies p ON p.id = e.{evidence.current} AND p.version = e.version GROUP BY 1"""
        yield from world.connection.execute(query).fetchall()
        return
    query = f"""
        WITH recent AS (
            SELECT *, max({evidence.date}) OVER (PARTITION BY unit) AS newest FROM {table}
            WHERE {evidence.date} BETWEEN CAST($as_of AS TIMESTAMP) - to_days($days) AND CAST($as_of AS TIMESTAMP)
        )
        SELECT unit, sum({counted}) / nullif(sum({of}), 0) FROM recent WHERE {evidence.date} = newest GROUP BY 1"""
    at = {"as_of": world.as_of.replace(tzinfo=None), "days": evidence.within_days}
    yield from world.connection.execute(query, at).fetchall()


# People


def _uncovered_people(world: World, covered: list[str]) -> tuple[int, int]:
    """Enabled members, and those of them in none of the units `covered`."""
    numbers = [world.tree.numbers[unit] for unit in covered]
    [(people, uncovered)] = world.connection.execute(
        """
        SELECT count(*), count(*) FILTER (WHERE id NOT IN (
            SELECT id FROM user_units WHERE id IS NOT NULL AND list_contains($covered, unit)
        ))
        FROM users WHERE account_enabled AND coalesce(user_type, 'Member') = 'Member'
        """,
        {"covered": numbers},
    ).fetchall()
    return people, uncovered
