"""From raw Graph objects to the model. What is absent is no condition; what is odd matches nothing or is undecided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from govcheck.access.device_filter import parse_filter
from govcheck.access.model import (
    Conditions,
    DeviceCondition,
    Grant,
    Outsiders,
    PeopleNamed,
    Policy,
    Range,
    State,
    Strength,
    Targets,
)
from govcheck.access.strengths import strength_from

Raw = Mapping[str, Any]

USER_ACTIONS: Mapping[str, str] = {
    "urn:user:registersecurityinfo": "registerSecurityInformation",
    "urn:user:registerdevice": "registerOrJoinDevices",
}
"""User actions as policies write them, and as scenarios do."""
STRENGTH = "authenticationStrength:"


def policy_from(raw: Raw) -> Policy:
    """One Conditional Access policy."""
    return Policy(
        id=str(raw["id"]),
        name=str(raw.get("displayName") or raw["id"]),
        state=_state(raw.get("state")),
        conditions=_conditions(_part(raw, "conditions")),
        grant=_grant(_part(raw, "grantControls")),
        session_controls=tuple(sorted(_session_controls(_part(raw, "sessionControls")))),
    )


def strengths_in(policies: Iterable[Raw]) -> dict[str, Strength]:
    """The authentication strengths that came along with policies, by id in lower case."""
    found = (_part(_part(policy, "grantControls"), "authenticationStrength") for policy in policies)
    return {str(raw["id"]).lower(): strength_from(raw) for raw in found if raw.get("id")}


def _state(text: object) -> State:
    """A state we do not know cannot be relied on, so it is as good as off."""
    return next((state for state in State if state.value == text), State.DISABLED)


def _conditions(raw: Raw) -> Conditions:
    users = _part(raw, "users")
    platforms, locations = _part(raw, "platforms"), _part(raw, "locations")
    return Conditions(
        include_people=_people(users, "include"),
        exclude_people=_people(users, "exclude"),
        targets=_targets(_part(raw, "applications")),
        clients=_without(_texts(raw, "clientAppTypes"), "all"),
        platforms=Range(include=_ids(platforms, "includePlatforms"), exclude=_ids(platforms, "excludePlatforms")),
        locations=Range(include=_ids(locations, "includeLocations"), exclude=_ids(locations, "excludeLocations")),
        sign_in_risks=_texts(raw, "signInRiskLevels"),
        user_risks=_texts(raw, "userRiskLevels"),
        insider_risks=_texts(raw, "insiderRiskLevels"),
        flows=_texts(_part(raw, "authenticationFlows"), "transferMethods") - {"none"},
        device=_device(_part(_part(raw, "devices"), "deviceFilter")),
        workloads=_about_workloads(_part(raw, "clientApplications")),
    )


def _people(users: Raw, side: str) -> PeopleNamed:
    named = _texts(users, f"{side}Users")
    words = named & {"All", "None", "GuestsOrExternalUsers"}
    outsiders = _part(users, f"{side}GuestsOrExternalUsers")
    return PeopleNamed(
        words=words,
        user_ids=frozenset(name.lower() for name in named - words),
        group_ids=_ids(users, f"{side}Groups"),
        role_ids=_ids(users, f"{side}Roles"),
        outsiders=_outsiders(outsiders) if outsiders else None,
    )


def _outsiders(raw: Raw) -> Outsiders:
    tenants = _part(raw, "externalTenants")
    kind = tenants.get("membershipKind")
    return Outsiders(
        types=_texts(raw, "guestOrExternalUserTypes"),
        enumerated=bool(tenants) and kind != "all" and (kind is not None or "members" in tenants),
    )


def _targets(raw: Raw) -> Targets:
    chosen = _part(raw, "applicationFilter")
    return Targets(
        include_ids=_ids(raw, "includeApplications"),
        exclude_ids=_ids(raw, "excludeApplications"),
        filtered=bool(chosen),
        filter_excludes=str(chosen.get("mode")).lower() == "exclude",
        user_actions=frozenset(
            USER_ACTIONS.get(action.lower(), action) for action in _texts(raw, "includeUserActions")
        ),
        contexts=_ids(raw, "includeAuthenticationContextClassReferences"),
    )


def _device(raw: Raw) -> DeviceCondition | None:
    if not raw.get("rule"):
        return None
    return DeviceCondition(excludes=str(raw.get("mode")).lower() == "exclude", filter=parse_filter(str(raw["rule"])))


def _about_workloads(raw: Raw) -> bool:
    """An empty object, as some tools write it, is no condition."""
    return any(raw.get(name) for name in raw if not name.startswith("@"))


def _grant(raw: Raw) -> Grant:
    built_in = _texts(raw, "builtInControls")
    strength = _part(raw, "authenticationStrength").get("id")
    controls = {
        *built_in,
        *(f"customAuthenticationFactor:{each}" for each in _texts(raw, "customAuthenticationFactors")),
        *(f"termsOfUse:{each}" for each in _texts(raw, "termsOfUse")),
        *([f"{STRENGTH}{strength}"] if strength else []),
    }
    if "block" in controls:
        return Grant(blocks=True)
    if not controls:
        return Grant()
    if str(raw.get("operator")).upper() == "AND":
        return Grant(clauses=tuple(frozenset({control}) for control in sorted(controls)))
    return Grant(clauses=(frozenset(controls),))


def _session_controls(raw: Raw) -> Iterable[str]:
    for name, value in raw.items():
        if isinstance(value, Mapping):
            if value.get("isEnabled") is not False:
                yield name
        elif value and not name.startswith("@"):
            yield name


def _part(raw: Raw, name: str) -> Raw:
    """An object inside an object; an empty one where there is none."""
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _texts(raw: Raw, name: str) -> frozenset[str]:
    """A collection of texts, or flags, which Graph joins with commas."""
    found = raw.get(name)
    listed = found.split(",") if isinstance(found, str) else found or ()
    return frozenset(text.strip() for text in map(str, listed) if text.strip())


def _ids(raw: Raw, name: str) -> frozenset[str]:
    return frozenset(text.lower() for text in _texts(raw, name))


def _without(values: frozenset[str], everything: str) -> frozenset[str]:
    """A condition that names everything is none."""
    return frozenset() if everything in values else values
