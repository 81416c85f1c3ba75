"""Whether a policy matches a sign-in: every condition has to hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle_access.applications import matches_target
from oracle_access.device_filter import matches_rule
from oracle_access.people import Person, matches_users
from oracle_access.places import matches_location
from oracle_access.truth import Truth, all_of, negate

Raw = Mapping[str, Any]


def matches(tenant: Raw, policy: Raw, person: Person, scenario: Raw) -> Truth:
    """Tell whether the policy applies to this person's sign-in; None when that cannot be decided."""
    conditions = policy["conditions"]
    return all_of(
        [
            not any((conditions.get("clientApplications") or {}).values()),
            matches_users(conditions["users"], person),
            matches_target(conditions["applications"], scenario),
            _matches_client(conditions.get("clientAppTypes"), scenario),
            _matches_platform(conditions.get("platforms"), scenario),
            matches_location(tenant, conditions.get("locations"), scenario),
            _matches_level(conditions.get("signInRiskLevels"), scenario.get("signInRiskLevel")),
            _matches_level(conditions.get("userRiskLevels"), scenario.get("userRiskLevel")),
            _matches_level(_flags(conditions.get("insiderRiskLevels")), scenario.get("insiderRiskLevel")),
            _matches_device(conditions.get("devices"), scenario),
            _matches_flow(conditions.get("authenticationFlows"), scenario),
        ]
    )


def _flags(text: str | None) -> list[str]:
    return [flag.strip() for flag in text.split(",")] if text else []


def _matches_client(client_types: list[str] | None, scenario: Raw) -> bool:
    return not client_types or "all" in client_types or scenario["clientAppType"] in client_types


def _matches_platform(platforms: Raw | None, scenario: Raw) -> bool:
    if not platforms:
        return True
    included, excluded = platforms.get("includePlatforms") or ["all"], platforms.get("excludePlatforms") or []
    return _is_platform(included, scenario) and not _is_platform(excluded, scenario)


def _is_platform(names: list[str], scenario: Raw) -> bool:
    return "all" in names or scenario.get("devicePlatform") in names


def _matches_level(levels: list[str] | None, level: str | None) -> bool:
    return not levels or (level or "none") in levels


def _matches_device(devices: Raw | None, scenario: Raw) -> Truth:
    filter_ = (devices or {}).get("deviceFilter")
    if not filter_:
        return True
    met = matches_rule(filter_["rule"], scenario.get("device"))
    return met if filter_["mode"] == "include" else negate(met)


def _matches_flow(flows: Raw | None, scenario: Raw) -> bool:
    methods = [method for method in _flags((flows or {}).get("transferMethods")) if method != "none"]
    return not methods or scenario.get("authenticationFlow") in methods
