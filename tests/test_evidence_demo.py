"""The evidence of the invented organisation, and the pages that tell of evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from govcheck.catalogue import tables
from govcheck.demo.tenant import generate
from govcheck.evidence import Evidence, read_evidence
from govcheck.evidence.converters import CONVERTERS
from govcheck.policy import load_policies
from pages import DOCS, ROOT

EXAMPLES = ROOT / "policies" / "examples"
NOT_SHOWN = {"scuba_goggles", "policy_changes", "zoom_meetings"}
"""Evidence that Noorderlicht does not have: it uses no Google, and keeps no list of reviews."""


@pytest.fixture(scope="module")
def demo() -> Evidence:
    return read_evidence(load_policies([EXAMPLES], lenient=False))


def test_every_file_is_there_and_taken_in(demo: Evidence) -> None:
    assert demo.absent == ()
    assert {read.file.table.name for read in demo.read} >= {
        name for name, table in tables().items() if table.from_files
    } - NOT_SHOWN
    assert all(read.rows for read in demo.read)


def test_every_row_names_a_unit_that_is_declared(demo: Evidence) -> None:
    policies = load_policies([EXAMPLES], lenient=False)
    assert policies.organisation is not None
    known = {unit.id for unit in policies.organisation.units} | {"organisation"}
    assert {row["unit"] for read in demo.read for row in read.rows if "unit" in row} <= known


def test_some_groups_are_too_small_to_show(demo: Evidence) -> None:
    assert any(read.small for read in demo.read)


def test_no_person_of_the_demo_is_in_what_was_taken_in(demo: Evidence) -> None:
    names = {str(user["displayName"]) for user in generate().collections["/users"]}
    taken = str([read.rows for read in demo.read if read.file.table.name != "leavers"])
    assert len(names) > 100
    assert not [name for name in names if name in taken]


def test_every_file_in_the_folder_is_declared(demo: Evidence) -> None:
    assert {file.name for file in (EXAMPLES / "evidence").iterdir()} == {read.file.path.name for read in demo.read}


@pytest.mark.parametrize("page", [DOCS / "evidence.md", DOCS / "nl" / "bewijs.md"], ids=lambda page: page.name)
def test_a_page_tells_of_every_table_and_every_product(page: Path) -> None:
    text = page.read_text("utf-8")
    # Evidence that packs need and no document describes yet would be told under the table it is worked out of.
    assert [name for name, table in tables().items() if table.from_files and f"`{name}`" not in text] == []
    assert [each.product for each in CONVERTERS if each.product not in text] == []
