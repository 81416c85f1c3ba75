"""Why a policy applies to a sign-in or does not: the first thing that decides it, for people to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from govcheck.access.app_groups import spelled
from govcheck.access.conditions import SignIn, platform_holds, target_holds
from govcheck.access.device_filter import spelled_attribute
from govcheck.access.locations import ALL, matches_locations
from govcheck.access.model import Conditions, Directory, Person, Policy
from govcheck.access.people import named_as
from govcheck.access.scenarios import PLATFORMS
from govcheck.access.signin import Answer, Judgement, answer_from, defaults_for, judge_all
from govcheck.access.truth import Truth

_GRAPH_SPELLS = {name.lower(): name for name in ("All", "AllTrusted", *PLATFORMS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What decided about a policy: a key of our words, and the values that stand in them."""

    key: str
    value: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One policy, whether it applies, and why."""

    policy: Policy
    applies: Truth
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One answer and how it came about, policy by policy."""

    person: Person
    sign_in: SignIn
    answer: Answer
    policies: tuple[Explained, ...]
    defaults: Truth

    def as_dict(self) -> dict[str, Any]:
        """The answer under its contract names, with every policy that was looked at."""
        return {
            **self.answer.as_dict(),
            "policies": [
                {
                    "id": each.policy.id,
                    "name": each.policy.name,
                    "state": each.policy.state.value,
                    "applies": each.applies,
                    "why": [{"reason": why.key, "value": why.value, "named": why.named} for why in each.why],
                }
                for each in self.policies
            ],
        }


def explain(directory: Directory, person: Person, sign_in: SignIn) -> Explanation:
    """Answer one sign-in and tell of every policy why it applies or does not."""
    judgements = judge_all(directory, person, sign_in)
    defaults = defaults_for(directory, person, sign_in)
    return Explanation(
        person=person,
        sign_in=sign_in,
        answer=answer_from(directory, judgements, defaults, sign_in),
        policies=tuple(
            Explained(policy=each.policy, applies=each.applies, why=tuple(_why(each, directory, person, sign_in)))
            for each in judgements
        ),
        defaults=defaults.on,
    )


def _why(judgement: Judgement, directory: Directory, person: Person, sign_in: SignIn) -> Iterator[Why]:
    """What makes it false where anything does; else what cannot be decided; else whom it is about."""
    applies = judgement.applies
    if judgement.person is applies:
        yield from _about(judgement.policy, directory, person, applies)
    if applies is True:
        return
    for name, truth in judgement.conditions:
        if truth is applies:
            yield _condition(name, truth, judgement.policy, directory, sign_in)


def _about(policy: Policy, directory: Directory, person: Person, applies: Truth) -> Iterator[Why]:
    conditions = policy.conditions
    if conditions.workloads:
        yield Why(key="workloads")
        return
    for key, side in (("excluded", conditions.exclude_people), ("included", conditions.include_people)):
        for truth, how, name in named_as(side, person, directory):
            if truth is True and (key == "included") is (applies is True):
                yield Why(key=f"{key}-{how}", value=name)
                return
            if truth is None and applies is None:
                yield Why(key=f"undecided-{how}", value=name)
                return
    if applies is False:
        yield Why(key="not-named")


def _condition(name: str, truth: Truth, policy: Policy, directory: Directory, sign_in: SignIn) -> Why:
    value = _value(name, sign_in)
    if truth is False:
        include, exclude = _named(name, policy.conditions, directory)
        left_out = bool(exclude) and _is_included(name, policy.conditions, directory, sign_in) is not False
        key = f"left-out-{name}" if left_out else f"not-{name}"
        return Why(key=key, value=value, named=", ".join(sorted(exclude if left_out else include)))
    named = ""
    if name == "location":
        mentioned = policy.conditions.locations.include | policy.conditions.locations.exclude
        named = ", ".join(sorted(mentioned - (directory.locations or {}).keys() - {ALL}))
    if name == "device" and policy.conditions.device is not None:
        named = policy.conditions.device.filter.rule
        asked = {each.attribute for each in policy.conditions.device.filter.comparisons()}
        value = ", ".join(sorted(map(spelled_attribute, asked - (sign_in.device or {}).keys())))
    return Why(key=f"undecided-{name}", value=value, named=named)


def _is_included(name: str, conditions: Conditions, directory: Directory, sign_in: SignIn) -> Truth:
    """Whether a condition would hold if it left nothing out."""
    match name:
        case "target":
            included = replace(conditions.targets, exclude_ids=frozenset(), filtered=False)
            return target_holds(replace(conditions, targets=included), sign_in.target)
        case "platform":
            return platform_holds(replace(conditions.platforms, exclude=frozenset()), sign_in.platform)
        case "location":
            included_places = replace(conditions.locations, exclude=frozenset())
            return matches_locations(included_places, directory.locations, sign_in.address, sign_in.country)
    return False


def _value(name: str, sign_in: SignIn) -> str:
    """What a sign-in has in one dimension; empty where it has nothing."""
    target = sign_in.target
    values = {
        "target": target.application or target.user_action or target.context,
        "client": sign_in.client,
        "platform": sign_in.platform,
        "location": " / ".join(filter(None, (str(sign_in.address or ""), sign_in.country))),
        "sign_in_risk": sign_in.sign_in_risk,
        "user_risk": sign_in.user_risk,
        "insider_risk": sign_in.insider_risk,
        "flow": sign_in.flow,
    }
    return _spelled(values.get(name) or "")


def _spelled(word: str) -> str:
    """A word as Graph spells it, where we keep it in lower case."""
    return _GRAPH_SPELLS.get(word, word)


def _all_spelled(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(_spelled, words))


def _named(name: str, conditions: Conditions, directory: Directory) -> tuple[frozenset[str], frozenset[str]]:
    """What a policy includes and excludes in one dimension, by names that people know where there are any."""
    match name:
        case "target":
            targets = conditions.targets
            named = targets.include_ids | targets.user_actions | targets.contexts
            return frozenset(map(spelled, named)), frozenset(map(spelled, targets.exclude_ids))
        case "client":
            return conditions.clients, frozenset()
        case "platform":
            return _all_spelled(conditions.platforms.include), _all_spelled(conditions.platforms.exclude)
        case "location":
            known = {key: place.name for key, place in (directory.locations or {}).items()}
            sides = (conditions.locations.include, conditions.locations.exclude)
            include, exclude = (frozenset(known.get(key, _spelled(key)) for key in side) for side in sides)
            return include, exclude
        case "device":
            return frozenset({conditions.device.filter.rule} if conditions.device else ()), frozenset()
        case "flow":
            return conditions.flows, frozenset()
    levels = {
        "sign_in_risk": conditions.sign_in_risks,
        "user_risk": conditions.user_risks,
        "insider_risk": conditions.insider_risks,
    }
    return levels[name], frozenset()
