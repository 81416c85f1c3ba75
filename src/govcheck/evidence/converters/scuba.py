"""ScubaGoggles: the results about a Google Workspace, each control once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from govcheck.evidence.converters.model import ObjectConverter, plain, sheet_of
from govcheck.evidence.sheet import Cell, Sheet

_COLUMNS = ("control", "requirement", "result", "criticality", "date")
_LONGEST = 110
_DEEPEST = 12


def _fits(value: object) -> bool:
    return isinstance(value, dict) and next(_controls(value), None) is not None


def _convert(value: dict[str, Any]) -> Sheet:
    about = value.get("MetaData")
    moment = about.get("TimestampZulu") if isinstance(about, dict) else None
    return sheet_of((_row(control, moment) for control in _controls(value)), _COLUMNS, ("Details",))


def _row(control: dict[str, Any], moment: object) -> dict[str, Cell]:
    requirement = " ".join(re.sub(r"<[^>]*>", " ", str(control.get("Requirement") or "")).split())
    return {
        "control": plain(control["Control ID"]),
        "requirement": requirement if len(requirement) <= _LONGEST else requirement[:_LONGEST] + "…",
        "result": plain(control["Result"]),
        "criticality": plain(control.get("Criticality")),
        "date": plain(moment),
    }


def _controls(value: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if "Control ID" in value and "Result" in value:
            yield value
            return
        for child in value.values():
            yield from _controls(child, depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield from _controls(child, depth + 1)


CONVERTERS = (ObjectConverter(product="ScubaGoggles", table="scuba_goggles", fits=_fits, convert=_convert),)
