"""What several policies ask together: clauses of controls, and what they mean for multifactor authentication."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from govcheck.access.model import Clause, Strength
from govcheck.access.reading import STRENGTH

Level = Literal["always", "conditional", "never"]

MFA, COMPLIANT_DEVICE, JOINED_DEVICE = "mfa", "compliantDevice", "domainJoinedDevice"
DEVICE_CONTROLS: Clause = frozenset({COMPLIANT_DEVICE, JOINED_DEVICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Which of the controls that policies use are what."""

    mfa: Clause
    phishing_resistant: Clause


def controls_of(clauses: Iterable[Clause], strengths: Mapping[str, Strength]) -> Controls:
    """Sort the controls that occur in clauses."""
    used = frozenset().union(*clauses)
    known = {
        control: strengths.get(control.removeprefix(STRENGTH).lower()) for control in used if _is_strength(control)
    }
    return Controls(
        mfa=frozenset({MFA, *(control for control, strength in known.items() if strength and strength.mfa)}),
        phishing_resistant=frozenset(
            control for control, strength in known.items() if strength and strength.phishing_resistant
        ),
    )


def _is_strength(control: str) -> bool:
    return control.startswith(STRENGTH)


def minimal(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """The same demands without those that a stricter one makes needless, in order of code points."""
    found = set(clauses)
    kept = [clause for clause in found if not any(other < clause for other in found)]
    return tuple(sorted(kept, key=sorted))


def out_of_reach(*, compliant: bool, hybrid_joined: bool) -> Clause:
    """The controls that a device cannot meet."""
    return frozenset(
        control for control, met in ((COMPLIANT_DEVICE, compliant), (JOINED_DEVICE, hybrid_joined)) if not met
    )


def level_of(clauses: Collection[Clause], counted: Clause, unmet: Clause) -> Level:
    """Whether `counted` controls are part of every way, of some or of none to meet minimal clauses.

    A way picks one control of every clause, but none that is `unmet`.
    """
    if not any(clause & counted for clause in clauses):
        return "never"
    return "conditional" if all(clause - counted - unmet for clause in clauses) else "always"


def can_be_met(clauses: Iterable[Clause], unmet: Clause) -> bool:
    """Whether there is a way to meet all clauses."""
    return all(clause - unmet for clause in clauses)
