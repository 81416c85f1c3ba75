from __future__ import annotations

import re
from dataclasses import replace

import pytest

import reports
from govcheck.model import Finding, Report, Severity, Subject
from govcheck.report.names import with_names

KEY = b"a key that nobody guesses, 32 by"


def masked(key: bytes = KEY) -> Report:
    return with_names(reports.build(), "pseudonymous", key)


def by_rule(report: Report, rule: str) -> Finding:
    return next(finding for finding in report.findings if finding.rule == rule)


def test_shown_names_leave_the_report_alone() -> None:
    assert with_names(reports.build(), "shown", b"") == reports.build()


def test_a_person_has_one_pseudonym_as_subject_in_messages_and_as_owner() -> None:
    daan = next(f for f in masked().findings if f.fingerprint == _fingerprint("Daan Jansen"))
    assert re.fullmatch("p-[0-9a-f]{12}", daan.subject.id)
    assert daan.subject.label == daan.subject.id == daan.values["display_name"]
    assert {(p.id, p.name, p.upn) for p in daan.owner.people} == {(daan.subject.id,) * 3}
    assert by_rule(masked(), "ACC-05").evidence["user_id"] == daan.subject.id


def test_pseudonyms_are_stable_under_one_key_and_differ_under_another() -> None:
    assert masked() == masked()
    assert masked(b"another key, just as long as that").findings[1].subject != masked().findings[1].subject


def test_different_people_have_different_pseudonyms() -> None:
    people = {finding.subject.id for finding in reports.build().findings if finding.subject.kind == "users"}
    hidden = {finding.subject.id for finding in masked().findings if finding.subject.kind == "users"}
    assert len(hidden) == len(people)


def test_what_is_not_about_people_keeps_its_name() -> None:
    assert by_rule(masked(), "ROL-01").subject.label == "Projectgroep <b>Noord</b> & Zuid"
    assert by_rule(masked(), "ROL-02").subject.id == "planning/rooster"


def test_evidence_that_names_nobody_stays() -> None:
    guest = by_rule(masked(), "ACC-04")
    assert guest.evidence["any_of(teams, owner_count >= 1)"] is False
    assert guest.evidence["manager_id"] is None


def test_a_list_of_people_is_hidden_one_by_one() -> None:
    waiver = reports.finding(
        *("ROL-03", Severity.LOW, Subject(kind="exceptions", id="EX-02", label="EX-02"), reports.ORG),
        evidence={"subjects": ("u1", "u2")},
    )
    hidden = with_names(replace(reports.build(), findings=(waiver,)), "pseudonymous", KEY).findings[0]
    subjects = hidden.evidence["subjects"]
    assert isinstance(subjects, tuple)
    assert [item[:2] for item in subjects] == ["p-", "p-"]
    assert hidden.subject == waiver.subject


def test_fingerprints_stay_so_that_a_baseline_keeps_working() -> None:
    assert [f.fingerprint for f in masked().findings] == [f.fingerprint for f in reports.build().findings]


def test_counts_keep_the_numbers_and_no_row() -> None:
    counted = with_names(reports.build(), "counts", b"")
    assert counted.findings == ()
    assert (counted.rules, counted.units, counted.summary) == (
        *(reports.build().rules, reports.build().units, reports.build().summary),
    )


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        masked(b"short")


def _fingerprint(name: str) -> str:
    return next(f.fingerprint for f in reports.build().findings if f.subject.label == name)
