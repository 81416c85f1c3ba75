from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from govcheck.catalogue.frameworks import frameworks, split
from govcheck.policy import load_policies
from govcheck.policy.types import PolicySet
from govcheck.shipped import shipped

ROOT = Path(__file__).parents[1]
RESEARCH = ROOT.parent / "shared" / "facts" / "rules.md"
CATALOGUE = {
    "access": ("ACC", 22),
    "remote-work": ("RW", 11),
    "communication": ("COM", 12),
    "raci": ("ROL", 12),
    "rhythm": ("RIT", 9),
    "progress": ("PRG", 8),
    "people": ("PPL", 8),
    "onboarding": ("ONB", 8),
    "policy": ("POL", 9),
    "privacy": ("PRV", 12),
    "apps": ("APP", 9),
}


@pytest.fixture(scope="module")
def packs() -> PolicySet:
    return load_policies([shipped("policies")], lenient=False)


@pytest.mark.parametrize("pack", CATALOGUE)
def test_a_pack_holds_the_controls_of_the_catalogue_in_order_and_further_ones_go_on_counting(
    packs: PolicySet, pack: str
) -> None:
    prefix, count = CATALOGUE[pack]
    found = [rule.id for rule in packs.rules if rule.policy == pack]
    assert len(found) >= count
    assert found == [f"{prefix}-{number:02}" for number in range(1, len(found) + 1)]


def test_the_ids_of_the_research_are_all_there_and_further_ones_are_of_its_families(packs: PolicySet) -> None:
    known = researched()
    ids = {rule.id for rule in packs.rules}
    assert len(known) == 120
    assert known.keys() <= ids
    assert {id_[:3] for id_ in ids} == {id_[:3] for id_ in known}


def test_severities_are_those_of_the_research(packs: PolicySet) -> None:
    known = researched()
    assert {rule.id: rule.severity.value for rule in packs.rules if rule.id in known} == known


def researched() -> dict[str, str]:
    """Severities by id."""
    if not RESEARCH.exists():
        pytest.skip("the research is not beside the checkout")
    rows = re.findall(
        r"^\| ((?!PBD)[A-Z]{2,3}-\d\d) \|.*\| (critical|high|medium|low|info) \|",
        RESEARCH.read_text("utf-8"),
        re.MULTILINE,
    )
    return dict(rows)


def test_every_rule_is_told_in_both_languages_with_a_reader_and_examples_of_both_kinds(packs: PolicySet) -> None:
    for rule in packs.rules:
        for text in (rule.title, rule.message, rule.why, rule.fix):
            assert text, rule.id
            assert text.nl, rule.id
            assert text.en, rule.id
            assert text.nl != text.en or text is rule.title, rule.id
        assert any(tag.startswith("reader:") for tag in rule.tags), rule.id
        assert {example.passes for example in rule.examples} == {True, False}, rule.id


def test_every_reference_is_to_a_requirement_that_the_catalogue_describes(packs: PolicySet) -> None:
    known = frameworks()
    missing = {
        reference
        for rule in packs.rules
        for reference in rule.references
        for framework, requirement in (split(reference),)
        if framework not in known or requirement not in known[framework].requirements
    }
    assert not missing


def test_every_described_requirement_is_told_in_both_languages() -> None:
    for framework in frameworks().values():
        for id_, meaning in framework.requirements.items():
            assert meaning.nl, f"{framework.id}:{id_}"
            assert meaning.en, f"{framework.id}:{id_}"


def test_every_sentence_of_the_article_that_carries_a_rule_leads_to_controls_that_exist(packs: PolicySet) -> None:
    ids = {rule.id for rule in packs.rules}
    for sentence in yaml.safe_load((ROOT / "docs" / "article.yaml").read_text("utf-8")):
        assert sentence["controls"], sentence["id"]
        assert ids.issuperset(sentence["controls"]), sentence["id"]
