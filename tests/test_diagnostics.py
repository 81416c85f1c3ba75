"""How faults are shown: the frame, its carets and its totals."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govcheck.diagnostics import Diagnostic, error, nearest, render, to_json, warning
from govcheck.model import Span, Text

LINE = "    severty: high"


def frame(line: str, start: int, end: int, path: str = "p.yaml") -> list[str]:
    fault = Diagnostic(level="error", code="c", message=Text(en="m"), span=Span(path, 5, start, 5, end))
    return render([fault], "en", lambda _path, _number: line).splitlines()


def test_a_fault_is_a_headline_a_place_the_line_and_carets_below_the_span() -> None:
    fault = error("unknown-key", Span("policies/access.yaml", 16, 5, 16, 12), name="severty")
    assert render([fault], "en", lambda _path, _number: LINE) == (
        "error[unknown-key]: the key `severty` is not known here\n"
        "  --> policies/access.yaml:16:5\n"
        "16 |     severty: high\n"
        "   |     ^^^^^^^\n"
        "\n"
        "1 error in 1 file\n"
    )


def test_helps_and_related_places_follow_the_carets() -> None:
    fault = error(
        "duplicate-id",
        Span("b.yaml", 2, 5, 2, 6),
        related=((Span("a.yaml", 12, 5, 12, 6), Text(en="first", nl="eerst")),),
        helps=(Text(en="do this", nl="doe dit"),),
        name="x",
    )
    assert render([fault], "nl", lambda path, _number: {"a.yaml": "id: x", "b.yaml": "id: x"}[path]).splitlines() == [
        "error[duplicate-id]: het id `x` is twee keer gebruikt",
        "  --> b.yaml:2:5",
        "2 | id: x",
        "  |     ^",
        "note: eerst",
        "  --> a.yaml:12:5",
        "12 | id: x",
        "   |     -",
        "help: doe dit",
        "",
        "1 fout in 1 bestand",
    ]


def test_faults_stand_in_order_of_path_line_and_column_each_once() -> None:
    spans = [Span("b", 1, 1, 1, 2), Span("a", 2, 1, 2, 2), Span("a", 1, 9, 1, 10), Span("a", 1, 2, 1, 3)]
    faults = [error("no-value", span, field="x") for span in (*spans, spans[0])]
    said = render(faults, "en", lambda _path, _number: None)
    assert re.findall("--> (.+)", said) == ["a:1:2", "a:1:9", "a:2:1", "b:1:1"]


@pytest.mark.parametrize(
    ("levels", "lang", "total"),
    [
        ("e", "en", "1 error in 1 file"),
        ("ee", "nl", "2 fouten in 2 bestanden"),
        ("ew", "en", "1 error and 1 warning in 2 files"),
        ("eww", "nl", "1 fout en 2 waarschuwingen in 3 bestanden"),
        ("w", "nl", "1 waarschuwing in 1 bestand"),
    ],
)
def test_the_last_line_counts_faults_and_files(levels: str, lang: str, total: str) -> None:
    make = {"e": error, "w": warning}
    faults = [make[level]("empty-file", Span(f"{number}.yaml", 1, 1, 1, 1)) for number, level in enumerate(levels)]
    said = render(faults, "nl" if lang == "nl" else "en", lambda _path, _number: None)
    assert said.splitlines()[-1] == total


def test_a_fault_without_a_place_counts_no_file() -> None:
    said = render([error("missing-path", None, path="x")], "en", lambda _path, _number: None)
    assert said.splitlines() == ["error[missing-path]: there is no file or folder `x`", "", "1 error"]


def test_nothing_wrong_says_nothing() -> None:
    assert render([], "en", lambda _path, _number: None) == ""


def test_carets_count_wide_characters_double_and_combining_ones_not_at_all() -> None:
    _, _, shown, carets, *_ = frame("日本 e\u0301: xyz", 8, 11)
    assert shown == "5 | 日本 e\u0301: xyz"
    assert carets == "  |         ^^^"


def test_tabs_are_shown_as_spaces_up_to_the_next_stop() -> None:
    _, place, shown, carets, *_ = frame("ab\tcd", 4, 6)
    assert place == "  --> p.yaml:5:4"
    assert shown == "5 | ab  cd"
    assert carets == "  |     ^^"


def test_an_empty_span_still_gets_a_caret() -> None:
    assert frame("abc", 4, 4)[3] == "  |    ^"


def test_a_span_over_several_lines_is_marked_on_its_first() -> None:
    fault = error("empty-file", Span("p.yaml", 1, 4, 3, 2))
    assert render([fault], "en", lambda _path, _number: "a: [x,  ").splitlines()[3] == "  |    ^^^"


@pytest.mark.parametrize("start", [1, 60, 400, 995])
def test_a_long_line_is_cut_around_the_carets(start: int) -> None:
    line = "".join(chr(ord("a") + index % 26) for index in range(1000))
    _, _, shown, carets, *_ = frame(line, start, start + 5)
    begin = carets.index("^")
    assert shown[begin : begin + 5] == line[start - 1 : start + 4]
    assert len(shown) <= 126


def test_a_line_that_fits_is_shown_whole() -> None:
    assert frame("x" * 120, 1, 2)[2] == "5 | " + "x" * 120


@given(st.text(min_size=1, max_size=300), st.integers(0, 299), st.integers(1, 20))
def test_the_frame_holds_nothing_that_steers_a_terminal(line: str, start: int, length: int) -> None:
    line = line.replace("\n", " ").replace("\r", " ")
    start = min(start, len(line) - 1)
    lines = frame(line, start + 1, start + 1 + length, path="a\x1b[2J\u202e.yaml")
    assert len(lines) == 6
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", "".join(lines))


def test_a_message_with_a_line_break_stays_on_its_line() -> None:
    fault = error("unknown-key", None, name="a\nerror[fake]: b\x1b[0m")
    assert r"`a\nerror[fake]: b\x1b[0m`" in render([fault], "en", lambda _path, _number: None)


def test_json_gives_the_words_unescaped_and_every_number() -> None:
    fault = warning("unknown-key", Span("p.yaml", 1, 2, 3, 4), helps=(Text(en="h", nl="t"),), name="\u202e")
    assert to_json([fault], "nl") == [
        {
            "level": "warning",
            "code": "unknown-key",
            "message": "de sleutel `\u202e` is hier niet bekend",
            "path": "p.yaml",
            "line": 1,
            "column": 2,
            "end_line": 3,
            "end_column": 4,
            "help": ["t"],
        }
    ]


def test_json_has_nulls_where_a_fault_has_no_place() -> None:
    (fault,) = to_json([error("missing-path", None, path="x")], "en")
    assert {fault[key] for key in ("path", "line", "column", "end_line", "end_column")} == {None}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("severty", "severity"),
        ("Severity", "severity"),
        ("sev-erity", "severity"),
        ("displayName", "display_name"),
        ("user", "users"),
        ("mailboxes", None),
        ("", None),
        ("levelx", None),
        ("x" * 10_000, None),
    ],
)
def test_the_nearest_name_is_close_and_the_only_one(name: str, meant: str | None) -> None:
    assert nearest(name, ["severity", "display_name", "users", "levela", "levelb", "devices"]) == meant


# Words


WORDS = tomllib.loads(resources.files("govcheck").joinpath("locale", "diagnostics.toml").read_text("utf-8"))


def forms(entry: dict[str, str | dict[str, str]], lang: str) -> list[str]:
    found = entry[lang]
    return [found] if isinstance(found, str) else [found["one"], found["other"]]


@pytest.mark.parametrize("key", sorted(WORDS))
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    names = [
        {name for form in forms(WORDS[key], lang) for name in re.findall(r"(?<!\{)\{(\w+)\}", form)}
        for lang in ("en", "nl")
    ]
    assert names[0] == names[1]


@pytest.mark.parametrize("room", ["source", "policy", "diagnostics"])
def test_every_code_in_the_rooms_has_words(room: str) -> None:
    folder = Path(str(resources.files("govcheck"))) / room
    text = "".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    used = set(re.findall(r'"diagnostics\.([a-z-]+)"', text)) | set(re.findall(r'key="([a-z-]+)"', text))
    without_key = re.findall(r'\b(?:error|warning)\(\s*"([a-z0-9-]+)"((?:(?!\bkey=)[^()]|\([^()]*\))*)\)', text)
    assert used
    assert used | {code for code, _ in without_key} <= set(WORDS)
