"""The devices that somebody may sign in from, as far as a tenant's policies can tell them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import combinations, product
from typing import Any

from oracle_access.device_filter import matches_rule

Device = dict[str, Any] | None

_COMPARISON = re.compile(r"""device\.(\w+)\s+-(\w+)\s+(\[[^\]]*\]|"[^"]*"|'[^']*'|\w+)""")
_LITERAL = re.compile(r""""([^"]*)"|'([^']*)'|(\w+)""")
_WHOLE = ("eq", "ne", "in", "notin")


def device_states(tenant: Mapping[str, Any]) -> list[Device]:
    """No device, and registered ones; of those that every filter and every control treats alike one is enough."""
    rules = _rules(tenant)
    values = {name: _values(name, rules) for name in _attributes(rules)}
    values |= {"isCompliant": [True, False], "trustType": ["AzureAd", "ServerAd", "Workplace"]}
    registered = [dict(zip(values, each, strict=True)) for each in product(*values.values())]
    alike: dict[tuple[Any, ...], Device] = {}
    for device in (None, *registered):
        controls = device and (device["isCompliant"], device["trustType"] == "ServerAd")
        alike.setdefault((controls, *(matches_rule(rule, device) for rule in rules)), device)
    return list(alike.values())


def _rules(tenant: Mapping[str, Any]) -> list[str]:
    policies = [policy for policy in tenant["conditional_access_policies"] if policy["state"] == "enabled"]
    filters = [(policy["conditions"].get("devices") or {}).get("deviceFilter") for policy in policies]
    return [filter_["rule"] for filter_ in filters if filter_]


def _attributes(rules: Iterable[str]) -> list[str]:
    return sorted({name for rule in rules for name, _, _ in _COMPARISON.findall(rule)})


def _values(attribute: str, rules: Iterable[str]) -> list[Any]:
    """Values that meet one comparison, several at once, or none."""
    compared = [found for rule in rules for found in _COMPARISON.findall(rule) if found[0] == attribute]
    literals = sorted({"".join(found) for _, _, text in compared for found in _LITERAL.findall(text)})
    if attribute in ("physicalIds", "systemLabels"):
        return [list(each) for size in range(len(literals) + 1) for each in combinations(literals, size)]
    lengths = (1,) if all(operator.lower() in _WHOLE for _, operator, _ in compared) else (1, 2, 3)
    return ["".join(parts) for length in lengths for parts in product(["~", *literals], repeat=length)]
