"""Who is in groups that are no team: read when a rule asks, and only then."""

from __future__ import annotations

from pathlib import Path

from emulator import serve
from govcheck.demo import generate
from tenants import Document, Verdicts, policy, rule, run, write_documents


def judged(folder: Path, *rules: Document) -> tuple[Verdicts, list[str]]:
    """The verdicts on the invented tenant over HTTP, and the paths that were asked for."""
    write_documents(folder / "policies" / "house.yaml", policy(*rules))
    with serve(generate()) as graph:
        ended = run(
            folder,
            "check",
            "-f",
            "json",
            "-q",
            GOVCHECK_GRAPH_URL=graph.url,
            GOVCHECK_ACCESS_TOKEN=graph.token(),
            GOVCHECK_PACE="0",
        )
        return Verdicts(ended), [access.path for access in graph.log]


def test_a_rule_about_members_of_groups_sees_those_of_groups_that_are_no_team(tmp_path: Path) -> None:
    verdicts, _ = judged(tmp_path, rule("MANNED", "groups", "count_of(members) > 0"))
    counted = verdicts.rule("MANNED")["subjects"]
    assert counted["unknown"] == 0
    assert counted["pass"] > counted["fail"]


def test_a_rule_about_groups_alone_asks_for_nobody(tmp_path: Path) -> None:
    _, asked = judged(tmp_path, rule("NAMED", "groups", "length(display_name) > 0"))
    assert not [path for path in asked if path.endswith("/transitiveMembers")]
