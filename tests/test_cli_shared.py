"""What commands have in common: the cloud, the settings file, and how faults of others are shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from govcheck.cli.options import CLOUDS
from govcheck.graph import auth
from govcheck.graph.faults import SignInError, problem
from govcheck.shipped import shipped
from tenants import policy, rule, run, write_documents

SIGNING_IN = [["check"], ["collect"], ["doctor"], ["list", "teams"]]


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The clouds that were signed in to; nobody gets in."""
    asked: list[str] = []

    def refuse(*_: object, cloud: str, **__: object) -> None:
        asked.append(cloud)
        raise SignInError(problem("no-credentials"))

    monkeypatch.setattr(auth, "sign_in", refuse)
    return asked


def test_the_clouds_on_the_command_line_are_those_that_can_be_signed_in_to() -> None:
    assert tuple(auth.CLOUDS) == CLOUDS


@pytest.mark.parametrize("command", SIGNING_IN, ids=" ".join)
def test_a_cloud_is_signed_in_to(tmp_path: Path, clouds: list[str], command: list[str]) -> None:
    assert run(tmp_path, *command, "--cloud", "china").code == 4
    assert run(tmp_path, *command).code == 4
    assert clouds == ["china", "global"]


@pytest.mark.parametrize("command", SIGNING_IN, ids=" ".join)
def test_the_settings_file_names_the_cloud_for_every_command(
    tmp_path: Path, clouds: list[str], command: list[str]
) -> None:
    (tmp_path / "govcheck.toml").write_text('cloud = "us_gov"\n', "utf-8")
    run(tmp_path, *command)
    run(tmp_path, *command, "--cloud", "us_dod")
    assert clouds == ["us_gov", "us_dod"]


def test_an_unknown_cloud_is_wrong_usage(tmp_path: Path) -> None:
    ended = run(tmp_path, "check", "--cloud", "mars")
    assert (ended.code, ended.stdout) == (2, b"")


def test_a_fault_in_a_shipped_pack_shows_its_line(tmp_path: Path) -> None:
    write_documents(tmp_path / "twin.yaml", policy(rule("ACC-02", "users", "account_enabled")))
    ended = run(tmp_path, "validate", "twin.yaml", shipped("policies"))
    assert ended.code == 2
    assert re.search(r"--> policies/access\.yaml:\d+:\d+\n *\d+ \| +- id: ACC-02", ended.stderr)


def test_signing_in_fails_in_our_own_words_alone(tmp_path: Path) -> None:
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("GOVCHECK_", "AZURE_"))}
    surroundings |= {
        "GOVCHECK_HOME": str(tmp_path / "home"),
        "GOVCHECK_LANG": "en",
        "AZURE_TENANT_ID": "0c6c1a1e-5d4b-4f6e-9a51-0d2f3f1b7a11",
        "AZURE_CLIENT_ID": "4b1f6b0e-9a0c-4a39-8a8a-3f0f5f7f0c11",
        "AZURE_CLIENT_SECRET": "made-up",
        "AZURE_AUTHORITY_HOST": "https://127.0.0.1:1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "govcheck", "collect", "--select", "COM-12"],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert done.stderr.startswith("error[unreachable]: ")
    assert "azure" not in done.stderr.lower().replace("azure_", "")
    assert "get_token" not in done.stderr
