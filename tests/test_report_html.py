from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

import reports
from govcheck.model import LANGS, Lang, Report, Severity, Subject
from govcheck.report import render
from govcheck.report.as_html import ROWS_PER_RULE

CSS = resources.files("govcheck.report").joinpath("report.css").read_text("utf-8")
every_lang = pytest.mark.parametrize("lang", LANGS)
every_report = pytest.mark.parametrize(
    "report", [reports.build(), reports.clean(), reports.empty()], ids=["full", "clean", "empty"]
)


def parsed(report: Report, lang: Lang = "nl") -> Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page: Any = parser.parse(render(report, "html", lang=lang).decode())
    assert isinstance(page, Element)
    return page


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


@every_lang
def test_the_page_reads_as_agreed(golden: Callable[[str, bytes], None], lang: Lang) -> None:
    golden(f"report.{lang}.html", render(reports.build(), "html", lang=lang))


@every_lang
@every_report
def test_the_page_is_well_formed(report: Report, lang: Lang) -> None:
    assert parsed(report, lang).get("lang") == lang


@every_report
def test_the_page_asks_nothing_of_anybody(report: Report) -> None:
    page = parsed(report)
    addresses = [
        value
        for element in page.iter()
        for name, value in element.attrib.items()
        if name in {"src", "href", "srcset", "action", "data", "poster", "style"} or name.startswith("on")
    ]
    assert [address for address in addresses if not address.startswith("#")] == []
    assert [e.tag for e in page.iter() if e.tag in {"script", "link", "iframe", "object", "img", "form", "base"}] == []
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_only_the_own_stylesheet_may_apply() -> None:
    page = parsed(reports.build())
    policy = next(m.get("content") for m in page.iter("meta") if m.get("http-equiv") == "Content-Security-Policy")
    style = next(page.iter("style")).text or ""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@every_lang
def test_tenant_text_shows_and_stays_text(lang: Lang) -> None:
    page = parsed(reports.build(), lang)
    labels = [words(cell) for cell in page.iter("th") if cell.get("scope") == "row"]
    assert reports.SCRIPT in labels
    assert "\\x1b[31mRood\\x1b[0m\\x07" in labels
    assert "Projectgroep <b>Noord</b> & Zuid" in {words(heading) for heading in page.iter("h3")}
    assert list(page.iter("b")) == []


@every_report
def test_headings_and_landmarks_make_an_outline(report: Report) -> None:
    page = parsed(report)
    levels = [int(e.tag[1]) for e in page.iter() if isinstance(e.tag, str) and re.fullmatch("h[1-6]", e.tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [len(list(page.iter(tag))) for tag in ("main", "nav", "footer")] == [1, 1, 1]


@every_report
def test_every_link_leads_somewhere_on_the_page(report: Report) -> None:
    page = parsed(report)
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    targets = {(link.get("href") or "")[1:] for link in page.iter("a")}
    references = {element.get("aria-labelledby") for element in page.iter()} - {None}
    assert targets | references <= set(ids)


@every_report
def test_every_table_has_a_caption_and_scoped_heads(report: Report) -> None:
    for table in parsed(report).iter("table"):
        assert words(table[0])
        assert table[0].tag == "caption"
        assert {head.get("scope") for head in table.iter("th")} <= {"col", "row"}


def test_text_that_is_missing_in_a_language_says_which_language_it_is_in() -> None:
    page = parsed(reports.build(), "nl")
    foreign = {words(element) for element in page.iter() if element.get("lang") == "en"}
    assert "Name a sponsor, or remove the guest." in foreign


def test_sections_stand_in_reading_order() -> None:
    page = parsed(reports.build(), "nl")
    assert [words(heading) for heading in page.iter("h2")] == [
        *("Samenvatting", "Per eenheid", "Wat aandacht vraagt", "Uitzonderingen", "Niet te beoordelen"),
        *("Alle regels", "Per norm", "Verantwoording"),
    ]
    assert words(next(page.iter("p"))).startswith("Momentopname van 23 november 2026")


def test_a_page_with_unknowns_says_so_before_anything_else() -> None:
    banners = [words(e) for e in parsed(reports.build(), "nl").iter("p") if "banner" in (e.get("class") or "")]
    assert banners[0].startswith("Niet alles kon worden beoordeeld: 3 regels zijn onbekend.")


@every_lang
def test_the_page_says_that_it_is_not_for_assessing_people(lang: Lang) -> None:
    expected = {
        "nl": "niet bedoeld om individuele mensen te beoordelen",
        "en": "not meant for assessing individual people",
    }
    assert expected[lang] in words(parsed(reports.build(), lang))


def test_a_rule_with_very_many_rows_shows_some_and_counts_the_rest() -> None:
    report = reports.build()
    many = tuple(
        reports.finding("ACC-02", Severity.HIGH, Subject(kind="users", id=f"u{n}", label=f"Naam {n}"), reports.SUPPORT)
        for n in range(ROWS_PER_RULE + 7)
    )
    page = words(parsed(replace(report, findings=many), "en"))
    assert f"Naam {ROWS_PER_RULE - 1} " in page
    assert f"Naam {ROWS_PER_RULE} " not in page
    assert "7 more rows are in the JSON and CSV of this report." in page


def _palette(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))


def _luminance(colour: str) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


THEMES = {"light": _palette(CSS.split("@media")[0]), "dark": _palette(CSS.split("@media")[1])}
TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "link") for ground in ("paper", "card")),
    *(
        (ink, ground)
        for ink in ("fail", "unknown", "pass", "waived", "none")
        for ground in ("paper", "card", f"{ink}-wash")
    ),
    ("card", "fail"),
]


@pytest.mark.parametrize("theme", THEMES)
def test_text_stands_out_from_its_ground(theme: str) -> None:
    palette = THEMES[theme]
    assert {pair: c for pair in TEXT if (c := _contrast(*(palette[name] for name in pair))) < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_edges_that_carry_meaning_stand_out(theme: str) -> None:
    palette = THEMES[theme]
    assert {g: c for g in ("paper", "card") if (c := _contrast(palette["edge"], palette[g])) < 3} == {}


def test_both_themes_define_the_same_colours() -> None:
    assert THEMES["light"].keys() == THEMES["dark"].keys()
