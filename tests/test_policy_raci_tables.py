"""Matrices that people already have, in CSV or Markdown, become the same rows as those in YAML.

`tests/broken/raci-in-tables` holds what is said about tables at fault.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govcheck.catalogue.raci import variant
from govcheck.policy.tabular import csv_rows
from govcheck.policy.types import Activity
from govcheck.source import Source
from policies import codes, document, faults, load, policy, write

ORGANISATION = document(
    "Organisation",
    "roles: {ciso: {}, lead: {title: {nl: Teamleider, en: Team lead}}, engineer: {}, desk: {title: Service desk}}\n",
)


def matrix(folder: Path, body: str, **files: str | bytes) -> Path:
    """A matrix beside an organisation, a policy and the files it names; `__` in a name is a dot."""
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / name.replace("__", ".")).write_bytes(data)
    return write(folder, policy(), ORGANISATION, document("RaciMatrix", body))


def activities(path: Path) -> dict[str, Activity]:
    [found] = load(path, lenient=True).matrices
    return {activity.id: activity for activity in found.activities}


def letters(path: Path) -> dict[str, Mapping[str, str]]:
    return {name: activity.assign for name, activity in activities(path).items()}


WIDE = "activity,lead,engineer,desk\naccess_request,A,R,\nleaver,A/R,-,I\n"
EXPECTED = {"access_request": {"lead": "A", "engineer": "R"}, "leaver": {"lead": "A/R", "desk": "I"}}


@pytest.mark.parametrize(
    "content",
    [
        WIDE,
        WIDE.replace(",", ";"),
        WIDE.replace(",", "\t"),
        "\ufeff" + WIDE.replace(",", ";").replace("\n", "\r\n"),
        "sep=;\n" + WIDE.replace(",", ";"),
        WIDE.replace("access_request", '"access_request"').replace("R,\n", '"R"\n'),
        "activity,role,code\naccess_request,lead,A\naccess_request,engineer,R\nleaver,lead,A/R\nleaver,desk,I\n",
        "role;letter;activity\nlead;A;access_request\nengineer;R;access_request\nlead;R / A;leaver\ndesk;I;leaver\n",
    ],
    ids=["commas", "semicolons", "tabs", "excel", "told", "quotes", "long", "long in another order"],
)
def test_csv_in_every_form_that_is_about_is_the_same_matrix(tmp_path: Path, content: str) -> None:
    path = matrix(tmp_path, "matrix: {file: raci.csv}\n", raci__csv=content)
    assert codes(path) == []
    assert letters(path) == EXPECTED


TABLE = """\
| Activity       | `lead` | engineer | desk |
|----------------|:------:|----------|------|
| access_request | **A**  | R        |      |
| leaver         | A/R    | –        | I    |
"""


def test_a_markdown_file_is_the_same_matrix(tmp_path: Path) -> None:
    path = matrix(tmp_path, "matrix: {file: handbook.md}\n", handbook__md=f"# Who does what\n\n{TABLE}\nMore words.\n")
    assert codes(path) == []
    assert letters(path) == EXPECTED


def test_a_markdown_table_may_stand_in_the_document_itself(tmp_path: Path) -> None:
    indented = "".join(f"  {line}\n" for line in TABLE.splitlines())
    path = matrix(tmp_path, f"matrix: |\n{indented}")
    assert codes(path) == []
    assert letters(path) == EXPECTED


def test_of_several_tables_the_document_counts_one_out(tmp_path: Path) -> None:
    pages = f"| a | lead |\n|---|---|\n| x | A/R |\n\n{TABLE}"
    path = matrix(tmp_path, "matrix: {file: handbook.md, table: 2}\n", handbook__md=pages)
    assert letters(path) == EXPECTED


def test_activities_in_yaml_and_in_a_table_add_up(tmp_path: Path) -> None:
    body = "matrix: {file: raci.csv}\nactivities: [{id: own, assign: {desk: A/R}}]\n"
    path = matrix(tmp_path, body, raci__csv=WIDE)
    assert letters(path) == {"own": {"desk": "A/R"}, **EXPECTED}
    assert codes(matrix(tmp_path, body.replace("own", "leaver"), raci__csv=WIDE)) == ["duplicate-id"]


def test_an_activity_has_an_id_of_its_own_or_one_made_of_its_name_which_is_then_its_title(tmp_path: Path) -> None:
    content = "id;activity;lead\njoiner;Nieuwe collega;A/R\n;Coördinatie & overleg;A/R\n;2FA resetten;A/R\n"
    path = matrix(tmp_path, "matrix: {file: raci.csv}\n", raci__csv=content)
    titles = {name: activity.title.en for name, activity in activities(path).items()}
    assert titles == {
        "joiner": "Nieuwe collega",
        "coordinatie_overleg": "Coördinatie & overleg",
        "activity_2fa_resetten": "2FA resetten",
    }


def test_a_column_covers_lists_rules(tmp_path: Path) -> None:
    content = 'activity,lead,covers\nx,A/R,"access-1, access-1b"\ny,A/R,access-1\n'
    path = matrix(tmp_path, "matrix: {file: raci.csv}\n", raci__csv=content)
    assert {name: activity.covers for name, activity in activities(path).items()} == {
        "x": ("access-1", "access-1b"),
        "y": ("access-1",),
    }
    [unknown] = faults(path)
    assert unknown.code == "unknown-rule"
    assert unknown.span
    assert (unknown.span.line, unknown.span.column) == (2, 18)


def test_a_column_is_headed_by_a_roles_id_its_title_in_either_language_or_a_name_that_the_document_explains(
    tmp_path: Path,
) -> None:
    content = "activity;Teamleider;SERVICE DESK;The engineers\nx;A;R;C\n"
    body = "matrix: {file: raci.csv, roles: {the engineers: engineer}}\n"
    path = matrix(tmp_path, body, raci__csv=content)
    assert codes(path) == []
    assert letters(path) == {"x": {"lead": "A", "desk": "R", "engineer": "C"}}


def test_a_heading_that_is_no_role_is_told_once_at_its_place_in_the_file(tmp_path: Path) -> None:
    path = matrix(tmp_path, "matrix: {file: raci.csv}\n", raci__csv="activity,lead,enginer\nx,A,R\ny,A,R\n")
    [fault] = faults(path)
    assert fault.span
    assert (fault.code, Path(fault.span.path).name) == ("unknown-role", "raci.csv")
    assert (fault.span.line, fault.span.column, fault.span.end_column) == (1, 15, 22)


# Variants and languages


def test_the_letters_of_each_variant_lead_to_those_of_the_table_raci(tmp_path: Path) -> None:
    rasci = matrix(tmp_path, "variant: RASCI\nactivities: [{id: x, assign: {lead: A, engineer: R, desk: S}}]\n")
    assert (codes(rasci), letters(rasci)) == ([], {"x": {"lead": "A", "engineer": "R", "desk": "S"}})
    daci = matrix(tmp_path, "variant: DACI\nactivities: [{id: x, assign: {lead: A, engineer: D, desk: C}}]\n")
    assert (codes(daci), letters(daci)) == ([], {"x": {"lead": "A", "engineer": "R", "desk": "C"}})


def test_a_decision_has_one_driver(tmp_path: Path) -> None:
    body = "variant: DACI\nactivities: [{id: x, assign: {lead: A, engineer: D, desk: D}}]\n"
    assert codes(matrix(tmp_path, body)) == ["two-drivers"]


def test_dutch_letters_are_read_where_the_document_says_that_it_is_dutch_and_are_never_guessed(tmp_path: Path) -> None:
    body = "activities: [{id: x, assign: {lead: E, engineer: U, desk: C}}]\n"
    assert codes(matrix(tmp_path, body)) == ["unknown-letter"] * 2
    dutch = matrix(tmp_path, f"language: nl\n{body}")
    assert (codes(dutch), letters(dutch)) == ([], {"x": {"lead": "A", "engineer": "R", "desk": "C"}})
    both = matrix(tmp_path, "language: nl\nactivities: [{id: x, assign: {lead: E/U}}]\n")
    assert letters(both) == {"x": {"lead": "A/R"}}


@pytest.mark.parametrize("letter", ["r", "AR", "A/C", "R/R", "X", "Responsible", "A/", "S"])
def test_what_is_no_letter_of_the_variant_is_told_and_kept_as_it_was_written(tmp_path: Path, letter: str) -> None:
    path = matrix(tmp_path, f'activities: [{{id: x, assign: {{lead: A/R, desk: "{letter}"}}}}]\n')
    assert codes(path) == ["unknown-letter"]
    assert letters(path)["x"]["desk"] == letter


def test_there_is_no_variant_of_another_name() -> None:
    with pytest.raises(KeyError):
        variant("RAPID", "en")


# Files


def test_a_table_counts_for_the_digest_of_the_set(tmp_path: Path) -> None:
    body = "matrix: {file: raci.csv}\n"
    first = load(matrix(tmp_path, body, raci__csv=WIDE)).digest
    second = load(matrix(tmp_path, body, raci__csv=WIDE.replace(",", ";"))).digest
    third = load(matrix(tmp_path, body, raci__csv=WIDE.replace("I\n", "C\n"))).digest
    assert first == second != third


@pytest.mark.parametrize("name", ["../raci.csv", "/etc/passwd.csv", "link.csv"])
def test_no_file_outside_the_folder_of_the_document_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "raci.csv").write_text(WIDE)
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "raci.csv")
    assert codes(matrix(folder, f"matrix: {{file: {name}}}\n")) == ["matrix-outside"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"activity;lead\ncaf\xe9;A/R\n", "not-utf8"),
        ("activity,lead\nx\x00,A/R\n", "control-character"),
        ('activity,lead\n"x" y,A/R\n', "csv-quote"),
        ("activity,lead\n", "matrix-empty"),
        ("", "matrix-empty"),
    ],
)
def test_a_file_that_cannot_be_read_stops_check_too(tmp_path: Path, content: str | bytes, code: str) -> None:
    path = matrix(tmp_path, "matrix: {file: raci.csv}\n", raci__csv=content)
    assert codes(path, lenient=True) == [code]


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8).map(
    lambda text: " ".join(text.split())
)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), st.sampled_from(",;\t"))
@settings(max_examples=200, deadline=None)
def test_csv_is_read_as_pythons_own_writer_writes_it(rows: list[list[str]], separator: str) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    found, problems = csv_rows(Source.of("x.csv", f"sep={separator}\n{written.getvalue()}"))
    assert problems == []
    assert [[cell.value for cell in row] for row in found] == [row for row in rows if any(row)]


@given(
    heads=st.lists(
        st.sampled_from(["activity", "id", "covers", "role", "code", "lead", "desk", "", "x y"]), max_size=5
    ),
    rows=st.lists(st.lists(st.sampled_from(["", "A", "R", "A/R", "lead", "a", "-", "E", '"']), max_size=6), max_size=4),
)
@settings(max_examples=150, deadline=None)
def test_any_table_at_all_is_read_or_refused_with_places(
    tmp_path_factory: pytest.TempPathFactory, heads: list[str], rows: list[list[str]]
) -> None:
    content = "\n".join(";".join(line) for line in [heads, *rows])
    path = matrix(tmp_path_factory.mktemp("any"), "matrix: {file: raci.csv}\n", raci__csv=content)
    assert all(fault.span is not None for fault in faults(path, lenient=True))


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_at_all_is_read_or_refused(content: str) -> None:
    rows, problems = csv_rows(Source.of("x.csv", content))
    assert not (rows and problems)
