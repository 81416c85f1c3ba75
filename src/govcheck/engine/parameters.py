"""Which value a parameter has, and where it came from: the last one that says so wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from govcheck.policy.types import Organisation, ParameterValue, Policy, Rule


@dataclass(frozen=True, slots=True)
class Parameters:
    """Values of all parameters: file default, then `Organisation`, then per unit, then `--set`."""

    policies: Mapping[str, Mapping[str, ParameterValue]]
    organisation: Mapping[str, ParameterValue]
    settings: Mapping[str, ParameterValue]
    """`policy.parameter` to the value given on the command line."""
    units: Mapping[str, Mapping[str, ParameterValue]]
    """Unit id to its overrides."""

    def of_policy(self, policy: str) -> dict[str, ParameterValue]:
        """The values that hold tenant-wide for one policy's rules."""
        return {name: self._tenant_wide(policy, name) for name in self.policies[policy]}

    def origin(self, policy: str, name: str) -> str:
        """Where the tenant-wide value comes from: `--set`, `Organisation` or `default`."""
        full = f"{policy}.{name}"
        return "--set" if full in self.settings else "Organisation" if full in self.organisation else "default"

    def threshold(self, rule: Rule, unit_and_parents: Sequence[str] = ()) -> float | None:
        """The share of a unit's rows that must pass; the nearest unit's own value wins over the tenant's."""
        if rule.at_least is None or isinstance(rule.at_least, float | int):
            return rule.at_least
        full = f"{rule.policy}.{rule.at_least}"
        if full not in self.settings:
            for unit in unit_and_parents:
                if full in self.units.get(unit, {}):
                    return float(self.units[unit][full])  # type: ignore[arg-type] # checked when the policies were read
        return float(self._tenant_wide(rule.policy, rule.at_least))  # type: ignore[arg-type]

    def _tenant_wide(self, policy: str, name: str) -> ParameterValue:
        full = f"{policy}.{name}"
        default = self.policies[policy][name]
        return self.settings.get(full, self.organisation.get(full, default))


def effective(
    policies: Sequence[Policy], organisation: Organisation | None, settings: Mapping[str, ParameterValue]
) -> Parameters:
    """The parameters of a policy set, with the organisation's and the command line's overrides."""
    return Parameters(
        policies={policy.header.id: policy.parameters for policy in policies},
        organisation=organisation.parameters if organisation else {},
        settings=settings,
        units={unit.id: unit.parameters for unit in organisation.units} if organisation else {},
    )
