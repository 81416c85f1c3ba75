"""What a JSON Schema validator says, in plain words at the exact place, once per root cause."""

from __future__ import annotations

import re
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
_SOFT = ("exception-without-expiry",)
_LONGEST_QUOTED = 60
_CAPITAL = re.compile("[A-Z]")


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
        yield error("unknown-key", mapping.keys[key].span, helps=_key_helps(meant, known), name=shortened(key))
    if "expires" in missing:
        missing.remove("expires")
        yield error("exception-without-expiry", place_of(mapping))
    if missing:
        names = list(dict.fromkeys(missing))
        yield error("missing-key", place_of(mapping), names=listed(names), count=len(names))


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
    path = tuple(problem.absolute_path)
    node = document.at(path)
    if "propertyNames" in problem.absolute_schema_path:
        key = node.keys[str(problem.instance)]
        return error(_malformed(problem), key.span, name=shortened(str(problem.instance)))
    if problem.validator in ("anyOf", "oneOf") and not _wanted_types(problem):
        return _one_of(problem, node)
    said = _said(problem, node, path)
    return error(
        said.code,
        value_span(document, path),
        key=said.key,
        helps=said.helps,
        field=_field(path),
        name=shortened(str(node.value)),
        limit=problem.validator_value,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What to say about a value: a code, its words where they differ, and what to do."""

    code: str
    key: str | None = None
    helps: tuple[Text, ...] = ()


def _said(problem: ValidationError, node: Node, path: Path) -> _Said:
    if node.value is None:
        return _Said("no-value")
    match problem.validator:
        case "type" | "anyOf":
            return _wrong_type(node, _wanted_types(problem), path)
        case "enum" | "const":
            return _unknown_value(problem, node, path)
        case "pattern" | "format":
            return _Said(_malformed(problem))
        case "minimum" | "maximum":
            return _Said("out-of-range", f"out-of-range-{problem.validator}")
        case "not":
            return _Said("reserved-id")
        case _:
            return _Said("bad-value", f"bad-value-{problem.validator}")


def value_span(document: Node, path: Path) -> Span:
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


def _wrong_type(node: Node, wanted: tuple[str, ...], path: Path) -> _Said:
    quotable = "string" in wanted and not isinstance(node.value, dict | list)
    helps = (words("diagnostics.help-quote-value", value=node.written),) if quotable else ()
    key = "must-be-table" if path == ("matrix",) else "must-be-" + "-".join(wanted)
    return _Said("wrong-type", key, helps)


def _unknown_value(problem: ValidationError, node: Node, path: Path) -> _Said:
    allowed: Any = [problem.validator_value] if problem.validator == "const" else problem.validator_value
    names = [str(value) for value in allowed]
    if path[-1] == "check":
        helps = value_helps(str(node.value), names, otherwise=words("diagnostics.help-tables"))
        return _Said("unknown-table", helps=helps)
    code = "unknown-api-version" if path[-1] == "apiVersion" else "unknown-value"
    return _Said(code, helps=value_helps(str(node.value), names))


def _malformed(problem: ValidationError) -> str:
    """The code for a text that has not the form it must have."""
    name = "date" if problem.validator == "format" else patterns()[str(problem.validator_value)]
    return "bad-" + _CAPITAL.sub(lambda found: "-" + found.group().lower(), name)


def _one_of(problem: ValidationError, node: Node) -> Diagnostic:
    branches: list[dict[str, Any]] = problem.validator_value  # type: ignore[assignment]
    names = [key for branch in branches for key in branch.get("required", ())]
    code = "missing-one-of" if problem.context else "only-one-of"
    return error(code, place_of(node), names=listed(names))


def _field(path: Path) -> str:
    """The name of a value: its key, with its place in the list where it is one of many."""
    names = [step for step in path if isinstance(step, str)]
    return f"{names[-1]}[{path[-1]}]" if isinstance(path[-1], int) else names[-1]


def value_helps(value: str, allowed: list[str], otherwise: Text | None = None) -> tuple[Text, ...]:
    """The nearest allowed value; failing that `otherwise`, or all of them where they are few."""
    close = nearest(value, allowed)
    if close is not None:
        return (words("diagnostics.help-did-you-mean", name=close),)
    if otherwise is not None:
        return (otherwise,)
    return (words("diagnostics.help-allowed", names=listed(allowed)),) if 0 < len(allowed) <= _MOST_LISTED else ()


def listed(names: list[str]) -> str:
    """Names between backticks, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def shortened(value: str) -> str:
    """A value fit to stand in a sentence."""
    flat = " ".join(value.split())
    return flat if len(flat) <= _LONGEST_QUOTED else flat[: _LONGEST_QUOTED - 1] + "…"
