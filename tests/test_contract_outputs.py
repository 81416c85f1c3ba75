"""`--output`: a file appears whole, a link keeps leading where it led, and a pipe is written to and stays a pipe."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from tenants import check, person, policy, rule, write_documents, write_snapshot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_documents(tmp_path / "policies" / "house.yaml", policy(rule("ON", "users", "account_enabled")))
    write_snapshot(tmp_path / "snapshot", {"users": [person("ann")]})
    return tmp_path


def test_nothing_is_left_beside_an_output_file(folder: Path) -> None:
    assert check(folder, "-o", "json=report.json").code == 0
    assert json.loads((folder / "report.json").read_text("utf-8"))["schema"] == "govcheck.report/v1"
    assert sorted(path.name for path in folder.iterdir()) == ["home", "policies", "report.json", "snapshot"]


def test_a_link_is_written_through(folder: Path) -> None:
    (folder / "real.json").write_text("old", "utf-8")
    (folder / "link.json").symlink_to("real.json")
    assert check(folder, "-o", "json=link.json").code == 0
    assert (folder / "link.json").is_symlink()
    assert json.loads((folder / "real.json").read_text("utf-8"))["rules"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to_and_stays_a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    read: list[str] = []
    reader = Thread(target=lambda: read.append((folder / "pipe").read_text("utf-8")), daemon=True)
    reader.start()
    ended = check(folder, "-o", "json=pipe")
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode), ended.stderr
    reader.join(timeout=10)
    assert json.loads(read[0])["rules"]
