"""Every sign-in of a small tenant, and what follows from all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from oracle_access.applications import AZURE_MANAGEMENT, GROUPS, USER_ACTIONS
from oracle_access.device_states import device_states
from oracle_access.evaluator import DEVICE_CONTROLS, LEGACY, answer_for, choices, grade, is_phishing_resistant
from oracle_access.people import find_person
from oracle_access.places import addresses_around, is_within
from oracle_access.pools import seeded

Raw = Mapping[str, Any]
Signin = dict[str, Any]

UNREFERENCED = "f0000000-0000-4000-8000-00000000000f"
CLIENTS = ("browser", "mobileAppsAndDesktopClients", *LEGACY)
PLATFORMS = ("android", "iOS", "windows", "macOS", "linux", None)
LEVELS = ("none", "low", "medium", "high")
INSIDER_LEVELS = ("none", "minor", "moderate", "elevated")
FLOWS = (None, "deviceCodeFlow", "authenticationTransfer")


def signins(tenant: Raw, user_id: str, *, only_applications: bool = False) -> Iterator[Signin]:
    """Every sign-in of the space, one per combination of values; what no policy names has one value."""
    dimensions: dict[str, Sequence[Any]] = {
        "clientAppType": CLIENTS,
        "devicePlatform": PLATFORMS if _is_named(tenant, "platforms") else PLATFORMS[-1:],
        "place": _places(tenant),
        "signInRiskLevel": LEVELS if _is_named(tenant, "signInRiskLevels") else LEVELS[:1],
        "userRiskLevel": LEVELS if _is_named(tenant, "userRiskLevels") else LEVELS[:1],
        "insiderRiskLevel": INSIDER_LEVELS if _is_named(tenant, "insiderRiskLevels") else INSIDER_LEVELS[:1],
        "device": device_states(tenant),
        "authenticationFlow": FLOWS if _is_named(tenant, "authenticationFlows") else FLOWS[:1],
    }
    targets = _applications(tenant) if only_applications else [*_applications(tenant), *_other_targets(tenant)]
    for target, *values in product(targets, *dimensions.values()):
        signin = {"userId": user_id, **target, **dict(zip(dimensions, values, strict=True))}
        signin["ipAddress"], signin["country"] = signin.pop("place")
        yield signin


def sample(tenant: Raw, user_id: str, most: int) -> list[Signin]:
    """Draw some of somebody's sign-ins, always the same ones."""
    space = list(signins(tenant, user_id))
    return seeded(most).sample(space, min(most, len(space)))


def _policies(tenant: Raw) -> list[Raw]:
    return [policy for policy in tenant["conditional_access_policies"] if policy["state"] == "enabled"]


def _conditions(tenant: Raw, name: str) -> list[Any]:
    return [policy["conditions"][name] for policy in _policies(tenant) if policy["conditions"].get(name)]


def _is_named(tenant: Raw, condition: str) -> bool:
    return bool(_conditions(tenant, condition))


def _applications(tenant: Raw) -> list[Signin]:
    """Applications by id, one that nobody names, and a member of each group named."""
    applications = _conditions(tenant, "applications")
    names = {name for each in applications for side in ("include", "exclude") for name in each[f"{side}Applications"]}
    ids = (names - {"All", "None", *GROUPS}) | {UNREFERENCED}
    ids |= {AZURE_MANAGEMENT} if tenant["security_defaults"]["isEnabled"] else set()
    for group in names & GROUPS.keys():
        ids |= set([member for member in GROUPS[group] if member not in names][:1])
    return [{"applicationId": id_} for id_ in sorted(ids)]


def _other_targets(tenant: Raw) -> list[Signin]:
    """Both user actions, and the authentication contexts that policies name."""
    applications = _conditions(tenant, "applications")
    contexts = {name for each in applications for name in each["includeAuthenticationContextClassReferences"]}
    actions = [{"userAction": action} for action in USER_ACTIONS]
    return [*actions, *({"authenticationContext": context} for context in sorted(contexts))]


def _places(tenant: Raw) -> list[tuple[str | None, str | None]]:
    """Pairs of an address and a country; of those that lie in the same named locations one is enough."""
    if not _is_named(tenant, "locations"):
        return [(None, None)]
    places = tenant["named_locations"]
    ranges = [range_ for place in places for range_ in place.get("ipRanges", [])]
    countries = {country for place in places for country in place.get("countriesAndRegions", [])}
    pairs = product([None, *addresses_around(ranges)], [None, "ZZ", *sorted(countries)])
    alike: dict[tuple[bool, ...], tuple[str | None, str | None]] = {}
    for address, country in pairs:
        signin = {"ipAddress": address, "country": country}
        alike.setdefault(tuple(is_within(place, signin) for place in places), (address, country))
    return list(alike.values())


def effective(tenant: Raw) -> dict[str, dict[str, Any]]:
    """The four columns of every account, read off all its sign-ins; None for disabled accounts."""
    return {user["id"]: _effective_of(tenant, user) for user in tenant["users"]}


def _effective_of(tenant: Raw, user: Raw) -> dict[str, Any]:
    names = ("effective_mfa", "effective_phishing_resistant", "device_required", "legacy_auth_possible")
    if not user.get("accountEnabled"):
        return dict.fromkeys(names)
    mfa, resistant, device, legacy = set(), set(), set(), False
    person = find_person(tenant, user["id"])
    for signin in signins(tenant, user["id"], only_applications=True):
        answered = answer_for(tenant, person, signin)
        if not _is_open(answered, signin):
            continue
        requires = answered["requires"]
        mfa.add(answered["mfa"])
        resistant.add(grade(requires, lambda control: is_phishing_resistant(tenant, control), signin))
        device.add("always" if any(set(clause) <= set(DEVICE_CONTROLS) for clause in requires) else "never")
        legacy = legacy or signin["clientAppType"] in LEGACY
    return dict(zip(names, (_together(mfa), _together(resistant), _together(device), legacy), strict=True))


def _is_open(answered: Raw, signin: Raw) -> bool:
    return answered["outcome"] != "block" and any(True for _ in choices(answered["requires"], signin))


def _together(grades: Iterable[str]) -> str:
    """All paths alike say it for all of them; no path at all is as good as always."""
    seen = set(grades) or {"always"}
    return seen.pop() if len(seen) == 1 else "conditional"
