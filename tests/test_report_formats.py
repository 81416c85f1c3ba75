from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest

import reports
from govcheck.model import LANGS, Lang, Report
from govcheck.report import FORMATS, render
from govcheck.report.names import NamesMode, with_names

KEY = b"a key that nobody guesses, 32 by"
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

every_format = pytest.mark.parametrize("fmt", FORMATS)
every_lang = pytest.mark.parametrize("lang", LANGS)


@every_format
@every_lang
@pytest.mark.parametrize("report", [reports.build(), reports.clean(), reports.empty()], ids=["full", "clean", "empty"])
def test_the_same_report_gives_the_same_bytes(fmt: str, lang: Lang, report: Report) -> None:
    assert render(report, fmt, lang=lang) == render(report, fmt, lang=lang)


@every_format
@every_lang
def test_only_the_run_id_may_differ_between_equal_runs(fmt: str, lang: Lang) -> None:
    report = reports.build()
    other = replace(report, run=replace(report.run, id="RUN-TWO"))
    written = render(other, fmt, lang=lang).replace(b"RUN-TWO", report.run.id.encode())
    assert written == render(report, fmt, lang=lang)


@every_format
@every_lang
def test_nothing_that_acts_on_a_reader_survives(fmt: str, lang: Lang) -> None:
    written = render(reports.build(), fmt, lang=lang).decode("utf-8-sig").replace("\r\n", "\n")
    assert ACTIVE.findall(written) == []


@every_format
def test_names_show_when_asked(fmt: str) -> None:
    assert "Anna de Vries" in render(with_names(reports.build(), "shown", KEY), fmt, lang="nl").decode()


@every_format
@every_lang
@pytest.mark.parametrize("mode", ["pseudonymous", "counts"])
def test_no_identity_shows_when_names_are_hidden(fmt: str, lang: Lang, mode: NamesMode) -> None:
    written = render(with_names(reports.build(), mode, KEY), fmt, lang=lang, width=120).decode()
    assert [identity for identity in reports.IDENTITIES if identity in written] == []


@every_format
@every_lang
def test_names_of_units_stay_when_people_are_hidden(fmt: str, lang: Lang) -> None:
    written = render(with_names(reports.build(), "pseudonymous", KEY), fmt, lang=lang).decode()
    assert "Klantenservice" in written


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(KeyError):
        render(reports.empty(), "papyrus", lang="nl")


def test_looking_formats_up_loads_no_renderer() -> None:
    program = (
        "import sys; from govcheck.report import FORMATS;"
        "print([m for m in sys.modules if m.startswith(('govcheck.report.', 'jinja2', 'tabulate'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"
