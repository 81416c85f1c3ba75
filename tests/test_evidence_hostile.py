"""Whatever a file holds, reading it ends in rows or in a refusal with something to do, and shows nothing of it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_files import UNITS, parquet_of, said, xlsx
from govcheck.catalogue import tables
from govcheck.diagnostics import GovcheckError
from govcheck.engine.evidence_tables import _hidden
from govcheck.engine.units import Place, UnitTree
from govcheck.evidence import FileEvidence, read_evidence
from govcheck.evidence.gate import is_bsn
from govcheck.model import ORGANISATION, UnitKind
from govcheck.policy import load_policies
from policies import document, policy, write

MARK = "QxZanenburgxQ"
"""Stands in every cell of a hostile file, and may stand nowhere else."""
TABLES = [name for name, table in tables().items() if table.from_files]
_headings = st.sampled_from(
    ["unit", "round_date", "invited", "responded", "course", "period_end", "due", "completed", "Naam", "", "item",
     "Issue key", "Issue id", "Status", "Created", "Meeting ID", "Start Time", "Participants", "Identity", MARK]
)  # fmt: skip
_cells = st.sampled_from(
    [MARK, f"{MARK}@x.nl", f"=cmd|{MARK}", "12", "15-09-2026", "", "1.234,5", f"\u202e{MARK}", "-1"]
)
_lines = st.lists(st.lists(_cells, max_size=8), max_size=6)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(MARK),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["unit", "cards", "lists", "actions", "number", "state", "created_at", "closed_at", "tag_name",
                         "published_at", "released_at", "labels", "Identity", "AllowedDomains", "AllowFederatedUsers",
                         "Control ID", "Result", "Requirement", "data", "id", "as_of", "path", MARK]),
        inner,
        max_size=8,
    ),
    max_leaves=25,
)  # fmt: skip


def outcome(name: str, content: bytes, table: str) -> tuple[list[FileEvidence], str]:
    """What was taken in, and everything that was said."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_bytes(content)
        files = f"files:\n  - {{path: {name}, table: {table}}}\n"
        path = write(Path(folder), document("Evidence", files), document("Organisation", UNITS), policy())
        policies = load_policies([path], lenient=True, packs=Path("no packs"))
        try:
            return list(read_evidence(policies).read), ""
        except GovcheckError as problem:
            faults = problem.diagnostics
    assert all(fault.helps for fault in faults)
    return [], "".join(map(said, faults))


def ends_well(name: str, content: bytes, table: str) -> None:
    read, told = outcome(name, content, table)
    assert read or told
    assert MARK not in told
    for file in read:
        assert MARK not in str(file.dropped)
        assert f"{MARK}@" not in str(file.rows)


@settings(max_examples=150, deadline=None)
@given(st.lists(_headings, min_size=1, max_size=8), _lines, st.sampled_from(";,\t|"), st.sampled_from(TABLES))
def test_any_delimited_text_ends_well(headings: list[str], lines: list[list[str]], mark: str, table: str) -> None:
    text = "\n".join(mark.join(line) for line in [headings, *lines])
    ends_well("f.csv", text.encode(), table)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["csv", "xlsx", "json", "jsonl", "parquet"]), st.sampled_from(TABLES))
def test_any_bytes_end_well(content: bytes, ending: str, table: str) -> None:
    ends_well(f"f.{ending}", content, table)


@settings(max_examples=200, deadline=None)
@given(_json, st.sampled_from(TABLES))
def test_any_json_ends_well(value: object, table: str) -> None:
    ends_well("f.json", json.dumps(value).encode(), table)


@settings(max_examples=40, deadline=None)
@given(st.lists(_headings, min_size=1, max_size=6, unique=True), _lines, st.sampled_from(TABLES))
def test_any_workbook_and_any_parquet_end_well(headings: list[str], lines: list[list[str]], table: str) -> None:
    ends_well("f.xlsx", xlsx([headings, *lines]), table)
    height = len(lines)
    columns = {name: [lines[at][0] if lines[at] else None for at in range(height)] for name in headings}
    ends_well("f.parquet", parquet_of(**columns), table)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_good_file_ends_well(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(_good_files()))
    at = data.draw(st.integers(0, len(good[1]) - 1))
    cut = data.draw(st.booleans())
    damaged = good[1][:at] if cut else good[1][:at] + data.draw(st.binary(min_size=1, max_size=3)) + good[1][at + 1 :]
    ends_well(good[0], damaged, "training")


def _good_files() -> list[tuple[str, bytes]]:
    head, row = ["unit", "course", "period_end", "due", "completed"], ["support", "avg", "2026-09-30", 12, 12]
    columns: dict[str, Any] = dict(zip(head, ([cell] for cell in row), strict=True))
    return [("f.xlsx", xlsx([head, row])), ("f.parquet", parquet_of(**columns))]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_a_bsn_in_any_text_is_found(text: str) -> None:
    cell = text.replace("\n", " ").replace("\r", " ").replace(";", " ").replace('"', " ")[:20].rstrip("0123456789")
    assert is_bsn("111222333")
    content = f"unit;course;period_end;due;completed;x\na;b;2026-09-30;12;12;{cell} 111222333\n"
    read, told = outcome("f.csv", content.encode("utf-8", "replace"), "training")
    assert not read
    assert "evidence-personal-data" in told or "evidence-unreadable" in told


# No hidden row can be worked out


def _tree(parents: dict[str, str]) -> UnitTree:
    places = {ORGANISATION: Place(id=ORGANISATION, name="o", kind=UnitKind.ORGANISATION, parent=None)}
    for unit, parent in parents.items():
        kind = UnitKind.DEPARTMENT if unit.startswith("d") else UnitKind.TEAM
        places[unit] = Place(id=unit, name=unit, kind=kind, parent=parent)
    return UnitTree(places)


def _worked_out(shown: dict[str, int], all_sizes: dict[str, int], children: dict[str, list[str]]) -> Iterator[int]:
    """How many people the rows speak of that a reader can compute from totals and what is shown below them."""
    for parent, below in children.items():
        hidden = [unit for unit in below if unit in all_sizes and unit not in shown]
        if parent in shown and hidden:
            rest = shown[parent] - sum(shown[unit] for unit in below if unit in shown)
            yield rest if len(hidden) == 1 else max(rest, 0)


_Draw = Callable[[st.SearchStrategy[Any]], Any]


@settings(max_examples=200, deadline=None)
@given(st.data(), st.booleans(), st.booleans())
def test_no_small_group_can_be_worked_out_from_totals(data: st.DataObject, departments: bool, total: bool) -> None:  # noqa: FBT001
    teams = {f"t{at}": f"d{at % 2}" for at in range(6)}
    tree = _tree({"d0": ORGANISATION, "d1": ORGANISATION, **teams})
    people = {team: data.draw(st.integers(1, 14)) for team in teams}
    sums = {dep: sum(people[team] for team, parent in teams.items() if parent == dep) for dep in ("d0", "d1")}
    everybody = people | (sums if departments else {}) | ({ORGANISATION: sum(people.values())} if total else {})
    hidden = {unit for unit, _ in _hidden_of(everybody, tree)}
    shown = {unit: number for unit, number in everybody.items() if unit not in hidden}
    assert all(number >= 5 for number in shown.values())
    top = ["d0", "d1"] if departments else list(teams)
    below = {ORGANISATION: top, "d0": ["t0", "t2", "t4"], "d1": ["t1", "t3", "t5"]}
    children = below if departments else {ORGANISATION: top}
    assert all(rest >= 5 for rest in _worked_out(shown, everybody, children))


def _hidden_of(people: dict[str, int], tree: UnitTree) -> set[Any]:
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(f"{unit};avg;30-09-2026;{number};{number}\n" for unit, number in people.items())
        Path(folder, "f.csv").write_text(f"unit;course;period_end;due;completed\n{lines}", "utf-8")
        files = "files:\n  - {path: f.csv, table: training}\n"
        path = write(Path(folder), document("Evidence", files), policy())
        reads = read_evidence(load_policies([path], lenient=True, packs=Path("no packs"))).read
        return _hidden(reads[0].file.table, reads, tree, 5)


@pytest.mark.parametrize("name", ["..", "/dev/zero", "/dev/null", "f.csv/"])
def test_what_is_no_file_is_absent_and_never_read(tmp_path: Path, name: str) -> None:
    files = f"files:\n  - {{path: '{name}', table: training}}\n"
    policies = load_policies([write(tmp_path, document("Evidence", files), policy())], lenient=True, packs=Path("no"))
    assert len(read_evidence(policies).absent) == 1
