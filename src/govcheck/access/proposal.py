"""A proposed set of policies: today's, without some, with others, as raw Graph objects say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from govcheck.access.locations import ALL, ALL_TRUSTED
from govcheck.access.model import Directory, Policy, State
from govcheck.access.reading import policy_from, strengths_in


class ProposalError(Exception):
    """A proposal that makes no sense. `key` is one of the words for commands, `params` stand in it."""

    def __init__(self, key: str, **params: object) -> None:
        """Say which words, and what stands in them."""
        super().__init__(key)
        self.key = key
        self.params = params


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The directory as it would be, and how its policies differ from today's."""

    directory: Directory
    removed: tuple[Policy, ...]
    replaced: tuple[Policy, ...]
    added: tuple[Policy, ...]
    unknown_groups: tuple[str, ...]
    """Groups that new policies name and of which nobody knows who is in them."""
    unknown_locations: tuple[str, ...]

    @property
    def off(self) -> tuple[Policy, ...]:
        """Policies of the proposal that would ask nothing yet."""
        return tuple(each for each in (*self.replaced, *self.added) if each.state is not State.ENABLED)


def propose(directory: Directory, without: Sequence[str], raw: Iterable[Mapping[str, Any]]) -> Proposal:
    """Take policies out by name or id, and put others in; one with a known id replaces that policy.

    Raises `ProposalError`.
    """
    given = [each if each.get("id") else {**each, "id": _made_up(each, at)} for at, each in enumerate(raw, start=1)]
    removed = [_find(directory.policies, name) for name in without]
    incoming = {policy.id.lower(): policy for policy in map(policy_from, given)}
    known = {policy.id.lower() for policy in directory.policies}
    gone = {policy.id for policy in removed}
    kept = [policy for policy in directory.policies if policy.id not in gone and policy.id.lower() not in incoming]
    after = tuple(sorted((*kept, *incoming.values()), key=lambda policy: policy.id))
    return Proposal(
        directory=replace(directory, policies=after, strengths={**strengths_in(given), **directory.strengths}),
        removed=tuple(policy for policy in removed if policy.id.lower() not in incoming),
        replaced=tuple(policy for id_, policy in incoming.items() if id_ in known),
        added=tuple(policy for id_, policy in incoming.items() if id_ not in known),
        unknown_groups=tuple(sorted(_unknown_groups(directory, incoming.values()))),
        unknown_locations=tuple(sorted(_unknown_locations(directory, incoming.values()))),
    )


def read_policies_in(content: Any) -> list[Mapping[str, Any]]:
    """The policies in one JSON value: an object, a list, or a page as Graph answers. Raises `ValueError`."""
    listed = content.get("value", [content]) if isinstance(content, Mapping) else content
    if not isinstance(listed, list) or not listed:
        raise ValueError("[]")
    for each in listed:
        if wrong := next(_wrong(each), None):
            raise ValueError(wrong)
    return listed


def _wrong(raw: Any) -> Iterator[str]:
    """The properties that no policy can do without, and that are not there or no such thing."""
    if not isinstance(raw, Mapping):
        yield "{}"
        return
    if not isinstance(raw.get("conditions"), Mapping):
        yield "conditions"
    if raw.get("state") not in {state.value for state in State}:
        yield "state"
    if not isinstance(raw.get("id"), str | None):
        yield "id"


def groups_named(raw: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of the groups that policies include or exclude."""
    found = (policy_from({"id": "", **each}).conditions for each in raw)
    return {group for each in found for group in each.include_people.group_ids | each.exclude_people.group_ids}


def _made_up(raw: Mapping[str, Any], at: int) -> str:
    return str(raw.get("displayName") or f"new-{at}")


def _find(policies: Sequence[Policy], name: str) -> Policy:
    wanted = name.casefold()
    found = [each for each in policies if wanted in (each.id.casefold(), each.name.casefold())]
    exact = [each for each in found if each.id.casefold() == wanted] or found
    if not exact:
        raise ProposalError("what-if-no-policy", name=name)
    if len(exact) > 1:
        raise ProposalError("what-if-two-policies", name=name, ids=", ".join(each.id for each in exact))
    return exact[0]


def _unknown_groups(directory: Directory, incoming: Iterable[Policy]) -> set[str]:
    """Groups that today's policies name have been looked up, be they empty."""
    looked_up = {group for policy in directory.policies for group in _groups(policy)} | set(directory.members or ())
    return {group for policy in incoming for group in _groups(policy)} - looked_up


def _groups(policy: Policy) -> frozenset[str]:
    return policy.conditions.include_people.group_ids | policy.conditions.exclude_people.group_ids


def _unknown_locations(directory: Directory, incoming: Iterable[Policy]) -> set[str]:
    named = {
        name
        for policy in incoming
        for name in policy.conditions.locations.include | policy.conditions.locations.exclude
    }
    return named - {ALL, ALL_TRUSTED} - set(directory.locations or ())
