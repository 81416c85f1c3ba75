"""Conditional Access: who can sign in how, and what a sign-in is asked for.

`directory_from_json` and `directory_of` build the same model, from raw Graph objects and from a snapshot. All
answers are pure functions of that model: change its policies with `dataclasses.replace` and ask again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from govcheck.access.directory import directory_from_json, directory_of, missing_of, rests_on_defaults
from govcheck.access.effective import Effective, effective_of
from govcheck.access.model import Directory
from govcheck.access.paths import sign_in_paths_of
from govcheck.access.scenarios import ScenarioError, find_person, read_scenario
from govcheck.access.signin import decide

__all__ = [
    "Directory",
    "Effective",
    "answer",
    "directory_from_json",
    "directory_of",
    "effective",
    "missing_of",
    "rests_on_defaults",
    "sign_in_paths",
]


def answer(directory: Directory, scenario: Any) -> dict[str, Any]:
    """The contract's line for one scenario; `{"id": …, "error": …}` for one that cannot be answered."""
    try:
        asked = read_scenario(scenario)
        person = find_person(directory, asked.user)
    except ScenarioError as fault:
        return {"id": scenario.get("id") if isinstance(scenario, Mapping) else None, "error": str(fault)}
    return {"id": asked.id, **decide(directory, person, asked.sign_in).as_dict()}


def effective(directory: Directory) -> Mapping[str, Effective]:
    """What holds of each enabled account, by id; others cannot sign in and are left out."""
    return effective_of(directory)


def sign_in_paths(directory: Directory) -> Iterable[dict[str, Any]]:
    """The rows of `sign_in_paths`, under the columns' names."""
    return sign_in_paths_of(directory)
