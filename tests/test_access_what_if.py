"""`govcheck what-if`: scenarios in, answers out, and one sign-in explained policy by policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from access_tenants import BLOCK, MFA, WIKI, policy, sign_in
from tenants import Ended, person, run, write_snapshot
from test_access_rules import rows

LOST = policy("lost", MFA, locations={"includeLocations": ["gone"]})


def ask(folder: Path, *scenarios: object, policies: list[dict[str, Any]], options: tuple[str, ...] = ()) -> Ended:
    write_snapshot(folder / "snapshot", rows(*policies))
    lines = [each if isinstance(each, str) else json.dumps(each) for each in scenarios]
    (folder / "scenarios.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return run(folder, "what-if", "--snapshot", "snapshot", "--scenarios", "scenarios.jsonl", *options)


def answers(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.text.splitlines()]


def test_one_line_out_per_line_in_in_the_same_order(tmp_path: Path) -> None:
    ended = ask(tmp_path, *(sign_in(id=name) for name in "cab"), policies=[policy("p", MFA)])
    assert ended.code == 0
    assert [each["id"] for each in answers(ended)] == ["c", "a", "b"]
    assert ended.text.splitlines()[0] == (
        '{"id": "c", "outcome": "grant", "mfa": "always", "requires": [["mfa"]],'
        ' "applied": ["p"], "reportOnly": [], "undecided": []}'
    )


def test_an_undecided_answer_ends_with_3(tmp_path: Path) -> None:
    ended = ask(tmp_path, sign_in(id=1), policies=[LOST])
    assert (ended.code, answers(ended)[0]["undecided"]) == (3, ["lost"])


@pytest.mark.parametrize(
    "line", ["", "{", "null", '{"id": 2}', '{"id": 2, "userId": "ann", "applicationId": "All"}', "[" * 100_000]
)
def test_a_line_that_cannot_be_read_says_so_in_its_place_and_the_rest_goes_on(tmp_path: Path, line: str) -> None:
    ended = ask(tmp_path, sign_in(id=1), line, sign_in(id=3), policies=[LOST])
    first, wrong, last = answers(ended)
    assert ended.code == 2
    assert (first["id"], last["id"]) == (1, 3)
    assert wrong.keys() == {"id", "error"}


def test_an_unknown_user_is_an_error_of_that_line(tmp_path: Path) -> None:
    ended = ask(tmp_path, sign_in(id="x", userId="nobody"), policies=[])
    assert (ended.code, answers(ended)[0]["id"]) == (2, "x")
    assert "nobody" in answers(ended)[0]["error"]


def test_lines_that_are_no_utf_8_are_errors_of_their_own(tmp_path: Path) -> None:
    write_snapshot(tmp_path / "snapshot", rows())
    (tmp_path / "s.jsonl").write_bytes(b'{"id": "\xff"}\n' + json.dumps(sign_in(id=2)).encode() + b"\n")
    ended = run(tmp_path, "what-if", "--snapshot", "snapshot", "--scenarios", "s.jsonl")
    assert ended.code == 2
    assert [each["id"] for each in answers(ended)] == [None, 2]


@pytest.mark.parametrize("table", ["users", "conditional_access_policies"])
def test_without_people_or_policies_nothing_is_said(tmp_path: Path, table: str) -> None:
    held = {name: listed for name, listed in rows().items() if name != table}
    write_snapshot(tmp_path / "snapshot", held, gaps={table: "not_permitted"})
    (tmp_path / "s.jsonl").write_text(json.dumps(sign_in(id=1)), "utf-8")
    ended = run(tmp_path, "what-if", "--snapshot", "snapshot", "--scenarios", "s.jsonl")
    assert ended.code == 3
    assert answers(ended)[0].keys() == {"id", "error"}
    assert "not_permitted" in ended.stderr


def test_a_missing_feed_leaves_undecided_what_depends_on_it_and_nothing_else(tmp_path: Path) -> None:
    admins = policy("admins", MFA, users={"includeRoles": ["r"]})
    held = {name: listed for name, listed in rows(admins, policy("all", BLOCK)).items() if name != "role_assignments"}
    write_snapshot(tmp_path / "snapshot", held, gaps={"role_assignments": "not_permitted"})
    (tmp_path / "s.jsonl").write_text(json.dumps(sign_in(id=1)), "utf-8")
    ended = run(tmp_path, "what-if", "--snapshot", "snapshot", "--scenarios", "s.jsonl")
    found = answers(ended)[0]
    assert (ended.code, found["outcome"], found["applied"], found["undecided"]) == (3, "block", ["all"], ["admins"])


class TestOnePerson:
    POLICIES = (
        policy("everybody", MFA),
        policy("legacy", BLOCK, clientAppTypes=["other"]),
        policy("not-bob", BLOCK, users={"includeUsers": ["All"], "excludeGroups": ["g"]}),
        policy("trial", BLOCK, state="enabledForReportingButNotEnforced"),
        LOST,
    )

    def explain(self, folder: Path, *options: str) -> Ended:
        write_snapshot(folder / "snapshot", rows(*self.POLICIES))
        asked = ("--user", "bob@delinde.example", "--app", WIKI, *options)
        return run(folder, "what-if", "--snapshot", "snapshot", *asked)

    def test_is_told_policy_by_policy_why(self, tmp_path: Path) -> None:
        ended = self.explain(tmp_path)
        assert ended.code == 3
        assert "Let in after: multifactor authentication." in ended.text
        assert "+ Policy everybody: applies. It is about everybody. It asks multifactor authentication." in ended.text
        assert "- Policy legacy: does not apply. It is about clients other, and this is browser." in ended.text
        assert "- Policy not-bob: does not apply. It leaves out group g, and this person is in it." in ended.text
        assert "+ Policy trial: would apply, but only reports. It is about everybody. It blocks." in ended.text
        assert "? Policy lost: cannot be decided. Nothing is known of location gone." in ended.text

    def test_is_told_in_dutch_too(self, tmp_path: Path) -> None:
        text = self.explain(tmp_path, "--lang", "nl").text
        assert "Toegelaten na: meervoudige verificatie." in text
        assert "- Policy not-bob: geldt niet. Het zondert groep g uit, en daar zit deze persoon in." in text

    def test_as_json_every_policy_comes_with_its_reasons(self, tmp_path: Path) -> None:
        [found] = self.explain(tmp_path, "--format", "json").json
        assert found["applied"] == ["everybody"]
        reasons = {each["id"]: (each["applies"], each["why"][0]["reason"]) for each in found["policies"]}
        assert reasons == {
            "everybody": (True, "included-all"),
            "legacy": (False, "not-client"),
            "not-bob": (False, "excluded-group"),
            "trial": (True, "included-all"),
            "lost": (None, "undecided-location"),
        }

    def test_options_fill_the_scenario(self, tmp_path: Path) -> None:
        ended = self.explain(tmp_path, "--client", "other", "--format", "jsonl")
        assert answers(ended)[0]["outcome"] == "block"

    def test_names_out_of_the_tenant_are_inert(self, tmp_path: Path) -> None:
        evil = {**policy("x", MFA), "displayName": "\x1b[31mRed\u202e"}
        held = rows(evil) | {"users": [person("ann", display_name="A\x1b]0;x\x07nn")]}
        write_snapshot(tmp_path / "snapshot", held)
        text = run(tmp_path, "what-if", "--snapshot", "snapshot", "--user", "ann", "--app", WIKI).text
        assert "\x1b" not in text
        assert "\u202e" not in text

    def test_is_not_asked_about_together_with_scenarios(self, tmp_path: Path) -> None:
        assert self.explain(tmp_path, "--scenarios", "snapshot/manifest.json").code == 2


def test_the_demo_needs_no_snapshot(tmp_path: Path) -> None:
    user = "annelies.hoekstra@noorderlicht.example"
    ended = run(tmp_path, "what-if", "--tenant", "demo", "--user", user, "--app", WIKI, "--country", "NL")
    assert ended.code == 0
    assert "Annelies Hoekstra" in ended.text
