"""How long does effective access take, and how does it grow? `python benchmarks/access.py [PEOPLE,…] [POLICIES,…]`.

Every size runs in a process of its own: the four effective columns for everybody, the three narrower questions that
rules ask (`access/ways.py`), and the first rows of `sign_in_paths`. The peer is what
one would write first: ask for every person and every sign-in of the same space what Conditional Access answers. Nobody
can wait for that, so a sample of it is timed in the same process and scaled, and the answers are held against ours: no
sampled sign-in may be open without MFA to somebody of whom we say `always`.
"""

from __future__ import annotations

import json
import platform
import random
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import Any

from govcheck.access import Directory, directory_from_json, effective, sign_in_paths
from govcheck.access.cells import Space
from govcheck.access.conditions import SignIn
from govcheck.access.effective import application_space
from govcheck.access.people import person_from
from govcheck.access.signin import decide
from govcheck.access.ways import open_ways

PEOPLE, POLICIES = (1_000, 20_000, 100_000, 500_000), (10, 30, 60)
SAMPLE = 2_000
MOST_ROWS = 20_000
GROUPS, ROLES = 40, 14
APPS = [f"00000003-0000-0ff1-ce00-0000000000{number:02}" for number in range(12)]
OFFICE, COUNTRIES = "loc-office", "loc-countries"


@dataclass(frozen=True)
class Measured:
    """What one process found."""

    people: int
    policies: int
    seconds: float
    question_seconds: float
    mebibytes: float
    cells: int
    naive_seconds: float
    rows: int
    row_seconds: float


def tenant(people: int, policies: int) -> Directory:
    """A tenant in which no two policies are alike and most people are in some group that one leaves out."""
    chance = random.Random(f"{people}/{policies}")  # noqa: S311 - invented data
    ids = [f"user-{number:06}" for number in range(people)]
    groups = {f"group-{number}": chance.sample(ids, max(1, people // 25)) for number in range(GROUPS)}
    small = directory_from_json(
        {
            "memberships": {
                name: [{"id": each, "@odata.type": "#microsoft.graph.user"} for each in inside]
                for name, inside in groups.items()
            },
            "role_assignments": [
                {"principalId": chance.choice(ids), "roleDefinitionId": f"role-{at % ROLES}", "directoryScopeId": "/"}
                for at in range(200)
            ],
            "named_locations": [
                {"id": OFFICE, "isTrusted": True, "ipRanges": [{"cidrAddress": "203.0.113.0/26"}]},
                {"id": COUNTRIES, "countriesAndRegions": ["NL", "BE"]},
            ],
            "conditional_access_policies": [_policy(number, chance) for number in range(policies)],
        }
    )
    everybody = {
        each: person_from({"id": each, "accountEnabled": True, "userType": "Guest" if number % 20 == 0 else "Member"})
        for number, each in enumerate(ids)
    }
    return Directory(
        people=everybody,
        policies=small.policies,
        members=small.members,
        holders=small.holders,
        locations=small.locations,
        strengths=small.strengths,
    )


def _policy(number: int, chance: random.Random) -> dict[str, Any]:
    everywhere = {"includeLocations": ["All"], "excludeLocations": [chance.choice(["AllTrusted", OFFICE, COUNTRIES])]}
    users: dict[str, Any] = {"includeUsers": ["All"], "excludeGroups": [f"group-{number % GROUPS}"]}
    if number % 5 == 2:
        users = {"includeGroups": [f"group-{chance.randrange(GROUPS)}" for _ in range(3)]}
    if number % 5 == 3:
        users = {"includeRoles": [f"role-{chance.randrange(ROLES)}" for _ in range(4)]}
    conditions: dict[str, Any] = {
        "users": users,
        "applications": {
            "includeApplications": chance.choice([["All"], ["All"], ["Office365"], chance.sample(APPS, 2)]),
            "excludeApplications": chance.sample(APPS, number % 3),
        },
        "clientAppTypes": chance.choice([["all"], ["all"], ["browser"], ["exchangeActiveSync", "other"]]),
    }
    extra: tuple[dict[str, Any], ...] = (
        {"locations": everywhere},
        {"platforms": {"includePlatforms": ["all"], "excludePlatforms": [chance.choice(["linux", "macOS", "iOS"])]}},
        {"signInRiskLevels": ["medium", "high"]},
        {"userRiskLevels": ["high"]},
        {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}},
        {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
        {},
        {},
    )
    conditions |= extra[number % len(extra)]
    grant = chance.choice([["mfa"], ["mfa"], ["compliantDevice", "mfa"], ["compliantDevice"], ["block"]])
    return {
        "id": f"policy-{number:02}",
        "displayName": f"Policy {number}",
        "state": "enabled",
        "conditions": conditions,
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"] if number == 0 else grant},
    }


def sampled(space: Space, chance: random.Random) -> SignIn:
    """One sign-in of the space."""
    place, device = chance.choice(space.places), chance.choice(space.devices)
    system = chance.choice(space.platforms)
    return SignIn(
        target=chance.choice(space.targets),
        client=chance.choice(space.clients),
        platform=system and system.lower(),
        address=place.address,
        country=place.country,
        sign_in_risk=chance.choice(space.risks),
        user_risk=chance.choice(space.risks),
        insider_risk=chance.choice(space.insider_risks),
        device=device.attributes,
        compliant=device.compliant,
        hybrid_joined=device.hybrid_joined,
        flow=chance.choice(space.flows),
    )


def measure(people: int, policies: int) -> Measured:
    """Everybody's answer, a sample of the naive one, and the table of paths."""
    directory = tenant(people, policies)
    start = time.perf_counter()
    found = effective(directory)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    open_ways(directory)
    question_seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    space, _ = application_space(directory)
    cells = prod(side.bit_count() for side in space.whole)
    chance = random.Random(policies)  # noqa: S311
    asked = [(chance.choice(list(islice(found, 1_000))), sampled(space, chance)) for _ in range(SAMPLE)]
    start = time.perf_counter()
    answers = [decide(directory, directory.people[person], sign_in) for person, sign_in in asked]
    naive = (time.perf_counter() - start) / SAMPLE * cells * people
    for (person, sign_in), answer in zip(asked, answers, strict=True):
        open_without = answer.mfa == "never" or (answer.mfa == "conditional" and not answer.blocked)
        reachable = all(sign_in.compliant or clause - {"compliantDevice"} for clause in answer.requires)
        if open_without and reachable and found[person].effective_mfa == "always":
            raise SystemExit(f"{person}: {sign_in} is open without MFA")
    start = time.perf_counter()
    rows = sum(1 for _ in islice(sign_in_paths(directory), MOST_ROWS))
    return Measured(people, policies, seconds, question_seconds, peak, cells, naive, rows, time.perf_counter() - start)


def main() -> None:
    """Measure every size in a process of its own and print what they say."""
    if sys.argv[1:2] == ["one"]:
        print(json.dumps(vars(measure(int(sys.argv[2]), int(sys.argv[3])))))
        return
    people = [int(each) for each in sys.argv[1].split(",")] if len(sys.argv) > 1 else PEOPLE
    policies = [int(each) for each in sys.argv[2].split(",")] if len(sys.argv) > 2 else POLICIES
    print(f"{platform.platform()}, {platform.processor() or platform.machine()}, Python {platform.python_version()}")
    print("people   policies  seconds  questions     MiB       cells  naive, scaled      ratio  rows of paths  seconds")
    for size in people:
        for count in policies:
            command = [sys.executable, __file__, "one", str(size), str(count)]
            one = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            longer = "+" if one["rows"] == MOST_ROWS else " "
            print(
                f"{size:7,}  {count:8}  {one['seconds']:7.2f}  {one['question_seconds']:9.2f}"
                f"  {one['mebibytes']:6.0f}  {one['cells']:10,}"
                f"  {one['naive_seconds'] / 86_400:8,.0f} days  {one['naive_seconds'] / one['seconds']:9.1e}"
                f"  {one['rows']:13,}{longer}  {one['row_seconds']:6.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
