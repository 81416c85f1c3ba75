"""What is kept for how long: counted from when it was put there, and found without opening anything."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from govcheck.snapshot.store import list_runs, list_snapshots, prune, save_run, snapshot_folder
from tenants import write_snapshot

TAKEN_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)


def report(run: str) -> bytes:
    """A report in which nothing was checked."""
    moment = TAKEN_AT.isoformat()
    head = {"id": run, "tenant": "t-1", "snapshot_taken_at": moment, "as_of": moment}
    return json.dumps({"run": head, "rules": [], "findings": []}).encode()


def test_snapshots_leave_after_thirty_days_and_runs_after_four_hundred(tmp_path: Path) -> None:
    now = TAKEN_AT + timedelta(days=500)
    for days in (29, 31):
        written = now - timedelta(days=days)
        folder = snapshot_folder(tmp_path, "t-1", written)
        write_snapshot(folder, {}, taken_at=written.isoformat())
        os.utime(folder / "manifest.json", (written.timestamp(), written.timestamp()))
    for days, run in ((399, "young"), (401, "old")):
        stored = (now - timedelta(days=days)).timestamp()
        os.utime(save_run(tmp_path, report(run)) / "report.json", (stored, stored))
    gone = prune(tmp_path, now)
    assert sorted(path.name for path in gone) == [(now - timedelta(days=31)).strftime("%Y-%m-%dT%H-%M-%SZ"), "old"]
    assert [(now - found.taken_at).days for found in list_snapshots(tmp_path)] == [29]
    assert [found.id for found in list_runs(tmp_path)] == ["young"]


def test_a_snapshot_of_an_older_moment_stays_as_long_as_any_other(tmp_path: Path) -> None:
    write_snapshot(snapshot_folder(tmp_path, "t-1", TAKEN_AT), {})
    written = datetime.now(UTC)
    assert prune(tmp_path, written + timedelta(days=29)) == ()
    assert len(prune(tmp_path, written + timedelta(days=31))) == 1


def test_what_is_kept_long_enough_leaves_without_being_opened(tmp_path: Path) -> None:
    kept = save_run(tmp_path, report("r-1")) / "report.json"
    kept.write_bytes(b"no report any more")
    assert list_runs(tmp_path) == ()
    assert prune(tmp_path, datetime.now(UTC) + timedelta(days=401)) == (kept.parent,)


def test_a_folder_that_is_nothing_of_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "runs" / "t-1" / "notes").mkdir(parents=True)
    assert prune(tmp_path, datetime.now(UTC) + timedelta(days=4000)) == ()


def test_what_a_crash_left_behind_leaves_after_a_day(tmp_path: Path) -> None:
    tenant = tmp_path / "snapshots" / "t-1"
    for name, hours in ((".old.x1.partial", 25), (".new.x2.partial", 1)):
        (tenant / name).mkdir(parents=True)
        moment = (TAKEN_AT - timedelta(hours=hours)).timestamp()
        os.utime(tenant / name, (moment, moment))
    assert [path.name for path in prune(tmp_path, TAKEN_AT)] == [".old.x1.partial"]
    assert [path.name for path in tenant.iterdir()] == [".new.x2.partial"]
