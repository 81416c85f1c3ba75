"""The real program, asked in the oracle's terms: the only module here that touches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from govcheck.access import answer, directory_from_json, effective, sign_in_paths

Raw = Mapping[str, Any]

COLUMNS = ("effective_mfa", "effective_phishing_resistant", "device_required", "legacy_auth_possible")


def product_answer(tenant: Raw, scenario: Raw) -> dict[str, Any]:
    """Answer one sign-in, without the id that came with it."""
    return product_answers(tenant, [scenario])[0]


def product_answers(tenant: Raw, scenarios: Sequence[Raw]) -> list[dict[str, Any]]:
    """Answer several sign-ins to one tenant."""
    directory = directory_from_json(tenant)
    found = [dict(answer(directory, scenario)) for scenario in scenarios]
    assert [each.pop("id") for each in found] == [scenario["id"] for scenario in scenarios]
    return found


def product_effective(tenant: Raw) -> dict[str, dict[str, Any]]:
    """The four columns of every account; None for an account that the program says nothing of."""
    found = effective(directory_from_json(tenant))
    return {
        user["id"]: {name: getattr(found.get(user["id"]), name, None) for name in COLUMNS} for user in tenant["users"]
    }


def product_rows(tenant: Raw) -> list[Raw]:
    """The rows of `sign_in_paths`."""
    return list(sign_in_paths(directory_from_json(tenant)))
