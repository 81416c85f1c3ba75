"""A share of every team, where nobody knows who is in which team: what is missing turns nothing green."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenants import Rows, Verdicts, judge, members, person, policy, rule, team

STAFF = [f"u{number}" for number in range(100)]
CAPABLE = rule("RATE", "users", "is_mfa_capable", at_least=0.9)
EVERYBODY = rule("EACH", "users", "account_enabled")
ROWS: Rows = {
    # Five of a hundred fail, all in one team of ten.
    "users": [person(user, is_mfa_capable=number >= 5) for number, user in enumerate(STAFF)],
    "teams": [team("sales")],
    "memberships": members("sales", STAFF[:10]),
}


def judged(folder: Path, *missing: str, reason: str = "not_permitted", capable: float = 0.9) -> Verdicts:
    rows = {name: found for name, found in ROWS.items() if name not in missing}
    rules = [{**CAPABLE, "at_least": capable}, EVERYBODY]
    return judge(folder, [policy(*rules)], rows, gaps=dict.fromkeys(missing, reason))


def test_a_team_that_misses_its_share_fails_though_the_whole_meets_it(tmp_path: Path) -> None:
    assert judged(tmp_path).outcome("RATE") == ("fail", None)


@pytest.mark.parametrize("missing", ["teams", "memberships", "memberships.user_id", "users.department"])
def test_without_the_teams_a_share_that_the_whole_meets_is_unknown(tmp_path: Path, missing: str) -> None:
    found = judged(tmp_path, missing, capable=0.4 if missing == "users.department" else 0.9)
    assert found.outcome("RATE") == ("unknown", "not_permitted")
    [gap] = [gap for gap in found.report["gaps"] if gap["table"] == missing.partition(".")[0]]
    assert gap["rules"] == ["RATE"]


def test_without_the_teams_a_share_that_the_whole_misses_fails_all_the_same(tmp_path: Path) -> None:
    found = judged(tmp_path, "memberships", capable=0.99)
    assert found.outcome("RATE") == ("fail", None)
    assert [gap["rules"] for gap in found.report["gaps"] if gap["table"] == "memberships"] == [[]]


def test_without_the_teams_a_rule_about_each_row_is_decided_all_the_same(tmp_path: Path) -> None:
    assert judged(tmp_path, "memberships").outcome("EACH") == ("pass", None)


def test_a_snapshot_that_was_never_to_hold_teams_is_judged_as_a_whole(tmp_path: Path) -> None:
    assert judged(tmp_path, "teams", "memberships", reason="not_collected").outcome("RATE") == ("pass", None)
