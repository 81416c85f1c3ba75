"""Broken policy files and, beside each, exactly what is said about it.

`pytest --update-golden` rewrites the texts; a look at the diff accepts the change.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from govcheck.diagnostics import Diagnostic, GovcheckError, render
from govcheck.model import LANGS
from govcheck.policy import line_reader, load_policies

BROKEN = Path(__file__).parent / "broken"
CASES = sorted(path for path in BROKEN.iterdir() if path.suffix == ".yaml" or path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_broken_file_is_described_in_both_languages(
    case: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(BROKEN)
    faults = faults_of(Path(case.name))
    said = "\n".join(render(faults, lang, line_reader()) for lang in reversed(LANGS))
    expected = case.with_suffix(".txt")
    if request.config.getoption("--update-golden"):
        expected.write_text(said, "utf-8", newline="")
    assert said == expected.read_bytes().decode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_one_root_cause_is_told_once(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    places = [(fault.code, fault.span) for fault in faults_of(Path(case.name))]
    assert len(places) == len(set(places))


def test_every_broken_file_has_its_text() -> None:
    assert {case.with_suffix(".txt") for case in CASES} == set(BROKEN.glob("*.txt"))


def faults_of(path: Path) -> tuple[Diagnostic, ...]:
    try:
        return load_policies([path], lenient=False, packs=Path("no packs")).diagnostics
    except GovcheckError as problem:
        return problem.diagnostics
