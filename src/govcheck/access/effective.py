"""What holds of every sign-in that is open to somebody, found by searching for one that is an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from govcheck.access.app_groups import default_applications
from govcheck.access.cells import CLIENT, DEVICE, TARGET, Space, application_targets, space_of
from govcheck.access.model import Clause, Directory, Grant, State
from govcheck.access.personas import Persona, personas_of
from govcheck.access.requirements import DEVICE_CONTROLS, MFA, Controls, Level, controls_of, out_of_reach
from govcheck.access.search import Box, find_outside
from govcheck.access.signin import LEGACY_CLIENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """`always`: there is no open way to sign in without it. `never`: there is no open way that asks for it."""

    effective_mfa: Level
    effective_phishing_resistant: Level
    device_required: Level
    legacy_auth_possible: bool


@dataclass(frozen=True, slots=True)
class Demand:
    """A policy as far as it matters here: where it applies, and what it asks there."""

    box: Box
    grant: Grant


def effective_of(directory: Directory) -> dict[str, Effective]:
    """What holds of each enabled account, by id."""
    space, boxes = application_space(directory)
    judge = lru_cache(maxsize=None)(_Judge(space, directory).effective)
    found: dict[str, Effective] = {}
    for persona in personas_of(directory):
        demands = {Demand(boxes[policy.id], policy.grant) for policy in persona.policies if all(boxes[policy.id])}
        demands = {demand for demand in demands if demand.grant.blocks or demand.grant.clauses}
        demands |= set(default_demands(space, persona)) if directory.security_defaults else set()
        found |= dict.fromkeys(persona.people, judge(frozenset(demands)))
    return found


def application_space(directory: Directory) -> tuple[Space, dict[str, Box]]:
    """The space of sign-ins to applications, and the box of every enabled policy by its id."""
    policies = [policy for policy in directory.policies if policy.state is State.ENABLED]
    targets = application_targets(policies, defaults=directory.security_defaults is True)
    space = space_of(policies, targets, directory.locations)
    return space, {policy.id: space.box_of(policy.conditions) for policy in policies}


def default_demands(space: Space, persona: Persona) -> Iterator[Demand]:
    """Security defaults as demands: no legacy clients, and a second factor where they always ask for one."""
    legacy = _with(space.whole, CLIENT, _bits(client in LEGACY_CLIENTS for client in space.clients))
    yield Demand(legacy, Grant(blocks=True))
    asked = _bits(persona.default_role or target.application in default_applications() for target in space.targets)
    if asked:
        yield Demand(_with(space.whole, TARGET, asked), Grant(clauses=(frozenset({MFA}),)))


class _Judge:
    """Answers about sets of demands in one space."""

    def __init__(self, space: Space, directory: Directory) -> None:
        clauses = [clause for policy in directory.policies for clause in policy.grant.clauses]
        self._space = space
        self._controls: Controls = controls_of(clauses, directory.strengths)
        self._defaults = directory.security_defaults is True
        self._find: Callable[[Box, tuple[Box, ...]], Box | None] = lru_cache(maxsize=None)(find_outside)
        self._devices = [
            (out_of_reach(compliant=compliant, hybrid_joined=joined), bits)
            for compliant in (True, False)
            for joined in (True, False)
            if (bits := _bits((each.compliant, each.hybrid_joined) == (compliant, joined) for each in space.devices))
        ]

    def effective(self, demands: frozenset[Demand]) -> Effective:
        """All four answers."""
        closed = self._closed(demands)
        return Effective(
            effective_mfa=self._level(demands, closed, self._controls.mfa, defaults=self._defaults),
            effective_phishing_resistant=self._level(demands, closed, self._controls.phishing_resistant),
            device_required=self._device_level(demands, closed),
            legacy_auth_possible=self._open(self._legacy(), closed),
        )

    def _level(
        self, demands: Iterable[Demand], closed: Sequence[Box], counted: Clause, *, defaults: bool = False
    ) -> Level:
        without = [*closed, *self._where(demands, lambda clause, unmet: not clause - counted - unmet)]
        if not self._open(self._space.whole, without):
            return "always"
        # Somebody gets in without; the question left is whether anybody is asked at all.
        return "conditional" if defaults or self._asked(demands, closed, counted) else "never"

    def _asked(self, demands: Iterable[Demand], closed: Sequence[Box], counted: Clause) -> bool:
        """Whether some open path has a clause with a counted control that no stricter clause makes needless."""
        for demand in demands:
            for clause in demand.grant.clauses:
                if not clause & counted:
                    continue
                stricter = [
                    other.box
                    for other in demands
                    if any(each < clause and not each & counted for each in other.grant.clauses)
                ]
                if self._open(demand.box, [*closed, *stricter]):
                    return True
        return False

    def _device_level(self, demands: Iterable[Demand], closed: Sequence[Box]) -> Level:
        asking = [demand.box for demand in demands if any(clause <= DEVICE_CONTROLS for clause in demand.grant.clauses)]
        if not self._open(self._space.whole, [*closed, *asking]):
            return "always"
        return "conditional" if any(self._open(box, closed) for box in asking) else "never"

    def _legacy(self) -> Box:
        clients = _bits(client in LEGACY_CLIENTS for client in self._space.clients)
        return _with(self._space.whole, CLIENT, clients)

    def _closed(self, demands: Iterable[Demand]) -> tuple[Box, ...]:
        """Where somebody is blocked, or cannot meet some clause with the device at hand."""
        return (
            *(demand.box for demand in demands if demand.grant.blocks),
            *self._where(demands, lambda clause, unmet: not clause - unmet),
        )

    def _where(self, demands: Iterable[Demand], fails: Callable[[Clause, Clause], bool]) -> Iterator[Box]:
        """The parts of demands in which the device makes some clause fail a test."""
        for demand in demands:
            bits = sum(
                bits for unmet, bits in self._devices if any(fails(clause, unmet) for clause in demand.grant.clauses)
            )
            if demand.box[DEVICE] & bits:
                yield _with(demand.box, DEVICE, demand.box[DEVICE] & bits)

    def _open(self, start: Box, avoid: Iterable[Box]) -> bool:
        return self._find(start, tuple(sorted(set(avoid)))) is not None


def _with(box: Box, at: int, values: int) -> Box:
    return (*box[:at], values, *box[at + 1 :])


def _bits(truths: Iterable[bool]) -> int:
    return sum(1 << at for at, truth in enumerate(truths) if truth)
