"""`govcheck what-if` without scenarios: the overview with its holes, and a proposal against today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from access_tenants import BLOCK, MFA, policy
from report_people import ESCAPES
from tenants import Ended, document, members, person, run, team, write_documents, write_snapshot
from test_access_rules import rows

PEOPLE = [f"p{number}" for number in range(1, 9)]
BUT_G: dict[str, Any] = {"includeUsers": ["All"], "excludeGroups": ["g"]}
EVERYBODY_BUT_G = policy("a", MFA, users=BUT_G)


def tenant(folder: Path, *policies: dict[str, Any], left_out: list[str], **tables: Any) -> None:
    """Eight people in two teams, of whom some are in the group that policies leave out."""
    held = rows(*policies) | {
        "users": [person(name) for name in (*PEOPLE, "eva")],
        "access_memberships": members("g", left_out),
        "teams": [team("north"), team("south")],
        "memberships": [*members("north", PEOPLE[:6]), *members("south", PEOPLE[6:]), *members("sg", ["eva"])],
        "groups": [{"id": "g", "display_name": "Leave out"}],
        **tables,
    }
    write_snapshot(folder / "snapshot", held)
    roles = {"break_glass": {"title": {"en": "Emergency"}, "holders": ["group:sg"]}}
    write_documents(folder / "policies" / "org.yaml", document("Organisation", "linde", roles=roles))


def what_if(folder: Path, *options: str) -> Ended:
    return run(folder, "what-if", "--snapshot", "snapshot", *options)


def proposal(folder: Path, content: object) -> str:
    (folder / "proposal.json").write_text(json.dumps(content), "utf-8")
    return "proposal.json"


class TestOverview:
    def test_without_a_sign_in_to_ask_about_the_holes_show(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=PEOPLE[:6])
        ended = what_if(tmp_path)
        assert ended.code == 0
        assert ended.stdout == what_if(tmp_path, "--holes").stdout
        assert "1. Any sign-in at all: nothing asks for MFA." in ended.text
        assert "Whom: 6 accounts · North 6" in ended.text
        assert "Why: “Policy a” leaves out group Leave out" in ended.text
        assert "What closes it: in “Policy a”: stop leaving out group Leave out." in ended.text

    def test_it_reads_well_in_dutch(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=PEOPLE[:6])
        text = what_if(tmp_path, "--lang", "nl").text
        assert "1. Elke aanmelding: niets vraagt om MFA." in text
        assert "Wat het dichtmaakt: in “Policy a”: haal groep Leave out uit de uitzonderingen." in text

    def test_nobody_is_named_and_small_groups_have_no_number(self, tmp_path: Path) -> None:
        named = policy("b", MFA, users={"includeUsers": ["All"], "excludeUsers": ["p7"]})
        tenant(tmp_path, named, left_out=[])
        for ended in (what_if(tmp_path), what_if(tmp_path, "--format", "json")):
            assert "p7" not in ended.text
        assert "fewer than 5 accounts" in what_if(tmp_path).text
        (hole,) = what_if(tmp_path, "--format", "json").json["holes"]
        assert (hole["people"], hole["teams"], hole["smaller_teams"]) == (None, [], 1)
        assert "userId" not in hole["sign_in"]

    def test_names_show_on_request(self, tmp_path: Path) -> None:
        named = policy("b", MFA, users={"includeUsers": ["All"], "excludeUsers": ["p7"]})
        tenant(tmp_path, named, left_out=[])
        assert "leaves out p7@delinde.example by name" in what_if(tmp_path, "--names", "shown").text
        (hole,) = what_if(tmp_path, "--names", "shown", "--format", "json").json["holes"]
        assert (hole["people"], hole["names"]) == (1, ["p7@delinde.example"])
        assert hole["sign_in"]["userId"] == "p7"

    def test_the_sign_in_of_a_hole_can_be_asked_about_as_it_stands(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=PEOPLE[:6])
        (hole,) = what_if(tmp_path, "--names", "shown", "--format", "json").json["holes"]
        (tmp_path / "s.jsonl").write_text(json.dumps(hole["sign_in"]), "utf-8")
        answered = what_if(tmp_path, "--scenarios", "s.jsonl").json
        assert (answered["outcome"], answered["mfa"]) == ("grant", "never")

    def test_emergency_accounts_are_named_and_said_to_be_that(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=["eva"])
        text = what_if(tmp_path).text
        assert "emergency accounts: eva@delinde.example" in text
        assert "These are emergency accounts" in text

    def test_emergency_accounts_do_not_count_towards_a_group_that_is_too_small_to_show(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=["eva", *PEOPLE[:4]])
        text = what_if(tmp_path).text
        assert "Whom: fewer than 5 accounts besides emergency accounts" in text
        assert "p1" not in text

    def test_whoever_owns_the_group_of_emergency_accounts_is_not_named(self, tmp_path: Path) -> None:
        belongs = [*members("sg", ["eva"]), *members("sg", ["p1"], role="owner")]
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=["eva", "p1"], memberships=belongs)
        assert "p1@" not in what_if(tmp_path).text

    def test_without_holes_it_says_so(self, tmp_path: Path) -> None:
        tenant(tmp_path, policy("a", MFA), left_out=[])
        ended = what_if(tmp_path)
        assert (ended.code, "There is no way in without MFA." in ended.text) == (0, True)

    def test_the_grid_is_a_table_of_words(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=[])
        lines = what_if(tmp_path).text.splitlines()
        head = next(at for at, line in enumerate(lines) if "all in all" in line)
        assert lines[head + 1].split() == ["9", "members", "MFA", "MFA", "MFA", "MFA"]

    def test_what_is_missing_makes_it_undecided(self, tmp_path: Path) -> None:
        held = {name: listed for name, listed in rows(EVERYBODY_BUT_G).items() if name != "access_memberships"}
        write_snapshot(tmp_path / "snapshot", held, gaps={"access_memberships": "not_permitted"})
        assert what_if(tmp_path).code == 3

    def test_without_policies_to_read_nothing_is_said(self, tmp_path: Path) -> None:
        held = {name: listed for name, listed in rows().items() if name != "conditional_access_policies"}
        write_snapshot(tmp_path / "snapshot", held, gaps={"conditional_access_policies": "not_permitted"})
        ended = what_if(tmp_path)
        assert (ended.code, ended.stdout) == (3, b"")
        assert "nothing can be said" in ended.stderr

    def test_names_in_the_tenant_are_inert(self, tmp_path: Path) -> None:
        groups = [{"id": "g", "display_name": ESCAPES}]
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=PEOPLE[:6], groups=groups)
        assert "\x1b" not in what_if(tmp_path).text


class TestProposal:
    def test_leaving_a_policy_out_says_who_is_asked_for_less(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=PEOPLE[6:])
        ended = what_if(tmp_path, "--without", "policy A")
        assert ended.code == 0
        assert "without “Policy a”" in ended.text
        assert "multifactor authentication, no longer: 7 accounts · North 6" in ended.text
        assert "Asked for more" not in ended.text

    def test_a_new_policy_says_who_is_asked_for_more(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=PEOPLE[:6])
        found = what_if(tmp_path, "--with", proposal(tmp_path, policy("a", MFA)), "--format", "json").json
        assert [each["id"] for each in found["proposal"]["replaced"]] == ["a"]
        (gain,) = found["gains"]
        assert (gain["demand"], gain["people"]) == (["mfa"], 6)
        assert gain["teams"] == [{"unit": "north", "name": "North", "people": 6}]
        assert (found["loses"], found["locked_out"]["people"]) == ([], 0)
        assert found["mfa"]["before"] == {"always": None, "conditional": 0, "never": 6, "blocked": 0}
        assert found["mfa"]["after"]["always"] == 9

    @pytest.mark.parametrize("shape", [lambda each: each, lambda each: [each], lambda each: {"value": [each]}])
    def test_a_file_holds_a_policy_or_several_or_a_page_of_graph(self, tmp_path: Path, shape: Any) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=[])
        ended = what_if(tmp_path, "--with", proposal(tmp_path, shape(policy("b", BLOCK))), "--format", "json")
        assert [each["id"] for each in ended.json["proposal"]["added"]] == ["b"]

    def test_emergency_accounts_come_first_and_by_name(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=[])
        text = what_if(tmp_path, "--with", proposal(tmp_path, policy("b", BLOCK))).text
        named = text.index("eva@delinde.example")
        assert text.index("Emergency accounts are touched") < named < text.index("Locked out: no way in", named)
        assert "p1@" not in text

    def test_whoever_is_locked_out_is_counted(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=PEOPLE[:6])
        file = proposal(tmp_path, policy("b", BLOCK, users=BUT_G))
        found = what_if(tmp_path, "--with", file, "--format", "json").json
        assert (found["locked_out"]["people"], found["locked_out"]["teams"]) == (None, [])
        file = proposal(tmp_path, policy("b", BLOCK, users={"includeGroups": ["g"]}))
        assert what_if(tmp_path, "--with", file, "--format", "json").json["locked_out"]["people"] == 6

    def test_both_ways_together_are_one_proposal(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=[])
        file = proposal(tmp_path, policy("b", MFA))
        text = what_if(tmp_path, "--without", "a", "--with", file).text
        assert "Nothing changes for anybody." in text

    def test_a_policy_that_is_not_on_yet_is_said_to_ask_nothing(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=[])
        file = proposal(tmp_path, policy("b", BLOCK, state="enabledForReportingButNotEnforced"))
        assert "“Policy b” is not switched on in the proposal" in what_if(tmp_path, "--with", file).text

    def test_a_group_that_nobody_has_looked_into_makes_it_undecided(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=[])
        file = proposal(tmp_path, policy("b", BLOCK, users={"includeGroups": ["elsewhere"]}))
        ended = what_if(tmp_path, "--with", file)
        assert (ended.code, "Who is in group elsewhere is not known" in ended.text) == (3, True)

    def test_a_group_that_the_snapshot_knows_otherwise_is_looked_up(self, tmp_path: Path) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=[])
        file = proposal(tmp_path, policy("b", BLOCK, users={"includeGroups": ["north"]}))
        ended = what_if(tmp_path, "--with", file, "--format", "json")
        assert (ended.code, ended.json["locked_out"]["people"]) == (0, 6)

    def test_a_policy_that_is_not_there_is_wrong_usage_with_the_nearest_name(self, tmp_path: Path) -> None:
        tenant(tmp_path, policy("everybody", MFA), left_out=[])
        ended = what_if(tmp_path, "--without", "Policy everybdy")
        assert (ended.code, "did you mean Policy everybody?" in ended.stderr) == (2, True)

    @pytest.mark.parametrize("content", ["", "[]", "{}", "[1]", '{"conditions": {}, "state": "on"}', "[" * 100_000])
    def test_a_file_without_policies_is_wrong_usage(self, tmp_path: Path, content: str) -> None:
        tenant(tmp_path, EVERYBODY_BUT_G, left_out=[])
        (tmp_path / "bad.json").write_text(content, "utf-8")
        ended = what_if(tmp_path, "--with", "bad.json")
        assert (ended.code, "bad.json" in ended.stderr) == (2, True)

    @pytest.mark.parametrize("more", [("--user", "p1"), ("--scenarios", "s.jsonl")])
    def test_a_proposal_and_a_sign_in_are_not_asked_about_at_once(self, tmp_path: Path, more: tuple[str, str]) -> None:
        (tmp_path / "s.jsonl").write_text("", "utf-8")
        assert what_if(tmp_path, "--without", "a", *more).code == 2

    def test_lines_are_for_scenarios(self, tmp_path: Path) -> None:
        assert what_if(tmp_path, "--holes", "--format", "jsonl").code == 2
