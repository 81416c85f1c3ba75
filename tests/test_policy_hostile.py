"""Whatever is done to a policy file, it is read or refused with places, and never crashes."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from govcheck.diagnostics import render, to_json
from govcheck.policy import line_reader
from govcheck.source import load
from policies import ROLES, document, faults, policy, rule

MATRIX = """\
unit: support
activities: [{id: a, title: T, assign: {teamlead: A, engineer: R}, covers: [ACC-01]}]
escalations: [{id: e, trigger: t, levels: [{role: teamlead, within: PT4H}, {role: board, within: P1D}]}]
"""
UNITS = (
    "units: [{id: support, kind: team, group: g, parameters: {access.share: 0.8}}]\nparameters: {access.share: 0.9}\n"
)
ROW = "{id: E, rule: ACC-01, subjects: [u], reason: r, owner: teamlead, approved_by: ciso, expires: 2026-12-31}"
WHOLE = [
    node.plain()
    for node in load(
        "whole.yaml",
        "".join(
            [
                policy(
                    rules=rule(more="    at_least: :share\n    where: account_enabled\n"),
                    more="parameters: {share: 1}\n",
                ),
                document("Organisation", ROLES + UNITS),
                document("RaciMatrix", MATRIX),
                document("Exceptions", f"exceptions: [{ROW}]\n"),
            ]
        ).encode(),
    )[0]
]
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "x", "a b", [], {}, [None], [[]], {"a": {}}, ["x", 1], {"nl": 1}, "user:x", ":share"]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in entries:
        yield (*path, key)
        yield from places(child, (*path, key))


@st.composite
def spoilt(draw: st.DrawFn) -> list[Any]:
    documents = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(list(places(documents))))
        parent: Any = documents
        for step in above:
            parent = parent[step]
        what = draw(st.sampled_from(["replace", "drop", "rename", "repeat"]))
        if what == "replace" or (what == "rename" and isinstance(parent, list)):
            parent[last] = draw(VALUES)
        elif what == "rename":
            parent[f"{last}{draw(st.sampled_from(['s', ' ', chr(10)]))}"] = parent.pop(last)
        elif what == "drop":
            del parent[last]
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
    return documents


def test_the_whole_set_is_right_before_it_is_spoilt() -> None:
    assert said(WHOLE, lenient=False) == ""


@settings(max_examples=150, deadline=None)
@given(spoilt(), st.booleans())
def test_a_spoilt_set_is_read_or_refused_and_never_crashes(documents: list[Any], lenient: bool) -> None:  # noqa: FBT001
    said(documents, lenient=lenient)


def said(documents: list[Any], *, lenient: bool) -> str:
    """What is said of documents written as JSON, which is YAML too."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "set.yaml")
        file.write_text("".join(f"--- {json.dumps(entry)}\n" for entry in documents), "utf-8")
        found = faults(file, lenient=lenient)
        assert all(fault.span is not None for fault in found)
        assert len(to_json(found, "nl")) == len(found)
        return render(found, "en", line_reader())
