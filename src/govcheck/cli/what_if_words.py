"""One answer in words: who signs in how, what comes of it, and every policy with what decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from govcheck.model import Lang
from govcheck.words import say, visible

if TYPE_CHECKING:
    from govcheck.access.conditions import SignIn
    from govcheck.access.explain import Explained, Explanation, Why
    from govcheck.access.model import Clause, Grant

_CONTROLS = frozenset(
    {
        "mfa",
        "compliantDevice",
        "domainJoinedDevice",
        "approvedApplication",
        "compliantApplication",
        "passwordChange",
        "riskRemediation",
    }
)
_MARKS = {True: "+", False: "-", None: "?"}


def lines_of(explanation: Explanation, lang: Lang) -> Iterator[str]:
    """The answer, then the policies that apply, that cannot be decided, and that do not."""
    yield visible(_head(explanation, lang))
    yield ""
    yield from map(visible, _outcome(explanation, lang))
    yield ""
    if explanation.defaults is not False:
        yield say("access.defaults-on" if explanation.defaults else "access.defaults-undecided", lang)
    order = [True, None, False]
    for each in sorted(explanation.policies, key=lambda each: (order.index(each.applies), each.policy.name)):
        yield visible(_policy(each, lang))


def _head(explanation: Explanation, lang: Lang) -> str:
    person, sign_in = explanation.person, explanation.sign_in
    who = " ".join(filter(None, (person.name, f"({person.upn or person.id})")))
    target = sign_in.target
    key = "access.head-action" if target.user_action is not None else "access.head"
    what = target.application or target.user_action or target.context
    return say(key, lang, who=who, what=what, how=", ".join(_how(sign_in, lang)))


def _how(sign_in: SignIn, lang: Lang) -> Iterator[str]:
    from govcheck.access.device_filter import spelled_attribute

    if sign_in.client is not None:
        yield say("access.how-client", lang, value=sign_in.client)
    for name, value in (
        ("platform", sign_in.platform),
        ("address", sign_in.address),
        ("country", sign_in.country),
        (
            "device",
            None
            if sign_in.device is None
            else ", ".join(f"{spelled_attribute(name)}={value}" for name, value in sign_in.device.items()),
        ),
    ):
        yield say(f"access.how-{name}", lang, value=value) if value else say(f"access.how-no-{name}", lang)
    yield say(
        "access.how-risks",
        lang,
        sign_in=sign_in.sign_in_risk,
        user=sign_in.user_risk,
        insider=sign_in.insider_risk,
    )
    if sign_in.flow is not None:
        yield say("access.how-flow", lang, value=sign_in.flow)


def _outcome(explanation: Explanation, lang: Lang) -> Iterator[str]:
    from govcheck.access.requirements import can_be_met, out_of_reach

    answer, sign_in = explanation.answer, explanation.sign_in
    if answer.blocked:
        blocking = [each.policy.name for each in _in_force(explanation) if each.policy.grant.blocks]
        yield say("access.outcome-block", lang, policies=", ".join(blocking or answer.applied))
    elif answer.requires:
        yield say("access.outcome-grant-if", lang, requires=clause_words(answer.requires, lang))
    else:
        yield say("access.outcome-grant", lang)
    unmet = out_of_reach(compliant=sign_in.compliant, hybrid_joined=sign_in.hybrid_joined)
    if not can_be_met(answer.requires, unmet):
        yield say("access.outcome-unmet", lang)
    elif answer.mfa is not None:
        yield say(f"access.mfa-{answer.mfa}", lang)
    if answer.undecided:
        yield say("access.some-undecided", lang)


def _in_force(explanation: Explanation) -> Iterator[Explained]:
    from govcheck.access.model import State

    return (each for each in explanation.policies if each.applies and each.policy.state is State.ENABLED)


def _policy(each: Explained, lang: Lang) -> str:
    from govcheck.access.model import State

    key = {True: "applies", False: "applies-not", None: "applies-undecided"}[each.applies]
    if each.applies and each.policy.state is State.REPORT_ONLY:
        key = "applies-report-only"
    reasons = [_reason(why, lang) for why in each.why]
    if each.applies:
        reasons += _asks(each.policy.grant, lang)
        if each.policy.session_controls:
            reasons.append(say("access.session", lang, controls=", ".join(each.policy.session_controls)))
    why = ". ".join(filter(None, reasons))
    verdict = say(f"access.{key}", lang)
    return say("access.line", lang, mark=_MARKS[each.applies], name=each.policy.name, verdict=verdict, why=f"{why}.")


def _reason(why: Why, lang: Lang) -> str:
    return say(f"access.why-{why.key}", lang, value=why.value or say("access.unknown", lang), named=why.named)


def _asks(grant: Grant, lang: Lang) -> Iterator[str]:
    if grant.blocks:
        yield say("access.asks-block", lang)
    elif grant.clauses:
        yield say("access.asks", lang, controls=clause_words(grant.clauses, lang))
    else:
        yield say("access.asks-nothing", lang)


def clause_words(clauses: Iterable[Clause], lang: Lang) -> str:
    """Demands that must all be met, each with its choices."""
    parts = [say("access.or", lang).join(_control(control, lang) for control in sorted(clause)) for clause in clauses]
    return say("access.and", lang).join(parts)


def _control(control: str, lang: Lang) -> str:
    kind, separator, value = control.partition(":")
    if separator:
        return say(f"access.control-{kind}", lang, value=value)
    return say(f"access.control-{control}", lang) if control in _CONTROLS else control
