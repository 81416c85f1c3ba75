"""The real engine and the oracle agree on rows, units, suppression, exceptions and the rule as a whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings

from govcheck.model import ORGANISATION, Outcome, Reason, Report, UnitKind, UnitVerdict
from oracle.outcomes import RuleResult, members_of
from oracle.report_adapter import engine_report
from oracle.tenants import Tenant, tenants, units_of


def _comparable(verdict: UnitVerdict) -> UnitVerdict:
    # Whether a waived unit repeats the reason of its rows is nowhere laid down.
    return replace(verdict, reason=None) if verdict.outcome is Outcome.WAIVED else verdict


def _shown(result: RuleResult) -> dict[str, UnitVerdict]:
    """The units that have something to say; a report lists no others, but always the organisation."""
    return {
        unit: _comparable(verdict)
        for unit, verdict in result.units.items()
        if unit == ORGANISATION or verdict.reason or verdict.outcome is not Outcome.NOT_APPLICABLE
    }


def _listed(result: RuleResult) -> dict[str, tuple[Outcome, Reason | None, bool, str | None]]:
    """The findings: what fails, is waived, or is unknown because a value is empty."""
    return {
        id_: (row.outcome, row.reason, row.tolerated, row.waiver)
        for id_, row in result.rows.items()
        if row.outcome in (Outcome.FAIL, Outcome.WAIVED) or row.reason is Reason.NULL_VALUE
    }


def _report_on(tenant: Tenant) -> Report:
    with TemporaryDirectory() as folder:
        return engine_report(tenant, Path(folder))


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(tenant=tenants())
def test_the_report_says_what_the_oracle_says(tenant: Tenant) -> None:
    expected = tenant.judged()

    report = _report_on(tenant)

    (rule,) = report.rules
    assert {verdict.unit: _comparable(verdict) for verdict in rule.units} == _shown(expected)
    assert rule.outcome == expected.outcome
    assert rule.outcome is Outcome.WAIVED or rule.reason == expected.reason
    assert rule.subjects == expected.subjects
    assert {
        finding.subject.id: (finding.outcome, finding.reason, finding.tolerated, finding.exception)
        for finding in report.findings
    } == _listed(expected)


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(tenant=tenants())
def test_a_finding_names_all_units_of_its_row_teams_first(tenant: Tenant) -> None:
    units = {unit.id: unit for unit in units_of(tenant)}
    members = {id_: members_of(unit, list(units.values())) for id_, unit in units.items()}

    for finding in _report_on(tenant).findings:
        assert set(finding.units) == {id_ for id_, rows in members.items() if finding.subject.id in rows}
        is_team = [units[id_].kind is UnitKind.TEAM for id_ in finding.units]
        assert is_team == sorted(is_team, reverse=True)
