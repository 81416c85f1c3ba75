"""YAML with the place of every key and value."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govcheck.model import Span
from govcheck.source import MAX_DEPTH, MAX_DOCUMENTS, MAX_EXPANSIONS, Node, Source, load


def read(text: str | bytes) -> Node:
    nodes, faults = load("p.yaml", text if isinstance(text, bytes) else text.encode())
    assert faults == []
    return nodes[0]


def codes(text: str | bytes) -> list[str]:
    return [fault.code for fault in load("p.yaml", text if isinstance(text, bytes) else text.encode())[1]]


# Scalars


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("0777", 777),
        ("0o17", 15),
        ("0xff", 255),
        ("-7", -7),
        ("1.10", 1.1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("'true'", "true"),
        ('"1"', "1"),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_plain_scalars_follow_the_core_schema_of_yaml_1_2(written: str, value: object) -> None:
    node = read(f"a: {written}\n").at(["a"])
    assert node.value == value
    assert type(node.value) is type(value)


@pytest.mark.parametrize("written", ["9223372036854775808", "1e999", ".inf", "-.INF", ".nan", "9" * 5000])
def test_numbers_that_no_table_can_hold_are_refused(written: str) -> None:
    assert codes(f"a: {written}") == ["number-range"]


# Places


def test_a_key_and_its_value_each_have_a_place() -> None:
    node = read("title:   Access\n")
    assert node.keys["title"].span == Span("p.yaml", 1, 1, 1, 6)
    assert node.at(["title"]).span == Span("p.yaml", 1, 10, 1, 16)


def test_columns_count_characters_not_bytes() -> None:
    assert read("{é😀: x, b: y}").at(["b"]).span.column == 12


def test_a_byte_order_mark_takes_no_column() -> None:
    assert read(b"\xef\xbb\xbfa: x").keys["a"].span.column == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_at_any_of_the_three_line_breaks(end: str) -> None:
    assert read(f"a: 1{end}b: 2{end}").at(["b"]).span == Span("p.yaml", 2, 4, 2, 5)


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
def test_breaks_that_only_old_yaml_knows_end_no_line(mark: str) -> None:
    node = read(f"a: 'x{mark}y'\nb: 1\n")
    assert node.keys["b"].span.line == 2
    assert node.source.line(1) == f"a: 'x{mark}y'"


def test_a_value_behind_an_anchor_begins_at_the_value() -> None:
    node = read("a: &x text\nb: &y [1]\nc: &z\n  d: 1\ne: &w\n")
    assert [node.at([key]).span.column for key in "abc"] == [7, 7, 3]
    assert node.at(["c"]).span.line == 4
    assert node.at(["e"]).value is None


def test_an_alias_is_the_anchors_value_with_the_anchors_place() -> None:
    node = read("a: &x {k: 1}\nb: *x\n")
    assert node.plain() == {"a": {"k": 1}, "b": {"k": 1}}
    assert node.at(["b", "k"]).span.line == 1


def test_a_block_mapping_ends_with_its_last_value() -> None:
    assert read("a:\n  b: 1\n\n# far below\nc: 2\n").at(["a"]).span == Span("p.yaml", 2, 3, 2, 7)


def test_several_documents_each_have_a_tree_and_empty_ones_none() -> None:
    nodes, faults = load("p.yaml", b"---\na: 1\n---\n---\n- 2\n")
    assert [node.plain() for node in nodes] == [{"a": 1}, [2]]
    assert faults == []


# Spots inside scalars, in every style: each writer gives the text and where its characters stand

WORDS = st.lists(st.text("abc#:é😀'\"\\", min_size=1, max_size=5), min_size=1, max_size=6)
ESCAPES = {"\n": r"\n", "\t": r"\t", '"': r"\"", "\\": r"\\", "\0": None}


@given(st.lists(st.tuples(st.sampled_from(list("ab é😀'#\n\t\"\\")), st.booleans()), min_size=1, max_size=12))
def test_a_spot_in_double_quotes_finds_its_character(pieces: list[tuple[str, bool]]) -> None:
    written, places = '"', []
    for character, escaped in pieces:
        places.append(len(written))
        raw = character not in ESCAPES and not escaped
        written += character if raw else (ESCAPES.get(character) or f"\\U{ord(character):08x}")
    check(f'{written}"', "".join(character for character, _ in pieces), places)


@given(st.text("ab é😀#:\"\\'", min_size=1, max_size=12))
def test_a_spot_in_single_quotes_finds_its_character(text: str) -> None:
    written, places = "'", []
    for character in text:
        places.append(len(written))
        written += "''" if character == "'" else character
    check(f"{written}'", text, places)


@given(WORDS, st.sampled_from([" ", "\n  ", " \n   ", "\r\n  "]))
def test_a_spot_in_folded_plain_text_finds_its_character(found: list[str], gap: str) -> None:
    safe = ["x" + word.replace("#", "").replace(":", "") for word in found]
    written = ""
    places: list[int] = []
    for index, word in enumerate(safe):
        if index:
            places.append(len(written) + (gap.index("\r") if "\r" in gap else gap.find("\n") if "\n" in gap else 0))
            written += gap
        places += range(len(written), len(written) + len(word))
        written += word
    check(written, " ".join(safe), places)


@given(
    st.lists(st.sampled_from(["", "AND", "  deeper", "a 'b: c' # d", "é😀"]), min_size=1, max_size=6),
    st.sampled_from(["|", "|-", "|+", "|2", "| # why"]),
)
def test_a_spot_in_a_literal_block_finds_its_character(lines: list[str], header: str) -> None:
    lines = ["first", *lines, "last"]
    written = header + "\n"
    places: list[int] = []
    for line in lines:
        written += "  " if line else ""
        places += range(len(written), len(written) + len(line) + 1)
        written += line + "\n"
    text = "\n".join(lines) + ("" if header == "|-" else "\n")
    check(written.removesuffix("\n"), text, places[: len(text)])


@given(st.lists(st.sampled_from(["a = 1", "AND b", "OR é😀", "(c)"]), min_size=2, max_size=6))
def test_a_spot_in_a_folded_block_finds_its_character(lines: list[str]) -> None:
    written = ">-\n"
    places: list[int] = []
    for line in lines:
        written += "    "
        places += range(len(written), len(written) + len(line) + 1)
        written += line + "\n"
    check(written, " ".join(lines), places[:-1])


def check(written: str, text: str, places: list[int]) -> None:
    prefix = "a: "
    node = read(f"{prefix}{written}\n").at(["a"])
    assert node.value == text
    source = Source.of("p.yaml", f"{prefix}{written}\n")
    for offset, place in enumerate(places):
        start = source.span(len(prefix) + place, len(prefix) + place)
        spot = node.spot(offset)
        assert (offset, spot.line, spot.column) == (offset, start.line, start.column)


def test_a_spot_may_cover_several_characters() -> None:
    node = read('a: "x \\u0041BC y"').at(["a"])
    assert node.spot(2, 3) == Span("p.yaml", 1, 7, 1, 15)


def test_a_spot_at_the_end_stands_just_behind_the_text() -> None:
    assert read("a: 'abc'").at(["a"]).spot(3) == Span("p.yaml", 1, 8, 1, 8)


def test_a_spot_in_a_value_that_is_no_text_is_the_whole_value() -> None:
    node = read("a: 12").at(["a"])
    assert node.spot(1) == node.span


# What is refused


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2", "duplicate-key"),
        ("a: !!str 1", "tag"),
        ("!ours {a: 1}", "tag"),
        ("a: ! x", "tag"),
        ("a: &x {b: 1}\n<<: *x", "merge-key"),
        ("1: a", "key-not-text"),
        ("? {a: b}\n: c", "key-not-text"),
        ("null: a", "key-not-text"),
        ("a: *b", "unknown-anchor"),
        ("a: &b [*b]", "self-reference"),
        ("a: &b {c: *b}", "self-reference"),
        ('a: "\\0"', "control-character"),
        ("a: \x1b[31m", "control-character"),
        ("a: \x9b", "control-character"),
        ("a: \ufeff", "control-character"),
        (b"a: \xff", "not-utf8"),
        (b"a: \xed\xa0\x80", "not-utf8"),
        ("a: 1".encode("utf-16"), "not-utf8"),
        ("a: 1".encode("utf-32"), "not-utf8"),
        ("", "empty-file"),
        ("# nothing\n---\n", "empty-file"),
        (b"a" * ((1 << 20) + 1), "file-too-large"),
        ("a: b: c", "yaml-syntax"),
        ("%YAML 3.0\n---\na: 1", "yaml-syntax"),
        ('a: "\\ud800"', "yaml-syntax"),
    ],
)
def test_what_does_not_belong_in_a_file_is_refused_by_name(text: str | bytes, code: str) -> None:
    assert codes(text) == [code]


def test_quoted_angle_brackets_are_an_ordinary_key() -> None:
    assert read("'<<': 1").plain() == {"<<": 1}


def test_an_alias_may_be_a_key() -> None:
    assert read("a: &k name\n*k : 1").plain() == {"a": "name", "name": 1}


def test_all_faults_of_a_file_are_told_at_once() -> None:
    assert codes("a: 1\na: 2\n3: c\nd: !t e") == ["duplicate-key", "key-not-text", "tag"]


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "{a: ", "[{a: "])
def test_nesting_of_any_depth_is_refused_and_crashes_nothing(opening: str) -> None:
    assert codes(opening * ((1 << 20) // len(opening))) == ["too-deep"]


def test_as_many_levels_as_the_limit_are_allowed_and_one_more_is_not() -> None:
    assert codes("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []
    assert codes("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == ["too-deep"]


def test_aliases_count_towards_the_depth() -> None:
    deep = "[" * 60 + "]" * 60
    assert codes(f"- &a {deep}\n- {'[' * 60}*a{']' * 60}") == ["too-deep"]


def test_as_many_expansions_as_the_limit_are_allowed_and_one_more_is_not() -> None:
    assert codes(f"- &a x\n- [{','.join(['*a'] * MAX_EXPANSIONS)}]") == []
    assert codes(f"- &a x\n- [{','.join(['*a'] * (MAX_EXPANSIONS + 1))}]") == ["too-many-aliases"]


def test_expansions_multiply_through_nested_aliases() -> None:
    bomb = "- &a [x]\n" + "".join(f"- &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefg"))
    assert codes(bomb) == ["too-many-aliases"]


def test_few_aliases_of_a_huge_value_are_refused_too() -> None:
    assert codes(f"- &a [{','.join('x' * 100_000)}]\n- [*a, *a, *a]") == ["too-many-aliases"]


def test_as_many_documents_as_the_limit_are_allowed_and_one_more_is_not() -> None:
    assert codes("---\na: 1\n" * MAX_DOCUMENTS) == []
    assert codes("---\na: 1\n" * (MAX_DOCUMENTS + 1)) == ["too-many-documents"]


@pytest.mark.parametrize("key", ["where", "expect", "message"])
def test_a_syntax_error_behind_a_key_that_needs_quotes_says_so(key: str) -> None:
    _, (fault,) = load("p.yaml", f"{key}: a: b".encode())
    assert f"`{key}`" in fault.helps[0].in_lang("en")


def test_a_syntax_error_elsewhere_gives_no_such_advice() -> None:
    _, (fault,) = load("p.yaml", b"owner: a: b")
    assert fault.helps == ()


def test_a_syntax_error_points_back_to_where_the_list_was_opened() -> None:
    _, (fault,) = load("p.yaml", b"tags: [a,\n  b\nc: d")
    assert fault.related[0][0] == Span("p.yaml", 1, 7, 1, 8)


@given(st.text(max_size=60) | st.text("[]{}&*!|>'\"%@`-?:,# \nab", max_size=60))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    nodes, faults = load("p.yaml", text.encode("utf-8", errors="surrogatepass"))
    assert nodes or faults


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_but_never_crash(data: bytes) -> None:
    nodes, faults = load("p.yaml", data)
    assert nodes or faults
