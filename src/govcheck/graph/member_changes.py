"""The direct members of teams: kept beside a snapshot, and brought up to date by delta."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from govcheck.graph.assembly import rows_of, write_query
from govcheck.graph.delta import REMOVED, changes_in
from govcheck.graph.memberships import USER
from govcheck.snapshot.arrow import ARROW_TYPES

MEMBERS_PATH = "/groups/delta?$select=id,members"
"""Graph tracks members and says nothing of owners: those come along with the teams, every time."""

_PAIRS = [("group_id", ARROW_TYPES["text"]), ("user_id", ARROW_TYPES["text"])]


def keep_members(rows: Sequence[Path], teams: Collection[str], file: Path) -> None:
    """Keep who is a direct member of which team, before owners and members become one row.

    A team without members has one row, without a person.
    """
    wanted = _write_groups(teams, file)
    write_query(
        f"SELECT DISTINCT group_id, user_id FROM {rows_of([wanted])}"
        f" LEFT JOIN (SELECT group_id, user_id FROM {rows_of(rows)} WHERE role = 'member') USING (group_id)",
        file,
    )
    wanted.unlink()


def apply_member_changes(before: Path, changes: Sequence[Path], teams: Collection[str], file: Path) -> set[str]:
    """Write the memberships that are known with the changes, and give the teams of which all members are known.

    A team that was not there before, or was away meanwhile, is not among them. Raises `FeedFault`.
    """
    is_member, away = _replay(changes)
    known = set(pq.read_table(before, columns=["group_id"])["group_id"].unique().to_pylist())
    covered = (known & set(teams)) - away
    changed, wanted = file.with_suffix(".changed"), _write_groups(covered, file)
    groups, people = zip(*is_member, strict=True) if is_member else ((), ())
    pairs = pa.table([groups, people, is_member.values()], schema=pa.schema([*_PAIRS, ("present", pa.bool_())]))
    pq.write_table(pairs, changed)
    write_query(
        "SELECT group_id, user_id, 'member' AS role FROM ("
        f"SELECT group_id, user_id FROM {rows_of([before])} AS old ANTI JOIN {rows_of([changed])} AS new"
        " USING (group_id, user_id)"
        f" UNION ALL SELECT group_id, user_id FROM {rows_of([changed])} WHERE present"
        f") WHERE user_id IS NOT NULL AND group_id IN (SELECT group_id FROM {rows_of([wanted])})",
        file,
    )
    return covered


def _replay(changes: Sequence[Path]) -> tuple[dict[tuple[str, str], bool], set[str]]:
    """Who is a member or is not any more, and which groups were away at some time."""
    is_member: dict[tuple[str, str], bool] = {}
    away: set[str] = set()
    for change in changes_in(changes):
        if REMOVED in change:
            away.add(change["id"])
        for member in change.get("members@delta", ()):
            if member.get("@odata.type", USER) == USER:
                is_member[change["id"], member["id"]] = REMOVED not in member
    return is_member, away


def _write_groups(groups: Collection[str], file: Path) -> Path:
    wanted = file.with_suffix(".groups")
    pq.write_table(pa.table([sorted(groups)], schema=pa.schema(_PAIRS[:1])), wanted)
    return wanted
