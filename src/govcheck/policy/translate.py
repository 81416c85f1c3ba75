"""What a JSON Schema validator says, in plain words at the exact place, once per root cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from govcheck.diagnostics import Diagnostic, error, nearest
from govcheck.model import Span, Text
from govcheck.policy.schema import patterns, validator
from govcheck.source import Node
from govcheck.words import text as words

if TYPE_CHECKING:
    from jsonschema import ValidationError

Path = tuple[str | int, ...]
"""Where a problem stands, as keys and indices from the document's root."""

_MOST_LISTED = 20
_SOFT = ("exception-without-expiry", "unknown-letter")
_LONGEST_QUOTED = 60


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """A fault of form. A `soft` one is about meaning: the document can still be read."""

    diagnostic: Diagnostic
    path: Path
    soft: bool = False


def schema_faults(document: Node, kind: str) -> list[SchemaFault]:
    """Everything in which a document departs from its kind's schema."""
    keys: dict[Path, list[ValidationError]] = defaultdict(list)
    values: list[ValidationError] = []
    for problem in _flattened(validator(kind).iter_errors(document.plain())):
        if problem.validator in ("additionalProperties", "required"):
            keys[tuple(problem.absolute_path)].append(problem)
        else:
            values.append(problem)
    found = [(fault, path) for path, problems in keys.items() for fault in _key_faults(document.at(path), problems)]
    misspelt = {path for path, problems in keys.items() if _refuses_keys(problems)}
    found += [
        (_translated(problem, document), tuple(problem.absolute_path))
        for problem in values
        # A misspelt language is no missing language besides.
        if not (problem.context and tuple(problem.absolute_path) in misspelt)
    ]
    return [SchemaFault(diagnostic, path, diagnostic.code in _SOFT) for diagnostic, path in found]


def _flattened(problems: Any) -> Iterator[ValidationError]:
    """The problems, with each choice replaced by those of the branch that the value's type chose."""
    for problem in problems:
        branch = _chosen_branch(problem) if problem.validator in ("anyOf", "oneOf") else []
        yield from _flattened(branch) if branch else (problem,)


def _chosen_branch(problem: ValidationError) -> list[ValidationError]:
    branches: dict[Any, list[ValidationError]] = defaultdict(list)
    for inner in problem.context or ():
        branches[inner.schema_path[0]].append(inner)
    fitting = [
        branch
        for branch in branches.values()
        if not any(inner.validator in ("type", "required") and not inner.path for inner in branch)
    ]
    return fitting[0] if fitting else []


# Keys


def _key_faults(mapping: Node, problems: list[ValidationError]) -> Iterator[Diagnostic]:
    """Unknown and missing keys of one mapping: a misspelt key is not missing besides."""
    schema: dict[str, Any] = dict(problems[0].schema)  # type: ignore[arg-type]
    known = list(schema.get("properties", {}))
    missing = [key for problem in problems if problem.validator == "required" for key in _missing(problem)]
    unknown = [key for key in mapping.keys if key not in known and not key.startswith("x-")]
    if not _refuses_keys(problems):
        unknown = [key for key in unknown if nearest(key, missing) is not None]
    for key in unknown:
        meant = nearest(key, missing) or nearest(key, [name for name in known if name not in mapping.keys])
        if meant in missing:
            missing.remove(meant)
        yield error("unknown-key", mapping.keys[key].span, helps=_key_helps(meant, known), name=key)
    for key in dict.fromkeys(missing):
        code = "exception-without-expiry" if key == "expires" else "missing-key"
        yield error(code, place_of(mapping), name=key)


def _refuses_keys(problems: list[ValidationError]) -> bool:
    return any(problem.validator == "additionalProperties" for problem in problems)


def _missing(problem: ValidationError) -> list[str]:
    present = problem.instance if isinstance(problem.instance, dict) else {}
    return [str(key) for key in problem.validator_value if key not in present]  # type: ignore[union-attr]


def _key_helps(meant: str | None, known: list[str]) -> tuple[Text, ...]:
    if meant is not None:
        return (words("diagnostics.help-did-you-mean", name=meant),)
    return (words("diagnostics.help-keys", names=listed(known)),)


def place_of(mapping: Node) -> Span:
    """Where to point for a mapping as a whole: at its id, else at its first key."""
    name = mapping.get("id")
    if name is not None and isinstance(name.value, str):
        return name.span
    return next((key.span for key in mapping.keys.values()), mapping.span)


# Values


def _translated(problem: ValidationError, document: Node) -> Diagnostic:
    path = list(problem.absolute_path)
    node = document.at(path)
    if "propertyNames" in problem.absolute_schema_path:
        return error("bad-name", node.keys[str(problem.instance)].span, name=problem.instance, key=_name_key(path))
    span = value_span(document, path)
    if node.value is None:
        return error("no-value", span)
    match problem.validator:
        case "type" | "anyOf" if _wanted_types(problem):
            return _wrong_type(node, span, _wanted_types(problem))
        case "enum" | "const":
            return _unknown_value(problem, node, span)
        case "pattern" | "format":
            return _malformed(problem, node, span)
        case "minimum" | "maximum":
            return error("out-of-range", span, key=f"out-of-range-{problem.validator}", limit=problem.validator_value)
        case "anyOf" | "oneOf":
            return _one_of(problem, node)
        case "not":
            return error("reserved-id", span, name=node.value)
        case _:
            return error("bad-value", span, key=f"bad-value-{problem.validator}", limit=problem.validator_value)


def value_span(document: Node, path: list[str | int]) -> Span:
    """The place of a value, or of its key where the value is empty or goes on for lines."""
    node = document.at(path)
    span = node.span
    if path and (node.end == node.start or span.end_line > span.line):
        key = document.at(path[:-1]).keys.get(str(path[-1]))
        return key.span if key is not None else span
    return span


def _wanted_types(problem: ValidationError) -> tuple[str, ...]:
    if problem.validator == "type":
        return (str(problem.validator_value),)
    branches: list[dict[str, Any]] = problem.validator_value  # type: ignore[assignment]
    return tuple(str(branch["type"]) for branch in branches if "type" in branch)


def _wrong_type(node: Node, span: Span, wanted: tuple[str, ...]) -> Diagnostic:
    helps: tuple[Text, ...] = ()
    if "string" in wanted and not isinstance(node.value, dict | list):
        helps = (words("diagnostics.help-quote-value", value=node.written),)
    return error("wrong-type", span, key="must-be-" + "-".join(wanted), helps=helps)


def _unknown_value(problem: ValidationError, node: Node, span: Span) -> Diagnostic:
    const = problem.validator == "const"
    allowed = [problem.validator_value] if const else list(problem.validator_value)  # type: ignore[arg-type]
    names = [str(value) for value in allowed]
    path = problem.absolute_path
    code = {"check": "unknown-table", "apiVersion": "unknown-api-version"}.get(str(path[-1]), "unknown-value")
    if len(path) > 1 and path[-2] == "assign":
        code = "unknown-letter"
    return error(code, span, helps=value_helps(str(node.value), names, code), name=shortened(str(node.value)))


def value_helps(value: str, allowed: list[str], code: str = "") -> tuple[Text, ...]:
    """The nearest allowed value, or all of them."""
    close = nearest(value, allowed)
    if close is not None:
        return (words("diagnostics.help-did-you-mean", name=close),)
    if code == "unknown-table":
        return (words("diagnostics.help-tables"),)
    return (words("diagnostics.help-allowed", names=listed(allowed)),) if len(allowed) <= _MOST_LISTED else ()


def _malformed(problem: ValidationError, node: Node, span: Span) -> Diagnostic:
    name = patterns().get(str(problem.validator_value), "date" if problem.validator == "format" else "pattern")
    return error(f"bad-{name}", span, name=shortened(str(node.value)))


def _one_of(problem: ValidationError, node: Node) -> Diagnostic:
    branches: list[dict[str, Any]] = problem.validator_value  # type: ignore[assignment]
    names = [key for branch in branches for key in branch.get("required", ())]
    code = "missing-one-of" if problem.context else "only-one-of"
    return error(code, place_of(node), names=listed(names))


def _name_key(path: list[str | int]) -> str:
    return "bad-name-override" if path and path[-1] == "parameters" else "bad-name"


def listed(names: list[str]) -> str:
    """Names between backticks, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def shortened(value: str) -> str:
    """A value fit to stand in a sentence."""
    flat = " ".join(value.split())
    return flat if len(flat) <= _LONGEST_QUOTED else flat[: _LONGEST_QUOTED - 1] + "…"
