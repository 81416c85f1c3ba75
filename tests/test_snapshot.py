"""Snapshots and runs on disk: whole or absent, private, checked when read, and gone when their time is up."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from govcheck.catalogue import MissingColumn
from govcheck.diagnostics import GovcheckError
from govcheck.model import LANGS, Reason, Text
from govcheck.snapshot import Snapshot, TableEntry, open_snapshot, write_manifest
from govcheck.snapshot.folders import new_folder, resumable_folder
from govcheck.snapshot.manifest import file_digest
from govcheck.snapshot.store import (
    home,
    list_runs,
    list_snapshots,
    prune,
    save_run,
    snapshot_folder,
)

TAKEN_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
GAP = MissingColumn(Reason.NOT_LICENSED, Text(nl="De tenant heeft geen licentie.", en="The tenant has no licence."))


def take(target: Path, taken_at: datetime = TAKEN_AT, tenant: str = "t-1") -> Snapshot:
    """Write a snapshot of one table with two people."""
    with new_folder(target) as folder:
        file = folder / "users.parquet"
        pq.write_table(pa.table({"id": ["u1", "u2"]}), file, compression="zstd")
        users = TableEntry(
            rows=2,
            columns={"id": "text"},
            files={file.name: file_digest(file)},
            requests=1,
            column_gaps={"is_mfa_capable": GAP},
        )
        devices = TableEntry(rows=0, columns={}, files={}, requests=3, gap=GAP)
        tables = {"users": users, "devices": devices}
        write_manifest(folder, tenant=tenant, tenant_name="Contoso", taken_at=taken_at, tables=tables)
    return open_snapshot(target)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def codes(fault: pytest.ExceptionInfo[GovcheckError]) -> list[str]:
    return [found.code for found in fault.value.diagnostics]


def query(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def change_manifest(folder: Path, **changes: Any) -> None:
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_a_snapshot_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    snapshot = take(tmp_path / "s")
    assert (snapshot.tenant, snapshot.tenant_name, snapshot.taken_at) == ("t-1", "Contoso", TAKEN_AT)
    assert snapshot.tables["users"].column_gaps == {"is_mfa_capable": GAP}
    assert snapshot.tables["devices"].gap == GAP


def test_the_manifest_says_what_the_contract_says(tmp_path: Path) -> None:
    take(tmp_path / "s")
    manifest = json.loads((tmp_path / "s" / "manifest.json").read_text())
    assert manifest["schema"] == "govcheck.snapshot/v1"
    assert manifest["tenant"] == {"id": "t-1", "name": "Contoso"}
    assert manifest["taken_at"] == "2026-10-01T08:00:00Z"
    assert manifest["tables"]["devices"]["gap"] == {
        "reason": "not_licensed",
        "detail": "The tenant has no licence.",
        "detail_nl": "De tenant heeft geen licentie.",
    }


def test_a_manifest_that_gives_details_in_english_alone_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    take(folder)
    tables = json.loads((folder / "manifest.json").read_text())["tables"]
    del tables["devices"]["gap"]["detail_nl"]
    change_manifest(folder, tables=tables)
    gap = open_snapshot(folder).tables["devices"].gap
    assert gap == MissingColumn(Reason.NOT_LICENSED, Text(en="The tenant has no licence."))


def test_a_snapshot_is_for_its_owner_alone(tmp_path: Path) -> None:
    take(tmp_path / "store" / "s")
    assert mode(tmp_path / "store") == 0o700
    assert mode(tmp_path / "store" / "s") == 0o700
    assert {mode(file) for file in (tmp_path / "store" / "s").iterdir()} == {0o600}


def test_a_folder_whose_writing_fails_is_not_there(tmp_path: Path) -> None:
    def fail_halfway() -> None:
        with new_folder(tmp_path / "s") as folder:
            (folder / "half.parquet").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert list(tmp_path.iterdir()) == []


def test_nothing_stands_under_the_folders_name_until_it_is_whole(tmp_path: Path) -> None:
    with new_folder(tmp_path / "s") as folder:
        (folder / "file").touch()
        assert not (tmp_path / "s").exists()
    assert (tmp_path / "s" / "file").exists()


def test_work_that_fails_stays_for_the_next_attempt(tmp_path: Path) -> None:
    def fail_halfway() -> None:
        with resumable_folder(tmp_path / "s", "../t:1") as draft:
            (draft.work / "feed").mkdir()
            (draft.work / "feed" / "page").write_text("rows")
            (draft.result / "half.parquet").touch()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert [entry.name for entry in tmp_path.iterdir()] == ["._t_1.partial"]
    with resumable_folder(tmp_path / "s", "../t:1") as draft:
        assert (draft.work / "feed" / "page").read_text() == "rows"
        assert list(draft.result.iterdir()) == []
        (draft.result / "whole").touch()
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]
    assert [(entry.name, mode(entry)) for entry in (tmp_path / "s").iterdir()] == [("whole", 0o600)]


def test_work_that_fails_before_it_has_anything_leaves_nothing(tmp_path: Path) -> None:
    def fail_at_once() -> None:
        with resumable_folder(tmp_path / "s", "t-1"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_once()
    assert list(tmp_path.iterdir()) == []


def test_two_never_work_in_one_folder(tmp_path: Path) -> None:
    with resumable_folder(tmp_path / "s", "t-1"):
        with pytest.raises(GovcheckError) as caught, resumable_folder(tmp_path / "other", "t-1"):
            pass
        assert codes(caught) == ["busy"]
        with resumable_folder(tmp_path / "beside", "t-2"):
            pass
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["beside", "s"]


def test_what_is_worked_on_for_more_than_a_day_is_abandoned(tmp_path: Path) -> None:
    left = tmp_path / "snapshots" / "t-1" / ".t-1.partial"
    (left / "work").mkdir(parents=True)
    moment = (TAKEN_AT - timedelta(hours=25)).timestamp()
    os.utime(left, (moment, moment))
    assert prune(tmp_path, TAKEN_AT) == (left,)


def test_a_table_says_since_when_it_is_known_where_that_was_written_down(tmp_path: Path) -> None:
    file = take(tmp_path / "s").path / "manifest.json"
    assert open_snapshot(tmp_path / "s").tables["users"].read_at is None
    file.write_text(file.read_text().replace('"read_at": null', '"read_at": "2026-09-30T08:00:00Z"'))
    assert open_snapshot(tmp_path / "s").tables["users"].read_at == TAKEN_AT - timedelta(days=1)


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    assert take(tmp_path / "s").tables["users"].rows == 2


def test_an_older_snapshot_is_not_overwritten(tmp_path: Path) -> None:
    take(tmp_path / "s")
    with pytest.raises(GovcheckError) as caught:
        take(tmp_path / "s", TAKEN_AT + timedelta(days=1))
    assert codes(caught) == ["folder-not-empty"]
    assert open_snapshot(tmp_path / "s").taken_at == TAKEN_AT


def test_of_two_that_write_the_same_folder_the_first_one_stays(tmp_path: Path) -> None:
    def write_while_another_finishes() -> None:
        with new_folder(tmp_path / "s") as folder:
            (folder / "slow").touch()
            take(tmp_path / "s")

    with pytest.raises(GovcheckError):
        write_while_another_finishes()
    assert open_snapshot(tmp_path / "s").tenant == "t-1"
    assert [entry.name for entry in tmp_path.iterdir()] == ["s"]


def test_a_place_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GovcheckError) as caught:
        take(tmp_path / "file" / "s")
    assert codes(caught) == ["cannot-write"]


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "govcheck.snapshot/v9"},
        {"taken_at": "2026-10-01T08:00:00"},
        {"tables": {"users": {"rows": "two"}}},
        {"tenant": None},
    ],
)
def test_a_manifest_of_another_shape_is_no_snapshot(tmp_path: Path, changes: dict[str, Any]) -> None:
    take(tmp_path / "s")
    change_manifest(tmp_path / "s", **changes)
    with pytest.raises(GovcheckError) as caught:
        open_snapshot(tmp_path / "s")
    assert codes(caught) == ["invalid-snapshot"]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff"])
def test_a_folder_without_a_readable_manifest_is_no_snapshot(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(GovcheckError) as caught:
        open_snapshot(tmp_path)
    assert codes(caught) == ["invalid-snapshot"]


def test_a_file_that_is_missing_or_changed_makes_the_snapshot_invalid(tmp_path: Path) -> None:
    take(tmp_path / "s")
    file = tmp_path / "s" / "users.parquet"
    pq.write_table(pa.table({"id": ["u1"]}), file)
    with pytest.raises(GovcheckError, match="not the one that was collected"):
        open_snapshot(tmp_path / "s")
    file.unlink()
    with pytest.raises(GovcheckError, match="is missing"):
        open_snapshot(tmp_path / "s")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "sub/file", "..", ""])
def test_a_manifest_names_no_files_outside_its_folder(tmp_path: Path, name: str) -> None:
    take(tmp_path / "s")
    users = {"rows": 0, "columns": {}, "files": {name: "0" * 64}, "requests": 1}
    change_manifest(tmp_path / "s", tables={"users": users})
    with pytest.raises(GovcheckError, match="outside its own folder"):
        open_snapshot(tmp_path / "s")


def test_a_fault_is_told_in_both_languages_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(GovcheckError) as caught:
        open_snapshot(tmp_path)
    [fault] = caught.value.diagnostics
    for lang in LANGS:
        assert str(tmp_path) in fault.message.in_lang(lang)
        assert "govcheck collect" in fault.helps[0].in_lang(lang)


def test_the_home_is_the_one_that_is_named_or_the_platforms_own(tmp_path: Path) -> None:
    assert home(str(tmp_path)) == tmp_path
    assert home().name == "govcheck"


def test_a_snapshot_folder_has_a_name_that_every_platform_accepts(tmp_path: Path) -> None:
    folder = snapshot_folder(tmp_path, "../t:1", TAKEN_AT)
    assert folder.relative_to(tmp_path) == Path("snapshots/_t_1/2026-10-01T08-00-00Z")


def test_a_second_snapshot_of_the_same_moment_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    take(snapshot_folder(tmp_path, "t-1", TAKEN_AT))
    with new_folder(snapshot_folder(tmp_path, "t-1", TAKEN_AT)) as writing:
        (writing / "file").touch()
        assert snapshot_folder(tmp_path, "t-1", TAKEN_AT).name == "2026-10-01T08-00-00Z-3"
    assert (tmp_path / "snapshots/t-1/2026-10-01T08-00-00Z-2").is_dir()


def test_snapshots_are_listed_newest_first(tmp_path: Path) -> None:
    for days in (1, 3, 2):
        moment = TAKEN_AT + timedelta(days=days)
        take(snapshot_folder(tmp_path, "t-1", moment), moment)
    broken = tmp_path / "snapshots" / "t-1" / "broken"
    broken.mkdir()
    assert [(found.tenant, (found.taken_at - TAKEN_AT).days) for found in list_snapshots(tmp_path)] == [
        ("t-1", 3),
        ("t-1", 2),
        ("t-1", 1),
    ]


def test_a_home_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert list_snapshots(tmp_path / "absent") == ()
    assert list_runs(tmp_path / "absent") == ()


def report(run: str = "r-1") -> bytes:
    """The JSON of a small report: one rule that fails for one person in one team."""
    verdict = {"outcome": "fail", "reason": None, "pass": 1, "fail": 1, "unknown": 0, "waived": 0, "share": 0.5}
    hidden = {"pass": None, "fail": None, "unknown": None, "waived": None, "share": None}
    finding = {
        "fingerprint": "f1",
        "rule": "ACC-02",
        "severity": "high",
        "outcome": "fail",
        "reason": None,
        "subject": {"kind": "users", "id": "u2", "label": "Jan"},
        "units": ["support"],
        "message": "Jan has no MFA",
        "tolerated": False,
        "evidence": {"is_mfa_capable": False},
        "owner": {"role": "teamlead", "people": ["u1"]},
        "source": {"file": "policies/access.yaml", "line": 21},
    }
    units = [
        verdict | {"unit": "support"},
        hidden | {"unit": "small", "outcome": "not_applicable", "reason": "suppressed"},
    ]
    return json.dumps(
        {
            "schema": "govcheck.report/v1",
            "run": {
                "id": run,
                "tenant": "t-1",
                "snapshot_taken_at": "2026-10-01T08:00:00Z",
                "as_of": "2026-10-01T08:00:00Z",
            },
            "rules": [{"id": "ACC-02", "policy": "access", "severity": "high", "units": units}],
            "findings": [finding],
        }
    ).encode()


def test_a_run_keeps_the_report_byte_for_byte(tmp_path: Path) -> None:
    folder = save_run(tmp_path, report())
    assert folder == tmp_path / "runs" / "t-1" / "r-1"
    assert (folder / "report.json").read_bytes() == report()


def test_the_findings_of_many_runs_are_one_query_away(tmp_path: Path) -> None:
    save_run(tmp_path, report("r-1"))
    save_run(tmp_path, report("r-2"))
    found = query(
        f"SELECT run, rule, subject_id, units, owner_role FROM '{tmp_path}/runs/*/*/findings.parquet' ORDER BY run"
    )
    assert found == [
        ("r-1", "ACC-02", "u2", ["support"], "teamlead"),
        ("r-2", "ACC-02", "u2", ["support"], "teamlead"),
    ]


def test_the_verdicts_of_a_run_are_rows_with_suppressed_counts_left_empty(tmp_path: Path) -> None:
    save_run(tmp_path, report())
    found = query(f"SELECT unit, outcome, fail, share FROM '{tmp_path}/runs/t-1/r-1/units.parquet' ORDER BY unit")
    assert found == [("small", "not_applicable", None, None), ("support", "fail", 1, 0.5)]


def test_a_run_without_findings_has_empty_tables(tmp_path: Path) -> None:
    empty = json.loads(report()) | {"rules": [], "findings": []}
    folder = save_run(tmp_path, json.dumps(empty).encode())
    assert pq.read_table(folder / "findings.parquet").num_rows == 0
    assert pq.read_table(folder / "units.parquet").num_rows == 0


def test_a_run_is_stored_once(tmp_path: Path) -> None:
    save_run(tmp_path, report())
    with pytest.raises(GovcheckError):
        save_run(tmp_path, report())


def test_runs_are_listed_latest_stored_first(tmp_path: Path) -> None:
    for days, run in enumerate(("r-1", "r-2")):
        stored = (TAKEN_AT + timedelta(days=days)).timestamp()
        os.utime(save_run(tmp_path, report(run)) / "report.json", (stored, stored))
    assert [(found.id, found.tenant, found.as_of) for found in list_runs(tmp_path)] == [
        ("r-2", "t-1", TAKEN_AT),
        ("r-1", "t-1", TAKEN_AT),
    ]
