"""The audit log: who ran what, what was read, where it went; and how long things are kept."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator import serve
from govcheck.cli.audit import identity
from govcheck.demo import generate
from tenants import TENANT, check, document, judge, person, policy, rule, run, write_documents, write_snapshot

SECRET_NAME = "Wilhelmina Bovenkamp"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    users = [person("ann", display_name=SECRET_NAME, country="NL"), person("bob", country="DE")]
    write_documents(tmp_path / "policies" / "house.yaml", policy(rule("R", "users", "country = 'NL'")))
    write_snapshot(tmp_path / "snapshot", {"users": users})
    return tmp_path


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "home" / "audit.jsonl").read_text("utf-8").splitlines()]


def test_a_check_leaves_one_line(folder: Path) -> None:
    ended = check(folder, "-f", "json", "-o", "csv=out.csv", "--names", "counts")
    [line] = lines(folder)
    report = ended.json
    assert line["command"] == "check"
    assert line["run"] == report["run"]["id"]
    assert (line["tenant"], line["taken_at"]) == (TENANT, "2026-10-01T08:00:00Z")
    assert line["policies"] == report["run"]["policy_digest"]
    assert line["packs"] == ["house"]
    assert (line["source"], line["finished"]) == ("snapshot", True)
    assert line["read"]["users"] == {"rows": 2, "requests": 1}
    assert line["outputs"] == [
        {"format": "json", "to": "stdout", "names": "counts"},
        {"format": "csv", "to": "out.csv", "names": "counts"},
    ]
    assert datetime.now(UTC) - datetime.fromisoformat(line["at"]) < timedelta(minutes=5)


def test_evidence_that_was_read_is_told_by_file_and_table(folder: Path) -> None:
    (folder / "training.csv").write_text("unit,course,period_end,due,completed\norganisation,avg,2026-06-30,20,20\n")
    evidence = document("Evidence", "evidence", files=[{"table": "training", "path": "../training.csv"}])
    rules = policy(rule("TRAINED", "training", "completed = due"))
    write_documents(folder / "policies" / "house.yaml", rules, evidence)
    check(folder)
    [line] = lines(folder)
    assert line["evidence"] == [{"table": "training", "file": "../training.csv"}]


def test_lines_are_added_and_never_changed(folder: Path) -> None:
    check(folder)
    first = (folder / "home" / "audit.jsonl").read_bytes()
    check(folder)
    assert (folder / "home" / "audit.jsonl").read_bytes().startswith(first)
    assert len(lines(folder)) == 2


def test_a_run_that_fails_after_reading_is_told_too(folder: Path) -> None:
    assert check(folder, "--team", "nowhere").code == 2
    [line] = lines(folder)
    assert (line["finished"], line["run"], line["outputs"]) == (False, None, [])
    assert "users" in line["read"]


def test_a_tenant_that_could_not_be_reached_is_a_line_in_which_nothing_was_read(folder: Path) -> None:
    run(folder, "check", GOVCHECK_GRAPH_URL="http://127.0.0.1:9/v1.0", GOVCHECK_ACCESS_TOKEN="x")
    [line] = lines(folder)
    assert (line["finished"], line["tenant"], line["read"], line["source"]) == (False, None, {}, "tenant")


def test_wrong_usage_reads_nothing_and_leaves_no_line(folder: Path) -> None:
    check(folder, "--select", "NOTHING")
    assert not (folder / "home").exists()


@pytest.mark.parametrize(
    "command", [["collect", "-o", "taken"], ["doctor"], ["list", "teams"], ["check", "--select", "R"]], ids=" ".join
)
def test_every_command_that_reads_a_tenant_leaves_a_line_without_secrets_or_names(
    folder: Path, command: list[str]
) -> None:
    with serve(generate(people=60)) as graph:
        token = graph.token()
        settings = {"GOVCHECK_GRAPH_URL": graph.url, "GOVCHECK_ACCESS_TOKEN": token, "GOVCHECK_PACE": "0"}
        ended = run(folder, *command, **settings)
    assert ended.code in {0, 1, 3}, ended.stderr
    [line] = lines(folder)
    assert line["source"] == "tenant"
    assert line["read"]["users"]["requests"] >= 1
    written = (folder / "home" / "audit.jsonl").read_text("utf-8")
    assert token not in written
    assert token.split(".")[2] not in written
    assert "Noorderlicht" not in written
    assert "@" not in written


def test_the_demo_is_told_apart_from_a_tenant(folder: Path) -> None:
    run(folder, "check", "--tenant", "demo", "--select", "COM-12")
    assert lines(folder)[0]["source"] == "demo"


def test_no_name_of_the_data_is_in_a_line(folder: Path) -> None:
    check(folder)
    written = (folder / "home" / "audit.jsonl").read_text("utf-8")
    assert SECRET_NAME not in written
    assert "delinde.example" not in written
    assert "De Linde" not in written


def test_a_line_is_for_its_owner_alone(folder: Path) -> None:
    check(folder)
    assert (folder / "home" / "audit.jsonl").stat().st_mode & 0o077 == 0


def test_a_log_that_cannot_be_written_is_a_warning(folder: Path) -> None:
    (folder / "home" / "audit.jsonl").mkdir(parents=True)
    ended = check(folder, "--exit-zero")
    assert ended.code == 0
    assert ended.stdout
    assert "audit.jsonl" in ended.stderr


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "octocat"}, {"via": "github_actions", "name": "octocat"}),
        ({"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "jan"}, {"via": "gitlab_ci", "name": "jan"}),
        ({"TF_BUILD": "True", "BUILD_REQUESTEDFOR": "Jan"}, {"via": "tf_build", "name": "Jan"}),
        ({"JENKINS_URL": "https://ci.example"}, {"via": "jenkins_url", "name": None}),
    ],
)
def test_in_a_pipeline_it_is_whoever_the_pipeline_runs_for(
    environment: dict[str, str], expected: dict[str, str | None]
) -> None:
    assert identity(environment) == expected


def test_elsewhere_it_is_the_user_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "willem")
    assert identity({}) == {"via": "system", "name": "willem"}


# What was kept long enough


def stored(folder: Path, days: int) -> Path:
    """A snapshot in the store, put there so many days ago."""
    moment = datetime.now(UTC) - timedelta(days=days)
    kept = write_snapshot(folder / "home" / "snapshots" / TENANT / f"{days}-days", {}, taken_at=moment.isoformat())
    os.utime(kept / "manifest.json", (moment.timestamp(), moment.timestamp()))
    return kept


def test_after_a_run_is_kept_what_is_old_goes(folder: Path) -> None:
    old, young = stored(folder, 40), stored(folder, 20)
    ended = check(folder, "--lang", "nl")
    assert not old.exists()
    assert young.exists()
    assert "1 momentopname of controle was lang genoeg bewaard en is verwijderd" in ended.stderr


def test_where_nothing_is_old_nothing_is_said(folder: Path) -> None:
    stored(folder, 20)
    assert "deleted" not in check(folder).stderr


def test_quiet_deletes_without_a_word(folder: Path) -> None:
    old = stored(folder, 40)
    assert check(folder, "-q").stderr == ""
    assert not old.exists()


def test_a_kept_snapshot_that_is_at_work_stays(folder: Path) -> None:
    old = stored(folder, 40)
    assert run(folder, "check", "--snapshot", old).code == 0
    assert old.exists()


def test_an_old_snapshot_elsewhere_is_nobodys_to_delete(tmp_path: Path) -> None:
    judge(tmp_path, [policy(rule("R", "users", "account_enabled"))], {"users": [person("ann")]})
    old = shutil.copytree(tmp_path / "snapshot", tmp_path / "elsewhere")
    manifest = json.loads((old / "manifest.json").read_text("utf-8"))
    (old / "manifest.json").write_text(json.dumps(manifest | {"taken_at": "2020-01-01T00:00:00Z"}), "utf-8")
    assert run(tmp_path, "check", "--snapshot", old).code == 0
    assert old.exists()
