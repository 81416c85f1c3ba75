"""When accounts last signed in."""

# ruff: noqa: PLR2004 (shares of an invented population)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from govcheck.demo.basis import Resource, ago, chance, guid, stamp
from govcheck.demo.people import Person


def record_sign_ins(accounts: Sequence[Person], seed: int) -> Mapping[str, Resource]:
    """Write by account id what `signInActivity` adds to the user; for who never signed in that is nothing."""
    rng = chance(seed, "sign-ins")
    since = ((person, _days_since(person, rng)) for person in accounts)
    return {person.id: {} if days is None else {"signInActivity": _activity(person, days)} for person, days in since}


def _days_since(person: Person, rng: Random) -> float | None:
    """Draw how long ago somebody signed in: most today or this week, a few not for months, some never."""
    fate, days = rng.random(), rng.uniform(0.05, 6)
    match person.kind:
        case "mailbox":
            return None
        case "service":
            return days / 6
        case "break_glass":
            return 150 + days
        case "guest":
            return None if person.pending or fate < 0.05 else days * days * (10 if fate < 0.4 else 1)
        case "employee" if not person.enabled:
            return 30 + 15 * days
        case "employee":
            return None if fate < 0.005 else 90 + 60 * days if fate < 0.03 else days


def _activity(person: Person, days: float) -> Resource:
    """Write one activity, no older than the account. A machine signs in without anybody present."""
    last = stamp(max(ago(days), person.created))
    request = guid("sign-in", person.upn)
    alone = person.kind == "service"
    return {
        "lastSignInDateTime": None if alone else last,
        "lastSignInRequestId": None if alone else request,
        "lastNonInteractiveSignInDateTime": last,
        "lastNonInteractiveSignInRequestId": request,
        "lastSuccessfulSignInDateTime": last,
        "lastSuccessfulSignInRequestId": request,
    }
