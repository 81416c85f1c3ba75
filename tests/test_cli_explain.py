"""`govcheck explain`: what somebody must deliver for a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenants import run


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("RIT-02", ["unit", "quarter", "eligible", "held"]),
        ("ACC-22", ["person", "leave_date"]),
    ],
)
def test_the_columns_of_evidence_are_those_of_the_file(tmp_path: Path, rule: str, columns: list[str]) -> None:
    [file] = run(tmp_path, "explain", rule, "--format", "json").json["evidence"]
    assert file["columns"] == columns
