"""Groups that somebody wrote down in a declaration: one that the tenant does not have costs nobody else anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.model import Reason, Text
from govcheck.snapshot import Snapshot, open_snapshot
from scripted_collection import ORGANIZATION, table
from scripted_graph import NO_PERMISSION, NOT_FOUND, Answer, ScriptedGraph, ScriptedSource, refused, rows

NEEDS: Needs = {"memberships": {"role"}}
NO_ID = refused(400, "Request_BadRequest", "Invalid object identifier 'sales'.")


def collect(folder: Path, sales: Answer, *, team: Answer | None = None) -> tuple[Snapshot, list[Text]]:
    """Collect one team, the declared group x, and one that is called `sales`."""
    told: list[Text] = []
    with ScriptedGraph(organization=ORGANIZATION, groups=rows({"id": "g1", "owners": []})) as graph:
        graph.says("/groups/g1/members", team or rows({"id": "u1"}))
        graph.says("/groups/x/transitiveMembers", rows({"id": "u2"}))
        graph.says("/groups/x/owners", rows())
        graph.says("/groups/sales/transitiveMembers", sales)
        graph.says("/groups/sales/owners", sales)
        collect_snapshot(
            ScriptedSource(url=graph.url),
            needs=NEEDS,
            place=lambda *_: folder / "snapshot",
            groups=("x", "sales"),
            tell=told.append,
        )
    return open_snapshot(folder / "snapshot"), told


@pytest.mark.parametrize("answer", [NO_ID, NOT_FOUND])
def test_a_declared_group_that_is_none_leaves_the_others_as_they_are(tmp_path: Path, answer: Answer) -> None:
    snapshot, told = collect(tmp_path, answer)
    entry = snapshot.tables["memberships"]
    assert entry.gap is None
    assert {(row["group_id"], row["user_id"]) for row in table(snapshot.path, "memberships")} == {
        ("g1", "u1"),
        ("x", "u2"),
    }
    assert entry.notes == ("Declared groups that are none of this tenant's: sales.",)
    assert [each.en for each in told] == ["the tenant has no group sales; nobody counts as a member of it"]


def test_a_declared_group_that_may_not_be_read_leaves_the_table_missing(tmp_path: Path) -> None:
    snapshot, told = collect(tmp_path, NO_PERMISSION)
    gap = snapshot.tables["memberships"].gap
    assert gap is not None
    assert gap.reason is Reason.NOT_PERMITTED
    assert told == []


def test_a_team_that_graph_itself_named_and_then_refuses_is_no_slip_of_ours(tmp_path: Path) -> None:
    snapshot, _ = collect(tmp_path, NO_ID, team=NO_ID)
    gap = snapshot.tables["memberships"].gap
    assert gap is not None
    assert gap.reason is Reason.ERROR
