"""The JSON Schemas of `schemas/`, ready to check a document or to hand to an editor."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from govcheck.diagnostics import GovcheckError, error, nearest
from govcheck.shipped import shipped
from govcheck.words import text as words

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

KINDS = (
    "Policy",
    "Organisation",
    "RaciMatrix",
    "CommunicationCharter",
    "WorkingAgreement",
    "RemoteWork",
    "Rhythm",
    "Goals",
    "Workflow",
    "Kpis",
    "Programmes",
    "Apps",
    "Processing",
    "Incident",
    "Register",
    "Evidence",
    "Exceptions",
)
"""Every kind a document may be."""

_COMMON = "common.schema.json"
_LOCAL = "#/$defs/"


def bundled(kind: str) -> dict[str, Any]:
    """Build one self-contained schema for a kind, whatever the case its name is written in.

    Raises `GovcheckError` for a kind that does not exist.
    """
    known = {name.lower(): name for name in KINDS}
    name = known.get(kind.lower())
    if name is None:
        raise GovcheckError(error("unknown-kind", None, helps=kind_helps(kind), kind=kind))
    return _with_definitions(_read(f"{name.lower()}.schema.json"))


def kind_helps(kind: str) -> tuple[Any, ...]:
    """What to do about a kind that does not exist."""
    close = nearest(kind, KINDS)
    if close is not None:
        return (words("diagnostics.help-did-you-mean", name=close),)
    return (words("diagnostics.help-allowed", names=_listed(KINDS)),)


@lru_cache
def validator(kind: str) -> Draft202012Validator:
    """The validator for a kind, its schema read once."""
    from jsonschema import Draft202012Validator, FormatChecker

    return Draft202012Validator(bundled(kind), format_checker=FormatChecker(["date"]))


@lru_cache
def patterns() -> dict[str, str]:
    """The name of the common definition that each pattern belongs to."""
    definitions = _read(_COMMON)["$defs"]
    # Reversed, so that the first of those that share a pattern names it.
    return {entry["pattern"]: name for name, entry in reversed(definitions.items()) if "pattern" in entry}


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


@lru_cache
def _read(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((shipped("schemas") / name).read_text("utf-8"))
    return schema


def _with_definitions(schema: dict[str, Any]) -> dict[str, Any]:
    """Bring the common definitions that a schema refers to inside it."""
    common = _read(_COMMON)["$defs"]
    own = schema.get("$defs", {})
    definitions: dict[str, Any] = {}
    waiting = _references(schema)
    while waiting:
        name = waiting.pop()
        if name not in definitions and name not in own:
            definitions[name] = common[name]
            waiting |= _references(common[name])
    bundle: dict[str, Any] = _localised({**schema, "$defs": {**own, **dict(sorted(definitions.items()))}})
    return bundle


def _references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {name for item in schema for name in _references(item)}
    if not isinstance(schema, dict):
        return set()
    found = {name for value in schema.values() for name in _references(value)}
    return found | ({schema["$ref"].rpartition("/")[2]} if isinstance(schema.get("$ref"), str) else set())


def _localised(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_localised(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.replace(f"{_COMMON}{_LOCAL}", _LOCAL) if key == "$ref" else _localised(value)
        for key, value in schema.items()
    }
