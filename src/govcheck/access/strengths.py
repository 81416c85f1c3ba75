"""How strong an authentication strength is, from the combinations of methods it allows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from govcheck.access.model import Strength

_WHOLE = frozenset(
    {
        "windowsHelloForBusiness",
        "fido2",
        "x509CertificateMultiFactor",
        "federatedMultiFactor",
        "deviceBasedPush",
        "temporaryAccessPassOneTime",
        "temporaryAccessPassMultiUse",
    }
)
"""Methods that Microsoft counts as multifactor by themselves."""
_PHISHING_RESISTANT = frozenset({"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"})
"""The methods of the built-in strength of that name."""


def strength_from(raw: Mapping[str, Any]) -> Strength:
    """Judge a strength by what it allows; where Graph does not say that, by what it says it satisfies.

    One that says neither is no second factor: nobody is called safe on a guess.
    """
    combinations = [str(each) for each in raw.get("allowedCombinations") or ()]
    satisfied = raw.get("requirementsSatisfied")
    says_so = "mfa" in str(satisfied).split(",") if satisfied is not None else bool(combinations)
    mfa = says_so and all(map(_is_multifactor, combinations))
    return Strength(
        id=str(raw.get("id")),
        name=str(raw.get("displayName") or raw.get("id")),
        mfa=mfa,
        phishing_resistant=mfa and _is_phishing_resistant(combinations),
    )


def _is_multifactor(combination: str) -> bool:
    methods = {method.strip() for method in combination.split(",")}
    return len(methods) > 1 or not methods.isdisjoint(_WHOLE)


def _is_phishing_resistant(combinations: Collection[str]) -> bool:
    return bool(combinations) and all(
        not {method.strip() for method in combination.split(",")}.isdisjoint(_PHISHING_RESISTANT)
        for combination in combinations
    )
