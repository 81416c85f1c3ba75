"""One sign-in against all policies: who must meet what, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from govcheck.access.app_groups import default_applications, default_roles
from govcheck.access.conditions import SignIn, judge_each
from govcheck.access.model import SECURITY_DEFAULTS, Clause, Directory, Person, Policy, State
from govcheck.access.people import is_about
from govcheck.access.requirements import MFA, Level, controls_of, level_of, minimal, out_of_reach
from govcheck.access.truth import Truth, both, either

LEGACY_CLIENTS = frozenset({"exchangeActiveSync", "other"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether one policy applies to a sign-in, and what decided that."""

    policy: Policy
    person: Truth
    conditions: tuple[tuple[str, Truth], ...]

    @property
    def applies(self) -> Truth:
        """Assignments and conditions together."""
        return both((self.person, *(truth for _, truth in self.conditions)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a sign-in is asked for. `mfa` is None where it is blocked."""

    blocked: bool
    mfa: Level | None
    requires: tuple[Clause, ...]
    applied: tuple[str, ...]
    report_only: tuple[str, ...]
    undecided: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The answer under its contract names."""
        return {
            "outcome": "block" if self.blocked else "grant",
            "mfa": self.mfa,
            "requires": [sorted(clause) for clause in self.requires],
            "applied": list(self.applied),
            "reportOnly": list(self.report_only),
            "undecided": list(self.undecided),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What security defaults say of one sign-in."""

    on: Truth
    blocks: bool
    requires_mfa: bool


def judge_all(directory: Directory, person: Person, sign_in: SignIn) -> tuple[Judgement, ...]:
    """Every policy that is not switched off, held against one sign-in."""
    return tuple(
        Judgement(
            policy=policy,
            person=is_about(policy.conditions, person, directory),
            conditions=tuple(judge_each(policy.conditions, sign_in, directory.locations)),
        )
        for policy in directory.policies
        if policy.state is not State.DISABLED
    )


def decide(directory: Directory, person: Person, sign_in: SignIn) -> Answer:
    """What somebody is asked for who signs in that way."""
    return answer_from(
        directory, judge_all(directory, person, sign_in), defaults_for(directory, person, sign_in), sign_in
    )


def answer_from(directory: Directory, judgements: tuple[Judgement, ...], defaults: Defaults, sign_in: SignIn) -> Answer:
    """Put what each policy says together."""
    applied = [each.policy for each in _applying(judgements, State.ENABLED)]
    undecided = [each.policy.id for each in judgements if each.applies is None]
    ids = [policy.id for policy in applied]
    (ids if defaults.on else undecided if defaults.on is None else []).append(SECURITY_DEFAULTS)
    blocked = any(policy.grant.blocks for policy in applied) or (defaults.on is True and defaults.blocks)
    clauses = [clause for policy in applied for clause in policy.grant.clauses]
    if defaults.on and defaults.requires_mfa:
        clauses.append(frozenset({MFA}))
    requires = () if blocked else minimal(clauses)
    return Answer(
        blocked=blocked,
        mfa=None if blocked else _mfa(directory, requires, defaults, sign_in),
        requires=requires,
        applied=tuple(sorted(ids)),
        report_only=tuple(sorted(each.policy.id for each in _applying(judgements, State.REPORT_ONLY))),
        undecided=tuple(sorted(undecided)),
    )


def defaults_for(directory: Directory, person: Person, sign_in: SignIn) -> Defaults:
    """What security defaults say of somebody who signs in that way."""
    return Defaults(
        on=directory.security_defaults,
        blocks=sign_in.client in LEGACY_CLIENTS,
        requires_mfa=sign_in.target.application in default_applications()
        or holds_default_role(directory, person) is True,
    )


def holds_default_role(directory: Directory, person: Person) -> Truth:
    """Whether somebody holds a role that security defaults always ask for a second factor."""
    holders = directory.holders
    if holders is None:
        return None
    return either(person.id.lower() in holders.get(role, ()) for role in default_roles())


def _mfa(directory: Directory, requires: tuple[Clause, ...], defaults: Defaults, sign_in: SignIn) -> Level:
    unmet = out_of_reach(compliant=sign_in.compliant, hybrid_joined=sign_in.hybrid_joined)
    level = level_of(requires, controls_of(requires, directory.strengths).mfa, unmet)
    # With security defaults on, Microsoft decides when to ask whoever is not always asked.
    return "conditional" if level == "never" and defaults.on else level


def _applying(judgements: tuple[Judgement, ...], state: State) -> Iterator[Judgement]:
    return (each for each in judgements if each.policy.state is state and each.applies)
