"""`govcheck init`: a first policy folder that validates, whatever was answered."""

from __future__ import annotations

import re
import tomllib
from itertools import product
from pathlib import Path

import pytest
import yaml

from tenants import run


def written(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("lang", "size", "framework"), list(product(("nl", "en"), ("12", "400"), (None, "nis2", "iso27001")))
)
def test_what_it_writes_validates_without_a_remark(tmp_path: Path, lang: str, size: str, framework: str | None) -> None:
    norm = ("--framework", framework) if framework else ()
    assert run(tmp_path, "init", "--lang", lang, "--size", size, "--name", 'De "Linde": B.V.', *norm).code == 0
    checked = run(tmp_path, "validate")
    assert (checked.code, "warning" in checked.stderr) == (0, False), checked.stderr


def test_both_languages_say_the_same_apart_from_words(tmp_path: Path) -> None:
    for lang in ("nl", "en"):
        assert run(tmp_path, "init", lang, "--lang", lang, "--size", "100").code == 0
    for file in sorted((tmp_path / "nl" / "policies").glob("*.yaml")):
        dutch, english = (
            yaml.safe_load((tmp_path / lang / "policies" / file.name).read_text()) for lang in ("nl", "en")
        )
        assert _shape(dutch) == _shape(english), file.name


def _shape(value: object) -> object:
    """The keys and the kinds of values."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    return type(value).__name__


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_examples_in_comments_are_right_too(tmp_path: Path, lang: str) -> None:
    run(tmp_path, "init", "--lang", lang, "--size", "100")
    for name, empty in (
        ("organisation", "units: []"),
        ("processing", "purposes: []"),
        ("exceptions", "exceptions: []"),
    ):
        file = tmp_path / "policies" / f"{name}.yaml"
        head, _, rest = file.read_text().partition(f"{empty}\n")
        commented, _, after = rest.partition("\n\n") if name == "organisation" else rest.partition("notices:")
        shown = re.sub(r"^#(?= )", "", commented, flags=re.MULTILINE)
        tail = f"\n\n{after}" if name == "organisation" else f"notices:{after}" if after else ""
        file.write_text(f"{head}{empty.removesuffix(' []')}\n{shown}{tail}")
    checked = run(tmp_path, "validate")
    assert checked.code == 0, checked.stderr


def test_a_small_organisation_needs_no_works_council(tmp_path: Path) -> None:
    run(tmp_path, "init", "small", "--size", "49")
    run(tmp_path, "init", "large", "--size", "50")
    roles = {
        size: yaml.safe_load((tmp_path / size / "policies" / "organisation.yaml").read_text())["roles"]
        for size in ("small", "large")
    }
    assert ("works_council" in roles["small"], "works_council" in roles["large"]) == (False, True)
    assert "no_works_council" in (tmp_path / "small" / "policies" / "processing.yaml").read_text()


def test_govcheck_toml_fails_on_high_and_leaves_out_the_packs_not_chosen(tmp_path: Path) -> None:
    run(tmp_path, "init", "--pack", "access", "--pack", "raci", "--lang", "nl")
    settings = tomllib.loads((tmp_path / "govcheck.toml").read_text())
    assert (settings["fail_on"], settings["lang"]) == ("high", "nl")
    assert {"people", "rhythm"} <= set(settings["ignore"])
    assert not {"access", "raci"} & set(settings["ignore"])


def test_the_settings_hold_for_the_next_command(tmp_path: Path) -> None:
    run(tmp_path, "init", "--pack", "raci", "--lang", "nl")
    ended = run(tmp_path, "check", "--tenant", "demo", "policies", "--format", "json", "-q")
    assert {rule["policy"] for rule in ended.json["rules"]} == {"raci"}


def test_only_files_of_the_chosen_packs_are_written(tmp_path: Path) -> None:
    run(tmp_path, "init", "--pack", "communication")
    files = {name for name in written(tmp_path) if "/." not in name}
    assert files == {
        "govcheck.toml",
        *(f"policies/{name}.yaml" for name in ("organisation", "raci", "exceptions", "apps", "charter")),
    }


def test_every_file_names_a_schema_that_is_there(tmp_path: Path) -> None:
    run(tmp_path, "init")
    for file in (tmp_path / "policies").glob("*.yaml"):
        first = file.read_text().partition("\n")[0]
        assert (file.parent / first.rpartition("$schema=")[2]).is_file(), file.name


def test_nothing_is_overwritten_and_nothing_is_half_written(tmp_path: Path) -> None:
    (tmp_path / "govcheck.toml").write_text("# mine\n")
    ended = run(tmp_path, "init")
    assert (ended.code, written(tmp_path)) == (2, {"govcheck.toml"})
    assert "`govcheck.toml`" in ended.stderr


@pytest.mark.parametrize(("option", "value"), [("--pack", "acces"), ("--framework", "iso2700")])
def test_an_unknown_name_is_met_with_the_nearest(tmp_path: Path, option: str, value: str) -> None:
    ended = run(tmp_path, "init", option, value)
    assert (ended.code, written(tmp_path)) == (2, set())
    assert re.search("did you mean `(access|iso27001)`", ended.stderr)


def test_it_says_what_to_do_next_in_the_language_of_the_files(tmp_path: Path) -> None:
    assert "Zo gaat u verder" in run(tmp_path, "init", "--lang", "nl").stderr


def test_a_fault_is_told_in_the_language_of_the_files(tmp_path: Path) -> None:
    run(tmp_path, "init", "--lang", "nl", "--pack", "raci")
    assert "geen regel heet `NONE-01`" in run(tmp_path, "explain", "NONE-01").stderr


def test_a_proposal_holds_no_facts_that_nobody_has_stated(tmp_path: Path) -> None:
    run(tmp_path, "init", "--size", "100")
    files = {file.stem: yaml.safe_load(file.read_text()) for file in (tmp_path / "policies").glob("*.yaml")}
    assert "tested" not in files["incident"]
    assert "risk_assessment" not in files["remote-work"]
    assert not any("dpa_date" in app for app in files["apps"]["apps"])
    assert "consented" not in str(files["processing"])
