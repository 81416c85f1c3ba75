"""Which rules run, with which values, from which files, and where settings come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tenants import (
    Document,
    Verdicts,
    check,
    document,
    judge,
    person,
    policy,
    rule,
    run,
    write_documents,
    write_snapshot,
)

HOUSE = policy(
    rule("H-1", "users", "country = :land", tags=["blue", "red"]),
    rule("H-2", "users", "country IN :lands", severity="low", tags=["blue"]),
    rule("H-3", "users", "account_enabled = :wanted", severity="critical"),
    rule("H-4", "users", "length(id) <= :longest", severity="medium"),
    parameters={"land": "NL", "lands": ["NL", "BE"], "wanted": True, "longest": 3},
)
GARDEN = policy(
    rule("G-1", "users", "length(id) < :size", tags=["red"]), name="garden.back-yard", parameters={"size": 10}
)
USERS = [person("ann", country="NL", department="x"), person("bob", country="BE", department="x")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("selection")
    judge(found, [HOUSE, GARDEN], {"users": USERS})
    return found


def ran(folder: Path, *arguments: str | Path) -> list[str]:
    return [found["id"] for found in check(folder, "-f", "json", *arguments).json["rules"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], ["G-1", "H-1", "H-2", "H-3", "H-4"], id="everything"),
        pytest.param(["--select", "H-1"], ["H-1"], id="one rule"),
        pytest.param(["--select", "garden.back-yard"], ["G-1"], id="a pack"),
        pytest.param(["--select", "blue"], ["H-1", "H-2"], id="a tag"),
        pytest.param(["--select", "red", "--select", "H-4"], ["G-1", "H-1", "H-4"], id="several"),
        pytest.param(["--ignore", "H-1"], ["G-1", "H-2", "H-3", "H-4"], id="all but a rule"),
        pytest.param(["--ignore", "house"], ["G-1"], id="all but a pack"),
        pytest.param(["--ignore", "red"], ["H-2", "H-3", "H-4"], id="all but a tag"),
        pytest.param(["--select", "house", "--ignore", "blue"], ["H-3", "H-4"], id="a pack without a tag"),
        pytest.param(["--min-severity", "high"], ["G-1", "H-1", "H-3"], id="severe ones"),
        pytest.param(
            ["--select", "house", "--min-severity", "medium"], ["H-1", "H-3", "H-4"], id="severe ones of a pack"
        ),
    ],
)
def test_rules_are_chosen_by_id_pack_tag_and_severity(folder: Path, arguments: list[str], expected: list[str]) -> None:
    assert ran(folder, *arguments) == expected


# Parameters


def outcome(folder: Path, name: str, *arguments: str) -> str:
    return Verdicts(check(folder, "-f", "json", "--select", name, *arguments)).outcome(name)[0]


def test_without_more_a_parameter_has_its_default(folder: Path) -> None:
    assert outcome(folder, "H-1") == "fail"
    assert outcome(folder, "H-2") == "pass"


@pytest.mark.parametrize(
    ("name", "setting", "expected"),
    [
        pytest.param("H-2", "house.lands=[NL]", "fail", id="a list"),
        pytest.param("H-3", "house.wanted=false", "fail", id="a boolean"),
        pytest.param("H-4", "house.longest=2", "fail", id="a number"),
        pytest.param("H-4", "house.longest=2.5", "fail", id="a number with a fraction"),
        pytest.param("H-1", "house.land=BE", "fail", id="a text"),
        pytest.param("G-1", "garden.back-yard.size=1", "fail", id="the last dot separates policy and parameter"),
    ],
)
def test_the_command_line_sets_a_parameter(folder: Path, name: str, setting: str, expected: str) -> None:
    assert outcome(folder, name, "--set", setting) == expected


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param("house.wanted=no", id="no is a text and no boolean"),
        pytest.param("house.wanted=1", id="a number for a boolean"),
        pytest.param("house.longest=short", id="a text for a number"),
        pytest.param("house.longest=true", id="a boolean for a number"),
        pytest.param("house.lands=NL", id="a text for a list"),
        pytest.param("garden.size=1", id="a policy that is not there"),
        pytest.param("house.lnd=NL", id="a parameter that is not there"),
        pytest.param("house.lands=[NL", id="broken YAML"),
    ],
)
def test_a_value_must_have_the_type_of_the_default(folder: Path, setting: str) -> None:
    ended = check(folder, "--set", setting)
    assert (ended.code, ended.stdout) == (2, b"")
    assert "error" in ended.stderr.lower()


def test_the_organisation_overrides_a_default(folder: Path, tmp_path: Path) -> None:
    organisation = document("Organisation", "org", parameters={"house.lands": ["NL"]})
    write_documents(tmp_path / "org.yaml", organisation)
    assert outcome(folder, "H-2", "policies", str(tmp_path / "org.yaml")) == "fail"


def test_the_command_line_overrides_the_organisation(folder: Path, tmp_path: Path) -> None:
    organisation = document("Organisation", "org", parameters={"house.lands": ["NL"]})
    write_documents(tmp_path / "org.yaml", organisation)
    arguments = ("policies", str(tmp_path / "org.yaml"), "--set", "house.lands=[NL, BE]")
    assert outcome(folder, "H-2", *arguments) == "pass"


@pytest.mark.parametrize("parameters", [{"house.nothing": 1}, {"house.wanted": "x"}])
def test_an_override_in_the_organisation_must_fit(tmp_path: Path, parameters: dict[str, Any]) -> None:
    write_documents(tmp_path / "policies" / "house.yaml", HOUSE, document("Organisation", "org", parameters=parameters))
    assert run(tmp_path, "validate").code == 2


# Files


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("files")
    write_snapshot(found / "snapshot", {"users": USERS})
    for path in (
        *("policies/a.yaml", "policies/deep/b.yml", "policies/.hidden/c.yaml", "policies/examples/d.yaml"),
        *("policies/e.json", "other/f.yaml", "more/g.yaml"),
    ):
        name = Path(path).stem.upper()
        write_documents(found / path, policy(rule(name, "users", "TRUE"), name=f"pack-{name}"))
    return found


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], ["A", "B"], id="policies/ of the working folder"),
        pytest.param(["other"], ["F"], id="a folder"),
        pytest.param(["other/f.yaml"], ["F"], id="a file"),
        pytest.param(["--policies", "other"], ["F"], id="a folder by option"),
        pytest.param(["other", "--policies", "more"], ["F", "G"], id="paths and options add up"),
        pytest.param(["--policies", "other", "--policies", "more/g.yaml"], ["F", "G"], id="several options"),
        pytest.param(["policies", "policies/a.yaml"], ["A", "B"], id="a file named twice counts once"),
        pytest.param(["policies/examples"], ["D"], id="examples when named"),
        pytest.param(["policies/.hidden"], ["C"], id="a hidden folder when named"),
        pytest.param(["policies/.hidden/c.yaml"], ["C"], id="a file in a hidden folder when named"),
    ],
)
def test_policies_are_read_from_folders_and_files(files: Path, arguments: list[str], expected: list[str]) -> None:
    assert ran(files, *arguments) == expected


def listed(folder: Path, *arguments: str) -> set[str]:
    return {found["policy"] for found in run(folder, "list", "rules", "--format", "json", *arguments).json}


def test_without_policies_the_shipped_packs_are_used(tmp_path: Path) -> None:
    assert {"access", "raci"} <= listed(tmp_path)


def test_a_set_without_a_policy_gets_the_shipped_packs(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "org.yaml", document("Organisation", "org"))
    assert {"access", "raci"} <= listed(tmp_path)


def test_a_set_with_a_policy_gets_no_shipped_packs(folder: Path) -> None:
    assert listed(folder) == {"house", "garden.back-yard"}


def test_a_policy_with_the_id_of_a_shipped_pack_replaces_it(tmp_path: Path) -> None:
    write_documents(tmp_path / "policies" / "access.yaml", policy(rule("MINE", "users", "TRUE"), name="access"))
    rules = run(tmp_path, "list", "rules", "--format", "json").json
    assert [found["id"] for found in rules if found["policy"] == "access"] == ["MINE"]


def test_the_demo_uses_the_shipped_packs_and_its_own_declarations(tmp_path: Path) -> None:
    units = {unit["id"] for unit in run(tmp_path, "list", "teams", "--tenant", "demo", "--format", "json").json}
    assert "klantenservice" in units


# Settings


def settings(tmp: Path, **values: object) -> Path:
    judge(tmp, [HOUSE], {"users": USERS})
    lines = [
        f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in values.items()
    ]
    (tmp / "govcheck.toml").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp


def test_settings_come_from_the_file(tmp_path: Path) -> None:
    assert check(settings(tmp_path, fail_on="critical")).code == 0


def test_flags_win_over_the_file(tmp_path: Path) -> None:
    assert check(settings(tmp_path, fail_on="critical"), "--fail-on", "low").code == 1


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    said = check(settings(tmp_path, lang="nl"), GOVCHECK_LANG="en").text
    assert "Who must act" in said


def test_flags_win_over_the_environment(tmp_path: Path) -> None:
    said = check(settings(tmp_path, lang="en"), "--lang", "nl", GOVCHECK_LANG="en").text
    assert "Aan zet" in said


def test_the_file_chooses_a_language(tmp_path: Path) -> None:
    assert "Aan zet" in check(settings(tmp_path, lang="nl")).text


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("fail_on = ", id="broken"),
        pytest.param('surprise = "x"', id="an unknown key"),
        pytest.param('fail_on = "awful"', id="an unknown value"),
        pytest.param("lang = 3", id="a value of another type"),
    ],
)
def test_a_file_of_settings_that_is_wrong_is_2(tmp_path: Path, content: str) -> None:
    settings(tmp_path)
    (tmp_path / "govcheck.toml").write_text(content + "\n", "utf-8")
    ended = check(tmp_path)
    assert (ended.code, ended.stdout) == (2, b"")


def test_the_home_comes_from_the_environment(tmp_path: Path) -> None:
    judge(tmp_path, [HOUSE], {"users": USERS})
    check(tmp_path, GOVCHECK_HOME=str(tmp_path / "elsewhere"))
    assert list((tmp_path / "elsewhere" / "runs").iterdir())


def test_documents_of_one_file_count_each(tmp_path: Path) -> None:
    both: list[Document] = [HOUSE, GARDEN]
    write_documents(tmp_path / "policies" / "both.yaml", *both)
    assert listed(tmp_path) == {"house", "garden.back-yard"}
