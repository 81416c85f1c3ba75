"""Whether a policy applies to a sign-in, dimension by dimension. Each of these looks at one dimension alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govcheck.access.app_groups import groups_of
from govcheck.access.device_filter import Device
from govcheck.access.locations import matches_locations
from govcheck.access.model import Address, Conditions, Location, Range
from govcheck.access.truth import Truth, both, opposite, unless


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What somebody signs in to or does: exactly one of these."""

    application: str | None = None
    """appId, in lower case."""
    user_action: str | None = None
    context: str | None = None
    """In lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One sign-in, as far as Conditional Access looks at it. None is a value that the sign-in has: unknown."""

    target: Target
    client: str | None = None
    """None: not said, so that whatever names clients is undecided."""
    platform: str | None = None
    """In lower case; None for a system that Microsoft does not recognise."""
    address: Address | None = None
    country: str | None = None
    sign_in_risk: str = "none"
    user_risk: str = "none"
    insider_risk: str = "none"
    device: Device = None
    compliant: bool = False
    hybrid_joined: bool = False
    flow: str | None = None


DIMENSIONS = (
    "target",
    "client",
    "platform",
    "location",
    "sign_in_risk",
    "user_risk",
    "insider_risk",
    "device",
    "flow",
)


def judge(conditions: Conditions, sign_in: SignIn, locations: Mapping[str, Location] | None) -> Truth:
    """Whether all conditions but those about people hold."""
    return both(truth for _, truth in judge_each(conditions, sign_in, locations))


def judge_each(
    conditions: Conditions, sign_in: SignIn, locations: Mapping[str, Location] | None
) -> Iterator[tuple[str, Truth]]:
    """Each dimension, and whether its condition holds."""
    yield "target", target_holds(conditions, sign_in.target)
    yield "client", client_holds(conditions, sign_in.client)
    yield "platform", platform_holds(conditions.platforms, sign_in.platform)
    yield "location", matches_locations(conditions.locations, locations, sign_in.address, sign_in.country)
    yield "sign_in_risk", level_holds(conditions.sign_in_risks, sign_in.sign_in_risk)
    yield "user_risk", level_holds(conditions.user_risks, sign_in.user_risk)
    yield "insider_risk", level_holds(conditions.insider_risks, sign_in.insider_risk)
    yield "device", device_holds(conditions, sign_in.device)
    yield "flow", level_holds(conditions.flows, sign_in.flow)


def target_holds(conditions: Conditions, target: Target) -> Truth:
    """Whether a policy is about an application, a user action or an authentication context."""
    targets = conditions.targets
    if target.user_action is not None:
        return target.user_action in targets.user_actions
    if target.context is not None:
        return target.context in targets.contexts
    names = {str(target.application), *groups_of(str(target.application))}
    if names & targets.exclude_ids:
        return False
    included = "all" in targets.include_ids or bool(names & targets.include_ids)
    if not targets.filtered:
        return included
    # Only security attributes, which are not read, tell which applications a filter adds or leaves out.
    return False if targets.filter_excludes and not included else None


def client_holds(conditions: Conditions, client: str | None) -> Truth:
    """Whether a policy is about a kind of client."""
    if not conditions.clients:
        return True
    return None if client is None else client in conditions.clients


def platform_holds(condition: Range, platform: str | None) -> Truth:
    """Whether a policy is about a system; one that is not recognised matches `all` and no name."""
    included = not condition.include or "all" in condition.include or platform in condition.include
    return unless(included, "all" in condition.exclude or platform in condition.exclude)


def level_holds(named: frozenset[str], level: str | None) -> Truth:
    """Whether a level of risk, or a flow, is one of those named; none named is no condition."""
    return not named or level in named


def device_holds(conditions: Conditions, device: Device) -> Truth:
    """Whether a device falls under a policy's filter."""
    condition = conditions.device
    if condition is None:
        return True
    found = condition.filter.matches(device)
    return opposite(found) if condition.excludes else found
