"""A hand-made report of an invented Dutch organisation.

Counts, shares and outcomes agree with each other, as the engine's do; `build` computes the summaries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from govcheck.model import (
    Finding,
    Gap,
    Outcome,
    Owner,
    Person,
    Reason,
    Report,
    Run,
    Severity,
    Span,
    Subject,
    SubjectCounts,
    Summary,
    Text,
    Unit,
    UnitKind,
)
from report_people import BROKEN, ESCAPES, IDENTITIES, NAMES, OVERRIDE, SCRIPT, person_id, upn
from report_rules import RULES, rule, verdict

__all__ = [
    "BROKEN",
    "ESCAPES",
    "IDENTITIES",
    "NAMES",
    "ORG",
    "OVERRIDE",
    "PLANNING",
    "SCRIPT",
    "SUPPORT",
    "TAKEN_AT",
    "build",
    "clean",
    "empty",
    "finding",
    "upn",
    "verdict",
]

TAKEN_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
AS_OF = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)

_LEADER = Owner(
    role="teamlead",
    title=Text(nl="Teamleider", en="Team lead"),
    people=(Person(id=person_id("Daan Jansen"), name="Daan Jansen", upn=upn("Daan Jansen")),),
)
_CISO = Owner(role="ciso", title=Text(nl="CISO", en="CISO"), people=())

ORG = ("organisation",)
SUPPORT = ("support", "operations", "organisation")
PLANNING = ("planning", "operations", "organisation")
PROJECT = ("6a1d", "Financiën", "organisation")
BOARD = ("board-office", "organisation")
NOWHERE = ("unassigned", "organisation")

UNITS: tuple[Unit, ...] = tuple(
    Unit(id=unit, name=name, kind=kind, parent=parent, members=members, summary=Summary())
    for unit, name, kind, parent, members in (
        ("organisation", "Stichting De Linde", UnitKind.ORGANISATION, None, 102),
        ("Financiën", "Financiën", UnitKind.DEPARTMENT, "organisation", 20),
        ("operations", "Operatie", UnitKind.DEPARTMENT, "organisation", 20),
        ("6a1d", "Projectgroep <b>Noord</b> & Zuid", UnitKind.TEAM, "organisation", 6),
        ("board-office", "Bestuursbureau", UnitKind.TEAM, "organisation", 10),
        ("planning", "Planning", UnitKind.TEAM, "operations", 8),
        ("support", "Klantenservice", UnitKind.TEAM, "operations", 12),
        ("unassigned", "Zonder team of afdeling", UnitKind.UNASSIGNED, "organisation", 2),
    )
)

GAPS: tuple[Gap, ...] = (
    Gap(
        table="devices",
        columns=("is_encrypted",),
        reason=Reason.NOT_LICENSED,
        detail=Text(nl="de tenant heeft geen licentie met INTUNE_A", en="the tenant has no licence with INTUNE_A"),
        rules=("ACC-03",),
    ),
    Gap(table="sharepoint_settings", columns=(), reason=Reason.NOT_PERMITTED, detail=Text(en=""), rules=()),
)

WARNINGS: tuple[Text, ...] = (
    Text(nl="Uitzondering EX-09 wordt niet gebruikt", en="Exception EX-09 is not used"),
    Text(nl="2 van 102 mensen horen bij geen team of afdeling", en="2 of 102 people belong to no team or department"),
)


def finding(  # noqa: PLR0913
    rule_id: str,
    severity: Severity,
    subject: Subject,
    units: tuple[str, ...],
    *,
    outcome: Outcome = Outcome.FAIL,
    reason: Reason | None = None,
    owner: Owner = _LEADER,
    tolerated: bool = False,
    evidence: dict[str, object] | None = None,
    values: dict[str, object] | None = None,
    exception: str | None = None,
) -> Finding:
    """A finding; its fingerprint only looks like one."""
    return Finding(
        fingerprint=sha256(f"{rule_id}:{subject.kind}:{subject.id}".encode()).hexdigest()[:32],
        rule=rule_id,
        severity=severity,
        outcome=outcome,
        reason=reason,
        subject=subject,
        units=units,
        tolerated=tolerated,
        evidence=evidence or {},  # type: ignore[arg-type]
        values=values or {},  # type: ignore[arg-type]
        owner=owner,
        source=Span(f"policies/{rule_id[:3].lower()}.yaml", 21, 9, 21, 15),
        exception=exception,
    )


def user(name: str) -> Subject:
    """One of `NAMES` as a subject."""
    return Subject(kind="users", id=person_id(name), label=name)


def _no_mfa(name: str, units: tuple[str, ...], *, tolerated: bool = False) -> Finding:
    return finding(
        "ACC-02",
        Severity.HIGH,
        user(name),
        units,
        tolerated=tolerated,
        evidence={"is_mfa_capable": False},
        values={"display_name": name},
    )


def _guest(name: str, units: tuple[str, ...], outcome: Outcome = Outcome.FAIL) -> Finding:
    unknown = outcome is Outcome.UNKNOWN
    return finding(
        "ACC-04",
        Severity.MEDIUM,
        user(name),
        units,
        outcome=outcome,
        reason=Reason.NULL_VALUE if unknown else None,
        owner=_CISO,
        evidence={"manager_id": None, "any_of(teams, owner_count >= 1)": None if unknown else False},
        values={"display_name": name, "created_date_time": datetime(2025, 3, 1, 9, 30, tzinfo=UTC)},
    )


def _findings() -> list[Finding]:
    in_support = [_no_mfa(name, SUPPORT) for name in NAMES[:8]]
    in_project = [_no_mfa(name, PROJECT) for name in NAMES[8:12]]
    guests = [_guest(name, PROJECT) for name in NAMES[12:15]]
    tenant = Subject(kind="organization", id="7e4a", label="Stichting De Linde")
    team = Subject(kind="teams", id="6a1d", label="Projectgroep <b>Noord</b> & Zuid")
    activity = Subject(kind="activities", id="planning/rooster", label="Rooster vaststellen")
    laptop = Subject(kind="devices", id="de71ce00-daan", label="LAPTOP-DAAN")
    return [
        finding(
            "ACC-01",
            Severity.CRITICAL,
            tenant,
            ORG,
            owner=_CISO,
            evidence={"count_of(conditional_access_policies, state = 'enabled') >= 1": False},
            values={"blocking_policies": 0},
        ),
        *in_support,
        *in_project,
        _no_mfa(NAMES[15], BOARD, tolerated=True),
        *guests,
        _guest(NAMES[16], NOWHERE),
        _guest(NAMES[17], PROJECT, Outcome.UNKNOWN),
        finding(
            "ACC-05",
            Severity.LOW,
            laptop,
            PLANNING,
            evidence={"compliance_state": "noncompliant", "user_id": person_id("Daan Jansen")},
            values={"device_name": "LAPTOP-DAAN"},
        ),
        finding("ROL-01", Severity.MEDIUM, team, PROJECT, evidence={"count_of(owners)": 1}),
        finding(
            "ROL-02",
            Severity.HIGH,
            activity,
            PLANNING,
            outcome=Outcome.WAIVED,
            reason=Reason.EXCEPTION,
            exception="EX-01",
            evidence={"count_of(assignments, letter = 'A') = 1": False},
            values={"title": "Rooster vaststellen"},
        ),
    ]


def build() -> Report:
    """The whole report."""
    findings = sorted(_findings(), key=lambda f: (f.severity.rank, f.rule, f.subject.kind, f.subject.id))
    units = tuple(
        replace(
            unit,
            summary=_summary(v.outcome for rule in RULES for v in rule.units if v.unit == unit.id),
        )
        for unit in UNITS
    )
    return Report(
        run=run(),
        summary=_summary(rule.outcome for rule in RULES),
        gaps=GAPS,
        units=units,
        rules=RULES,
        findings=tuple(findings),
        warnings=WARNINGS,
    )


def clean() -> Report:
    """A report in which nothing is wrong and nothing is missing."""
    passing = rule(
        "ACC-06",
        Text(nl="Gasten nodigen geen gasten uit", en="Guests invite no guests"),
        Severity.HIGH,
        Outcome.PASS,
        [verdict("organisation", Outcome.PASS, 1)],
        table="authorization_policy",
        subjects=SubjectCounts(pass_=1),
    )
    unit = replace(UNITS[0], summary=Summary(pass_=1))
    return Report(run=run(), summary=Summary(pass_=1), gaps=(), units=(unit,), rules=(passing,), findings=())


def empty() -> Report:
    """A report without units, rules or findings."""
    return Report(run=run(), summary=Summary(), gaps=(), units=(), rules=(), findings=())


def run() -> Run:
    """The run that every report here comes from."""
    return Run(
        id="01JDCZ",
        tenant="0d2f6c1e-0000-4000-8000-000000000000",
        tenant_name="Stichting De Linde",
        snapshot_taken_at=TAKEN_AT,
        as_of=AS_OF,
        govcheck_version="0.1.0",
        policy_digest="9f" * 32,
        engine="duckdb",
    )


def _summary(outcomes: Iterable[Outcome]) -> Summary:
    found = Counter(outcomes)
    return Summary(
        pass_=found[Outcome.PASS],
        fail=found[Outcome.FAIL],
        unknown=found[Outcome.UNKNOWN],
        waived=found[Outcome.WAIVED],
        not_applicable=found[Outcome.NOT_APPLICABLE],
    )
