"""From a line of scenarios to a sign-in: read strictly, so that nothing is answered that was not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from govcheck.access.conditions import SignIn, Target
from govcheck.access.device_filter import Device, attribute_name
from govcheck.access.locations import parse_address
from govcheck.access.model import Directory, Person
from govcheck.access.reading import USER_ACTIONS
from govcheck.words import text

CLIENTS = ("browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other")
PLATFORMS = ("android", "iOS", "windows", "macOS", "linux")
RISKS = ("none", "low", "medium", "high")
INSIDER_RISKS = ("none", "minor", "moderate", "elevated")
FLOWS = ("deviceCodeFlow", "authenticationTransfer")
CONTEXT, ACTION, APPLICATION = "authenticationContext", "userAction", "applicationId"

_NO_APPLICATION = frozenset({"all", "none", "office365", "microsoftadminportals"})
_HYBRID_JOINED = "serverad"


class ScenarioError(Exception):
    """A scenario that cannot be answered. The argument is a key of our words."""

    def __init__(self, key: str, **params: object) -> None:
        """Say which words, and what stands in them."""
        super().__init__(text(f"access.{key}", **params).in_lang("en"))
        self.words = text(f"access.{key}", **params)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Who signs in, and how."""

    id: Any
    user: str
    sign_in: SignIn


def read_scenario(raw: Any) -> Scenario:
    """Read one scenario. Raises `ScenarioError`."""
    if not isinstance(raw, Mapping):
        raise ScenarioError("scenario-no-object")
    user = raw.get("userId")
    if not isinstance(user, str) or not user:
        raise ScenarioError("scenario-no-user")
    device = _device(raw)
    return Scenario(
        id=raw.get("id"),
        user=user,
        sign_in=SignIn(
            target=_target(raw),
            client=_one_of(raw, "clientAppType", CLIENTS),
            platform=_platform(raw),
            address=_address(raw),
            country=_country(raw),
            sign_in_risk=_one_of(raw, "signInRiskLevel", (*RISKS, "hidden")) or "none",
            user_risk=_one_of(raw, "userRiskLevel", (*RISKS, "hidden")) or "none",
            insider_risk=_one_of(raw, "insiderRiskLevel", INSIDER_RISKS) or "none",
            device=device,
            compliant=device is not None and device.get("iscompliant") is True,
            hybrid_joined=device is not None and str(device.get("trusttype")).lower() == _HYBRID_JOINED,
            flow=_one_of(raw, "authenticationFlow", FLOWS),
        ),
    )


def find_person(directory: Directory, name: str) -> Person:
    """Somebody by id or user principal name. Raises `ScenarioError` where there is nobody."""
    found = directory.people.get(name.lower())
    if found is None and "@" in name:
        wanted = name.lower()
        found = next((each for each in directory.people.values() if (each.upn or "").lower() == wanted), None)
    if found is None:
        raise ScenarioError("unknown-user", user=name)
    return found


def _target(raw: Mapping[str, Any]) -> Target:
    given = [name for name in (APPLICATION, ACTION, CONTEXT) if raw.get(name) is not None]
    if len(given) != 1:
        raise ScenarioError("scenario-one-target", given=", ".join(given) or "-")
    value = _text(raw, given[0])
    if given[0] == ACTION:
        return Target(user_action=_one_of(raw, ACTION, tuple(USER_ACTIONS.values())))
    if given[0] == CONTEXT:
        return Target(context=str(value).lower())
    if str(value).lower() in _NO_APPLICATION:
        raise ScenarioError("scenario-group", value=value)
    return Target(application=str(value).lower())


def _platform(raw: Mapping[str, Any]) -> str | None:
    found = _one_of(raw, "devicePlatform", (*PLATFORMS, "windowsPhone"))
    return None if found is None else found.lower()


def _address(raw: Mapping[str, Any]) -> Any:
    value = _text(raw, "ipAddress")
    if value is None:
        return None
    try:
        return parse_address(value)
    except ValueError as fault:
        raise ScenarioError("scenario-address", value=value) from fault


def _country(raw: Mapping[str, Any]) -> str | None:
    value = _text(raw, "country")
    return value.upper() if value else None


def _device(raw: Mapping[str, Any]) -> Device:
    """The attributes of a registered device; None for one that is not, of which every attribute is null."""
    device = raw.get("device")
    if device is None:
        return None
    if not isinstance(device, Mapping):
        raise ScenarioError("scenario-device")
    if not isinstance(device.get("isCompliant"), bool | None):
        raise ScenarioError(
            "scenario-value", name="isCompliant", value=device["isCompliant"], known="true, false, null"
        )
    attributes = {attribute_name(str(name)): value for name, value in device.items()}
    return attributes if attributes.get("trusttype") is not None else None


def _one_of(raw: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str | None:
    """A value as we spell it, whatever its case; None where it is not given."""
    value = _text(raw, name)
    if value is None:
        return None
    for each in known:
        if each.lower() == value.lower():
            return each
    raise ScenarioError("scenario-value", name=name, value=value, known=", ".join(known))


def _text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise ScenarioError("scenario-text", name=name)
    return value
