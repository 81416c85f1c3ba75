"""What follows from rows, unit by unit: the contract's sentences, held against the oracle and the real engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from govcheck.model import Outcome, Reason, UnitKind, UnitVerdict
from oracle.outcomes import Waiver
from oracle.report_adapter import engine_report
from oracle.tenants import Declared, Somebody, Tenant

Judge = Callable[[Tenant], Mapping[str, UnitVerdict]]
ORGANISATION_WIDE = "organisation"
RULE = "rule"


def _of_oracle(tenant: Tenant) -> Mapping[str, UnitVerdict]:
    result = tenant.judged()
    return {**result.units, RULE: _as_verdict(result.outcome, result.reason)}


def _as_verdict(outcome: Outcome, reason: Reason | None) -> UnitVerdict:
    return UnitVerdict(
        unit=RULE, outcome=outcome, reason=reason, pass_=None, fail=None, unknown=None, waived=None, share=None
    )


@pytest.fixture(params=["oracle", "engine"])
def judged(request: pytest.FixtureRequest, tmp_path: Path) -> Judge:
    """The verdicts on a tenant by unit, and on the rule as a whole under `rule`."""

    def of_engine(tenant: Tenant) -> Mapping[str, UnitVerdict]:
        (rule,) = engine_report(tenant, tmp_path).rules
        return {**{unit.unit: unit for unit in rule.units}, RULE: _as_verdict(rule.outcome, rule.reason)}

    return _of_oracle if request.param == "oracle" else of_engine


def people(
    department: str, expect: str, *, teams: frozenset[str] = frozenset(), where: bool | None = True
) -> list[Somebody]:
    """Somebody per letter: `p` passes, `f` fails, `?` is empty."""
    answers = {"p": True, "f": False, "?": None}
    return [
        Somebody(id=f"{department}{number}", department=department, teams=teams, where=where, expect=answers[letter])
        for number, letter in enumerate(expect)
    ]


def tenant(*groups: Sequence[Somebody], **details: Any) -> Tenant:
    """A tenant of these people, with nothing declared, waived or missing unless told."""
    plain: dict[str, Any] = {
        "declared": (),
        "waivers": (),
        "missing": {},
        "at_least": None,
        "min_group": 1,
        "complementary": False,
    }
    return Tenant(people=[person for group in groups for person in group], **(plain | details))


def outcome(verdict: UnitVerdict) -> tuple[str, str | None]:
    return str(verdict.outcome), verdict.reason and str(verdict.reason)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("ppf?", ("fail", None)),
        ("pp?", ("unknown", "null_value")),
        ("pp", ("pass", None)),
    ],
)
def test_without_at_least_the_worst_row_decides(judged: Judge, rows: str, expected: tuple[str, str | None]) -> None:
    found = judged(tenant(people("A", rows)))

    assert outcome(found["A"]) == expected
    assert outcome(found[RULE]) == expected


@pytest.mark.parametrize(
    ("at_least", "rows", "expected"),
    [
        (0.5, "pf", ("pass", None)),
        (0.5, "pff", ("fail", None)),
        (0.5, "pp?", ("pass", None)),
        (0.5, "p?", ("pass", None)),
        (0.6, "p?", ("unknown", "null_value")),
        (0.9, "pf?", ("fail", None)),
        (1.0, "ppp", ("pass", None)),
        (0.0, "fff", ("pass", None)),
        (0.95, "p" * 19 + "f", ("pass", None)),
        (0.07, "p" * 7 + "f" * 93, ("pass", None)),
        (2 / 3, "ppf", ("pass", None)),
    ],
)
def test_at_least_decides_only_when_the_unknown_rows_cannot_change_it(
    judged: Judge, at_least: float, rows: str, expected: tuple[str, str | None]
) -> None:
    assert outcome(judged(tenant(people("A", rows), at_least=at_least))["A"]) == expected


def test_a_share_leaves_unknown_rows_out_of_both_sides(judged: Judge) -> None:
    assert judged(tenant(people("A", "ppf?"), at_least=0.5))["A"].share == 2 / 3


def test_a_share_of_nothing_decided_is_null(judged: Judge) -> None:
    assert judged(tenant(people("A", "??"), at_least=0.5))["A"].share is None


def test_a_rule_without_at_least_has_no_share(judged: Judge) -> None:
    assert judged(tenant(people("A", "pf")))["A"].share is None


def test_nobody_at_all_is_not_applicable(judged: Judge) -> None:
    assert outcome(judged(tenant())[RULE]) == ("not_applicable", None)


def test_a_row_whose_where_is_empty_is_out_of_scope(judged: Judge) -> None:
    found = judged(tenant(people("A", "p"), people("B", "f", where=None)))

    assert outcome(found[RULE]) == ("pass", None)
    assert found[ORGANISATION_WIDE].fail == 0


def test_a_row_whose_where_was_not_collected_is_unknown_whatever_is_expected(judged: Judge) -> None:
    found = judged(tenant(people("A", "pf", where=False), missing={"where": Reason.NOT_LICENSED}))

    assert found["A"].unknown == 2
    assert outcome(found[RULE]) == ("unknown", "not_licensed")


def test_a_small_unit_is_suppressed_without_counts_and_share(judged: Judge) -> None:
    small = judged(tenant(people("A", "pf"), people("B", "pppp"), at_least=0.5, min_group=3))["A"]

    assert outcome(small) == ("not_applicable", "suppressed")
    assert (small.pass_, small.fail, small.unknown, small.waived, small.share) == (None,) * 5


def test_a_small_unit_that_fails_does_not_fail_the_rule(judged: Judge) -> None:
    found = judged(tenant(people("A", "ff"), people("B", "pppppppp"), at_least=0.5, min_group=3))

    assert outcome(found[RULE]) == ("pass", None)


def test_a_rule_without_at_least_is_never_suppressed(judged: Judge) -> None:
    assert outcome(judged(tenant(people("A", "f"), min_group=5))["A"]) == ("fail", None)


def test_a_rule_is_unknown_when_everything_is_suppressed(judged: Judge) -> None:
    found = judged(tenant(people("A", "f"), people("B", "p"), at_least=0.5, min_group=5))

    assert outcome(found[RULE]) == ("unknown", "suppressed")


def test_one_hidden_unit_takes_its_smallest_sibling_along(judged: Judge) -> None:
    groups = (people("A", "pp"), people("B", "ppppp"), people("C", "pppp"))
    found = judged(tenant(*groups, at_least=0.5, min_group=3, complementary=True))

    hidden = [unit for unit, verdict in found.items() if verdict.reason is Reason.SUPPRESSED]
    assert sorted(hidden) == ["A", "C"]


def test_equal_siblings_are_hidden_by_id(judged: Judge) -> None:
    groups = (people("A", "pp"), people("B", "pppp"), people("C", "pppp"))
    found = judged(tenant(*groups, at_least=0.5, min_group=3, complementary=True))

    assert found["B"].reason is Reason.SUPPRESSED
    assert found["C"].reason is None


def test_hidden_units_that_are_large_enough_together_take_nobody_along(judged: Judge) -> None:
    groups = (people("A", "pp"), people("B", "pp"), people("C", "pppp"))
    found = judged(tenant(*groups, at_least=0.5, min_group=3, complementary=True))

    assert found["C"].reason is None


def test_a_hidden_unit_without_siblings_hides_its_parent(judged: Judge) -> None:
    declared = [
        Declared(id="alpha", kind=UnitKind.DEPARTMENT, department="A"),
        Declared(id="squad", kind=UnitKind.TEAM, parent="alpha", group="t1"),
    ]
    groups = (
        people("A", "pp", teams=frozenset({"t1"})),
        [Somebody(id=f"x{n}", department="A", teams=frozenset(), where=True, expect=True) for n in range(4)],
        people("B", "pppp"),
        people("C", "pppppp"),
    )
    found = judged(tenant(*groups, declared=declared, at_least=0.5, min_group=3, complementary=True))

    hidden = [unit for unit, verdict in found.items() if verdict.reason is Reason.SUPPRESSED]
    assert sorted(hidden) == ["B", "alpha", "squad"]


def test_a_unit_holds_the_rows_of_its_child_units_each_once(judged: Judge) -> None:
    declared = [
        Declared(id="alpha", kind=UnitKind.DEPARTMENT, department="A"),
        Declared(id="squad", kind=UnitKind.TEAM, parent="alpha", group="t1"),
        Declared(id="crew", kind=UnitKind.TEAM, parent="alpha", group="t2"),
    ]
    both = frozenset({"t1", "t2"})
    found = judged(tenant(people("A", "pp", teams=both), people("B", "p", teams=both), declared=declared))

    assert (found["alpha"].pass_, found["squad"].pass_, found["B"].pass_) == (3, 3, 1)


def test_the_nearest_threshold_wins(judged: Judge) -> None:
    declared = [
        Declared(id="division", kind=UnitKind.DEPARTMENT, department="C", at_least=0.4),
        Declared(id="alpha", kind=UnitKind.DEPARTMENT, parent="division", department="A"),
    ]
    found = judged(tenant(people("A", "pf"), people("B", "pf"), declared=declared, at_least=0.9))

    assert (outcome(found["alpha"])[0], outcome(found["B"])[0]) == ("pass", "fail")


LAST_DAY = datetime(2025, 12, 31, tzinfo=UTC)


def _waived(expires: datetime, rows: str = "f", **details: Any) -> Tenant:
    waiver = Waiver(id="EX-1", expires=expires, **details)
    return tenant(people("A", rows), waivers=[waiver], as_of=datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC))


def test_an_exception_holds_through_the_end_of_its_last_day(judged: Judge) -> None:
    assert judged(_waived(LAST_DAY, subjects=frozenset({"A0"})))[RULE].outcome is Outcome.WAIVED


def test_a_finding_reopens_when_its_exception_is_over(judged: Judge) -> None:
    over = datetime(2025, 12, 30, tzinfo=UTC)

    assert judged(_waived(over, subjects=frozenset({"A0"})))[RULE].outcome is Outcome.FAIL


def test_an_exception_for_a_unit_waives_what_fails_and_what_is_unknown_and_nothing_else(judged: Judge) -> None:
    found = judged(_waived(LAST_DAY, rows="pf?", units=frozenset({"A"})))["A"]

    assert (found.pass_, found.fail, found.unknown, found.waived) == (1, 0, 0, 2)


def test_an_exception_may_name_a_user_principal_name(judged: Judge) -> None:
    assert judged(_waived(LAST_DAY, subjects=frozenset({"A0@contoso.nl"})))[RULE].outcome is Outcome.WAIVED


def test_waived_rows_are_on_neither_side_of_a_share(judged: Judge) -> None:
    waiver = Waiver(id="EX-1", expires=datetime(2026, 12, 31, tzinfo=UTC), subjects=frozenset({"A0"}))
    found = judged(tenant(people("A", "fpp"), waivers=[waiver], at_least=1.0))["A"]

    assert (found.outcome, found.share) == (Outcome.PASS, 1.0)
