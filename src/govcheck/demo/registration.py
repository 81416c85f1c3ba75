"""Which sign-in methods people have registered, as Entra's report tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

from govcheck.demo.basis import TAKEN_AT, Resource, ago, chance, fine_stamp
from govcheck.demo.blueprint import TeamPlan
from govcheck.demo.people import Person

_PUSH = ("microsoftAuthenticatorPush", "softwareOneTimePasscode")
_PHONE = ("mobilePhone",)
_PASSKEY = ("passKeyDeviceBound",)
_HELLO = ("windowsHelloForBusiness",)
_HABITS = (_PUSH, _PUSH + _PHONE, _PUSH + _HELLO, _PUSH + _PASSKEY, _PHONE)
_HABIT_WEIGHTS = (45, 30, 15, 6, 4)


def register(
    accounts: Sequence[Person], plans: Sequence[TeamPlan], admins: frozenset[str], seed: int
) -> list[Resource]:
    """Write a row for every enabled account; who started since yesterday is not in the report yet."""
    rng = chance(seed, "registration")
    lacking = _without_mfa(accounts, plans)
    reported = (
        person
        for person in accounts
        if person.enabled and person.kind != "mailbox" and (person.hired is None or person.hired < ago(1.5))
    )
    return [
        _row(person, () if person.id in lacking else _methods(person, rng), rng, admin=person.id in admins)
        for person in reported
    ]


def _without_mfa(accounts: Sequence[Person], plans: Sequence[TeamPlan]) -> frozenset[str]:
    """Who never set anything up: as many people of each team as planned, its lead not among them."""
    left = Counter({plan.key: plan.without_mfa for plan in plans})

    def chosen() -> Iterator[str]:
        for person in accounts:
            if person.team and person.enabled and not person.leads and left[person.team] > 0:
                left[person.team] -= 1
                yield person.id

    return frozenset(chosen())


def _methods(person: Person, rng: Random) -> tuple[str, ...]:
    if person.kind == "break_glass":
        return _PASSKEY
    if person.kind == "service" or person.pending or (person.hired and person.hired > ago(7)):
        return ()
    if person.kind == "guest":
        return rng.choices((_PUSH, _PHONE), (90, 10))[0]
    return rng.choices(_HABITS, _HABIT_WEIGHTS)[0]


def _row(person: Person, methods: tuple[str, ...], rng: Random, *, admin: bool) -> Resource:
    registered = bool(methods)
    preferred = "push" if methods[:1] == _PUSH[:1] else "sms" if methods == _PHONE else "none"
    employee = person.kind == "employee"
    return {
        "id": person.id,
        "userPrincipalName": person.upn,
        "userDisplayName": person.name,
        "userType": "guest" if person.kind == "guest" else "member",
        "isAdmin": admin,
        "isSsprRegistered": registered and employee,
        "isSsprEnabled": employee,
        "isSsprCapable": registered and employee,
        "isMfaRegistered": registered,
        "isMfaCapable": registered,
        "isPasswordlessCapable": any(method in methods for method in _PASSKEY + _HELLO),
        "methodsRegistered": list(methods),
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": [preferred] if preferred != "none" else [],
        "userPreferredMethodForSecondaryAuthentication": preferred,
        "lastUpdatedDateTime": fine_stamp(TAKEN_AT - timedelta(seconds=rng.uniform(20_000, 80_000))),
    }
