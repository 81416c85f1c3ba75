"""A hand-made report of an invented Dutch organisation, with the names that attackers would choose.

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
    RuleVerdict,
    Run,
    Severity,
    Span,
    Subject,
    SubjectCounts,
    Summary,
    Text,
    Unit,
    UnitKind,
    UnitVerdict,
)

TAKEN_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
AS_OF = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)

SCRIPT = "<script>alert('Pim')</script>"
ESCAPES = "\x1b[31mRood\x1b[0m\x07"
OVERRIDE = "Eva\u202eexe.fdp"
FORMULA = '=HYPERLINK("http://kwaad.example";"Loes")'
WIDE_FORMULA = "\uff1d1+1 Wouter"
LONG = "Maximiliaan" * 30
EMOJI = "👩\u200d⚕️ Noor de Groot 🌷"
BROKEN = "Half\ud83d\nTweede regel"

NAMES = (
    *("Anna de Vries", "Björn Ólafsson", ESCAPES, "Daan Jansen", "Fatima el Amrani", "Chiara O'Neill"),
    *("Gijs van 't Hof", SCRIPT, OVERRIDE, FORMULA, WIDE_FORMULA, "+31 6 1234 Kees", "@Sanne", "-2+3 Tom", "\t=1 Vera"),
    *(LONG, EMOJI, BROKEN, 'Jan; "de" Boer, jr.'),
)


def person_id(name: str) -> str:
    """The made-up object id of one of `NAMES`."""
    return f"5e1f0000-0000-4000-8000-{NAMES.index(name):012d}"


def upn(name: str) -> str:
    """The made-up sign-in name of one of `NAMES`."""
    return f"upn{NAMES.index(name):02d}@delinde.example"


IDENTITIES = (
    *(person_id(name) for name in NAMES),
    *(upn(name) for name in NAMES),
    *("Anna de Vries", "Björn", "Chiara", "Daan Jansen", "Fatima", "Gijs", "alert(", "31mRood", "exe.fdp"),
    *("kwaad.example", "1+1 Wouter", "6 1234 Kees", "Sanne", "-2+3 Tom", "=1 Vera", "Maximiliaan"),
    *("Noor de Groot", "Tweede regel", "Boer, jr.", "LAPTOP-DAAN", "de71ce00-daan"),
)
"""What no output may hold where names are not to be shown."""

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


def rule(  # noqa: PLR0913
    rule_id: str,
    title: Text,
    severity: Severity,
    outcome: Outcome,
    units: Iterable[UnitVerdict] = (),
    *,
    table: str = "users",
    policy: str = "access",
    policy_title: Text | None = None,
    message: Text | None = None,
    why: Text | None = None,
    fix: Text | None = None,
    references: tuple[str, ...] = (),
    at_least: float | None = None,
    reason: Reason | None = None,
    note: str | None = None,
    subjects: SubjectCounts | None = None,
) -> RuleVerdict:
    """A rule verdict; what is left out is empty."""
    return RuleVerdict(
        id=rule_id,
        policy=policy,
        policy_title=policy_title or Text(nl="Veilige toegang op afstand", en="Secure remote access"),
        title=title,
        severity=severity,
        table=table,
        message=message,
        why=why,
        fix=fix,
        references=references,
        tags=(),
        source=Span(f"policies/{policy}.yaml", 21, 9, 21, 15),
        at_least=at_least,
        outcome=outcome,
        reason=reason,
        note=note,
        subjects=subjects or SubjectCounts(),
        units=tuple(units),
    )


def verdict(
    unit: str,
    outcome: Outcome,
    passing: int | None = 0,
    failing: int | None = 0,
    unknown: int | None = 0,
    *,
    waived: int | None = 0,
    share: float | None = None,
    reason: Reason | None = None,
) -> UnitVerdict:
    """A unit verdict with its counts in the order pass, fail, unknown."""
    return UnitVerdict(
        unit=unit,
        outcome=outcome,
        reason=reason,
        pass_=passing,
        fail=failing,
        unknown=unknown,
        waived=waived,
        share=share,
    )


_MFA_FIX = Text(
    nl="Laat de collega Microsoft Authenticator registreren op aka.ms/mfasetup.",
    en="Have the colleague register Microsoft Authenticator at aka.ms/mfasetup.",
)
_ROLES = Text(nl="Duidelijke rollen", en="Clear roles")
_PEOPLE = Text(nl="Mensen en beleving", en="People and engagement")

RULES: tuple[RuleVerdict, ...] = (
    rule(
        "ACC-01",
        Text(nl="Verouderde aanmeldprotocollen zijn geblokkeerd", en="Legacy sign-in protocols are blocked"),
        Severity.CRITICAL,
        Outcome.FAIL,
        [verdict("organisation", Outcome.FAIL, 0, 1)],
        table="organization",
        message=Text(
            nl="Geen enkel beleid blokkeert verouderde protocollen ({blocking_policies} gevonden)",
            en="No policy blocks legacy protocols ({blocking_policies} found)",
        ),
        why=Text(
            nl="Verouderde protocollen vragen nooit om een tweede factor: met één gelekt wachtwoord is een aanvaller "
            "binnen.",
            en="Legacy protocols never ask for a second factor: one leaked password lets an attacker in.",
        ),
        fix=Text(
            nl="Zet het beleid ‘Verouderde verificatie blokkeren’ aan voor iedereen.",
            en="Turn on the policy ‘Block legacy authentication’ for everybody.",
        ),
        references=("cis-m365@7.0.0:5.2.2.3", "iso27001@2022:A.8.5"),
        subjects=SubjectCounts(fail=1),
    ),
    rule(
        "ACC-02",
        Text(nl="MFA-registratiegraad per team", en="MFA registration coverage per team"),
        Severity.HIGH,
        Outcome.FAIL,
        [
            verdict("support", Outcome.FAIL, 4, 8, share=1 / 3),
            verdict("operations", Outcome.FAIL, 12, 8, share=0.6),
            verdict("6a1d", Outcome.FAIL, 2, 4, share=1 / 3),
            verdict("organisation", Outcome.PASS, 87, 13, share=0.87),
            verdict("planning", Outcome.PASS, 8, 0, share=1.0),
            verdict("board-office", Outcome.PASS, 9, 1, share=0.9),
            verdict("Financiën", Outcome.PASS, 16, 4, share=0.8),
            verdict("unassigned", Outcome.NOT_APPLICABLE, None, None, None, waived=None, reason=Reason.SUPPRESSED),
        ],
        at_least=0.8,
        message=Text(
            nl="{display_name} heeft geen bruikbare MFA-methode", en="{display_name} has no usable MFA method"
        ),
        why=Text(
            nl="Met alleen een wachtwoord is een thuisverbinding niet veilig.",
            en="A password alone does not keep a home connection safe.",
        ),
        fix=_MFA_FIX,
        references=("iso27001@2022:A.5.17", "cis-m365@7.0.0:5.2.3.4"),
        subjects=SubjectCounts(pass_=87, fail=13),
    ),
    rule(
        "ACC-03",
        Text(nl="Laptops zijn versleuteld", en="Laptops are encrypted"),
        Severity.HIGH,
        Outcome.UNKNOWN,
        [
            verdict("support", Outcome.UNKNOWN, 0, 0, 11, reason=Reason.NOT_LICENSED),
            verdict("operations", Outcome.UNKNOWN, 0, 0, 19, reason=Reason.NOT_LICENSED),
            verdict("organisation", Outcome.UNKNOWN, 0, 0, 19, reason=Reason.NOT_LICENSED),
        ],
        table="devices",
        reason=Reason.NOT_LICENSED,
        subjects=SubjectCounts(unknown=19),
    ),
    rule(
        "ACC-04",
        Text(nl="Elke gast heeft een sponsor", en="Every guest has a sponsor"),
        Severity.MEDIUM,
        Outcome.FAIL,
        [
            verdict("6a1d", Outcome.FAIL, 1, 3, 1),
            verdict("organisation", Outcome.FAIL, 1, 4, 1),
            verdict("Financiën", Outcome.FAIL, 1, 3, 1),
            verdict("unassigned", Outcome.FAIL, 0, 1),
        ],
        message=Text(
            nl="{display_name} is gast sinds {created_date_time}, zonder sponsor",
            en="{display_name} has been a guest since {created_date_time}, without a sponsor",
        ),
        why=Text(nl="Niemand ruimt op wat van niemand is.", en="Nobody clears up what belongs to nobody."),
        fix=Text(en="Name a sponsor, or remove the guest."),
        subjects=SubjectCounts(pass_=1, fail=4, unknown=1, undecided=2),
    ),
    rule(
        "ACC-05",
        Text(nl="Apparaten voldoen aan het beleid", en="Devices are compliant"),
        Severity.LOW,
        Outcome.FAIL,
        [verdict("planning", Outcome.FAIL, 7, 1), verdict("organisation", Outcome.FAIL, 18, 1)],
        table="devices",
        message=Text(nl="{device_name} voldoet niet", en="{device_name} is not compliant"),
        subjects=SubjectCounts(pass_=18, fail=1),
    ),
    rule(
        "ENG-01",
        Text(nl="Betrokkenheid wordt gemeten", en="Engagement is measured"),
        Severity.LOW,
        Outcome.UNKNOWN,
        [
            verdict(unit, Outcome.NOT_APPLICABLE, None, None, None, waived=None, reason=Reason.SUPPRESSED)
            for unit in ("support", "organisation")
        ],
        table="enps",
        policy="people",
        policy_title=_PEOPLE,
        reason=Reason.SUPPRESSED,
    ),
    rule(
        "PPL-01",
        Text(nl="Verzuim wordt per team gevolgd", en="Absence is followed per team"),
        Severity.INFO,
        Outcome.UNKNOWN,
        table="absence",
        policy="people",
        policy_title=_PEOPLE,
        reason=Reason.NOT_PERMITTED,
        note="people: works_council.decision",
    ),
    rule(
        "RIT-01",
        Text(nl="Elk team houdt een wekelijkse check-in"),
        Severity.LOW,
        Outcome.PASS,
        [verdict(unit, Outcome.PASS, 1) for unit in ("support", "planning", "organisation")],
        table="teams",
        policy="roles",
        policy_title=_ROLES,
        subjects=SubjectCounts(pass_=2),
    ),
    rule(
        "ROL-01",
        Text(nl="Elk team heeft twee eigenaren", en="Every team has two owners"),
        Severity.MEDIUM,
        Outcome.FAIL,
        [
            verdict("6a1d", Outcome.FAIL, 0, 1),
            verdict("organisation", Outcome.FAIL, 3, 1),
            verdict("support", Outcome.PASS, 1),
            verdict("planning", Outcome.PASS, 1),
            verdict("board-office", Outcome.PASS, 1),
        ],
        table="teams",
        policy="roles",
        policy_title=_ROLES,
        why=Text(
            nl="Met één eigenaar staat een team stil als die met vakantie is.",
            en="With one owner a team stands still when that person is on holiday.",
        ),
        fix=Text(nl="Wijs een tweede eigenaar aan.", en="Appoint a second owner."),
        subjects=SubjectCounts(pass_=3, fail=1),
    ),
    rule(
        "ROL-02",
        Text(nl="Elke activiteit heeft één eindverantwoordelijke", en="Every activity has one Accountable"),
        Severity.HIGH,
        Outcome.WAIVED,
        [
            verdict("planning", Outcome.WAIVED, waived=1, reason=Reason.EXCEPTION),
            verdict("organisation", Outcome.WAIVED, waived=1, reason=Reason.EXCEPTION),
        ],
        table="activities",
        policy="roles",
        policy_title=_ROLES,
        reason=Reason.EXCEPTION,
        message=Text(nl="{title} heeft geen eindverantwoordelijke", en="{title} has no Accountable"),
        subjects=SubjectCounts(waived=1),
    ),
)

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
        detail="the tenant has no licence with INTUNE_A",
        rules=("ACC-03",),
    ),
    Gap(table="sharepoint_settings", columns=(), reason=Reason.NOT_PERMITTED, detail="", rules=()),
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
