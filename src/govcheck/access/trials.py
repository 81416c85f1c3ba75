"""What policies that only report would change if they were enforced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from operator import gt

from govcheck.access.effective import effective_of
from govcheck.access.model import Directory, Policy, State
from govcheck.access.personas import personas_of
from govcheck.access.ways import open_ways

_RANK = {"never": 0, "conditional": 1, "always": 2}


def people_better_protected(directory: Directory) -> Mapping[str, int]:
    """For each policy that only reports, how many people would be asked more if that one were enforced.

    People whom no enabled policy and no such policy tells apart are looked at once.
    """
    trials = [policy for policy in directory.policies if policy.state is State.REPORT_ONLY]
    sizes = {persona.people[0]: len(persona.people) for persona in personas_of(_enforced(directory, trials))}
    few = replace(directory, people={person.lower(): directory.people[person.lower()] for person in sizes})
    now = _strictness(few) if trials else {}
    found: dict[str, int] = {}
    for trial in trials:
        then = _strictness(_enforced(few, [trial]))
        better = (person for person in sizes if any(map(gt, then[person], now[person])))
        found[trial.id] = sum(sizes[person] for person in better)
    return found


def _strictness(directory: Directory) -> dict[str, tuple[int, ...]]:
    """Everything that is said of each person, as numbers that grow with what is asked."""
    ways = open_ways(directory)
    return {
        person: (
            _RANK[answer.effective_mfa],
            _RANK[answer.effective_phishing_resistant],
            _RANK[answer.device_required],
            not answer.legacy_auth_possible,
            not ways[person].device_code_without_managed_device,
            not ways[person].registration_unprotected,
            not ways[person].untrusted_network_unprotected,
            not ways[person].office365_without_managed_device,
        )
        for person, answer in effective_of(directory).items()
    }


def _enforced(directory: Directory, trials: list[Policy]) -> Directory:
    ids = {trial.id for trial in trials}
    policies = (replace(each, state=State.ENABLED) if each.id in ids else each for each in directory.policies)
    return replace(directory, policies=tuple(policies))
