"""What the rules of an invented Dutch organisation found: verdicts whose counts and outcomes agree."""

from __future__ import annotations

from collections.abc import Iterable

from govcheck.model import Outcome, Reason, RuleVerdict, Severity, Span, SubjectCounts, Text, UnitVerdict


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
    note: Text | None = None,
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
        note=Text(nl="people: besluit works_council", en="people: works_council.decision"),
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
