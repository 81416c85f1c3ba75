"""Parameters of a policy, and the values that an organisation, a unit or the command line puts in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from govcheck.diagnostics import Diagnostic, GovcheckError, error, nearest
from govcheck.expr import ExpressionFaults, compile_expression
from govcheck.expr.checker import parameter_type
from govcheck.model import Span, Text
from govcheck.policy.documents import Faults
from govcheck.policy.header import read_value
from govcheck.policy.types import ParameterValue, Policy, Rule
from govcheck.source import Node, load
from govcheck.words import text as words


@dataclass(frozen=True, slots=True)
class Override:
    """A value for `policy.parameter`; `key` is where a file names it, None on the command line."""

    name: str
    node: Node
    key: Node | None

    @property
    def name_span(self) -> Span | None:
        """The place of the name."""
        return self.key.span if self.key is not None else None

    @property
    def span(self) -> Span | None:
        """The place of the value, or of the name where there is no value."""
        return self.node.span if self.key is not None and self.node.end > self.node.start else self.name_span


class Parameters:
    """The parameters of the policies in a set, by `policy.parameter`."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        """Know the parameters of `policies`."""
        self.policies = {policy.header.id: policy for policy in policies}

    @property
    def names(self) -> tuple[str, ...]:
        """Every parameter that can be given another value."""
        return tuple(f"{policy}.{name}" for policy, found in self.policies.items() for name in found.parameters)

    def accept(self, override: Override, *, per_unit: bool = False) -> ParameterValue | Diagnostic:
        """Check one override: its value as the default's type, or what is wrong."""
        owner, _, name = override.name.rpartition(".")
        policy = self.policies.get(owner)
        if policy is None or name not in policy.parameters:
            return error("unknown-parameter", override.name_span, helps=self._helps(override.name), name=override.name)
        default = policy.parameters[name]
        value = _typed(override.node, default)
        if value is None:
            return error("override-type", override.span, key=f"override-{parameter_type(default)}", name=override.name)
        return self._fault(policy, name, value, override, per_unit=per_unit) or value

    def _helps(self, name: str) -> tuple[Text, ...]:
        close = nearest(name, self.names)
        return (words("diagnostics.help-did-you-mean", name=close),) if close else ()

    def _fault(
        self, policy: Policy, name: str, value: ParameterValue, override: Override, *, per_unit: bool
    ) -> Diagnostic | None:
        shares = [rule for rule in policy.rules if rule.at_least == name]
        if shares and not is_share(value):
            return error("not-a-share", override.span, name=override.name)
        used = list(_expression_uses(policy, name))
        if per_unit and used:
            rule, key = used[0]
            place = ((rule.span, words("diagnostics.used-here")),)
            return error(
                "unit-override", override.name_span, related=place, name=override.name, rule=rule.id, where=key
            )
        for rule, key in used if isinstance(value, str) else ():  # a pattern or a time may be none
            problem = _unfit(rule, key, {**policy.parameters, name: value})
            if problem is not None:
                return error("override-unfit", override.span, helps=(problem,), name=override.name, rule=rule.id)
        return None


def is_share(value: ParameterValue) -> bool:
    """Whether a value can be the share of rows that must pass."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def read_overrides(
    node: Node | None, parameters: Parameters, faults: Faults, *, per_unit: bool = False
) -> dict[str, ParameterValue]:
    """The overrides of an `Organisation` or of one of its units; those at fault are left out."""
    accepted: dict[str, ParameterValue] = {}
    if node is None:
        return accepted
    for name, child in node.items():
        if "." not in name:  # its schema has said so
            continue
        value = parameters.accept(Override(name, child, node.keys[name]), per_unit=per_unit)
        if isinstance(value, Diagnostic):
            faults.hard.append(value)
        else:
            accepted[name] = value
    return accepted


def parse_settings(assignments: Sequence[str], policies: Sequence[Policy]) -> dict[str, ParameterValue]:
    """Read `policy.parameter=value` as the command line takes it; the value is YAML, typed by the default.

    Raises `GovcheckError` with everything that is wrong.
    """
    parameters = Parameters(policies)
    accepted: dict[str, ParameterValue] = {}
    faults: list[Diagnostic] = []
    for assignment in assignments:
        name, equals, written = assignment.partition("=")
        nodes, problems = load("--set", written.encode())
        if not equals or problems or len(nodes) > 1:
            faults.append(error("bad-setting", None, setting=assignment))
            continue
        node = nodes[0]
        value = parameters.accept(Override(name.strip(), node, None))
        if isinstance(value, Diagnostic):
            faults.append(value)
        else:
            accepted[name.strip()] = value
    if faults:
        raise GovcheckError(*faults)
    return accepted


def _typed(node: Node, default: ParameterValue) -> ParameterValue | None:
    """The value of a node if it has the type of `default`."""
    kind = parameter_type(default)
    if kind == "text" and not isinstance(node.value, dict | list | None) and node.style is None:
        return node.written
    value = read_value(node)
    if value is None:
        return None
    given = parameter_type(value)
    empty = value == () and kind in ("list", "numbers")
    return value if given == kind or empty else None


def _expression_uses(policy: Policy, name: str) -> Iterator[tuple[Rule, str]]:
    for rule in policy.rules:
        for key, expression in (("where", rule.where), ("expect", rule.expect)):
            if expression is not None and name in expression.parameters:
                yield rule, key


def _unfit(rule: Rule, key: str, parameters: Mapping[str, ParameterValue]) -> Text | None:
    """What the expression has against these values, such as a pattern that is none."""
    expression = rule.where if key == "where" else rule.expect
    if expression is None:
        return None
    try:
        compile_expression(expression.text, rule.checked, parameters)
    except ExpressionFaults as problem:
        return problem.faults[0].message
    return None
