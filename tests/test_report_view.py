from __future__ import annotations

import json
from dataclasses import replace

import pytest

import reports
from govcheck.engine.reporting import narrow
from govcheck.model import Finding, Outcome, Report, RuleVerdict, Severity, Unit, UnitKind
from govcheck.report import render
from govcheck.report.names import with_names
from govcheck.report.view import UnitView, failures_by_severity, of_its_unit, unit_views, unknown_without_gap


def view(report: Report, unit: str) -> UnitView:
    return next(view for view in unit_views(report) if view.unit.id == unit)


def rules(report: Report, unit: str) -> list[str]:
    return [group.rule.id for group in view(report, unit).groups]


def test_the_unit_with_the_worst_findings_comes_first() -> None:
    assert [view.unit.id for view in unit_views(reports.build())][:3] == ["organisation", "6a1d", "support"]


def test_rules_of_a_unit_stand_worst_first() -> None:
    assert rules(reports.build(), "6a1d") == ["ACC-02", "ACC-04", "ROL-01"]


def test_somebody_in_three_teams_shows_in_three_views_and_counts_once() -> None:
    report = reports.build()
    finding = replace(_first(report, "ACC-04"), units=("6a1d", "planning", "support", "operations", "organisation"))
    report = replace(report, findings=(finding,), rules=(replace(_rule(report, "ACC-04"), units=()),))
    shown = [view.unit.id for view in unit_views(report) if view.groups]
    assert sorted(shown) == ["6a1d", "planning", "support"]
    assert failures_by_severity(report) == {Severity.MEDIUM: 1}


def test_a_finding_shows_in_its_team_and_not_again_in_the_department_above() -> None:
    assert rules(reports.build(), "operations") == []


def test_a_row_that_counts_shows_only_where_the_threshold_is_missed() -> None:
    assert "ACC-02" not in rules(reports.build(), "Financiën")


def test_a_row_whose_team_meets_the_threshold_shows_in_the_department_that_misses_it() -> None:
    report = reports.build()
    finding = replace(_first(report, "ACC-02"), units=reports.PLANNING)
    report = replace(report, findings=(finding,), rules=(_rule(report, "ACC-02"),))
    assert rules(report, "planning") == []
    assert rules(report, "operations") == ["ACC-02"]


def test_tolerated_rows_are_no_failures() -> None:
    (group,) = view(reports.build(), "board-office").groups
    assert (group.failures, len(group.tolerated)) == (0, 1)
    assert not view(reports.build(), "board-office").needs_attention


def test_without_rows_the_counts_of_the_unit_speak() -> None:
    counted = with_names(reports.build(), "counts", b"")
    assert view(counted, "support").failures == 8
    assert sum(failures_by_severity(counted).values()) == sum(
        rule.subjects.fail for rule in counted.rules if rule.outcome is Outcome.FAIL
    )


def test_the_report_of_one_unit_counts_what_is_met_and_waived_there() -> None:
    unit = next(unit for unit in reports.build().units if unit.id == "planning")
    report = of_its_unit(narrow(reports.build(), "planning"))
    own = {
        rule.id: verdict.outcome for rule in reports.build().rules for verdict in rule.units if verdict.unit == unit.id
    }
    assert {rule.id: rule.outcome for rule in report.rules if rule.id in own} == own
    assert report.summary.pass_ == unit.summary.pass_
    assert sum(rule.subjects.waived for rule in report.rules) == 1
    assert report.units[0].summary == report.summary


def test_a_rule_that_could_be_judged_nowhere_stays_unknown_in_the_report_of_a_unit() -> None:
    outcomes = {rule.id: rule.outcome for rule in of_its_unit(narrow(reports.build(), "board-office")).rules}
    assert outcomes["PPL-01"] is Outcome.UNKNOWN
    assert outcomes["ACC-01"] is Outcome.NOT_APPLICABLE


def test_the_whole_report_keeps_the_outcomes_of_the_tenant() -> None:
    assert of_its_unit(reports.build()) == reports.build()


@pytest.mark.parametrize("fmt", ["text", "html"])
def test_people_read_the_counts_of_the_unit(fmt: str) -> None:
    page = render(narrow(reports.build(), "board-office"), fmt, lang="nl").decode()
    report = of_its_unit(narrow(reports.build(), "board-office"))
    met = {
        "text": f"{report.summary.pass_} regel",
        "html": f"Aan {report.summary.pass_} van de {len(report.rules)} regels",
    }
    assert met[fmt] in page
    assert not report.summary.waived
    assert "1 uitgezonderd" not in page


def test_json_keeps_the_outcomes_of_the_tenant() -> None:
    document = json.loads(render(narrow(reports.build(), "board-office"), "json", lang="nl"))
    assert {rule["id"]: rule["outcome"] for rule in document["rules"]} == {
        rule.id: rule.outcome for rule in reports.build().rules
    }


def test_rules_that_a_gap_explains_are_not_named_twice() -> None:
    assert [rule.id for rule in unknown_without_gap(reports.build())] == ["ENG-01", "PPL-01"]


def test_units_that_name_each_other_as_parent_do_not_hang() -> None:
    report = reports.build()
    loop = tuple(
        Unit(id=unit, name=unit, kind=UnitKind.TEAM, parent=parent, members=1, summary=reports.clean().summary)
        for unit, parent in (("a", "b"), ("b", "a"))
    )
    assert len(unit_views(replace(report, units=loop))) == 2


def _first(report: Report, rule: str) -> Finding:
    return next(finding for finding in report.findings if finding.rule == rule)


def _rule(report: Report, rule_id: str) -> RuleVerdict:
    return next(rule for rule in report.rules if rule.id == rule_id)
