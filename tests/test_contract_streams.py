"""Data to stdout or a file, everything else to stderr; both languages; what commands say to programs."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tenants import check, document, judge, person, policy, rule, run, write_documents

ESC = "\x1b"
RULES = policy(
    rule(
        "R",
        "users",
        "is_mfa_capable",
        title={"nl": "Titel R", "en": "Title R"},
        message={"nl": "{display_name} faalt", "en": "{display_name} fails"},
        why={"nl": "Omdat het moet.", "en": "Because."},
        fix={"nl": "Herstel het.", "en": "Mend it."},
        tags=["t"],
        references=["iso27001@2022:A.5.17"],
    ),
    rule("S", "users", "is_mfa_capable", title={"nl": "Titel S", "en": "Title S"}, at_least=":low"),
    rule("G", "sharepoint_settings", "is_legacy_auth_protocols_enabled", title={"nl": "Titel G", "en": "Title G"}),
    title={"nl": "Beleid", "en": "Policy"},
    parameters={"low": 0.9},
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("streams")
    users = [person("ann", is_mfa_capable=False, department="xx"), person("bob", is_mfa_capable=True), person("cor")]
    judge(found, [RULES], {"users": users}, gaps={"sharepoint_settings": "not_permitted"})
    return found


# Where things go


@pytest.mark.parametrize("fmt", ["text", "json", "csv", "html"])
def test_a_format_goes_to_stdout_and_warnings_to_stderr(folder: Path, fmt: str) -> None:
    ended = check(folder, "-f", fmt)
    assert ended.stdout
    assert "warning" in ended.stderr
    assert b"  --> " not in ended.stdout


def test_text_is_the_format_unless_told_otherwise(folder: Path) -> None:
    assert check(folder).stdout == check(folder, "-f", "text").stdout


def test_one_run_writes_many_files(folder: Path) -> None:
    targets = {fmt: folder / f"out.{fmt}" for fmt in ("text", "json", "csv", "html")}
    outputs = [part for fmt, file in targets.items() for part in ("-o", f"{fmt}={file}")]
    ended = check(folder, *outputs)
    assert ended.code == 1
    assert json.loads(targets["json"].read_bytes())["schema"] == "govcheck.report/v1"
    assert all(file.read_bytes() for file in targets.values())


def test_a_file_holds_what_stdout_would(folder: Path) -> None:
    check(folder, "-o", "csv=same.csv")
    assert (folder / "same.csv").read_bytes() == check(folder, "-f", "csv").stdout


def test_stdout_and_files_may_differ_in_format(folder: Path) -> None:
    ended = check(folder, "-f", "json", "-o", "csv=both.csv")
    assert ended.json["schema"] == "govcheck.report/v1"
    assert (folder / "both.csv").exists()


@pytest.mark.parametrize("flag", ["-q", "--quiet"])
def test_quiet_leaves_stderr_empty_and_data_and_code_as_they_were(folder: Path, flag: str) -> None:
    ended = check(folder, flag)
    assert (ended.code, ended.stderr) == (1, "")
    assert ended.stdout == check(folder).stdout


def test_errors_are_said_however_quiet(folder: Path) -> None:
    ended = check(folder, "-q", "--team", "nowhere")
    assert ended.code == 2
    assert "nowhere" in ended.stderr


def test_what_is_piped_holds_no_colour(folder: Path) -> None:
    ended = check(folder)
    assert ESC not in ended.text
    assert ESC not in ended.stderr


def _on_a_terminal(folder: Path, **environment: str) -> str:
    """Everything a run writes to a terminal."""
    ours, theirs = pty.openpty()
    surroundings = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    surroundings |= {"GOVCHECK_HOME": str(folder / "home"), "TERM": "xterm-256color"} | environment
    program = [sys.executable, "-m", "govcheck", "check", "--snapshot", "snapshot"]
    with subprocess.Popen(  # noqa: S603
        program, cwd=folder, env=surroundings, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            written += part
        process.wait()
    os.close(ours)
    return written.decode()


def test_a_terminal_shows_colour(folder: Path) -> None:
    assert f"{ESC}[" in _on_a_terminal(folder)


def test_no_color_is_obeyed(folder: Path) -> None:
    assert not re.search(f"{ESC}\\[[0-9;]*m", _on_a_terminal(folder, NO_COLOR="1"))


# Languages


def test_a_report_in_one_language_holds_no_line_of_the_other(folder: Path) -> None:
    dutch, english = (check(folder, "--lang", lang).text.splitlines() for lang in ("nl", "en"))
    shared = {line for line in dutch if line in set(english) and re.search(r"[a-z]{4}", line)}
    assert {line for line in shared if "De Linde" not in line and "made up" not in line} <= {"  S  Title of S"}


@pytest.mark.parametrize(("lang", "expected"), [("nl", "Ann faalt"), ("en", "Ann fails")])
@pytest.mark.parametrize("fmt", ["text", "json", "csv", "html"])
def test_messages_are_in_the_language_asked_for(folder: Path, fmt: str, lang: str, expected: str) -> None:
    assert expected in check(folder, "--lang", lang, "-f", fmt).text


def test_a_missing_language_falls_back_to_the_other(folder: Path, tmp_path: Path) -> None:
    only = policy(rule("R", "users", "FALSE", message={"nl": "Alleen Nederlands"}))
    write_documents(tmp_path / "only.yaml", only)
    ended = check(folder, tmp_path / "only.yaml", "--lang", "en", "-f", "json")
    assert {found["message"] for found in ended.json["findings"]} == {"Alleen Nederlands"}


@pytest.mark.parametrize(("lang", "warning"), [("nl", "warning"), ("en", "let op")])
def test_stderr_keeps_to_the_language_too(folder: Path, lang: str, warning: str) -> None:
    said = check(folder, "--lang", lang).stderr
    lines = [line for line in said.splitlines() if not re.match(r"(warning|error)\[", line)]
    assert not [line for line in lines if line.startswith(warning)]


def test_json_keys_and_outcomes_are_the_same_in_every_language(folder: Path) -> None:
    dutch, english = (check(folder, "--lang", lang, "-f", "json").json for lang in ("nl", "en"))
    for report in (dutch, english):
        del report["run"]["id"]
        for found in report["findings"]:
            del found["message"]
    assert dutch == english


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["list", "--help"]])
def test_help_is_in_the_language_of_the_system(folder: Path, arguments: list[str]) -> None:
    program = [sys.executable, "-m", "govcheck", *arguments]
    said = []
    for lang in ("nl_NL.UTF-8", "en_US.UTF-8"):
        surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "GOVCHECK_"))}
        surroundings["LANG"] = lang
        done = subprocess.run(program, cwd=folder, env=surroundings, capture_output=True, check=True)  # noqa: S603
        said.append(done.stdout.decode())
    assert said[0] != said[1]


# For programs


def test_formats_are_listed_with_name_media_type_and_ci(folder: Path) -> None:
    listed = run(folder, "list", "formats", "--format", "json").json
    assert all([*found] == ["name", "media_type", "ci"] for found in listed)
    by_name = {found["name"]: found["ci"] for found in listed}
    assert {name: by_name[name] for name in ("text", "json", "html", "csv")} == dict.fromkeys(
        ("text", "json", "html", "csv"), False
    )


@pytest.mark.parametrize(
    ("what", "keys"),
    [
        ("rules", {"id", "policy", "severity"}),
        ("tables", {"name", "columns", "relations"}),
        ("runs", {"id", "tenant", "as_of"}),
    ],
)
def test_lists_are_lists_of_objects(folder: Path, what: str, keys: set[str]) -> None:
    listed = run(folder, "list", what, "--format", "json").json
    assert isinstance(listed, list)
    assert listed
    assert all(keys <= set(found) for found in listed)


def test_rules_are_listed_with_id_pack_and_severity(folder: Path) -> None:
    listed = run(folder, "list", "rules", "--format", "json").json
    assert [(found["id"], found["policy"], found["severity"]) for found in listed] == [
        ("R", "house", "high"),
        ("S", "house", "high"),
        ("G", "house", "high"),
    ]


def test_teams_are_listed_with_id_name_kind_and_parent(folder: Path) -> None:
    listed = run(folder, "list", "teams", "--snapshot", "snapshot", "--format", "json").json
    (found,) = [unit for unit in listed if unit["id"] == "xx"]
    assert (found["name"], found["kind"], found["parent"]) == ("xx", "department", "organisation")


def test_collected_snapshots_are_listed(tmp_path: Path) -> None:
    collected = run(tmp_path, "collect", "--tenant", "demo", "--select", "ROL-01")
    listed = run(tmp_path, "list", "snapshots", "--format", "json").json
    path = Path(collected.text.strip())
    assert [Path(found["path"]) for found in listed] == [path]
    assert path.parent.parent == tmp_path / "home" / "snapshots"
    assert (path / "manifest.json").exists()


def test_a_rule_is_explained_to_a_program(folder: Path) -> None:
    found = run(folder, "explain", "R", "--format", "json", "--lang", "nl").json
    assert (found["id"], found["severity"], found["policy"], found["check"]) == ("R", "high", "house", "users")
    assert (found["title"], found["why"], found["fix"]) == ("Titel R", "Omdat het moet.", "Herstel het.")
    assert found["expect"] == "is_mfa_capable"
    assert found["references"] == ["iso27001@2022:A.5.17"]


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_rule_is_explained_to_people(folder: Path, lang: str) -> None:
    said = run(folder, "explain", "R", "--lang", lang).text
    for part in {"nl": ("Titel R", "Omdat het moet.", "Herstel het."), "en": ("Title R", "Because.", "Mend it.")}[lang]:
        assert part in said


def test_explain_shows_which_parameter_value_won(folder: Path) -> None:
    assert "0.9" in run(folder, "explain", "S").text
    assert "0.75" in run(folder, "explain", "S", "--set", "house.low=0.75").text


def test_explain_shows_that_the_organisations_value_won(folder: Path, tmp_path: Path) -> None:
    write_documents(tmp_path / "org.yaml", document("Organisation", "org", parameters={"house.low": 0.65}))
    assert "0.65" in run(folder, "explain", "S", "--policies", "policies", "--policies", tmp_path / "org.yaml").text


@pytest.mark.parametrize("kind", ["policy", "organisation", "racimatrix", "exceptions"])
def test_the_schema_of_a_kind_is_complete_and_valid(folder: Path, kind: str) -> None:
    schema = run(folder, "schema", kind).json
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).is_valid({})


@pytest.mark.parametrize("kind", ["policy", "organisation", "racimatrix", "exceptions"])
def test_the_schema_of_a_kind_accepts_its_example_and_refuses_another_kind(folder: Path, kind: str) -> None:
    examples: dict[str, dict[str, Any]] = {
        "policy": RULES,
        "organisation": document("Organisation", "org", units=[{"id": "a", "kind": "team"}]),
        "racimatrix": document("RaciMatrix", "raci", activities=[{"id": "a", "assign": {"lead": "A/R"}}]),
        "exceptions": document("Exceptions", "register", exceptions=[]),
    }
    validator = jsonschema.Draft202012Validator(run(folder, "schema", kind).json)
    assert {name for name, example in examples.items() if validator.is_valid(example)} == {kind}


def test_validate_tells_a_program_every_fault_with_its_place(tmp_path: Path) -> None:
    faulty = policy(rule("X", "userz", "TRUE"), rule("Y", "users", "nope"))
    write_documents(tmp_path / "faulty.yaml", faulty)
    ended = run(tmp_path, "validate", "faulty.yaml", "--format", "json")
    assert ended.code == 2
    errors = [found for found in ended.json if found["level"] == "error"]
    lines = (tmp_path / "faulty.yaml").read_text("utf-8").splitlines()
    assert [(found["path"], lines[found["line"] - 1][found["column"] - 1 :][:5].strip()) for found in errors] == [
        ("faulty.yaml", "userz"),
        ("faulty.yaml", "nope"),
    ]


def test_validate_tells_a_program_that_all_is_well(folder: Path) -> None:
    ended = run(folder, "validate", "--format", "json")
    assert ended.code == 0
    assert [found for found in ended.json if found["level"] == "error"] == []
