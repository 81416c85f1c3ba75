"""`govcheck completions`: a script that real shells accept, what they then complete, and nothing heavy on the way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from govcheck.cli.completions import SHELLS
from tenants import run

HEAVY = {"azure", "duckdb", "httpx", "jinja2", "jsonschema", "msgraph", "msgspec", "pyarrow", "sqlglot", "yaml"}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder that holds nothing but our program, as it stands on a PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "govcheck"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m govcheck "$@"\n', "utf-8")
    script.chmod(0o755)
    return folder


def outside(folder: Path, command: Sequence[str], **environment: str) -> str:
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("GOVCHECK_")} | environment
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_asks_our_program(tmp_path: Path, shell: str) -> None:
    ended = run(tmp_path, "completions", shell)
    assert (ended.code, ended.stderr) == (0, "")
    assert f"_GOVCHECK_COMPLETE={shell}_complete" in ended.text


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_that_is_here_can_read_its_script(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "script").write_bytes(run(tmp_path, "completions", shell).stdout)
    outside(tmp_path, [shell, "-n", "script"])


def test_bash_completes_commands_and_options(tmp_path: Path, program: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    complete = 'COMP_WORDS=(%s) COMP_CWORD=%d COMPREPLY=(); _govcheck_completion govcheck; echo "${COMPREPLY[@]}"'
    lines = [
        'eval "$(govcheck completions bash)"',
        complete % ("govcheck che", 1),
        complete % ("govcheck check --clo", 2),
        complete % ('govcheck completions ""', 2),
    ]
    path = f"{program}{os.pathsep}{os.environ['PATH']}"
    said = outside(tmp_path, ["bash", "--norc", "-c", "\n".join(lines)], PATH=path)
    assert said.splitlines() == ["check", "--cloud", " ".join(SHELLS)]


def test_an_unknown_shell_is_wrong_usage(tmp_path: Path) -> None:
    ended = run(tmp_path, "completions", "powershell")
    assert (ended.code, ended.stdout) == (2, b"")
    assert "bash" in ended.stderr


def loaded(folder: Path, *arguments: str, **environment: str) -> set[str]:
    """The libraries that our program has loaded when it ends."""
    code = (
        "import atexit, json, os, sys\n"
        "def tell():\n"
        "    names = {name.partition('.')[0] for name in sys.modules}\n"
        "    sys.stderr.write(json.dumps(sorted(names)))\n"
        "atexit.register(tell)\n"
        "sys.argv[0] = 'govcheck'\n"
        "from govcheck.cli import main\n"
        "main()\n"
    )
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("GOVCHECK_")} | environment
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, *arguments], cwd=folder, env=surroundings, capture_output=True, check=True
    )
    return set(json.loads(done.stderr))


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["check", "--help"], ["doctor", "--help"], ["permissions", "--help"], ["completions", "zsh"]],
    ids=" ".join,
)
def test_what_must_be_instant_loads_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    assert loaded(tmp_path, *arguments) & HEAVY == set()


def test_completing_loads_nothing_heavy(tmp_path: Path) -> None:
    asked = {"_GOVCHECK_COMPLETE": "bash_complete", "COMP_WORDS": "govcheck list ru", "COMP_CWORD": "2"}
    assert loaded(tmp_path, **asked) & HEAVY == set()
