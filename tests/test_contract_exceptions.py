"""What an exception waives, and from when until when."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenants import Document, Rows, Verdicts, check, document, judge, members, person, policy, rule

ROLES = {name: {"holders": ["user:ann"]} for name in ("ciso", "teamlead")}
ORGANISATION = document(
    "Organisation",
    "org",
    roles=ROLES,
    units=[
        {"id": "support", "kind": "team", "group": "g-support"},
        {"id": "project", "kind": "team", "group": "g-project"},
        {"id": "night", "kind": "team", "group": "g-night", "parent": "project"},
    ],
)


def exception(name: str, **body: object) -> Document:
    agreed = {"reason": "Agreed.", "owner": "teamlead", "approved_by": "ciso", "expires": "2026-10-31"}
    return {"id": name, "rule": "R", **agreed, **body}


def register(*exceptions: Document, effective: str | None = "2026-09-01") -> Document:
    header = {"effective": effective} if effective else {}
    return document("Exceptions", "register", **header, exceptions=list(exceptions))


USERS = [
    person("ann", is_mfa_capable=False),
    person("bob", is_mfa_capable=False),
    person("cor", is_mfa_capable=None),
    person("dia", is_mfa_capable=True),
    person("eve", is_mfa_capable=False),
]
MEMBERS = [*members("g-support", ["ann", "bob", "cor"]), *members("g-project", ["ann"]), *members("g-night", ["eve"])]


def verdicts_of(
    tmp: Path, *exceptions: Document, arguments: tuple[str, ...] = (), gaps: dict[str, str] | None = None
) -> Verdicts:
    documents = [ORGANISATION, policy(rule("R", "users", "is_mfa_capable")), register(*exceptions)]
    rows: Rows = {"users": USERS, "memberships": MEMBERS}
    return judge(tmp, documents, rows, *arguments, gaps=gaps)


def waived(verdicts: Verdicts) -> list[str]:
    return sorted(subject for subject, outcome in verdicts.subjects("R") if outcome == "waived")


def test_an_exception_waives_a_subject_by_id(tmp_path: Path) -> None:
    assert waived(verdicts_of(tmp_path, exception("E", subjects=["bob"]))) == ["bob"]


def test_an_exception_waives_a_user_by_sign_in_name(tmp_path: Path) -> None:
    assert waived(verdicts_of(tmp_path, exception("E", subjects=["bob@delinde.example"]))) == ["bob"]


def test_an_exception_waives_an_unknown_row(tmp_path: Path) -> None:
    verdicts = verdicts_of(tmp_path, exception("E", subjects=["cor"]))
    assert waived(verdicts) == ["cor"]
    assert verdicts.counts("R") == (1, 3, 0, 1)


def test_an_exception_waives_a_row_that_a_gap_leaves_unknown(tmp_path: Path) -> None:
    gaps = {"users.is_mfa_capable": "not_licensed"}
    verdicts = verdicts_of(tmp_path, exception("E", subjects=["bob"]), gaps=gaps)
    assert verdicts.counts("R") == (0, 0, 4, 1)
    assert verdicts.subjects("R") == [("bob", "waived")]


def test_an_exception_for_a_unit_waives_every_failing_row_of_it(tmp_path: Path) -> None:
    assert waived(verdicts_of(tmp_path, exception("E", units=["support"]))) == ["ann", "bob", "cor"]


def test_an_exception_for_a_unit_holds_for_the_units_below_it(tmp_path: Path) -> None:
    assert waived(verdicts_of(tmp_path, exception("E", units=["project"]))) == ["ann", "eve"]


def test_an_exception_names_a_row_by_all_columns_of_its_key(tmp_path: Path) -> None:
    documents = [
        ORGANISATION,
        policy(rule("R", "memberships", "FALSE")),
        register(exception("E", subjects=["g-night/eve"])),
    ]
    assert waived(judge(tmp_path, documents, {"users": USERS, "memberships": MEMBERS})) == ["g-night/eve"]


def test_a_sign_in_name_waives_a_user_and_not_what_the_user_has(tmp_path: Path) -> None:
    documents = [
        ORGANISATION,
        policy(rule("R", "devices", "FALSE")),
        register(exception("E", subjects=["bob@delinde.example"])),
    ]
    devices = [{"id": "d", "user_id": "bob", "user_principal_name": "bob@delinde.example"}]
    assert waived(judge(tmp_path, documents, {"users": USERS, "memberships": MEMBERS, "devices": devices})) == []


def test_a_row_is_waived_in_all_its_units(tmp_path: Path) -> None:
    verdicts = verdicts_of(tmp_path, exception("E", units=["support"]))
    assert verdicts.counts("R", "project") == (0, 1, 0, 1)
    assert verdicts.counts("R", "organisation") == (1, 1, 0, 3)


def test_a_passing_row_is_not_waived(tmp_path: Path) -> None:
    assert waived(verdicts_of(tmp_path, exception("E", subjects=["dia"]))) == []


def test_an_exception_for_another_rule_waives_nothing(tmp_path: Path) -> None:
    documents = [
        ORGANISATION,
        policy(rule("R", "users", "is_mfa_capable"), rule("OTHER", "users", "FALSE")),
        register(exception("E", rule="OTHER", subjects=["bob"])),
    ]
    assert waived(judge(tmp_path, documents, {"users": USERS})) == []


def test_with_every_failure_waived_the_run_is_clean(tmp_path: Path) -> None:
    one = exception("E", subjects=["ann", "bob", "cor", "eve"])
    verdicts = verdicts_of(tmp_path, one)
    assert verdicts.ended.code == 0
    assert verdicts.outcome("R")[0] == "pass"


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param("2026-10-15T23:59:59Z", ["bob"], id="through the end of its last day"),
        pytest.param("2026-10-16", [], id="not the day after"),
        pytest.param("2026-10-16T01:30:00+02:00", ["bob"], id="by UTC and not by local time"),
        pytest.param("2026-09-10", ["bob"], id="from the day it was granted"),
        pytest.param("2026-09-09T23:59:59Z", [], id="not before"),
    ],
)
def test_an_exception_holds_between_two_days(tmp_path: Path, as_of: str, expected: list[str]) -> None:
    one = exception("E", subjects=["bob"], granted="2026-09-10", expires="2026-10-15")
    assert waived(verdicts_of(tmp_path, one, arguments=("--as-of", as_of))) == expected


def test_without_a_date_of_its_own_an_exception_is_granted_when_the_register_takes_effect(tmp_path: Path) -> None:
    verdicts_of(tmp_path, exception("E", subjects=["bob"]))
    for as_of, expected in (("2026-09-01", ["bob"]), ("2026-08-31", [])):
        assert waived(Verdicts(check(tmp_path, "-f", "json", "--as-of", as_of))) == expected


def test_a_finding_whose_exception_has_expired_is_open_again(tmp_path: Path) -> None:
    verdicts = verdicts_of(tmp_path, exception("E", subjects=["bob"], expires="2026-09-30"))
    assert verdicts.finding("R", "bob")["outcome"] == "fail"
    assert verdicts.ended.code == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"approved_by": "teamlead"}, id="approved by its owner"),
        pytest.param({"granted": "2026-10-01", "expires": "2026-09-01"}, id="over before it begins"),
    ],
)
def test_an_exception_that_is_itself_at_fault_waives_nothing(tmp_path: Path, body: Document) -> None:
    verdicts = verdicts_of(tmp_path, exception("E", subjects=["bob"], **body))
    assert waived(verdicts) == []
    assert verdicts.ended.code == 1
    assert "exception" in verdicts.ended.stderr


def test_an_exception_without_expiry_waives_nothing_and_stops_nobody(tmp_path: Path) -> None:
    endless = exception("E", subjects=["bob"])
    del endless["expires"]
    verdicts = verdicts_of(tmp_path, endless)
    assert waived(verdicts) == []
    assert verdicts.ended.code == 1


def test_an_unused_exception_is_named_on_stderr(tmp_path: Path) -> None:
    verdicts = verdicts_of(tmp_path, exception("E-USED", subjects=["bob"]), exception("E-IDLE", subjects=["dia"]))
    assert "E-IDLE" in verdicts.ended.stderr
    assert "E-USED" not in verdicts.ended.stderr


def test_an_exception_of_more_than_ninety_days_still_waives(tmp_path: Path) -> None:
    long = exception("E", subjects=["bob"], granted="2026-01-01", expires="2026-12-31")
    assert waived(verdicts_of(tmp_path, long)) == ["bob"]
