"""What policies that only report would change if they were enforced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from govcheck.access import Directory, Effective, effective
from govcheck.access.model import Policy, State
from govcheck.access.personas import personas_of

_RANK = {"never": 0, "conditional": 1, "always": 2}


def people_better_protected(directory: Directory) -> Mapping[str, int]:
    """For each policy that only reports, how many people would be asked more if that one were enforced.

    People whom no enabled policy and no such policy tells apart are looked at once.
    """
    trials = [policy for policy in directory.policies if policy.state is State.REPORT_ONLY]
    sizes = {persona.people[0]: len(persona.people) for persona in personas_of(_enforced(directory, trials))}
    few = replace(directory, people={person.lower(): directory.people[person.lower()] for person in sizes})
    now = effective(few) if trials else {}
    found: dict[str, int] = {}
    for trial in trials:
        then = effective(_enforced(few, [trial]))
        found[trial.id] = sum(size for person, size in sizes.items() if _is_better(then[person], now[person]))
    return found


def _enforced(directory: Directory, trials: list[Policy]) -> Directory:
    ids = {trial.id for trial in trials}
    policies = (replace(each, state=State.ENABLED) if each.id in ids else each for each in directory.policies)
    return replace(directory, policies=tuple(policies))


def _is_better(then: Effective, now: Effective) -> bool:
    """Whether one of the answers about somebody became stricter."""
    return (now.legacy_auth_possible and not then.legacy_auth_possible) or any(
        _RANK[after] > _RANK[before]
        for after, before in (
            (then.effective_mfa, now.effective_mfa),
            (then.effective_phishing_resistant, now.effective_phishing_resistant),
            (then.device_required, now.device_required),
        )
    )
