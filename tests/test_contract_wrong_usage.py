"""What was asked or written wrongly ends with 2, says so on stderr and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenants import Document, check, person, policy, rule, run, write_documents, write_snapshot

RULES = policy(
    rule("PASS", "users", "account_enabled"),
    rule("FAIL-HIGH", "users", "id <> 'bob'"),
    rule("FAIL-LOW", "users", "id <> 'ann'", severity="low"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("wrong")
    write_documents(found / "policies" / "house.yaml", RULES)
    write_snapshot(found / "snapshot", {"users": [person(name) for name in ("ann", "bob")]})
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--select", "NOTHING-HAS-THIS-ID"], id="nothing selected"),
        pytest.param(["--ignore", "house"], id="everything ignored"),
        pytest.param(["--select", "FAIL-LOW", "--min-severity", "critical"], id="nothing severe enough"),
        pytest.param(["--format", "papyrus"], id="unknown format"),
        pytest.param(["--output", "papyrus=file"], id="unknown format of a file"),
        pytest.param(["--output", "json"], id="output without file"),
        pytest.param(["--lang", "fr"], id="unknown language"),
        pytest.param(["--fail-on", "awful"], id="unknown severity"),
        pytest.param(["--min-severity", "awful"], id="unknown lowest severity"),
        pytest.param(["--as-of", "yesterday"], id="no date"),
        pytest.param(["--as-of", "2026-02-30"], id="a day that does not exist"),
        pytest.param(["--set", "house.nothing=1"], id="unknown parameter"),
        pytest.param(["--set", "nonsense"], id="no parameter"),
        pytest.param(["--names", "loud"], id="unknown way to show names"),
        pytest.param(["--engine", "abacus"], id="unknown engine"),
        pytest.param(["--no-such-option"], id="unknown option"),
        pytest.param(["--tenant", "other"], id="unknown tenant"),
        pytest.param(["absent.yaml"], id="a policy file that is not there"),
        pytest.param(["--policies", "absent"], id="a policy folder that is not there"),
    ],
)
def test_wrong_usage_is_2_and_writes_no_data(folder: Path, arguments: list[str]) -> None:
    ended = check(folder, *arguments)
    assert (ended.code, ended.stdout) == (2, b"")
    assert ended.stderr


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["list", "nonsense"], ["schema", "nonsense"], ["explain", "NOPE"]]
)
def test_an_unknown_command_kind_or_rule_is_2(folder: Path, arguments: list[str]) -> None:
    ended = run(folder, *arguments)
    assert (ended.code, ended.stdout) == (2, b"")


def test_an_unknown_table_is_2(folder: Path) -> None:
    ended = run(folder, "list", "tables", "user")
    assert (ended.code, ended.stdout) == (2, b"")
    assert "users" in ended.stderr


def test_an_empty_policy_set_is_2(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    ended = check(folder, tmp_path / "empty")
    assert (ended.code, ended.stdout) == (2, b"")


@pytest.mark.parametrize("target", ["absent-folder/report.json", "policies"])
def test_an_output_that_cannot_be_written_is_2_and_nothing_is_written(folder: Path, target: str) -> None:
    ended = check(folder, "--select", "PASS", "-o", f"json={target}", "-o", "csv=written.csv", "-f", "json")
    assert (ended.code, ended.stdout) == (2, b"")
    assert not (folder / "written.csv").exists()
    assert not (folder / "absent-folder").exists()


def test_an_output_that_cannot_be_written_wins_over_findings(folder: Path) -> None:
    assert check(folder, "--select", "FAIL-HIGH", "-o", "json=absent-folder/report.json").code == 2


# Snapshots


def broken(folder: Path, kind: str) -> Path:
    found = write_snapshot(folder / "broken", {"users": [person("ann")]})
    manifest = found / "manifest.json"
    match kind:
        case "no manifest":
            manifest.unlink()
        case "no JSON":
            manifest.write_text("{", "utf-8")
        case "another schema":
            manifest.write_text(manifest.read_text("utf-8").replace("snapshot/v1", "snapshot/v9"), "utf-8")
        case "no such file":
            (found / "users.parquet").unlink()
        case "a changed file":
            (found / "users.parquet").write_bytes(b"other")
    return found


@pytest.mark.parametrize("kind", ["no manifest", "no JSON", "another schema", "no such file", "a changed file"])
def test_an_invalid_snapshot_is_2(tmp_path: Path, kind: str) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", RULES)
    ended = run(tmp_path, "check", "--snapshot", broken(tmp_path, kind))
    assert (ended.code, ended.stdout) == (2, b"")
    assert "error[invalid-snapshot]" in ended.stderr


def test_a_snapshot_that_is_not_there_is_2(folder: Path) -> None:
    assert run(folder, "check", "--snapshot", "absent").code == 2


# Policies


@pytest.mark.parametrize(
    ("change", "clue"),
    [
        pytest.param(rule("R", "userz", "TRUE"), "users", id="unknown table"),
        pytest.param(rule("R", "users", "is_mfa_capabel"), "is_mfa_capable", id="unknown column"),
        pytest.param(rule("R", "users", "country = :nowhere"), "nowhere", id="unknown parameter"),
        pytest.param(rule("R", "users", "country ="), "", id="half an expression"),
        pytest.param(rule("R", "users", "country"), "", id="no condition"),
        pytest.param(rule("R", "users", "TRUE", surprise=1), "surprise", id="unknown key"),
        pytest.param({"id": "R", "title": "R", "severity": "high", "check": "users"}, "expect", id="no expectation"),
    ],
)
def test_a_policy_that_cannot_be_read_is_2_with_its_place_and_nothing_written(
    tmp_path: Path, change: Document, clue: str
) -> None:
    write_snapshot(tmp_path / "snapshot", {"users": [person("ann")]})
    write_documents(tmp_path / "policies" / "house.yaml", policy(rule("GOOD", "users", "TRUE"), change))
    ended = check(tmp_path, "-o", "json=report.json")
    assert (ended.code, ended.stdout) == (2, b"")
    assert "error[" in ended.stderr
    assert "  --> policies/house.yaml:" in ended.stderr
    assert clue in ended.stderr
    assert not (tmp_path / "report.json").exists()


def test_yaml_that_cannot_be_read_is_2_in_the_same_frame(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "snapshot", {"users": [person("ann")]})
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "broken-yaml.yaml").write_text("apiVersion: govcheck/v1\nkind: [Policy\nid: x\n", "utf-8")
    ended = check(tmp_path)
    assert (ended.code, ended.stdout) == (2, b"")
    assert "error[" in ended.stderr
    assert "  --> policies/broken-yaml.yaml:" in ended.stderr
