"""Which rules a run is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from govcheck.diagnostics import GovcheckError, error, nearest
from govcheck.model import Severity, Text, Unit
from govcheck.policy.types import PolicySet, Rule
from govcheck.words import text


def select_rules(
    policies: PolicySet, select: Sequence[str], ignore: Sequence[str], min_severity: Severity | None
) -> tuple[Rule, ...]:
    """The rules that `select` names by id, pack or tag (all without it), less `ignore`, at `min_severity` or worse.

    Raises `GovcheckError` for a name that means nothing and when no rule is left: a check of nothing is no check.
    """
    faults = [
        error(
            "unknown-selection",
            None,
            key="engine.unknown-selection",
            name=name,
            helps=_suggest(name, policies),
        )
        for name in (*select, *ignore)
        if not any(name in _names(rule) for rule in policies.rules)
    ]
    if faults:
        raise GovcheckError(*faults)
    chosen = tuple(
        rule
        for rule in policies.rules
        if (not select or _names(rule) & set(select))
        and not _names(rule) & set(ignore)
        and (min_severity is None or rule.severity.at_least(min_severity))
    )
    if not chosen:
        raise GovcheckError(
            error(
                "nothing-selected",
                None,
                key="engine.nothing-selected",
                helps=(text("engine.help-list-rules"),),
            )
        )
    return chosen


def asked_for(policies: PolicySet, select: Iterable[str]) -> set[str]:
    """The packs of which `select` names the pack itself or a rule or tag in it."""
    wanted = set(select)
    return {rule.policy for rule in policies.rules if _names(rule) & wanted}


def _names(rule: Rule) -> set[str]:
    return {rule.id, rule.policy, *rule.tags}


def _suggest(name: str, policies: PolicySet) -> tuple[Text, ...]:
    near = nearest(name, {known for rule in policies.rules for known in _names(rule)})
    return (text("engine.help-did-you-mean", name=near),) if near else (text("engine.help-list-rules"),)


def find_unit(units: Iterable[Unit], name: str) -> str:
    """The id of the unit with this id or this exact name, whatever the case. Raises `GovcheckError` otherwise."""
    listed = list(units)
    wanted = name.casefold()
    by_id = [unit.id for unit in listed if unit.id.casefold() == wanted]
    found = by_id or [unit.id for unit in listed if unit.name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        helps = (text("engine.help-ids", ids=", ".join(sorted(found))),)
        raise GovcheckError(error("ambiguous-team", None, key="engine.ambiguous-team", name=name, helps=helps))
    near = nearest(name, [known for unit in listed for known in (unit.id, unit.name)])
    helps = (text("engine.help-did-you-mean", name=near),) if near else (text("engine.help-list-teams"),)
    raise GovcheckError(error("unknown-team", None, key="engine.unknown-team", name=name, helps=helps))
