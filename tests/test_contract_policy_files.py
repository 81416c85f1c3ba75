"""How policy files are read, and how their faults are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenants import Document, Ended, policy, rule, run, write_documents

HEAD = "apiVersion: govcheck/v1\nkind: Policy\nid: house\ntitle: House\nowner: ciso\n"
RULE = "rules:\n  - {id: R, title: T, severity: low, check: users, expect: account_enabled}\n"
GOOD = HEAD + 'version: "1.0"\n' + RULE


def validated(tmp: Path, content: str, *arguments: str, name: str = "one.yaml") -> Ended:
    """Validate one file; its name differs from test to test, as paths in diagnostics do."""
    (tmp / name).write_text(content, "utf-8")
    return run(tmp, "validate", name, *arguments)


def faults(ended: Ended, level: str = "error") -> list[dict[str, Any]]:
    return [found for found in ended.json if found["level"] == level]


def changed(**values: object) -> Document:
    return policy(rule("R", "users", "account_enabled") | values)


def verdict(tmp: Path, *documents: Document) -> Ended:
    write_documents(tmp / "set.yaml", *documents)
    return run(tmp, "validate", "set.yaml", "--format", "json")


def test_a_policy_with_only_the_required_keys_is_valid(tmp_path: Path) -> None:
    assert validated(tmp_path, GOOD).code == 0


def test_a_rule_without_message_why_fix_or_examples_is_a_warning(tmp_path: Path) -> None:
    ended = validated(tmp_path, GOOD, "--format", "json")
    said = json.dumps(faults(ended, "warning"))
    assert all(word in said for word in ("message", "why", "fix", "examples"))


@pytest.mark.parametrize("key", ["apiVersion", "kind", "id", "title", "owner", "version", "rules"])
def test_a_policy_needs_its_header(tmp_path: Path, key: str) -> None:
    missing = changed()
    del missing[key]
    assert verdict(tmp_path, missing).code == 2


@pytest.mark.parametrize("key", ["id", "title", "severity", "check", "expect"])
def test_a_rule_needs_its_core(tmp_path: Path, key: str) -> None:
    missing = changed()
    del missing["rules"][0][key]
    assert verdict(tmp_path, missing).code == 2


def test_unknown_keys_are_errors(tmp_path: Path) -> None:
    assert verdict(tmp_path, changed(owner="me")).code == 2
    assert verdict(tmp_path, changed() | {"surprise": 1}).code == 2


def test_keys_that_begin_with_x_are_free(tmp_path: Path) -> None:
    assert verdict(tmp_path, changed(**{"x-note": {"any": ["thing"]}}) | {"x-more": 1}).code == 0


@pytest.mark.parametrize("name", ["1R", "_R", "R 1", "Ré", "R/1", ""])
def test_an_id_begins_with_a_letter_and_holds_letters_digits_dots_dashes(tmp_path: Path, name: str) -> None:
    assert verdict(tmp_path, changed(id=name)).code == 2


@pytest.mark.parametrize("name", ["R", "r.1-2_x", "ACC-02"])
def test_such_an_id_is_fine(tmp_path: Path, name: str) -> None:
    assert verdict(tmp_path, changed(id=name)).code == 0


def test_ids_are_unique_over_the_whole_set(tmp_path: Path) -> None:
    assert verdict(tmp_path, changed(), policy(rule("R", "users", "TRUE"), name="other")).code == 2
    assert verdict(tmp_path, changed(), policy(rule("Q", "users", "TRUE"))).code == 2


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low", "info"])
def test_there_are_five_severities(tmp_path: Path, severity: str) -> None:
    assert verdict(tmp_path, changed(severity=severity)).code == 0


@pytest.mark.parametrize("severity", ["High", "urgent", 1])
def test_there_are_no_other_severities(tmp_path: Path, severity: object) -> None:
    assert verdict(tmp_path, changed(severity=severity)).code == 2


@pytest.mark.parametrize("words", ["Text", {"nl": "Tekst"}, {"en": "Text"}, {"nl": "Tekst", "en": "Text"}])
def test_text_for_people_is_a_string_or_a_map_of_languages(tmp_path: Path, words: object) -> None:
    assert verdict(tmp_path, changed(title=words, message=words, why=words, fix=words)).code == 0


@pytest.mark.parametrize("words", [{}, {"de": "Wort"}, {"nl": "Tekst", "fr": "Texte"}, ["Text"], 3])
def test_text_for_people_is_nothing_else(tmp_path: Path, words: object) -> None:
    assert verdict(tmp_path, changed(message=words)).code == 2


@pytest.mark.parametrize("message", ["{nothing_like_it}", "{display_name!r}", "{display_name:>99}", "{0}"])
def test_placeholders_are_plain_columns(tmp_path: Path, message: str) -> None:
    assert verdict(tmp_path, changed(message=message)).code == 2


@pytest.mark.parametrize("at_least", [0.5, 1, 0, ":low"])
def test_a_threshold_is_a_share_or_a_parameter(tmp_path: Path, at_least: object) -> None:
    assert verdict(tmp_path, changed(at_least=at_least) | {"parameters": {"low": 0.5}}).code == 0


@pytest.mark.parametrize("at_least", [1.5, -0.1, "half", ":nothing", ":word"])
def test_a_threshold_is_nothing_else(tmp_path: Path, at_least: object) -> None:
    assert verdict(tmp_path, changed(at_least=at_least) | {"parameters": {"word": "x"}}).code == 2


# YAML


def test_no_is_a_text(tmp_path: Path) -> None:
    assert validated(tmp_path, GOOD.replace("title: House", "title: no")).code == 0
    assert validated(tmp_path, GOOD + "people: no\n").code == 2


def test_an_unquoted_version_is_an_error_that_says_quote_it(tmp_path: Path) -> None:
    ended = validated(tmp_path, HEAD + "version: 1.10\n" + RULE)
    assert ended.code == 2
    assert "1.10" in ended.stderr
    assert "quot" in ended.stderr


def test_a_duplicate_key_is_an_error(tmp_path: Path) -> None:
    ended = validated(tmp_path, GOOD + "owner: board\n")
    assert ended.code == 2
    assert "owner" in ended.stderr


def test_several_documents_in_one_file_are_read(tmp_path: Path) -> None:
    other = GOOD.replace("id: house", "id: other").replace("{id: R,", "{id: Q,")
    ended = validated(tmp_path, GOOD + "---\n" + other)
    assert ended.code == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x-a: &a {k: v}\nx-b: {<<: *a}\n", id="merge key"),
        pytest.param("x-a: !!python/object:os.system {}\n", id="foreign tag"),
        pytest.param("x-a: !mine 1\n", id="own tag"),
        pytest.param("x-a: !!str 1\n", id="standard tag"),
    ],
)
def test_merge_keys_and_tags_are_refused(tmp_path: Path, text: str) -> None:
    assert validated(tmp_path, GOOD + text).code == 2


def test_plain_anchors_are_allowed(tmp_path: Path) -> None:
    assert validated(tmp_path, GOOD + "x-a: &a {k: v}\nx-b: *a\n").code == 0


def _bomb(levels: int) -> str:
    lines = ["x-0: &b0 [a, a, a, a, a, a, a, a, a, a]"]
    lines += [f"x-{at}: &b{at} [{', '.join([f'*b{at - 1}'] * 10)}]" for at in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD + "# " + "x" * (1 << 20) + "\n", id="more than 1 MiB"),
        pytest.param(GOOD + "x-deep: " + "[" * 120 + "]" * 120 + "\n", id="more than 100 levels"),
        pytest.param(GOOD + _bomb(6), id="more than 10,000 aliases"),
        pytest.param(GOOD + "---\n" * 101 + GOOD, id="more than 100 documents"),
    ],
)
def test_a_file_beyond_measure_is_refused(tmp_path: Path, text: str) -> None:
    assert validated(tmp_path, text).code == 2


# Faults and their frame


def test_a_fault_is_told_with_its_place_its_line_and_carets(tmp_path: Path) -> None:
    content = GOOD.replace("check: users", "check: userz")
    ended = validated(tmp_path, content, name="framed.yaml")
    line = next(at for at, text in enumerate(content.splitlines(), 1) if "userz" in text)
    source = content.splitlines()[line - 1]
    column = source.index("userz") + 1
    assert f"  --> framed.yaml:{line}:{column}\n" in ended.stderr
    lines = ended.stderr.splitlines()
    shown = next(at for at, text in enumerate(lines) if text.endswith(source))
    offset = len(lines[shown]) - len(source)
    assert lines[shown + 1][offset + column - 1 :] == "^^^^^"
    assert any(text.startswith("error[") for text in lines)
    assert any(text.startswith("help:") and "users" in text for text in lines)


@pytest.mark.parametrize(
    "style",
    [
        pytest.param('expect: "account_enabled AND nope"', id="quoted"),
        pytest.param("expect: account_enabled AND nope", id="plain"),
        pytest.param("expect: |\n      account_enabled\n      AND nope", id="literal block"),
        pytest.param("expect: >-\n      account_enabled\n      AND nope", id="folded block"),
        pytest.param('expect: "account_enabled\\x20AND\\x20nope"', id="escaped"),
        pytest.param("expect: account_enabled\n      AND nope", id="over two lines"),
    ],
)
def test_a_fault_in_an_expression_points_into_the_source(tmp_path: Path, style: str) -> None:
    body = f"rules:\n  - id: R\n    title: T\n    severity: low\n    check: users\n    {style}\n"
    content = HEAD + 'version: "1"\n' + body
    (found,) = faults(validated(tmp_path, content, "--format", "json", name="styles.yaml"))
    line = content.splitlines()[found["line"] - 1]
    assert line[found["column"] - 1 : found["end_column"] - 1] == "nope"


def test_columns_count_code_points(tmp_path: Path) -> None:
    content = GOOD.replace("title: T", 'title: "Ünïcödé 👩\u200d⚕️"').replace("check: users", "check: userz")
    (found,) = faults(validated(tmp_path, content, "--format", "json"))
    line = content.splitlines()[found["line"] - 1]
    assert line[found["column"] - 1 :].startswith("userz")


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.yaml").write_text(GOOD.replace("check: users", "check: userz"), "utf-8")
    two = "rules:\n" + "".join(
        f"  - {{id: Q{at}, title: T, severity: low, check: users, expect: nope{at}}}\n" for at in range(2)
    )
    (tmp_path / "set" / "b.yaml").write_text(HEAD.replace("house", "other") + 'version: "1"\n' + two, "utf-8")
    (tmp_path / "set" / "c.yaml").write_text("kind: [\n", "utf-8")
    found = faults(run(tmp_path, "validate", "set", "--format", "json"))
    assert [(Path(fault["path"]).name) for fault in found] == ["a.yaml", "b.yaml", "b.yaml", "c.yaml"]


def test_one_cause_is_told_once(tmp_path: Path) -> None:
    unreadable = validated(tmp_path, GOOD.replace("kind: Policy", "kind: Polcy"), "--format", "json")
    assert len(faults(unreadable)) == 1


def test_a_yaml_error_has_the_same_frame(tmp_path: Path) -> None:
    ended = validated(tmp_path, GOOD + "  bad: [1, 2\n", name="syntax.yaml")
    assert ended.code == 2
    assert "error[" in ended.stderr
    assert "  --> syntax.yaml:" in ended.stderr
    assert "^" in ended.stderr


def test_a_yaml_error_inside_an_expression_says_to_quote_it(tmp_path: Path) -> None:
    content = HEAD + 'version: "1"\nrules:\n  - id: R\n    title: T\n    severity: low\n    check: users\n'
    ended = validated(
        tmp_path, content + "    expect: contains(methods_registered, 'a: b') : x\n", name="unquoted.yaml"
    )
    assert ended.code == 2
    (line,) = [text for text in ended.stderr.splitlines() if text.startswith("help:")]
    assert "quot" in line


def test_validate_says_faults_on_stderr_and_nothing_on_stdout(tmp_path: Path) -> None:
    ended = validated(tmp_path, GOOD.replace("check: users", "check: userz"))
    assert (ended.code, ended.stdout) == (2, b"")


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_faults_are_told_in_the_language_asked_for(tmp_path: Path, lang: str) -> None:
    content = GOOD.replace("check: users", "check: userz")
    told = [
        faults(validated(tmp_path, content, "--format", "json", "--lang", each))[0]["message"] for each in ("nl", "en")
    ]
    assert told[0] != told[1]
    assert "userz" in told[("nl", "en").index(lang)]
