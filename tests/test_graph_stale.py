"""What could not be read again: kept from the collection before, with its age, and unknown once it is too old."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from govcheck.graph.collect import collect_snapshot
from govcheck.graph.plan import Needs
from govcheck.snapshot import Snapshot, open_snapshot
from scripted_graph import NO_LICENCE, NO_PERMISSION, Answer, ScriptedGraph, ScriptedSource, rows
from tenants import Verdicts, members, person, policy, rule, run, team, write_documents, write_snapshot

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
LOCATIONS = "identity/conditionalAccess/namedLocations"
DETAILS = "reports/authenticationMethods/userRegistrationDetails"
BROKEN = Answer(status=503, body={"error": {"code": "ServiceUnavailable", "message": "Down."}})
NEEDS: Needs = {
    "users": {"id", "account_enabled", "is_mfa_capable"},
    "named_locations": {"display_name"},
    "channels": {"display_name"},
    "service_principals": {"display_name"},
}


class Tenant:
    """A tenant that is collected again and again, each time from the snapshot before."""

    def __init__(self, graph: ScriptedGraph, folder: Path) -> None:
        self.graph = graph
        self.folder = folder
        self.latest: Snapshot | None = None

    def collect(self, hours: int) -> Snapshot:
        """Collect so many hours after noon."""
        taken = collect_snapshot(
            ScriptedSource(url=self.graph.url),
            needs=NEEDS,
            place=lambda *_: self.folder / f"after-{hours}",
            taken_at=NOON + timedelta(hours=hours),
            previous=self.latest,
            follow=True,
        )
        self.latest = open_snapshot(taken.path)
        return self.latest


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    with ScriptedGraph(organization=rows({"id": "t-1", "displayName": "Contoso"}), groups=rows({"id": "g1"})) as graph:
        graph.says("/users", rows({"id": "u1", "accountEnabled": True}))
        graph.says(f"/{DETAILS}", rows({"id": "u1", "isMfaCapable": True}))
        graph.says(f"/{LOCATIONS}", rows({"id": "l1", "displayName": "Kantoor"}))
        graph.says("/teams/g1/channels", rows({"id": "c1", "displayName": "Algemeen"}))
        graph.says("/servicePrincipals", rows({"id": "s1", "displayName": "App"}))
        yield Tenant(graph, tmp_path)


def states(snapshot: Snapshot, table: str) -> list[str]:
    return [feed.state for feed in snapshot.tables[table].feeds]


def held(snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
    return [row for name in snapshot.tables[table].files for row in pq.read_table(snapshot.path / name).to_pylist()]


def judged(folder: Path, snapshot: Snapshot, *rules: dict[str, Any]) -> Verdicts:
    write_documents(folder / "policies" / "house.yaml", policy(*rules))
    return Verdicts(run(folder, "check", "--snapshot", snapshot.path, "-f", "json"))


LOCATED = rule("LOC", "named_locations", "length(display_name) > 0")
CAPABLE = rule("MFA", "users", "is_mfa_capable")
ENABLED = rule("ON", "users", "account_enabled")


def test_what_graph_does_not_give_again_within_a_day_is_used_with_its_age(tenant: Tenant, tmp_path: Path) -> None:
    tenant.collect(0)
    tenant.graph.says(f"/{LOCATIONS}", BROKEN)
    second = tenant.collect(5)
    [feed] = second.tables["named_locations"].feeds
    assert (feed.state, feed.reused, feed.read_at) == ("complete", True, NOON)
    assert feed.detail is not None
    assert "503 ServiceUnavailable: Down" in feed.detail.in_lang("en")
    assert held(second, "named_locations") == [{"id": "l1", "display_name": "Kantoor"}]
    assert judged(tmp_path, second, LOCATED).outcome("LOC") == ("pass", None)


def test_what_graph_does_not_give_again_for_more_than_a_day_is_unknown_and_says_how_old_it_is(
    tenant: Tenant, tmp_path: Path
) -> None:
    tenant.collect(0)
    tenant.graph.says(f"/{LOCATIONS}", BROKEN)
    tenant.collect(20)
    third = tenant.collect(30)
    assert states(third, "named_locations") == ["stale"]
    assert held(third, "named_locations") == [{"id": "l1", "display_name": "Kantoor"}]
    verdicts = judged(tmp_path, third, LOCATED)
    assert verdicts.outcome("LOC") == ("unknown", "evidence_stale")
    assert verdicts.counts("LOC") == (0, 0, 0, 0)
    [gap] = [gap for gap in verdicts.report["gaps"] if gap["table"] == "named_locations"]
    assert (gap["reason"], gap["columns"], gap["rules"]) == ("evidence_stale", [], ["LOC"])
    assert gap["detail"] == (
        f"/{LOCATIONS} was read at 2026-10-01 12:00 UTC, 30 hours before this snapshot; such a reading counts for"
        f" 24 hours. It could not be read again: Graph did not answer /{LOCATIONS} (503 ServiceUnavailable: Down)."
    )
    assert verdicts.ended.code == 3


@pytest.mark.parametrize(("answer", "why"), [(NO_PERMISSION, "needs Policy.Read.All"), (NO_LICENCE, "no licence")])
def test_what_may_no_longer_be_read_is_stale_at_once_and_says_why(
    tenant: Tenant, tmp_path: Path, answer: Answer, why: str
) -> None:
    tenant.collect(0)
    tenant.graph.says(f"/{LOCATIONS}", answer)
    second = tenant.collect(1)
    assert states(second, "named_locations") == ["stale"]
    verdicts = judged(tmp_path, second, LOCATED)
    assert verdicts.outcome("LOC") == ("unknown", "evidence_stale")
    [gap] = [gap for gap in verdicts.report["gaps"] if gap["table"] == "named_locations"]
    assert why in gap["detail"]


def test_a_joined_feed_that_is_stale_leaves_its_own_columns_unknown_and_no_others(
    tenant: Tenant, tmp_path: Path
) -> None:
    tenant.collect(0)
    tenant.graph.says(f"/{DETAILS}", BROKEN)
    tenant.graph.says("/users", rows({"id": "u1", "accountEnabled": False}))
    second = tenant.collect(25)
    assert states(second, "users") == ["complete", "stale"]
    verdicts = judged(tmp_path, second, CAPABLE, ENABLED)
    assert verdicts.outcome("MFA") == ("unknown", "evidence_stale")
    assert verdicts.outcome("ON") == ("fail", None)
    [gap] = [gap for gap in verdicts.report["gaps"] if gap["reason"] == "evidence_stale"]
    assert (gap["table"], gap["columns"], gap["rules"]) == ("users", ["is_mfa_capable"], ["MFA"])


def test_what_is_read_again_in_the_end_is_fresh(tenant: Tenant, tmp_path: Path) -> None:
    tenant.collect(0)
    tenant.graph.says(f"/{LOCATIONS}", BROKEN)
    tenant.collect(30)
    tenant.graph.says(f"/{LOCATIONS}", rows({"id": "l2", "displayName": "Thuis"}))
    third = tenant.collect(31)
    [feed] = third.tables["named_locations"].feeds
    assert (feed.state, feed.reused, feed.detail) == ("complete", False, None)
    assert feed.read_at == NOON + timedelta(hours=31)
    assert judged(tmp_path, third, LOCATED).outcome("LOC") == ("pass", None)


def test_a_table_of_one_request_per_team_is_kept_too(tenant: Tenant) -> None:
    tenant.collect(0)
    tenant.graph.says("/teams/g1/channels", BROKEN)
    second = tenant.collect(26)
    assert states(second, "channels") == ["stale"]
    assert [row["display_name"] for row in held(second, "channels")] == ["Algemeen"]


def test_what_graph_tracks_is_not_kept_when_it_cannot_be_read(tenant: Tenant) -> None:
    tenant.collect(0)
    tenant.graph.says("/servicePrincipals", BROKEN)
    second = tenant.collect(1)
    assert states(second, "service_principals") == ["failed"]
    assert second.tables["service_principals"].gap is not None


def test_without_an_earlier_reading_a_failure_is_a_gap_as_ever(tenant: Tenant) -> None:
    tenant.graph.says(f"/{LOCATIONS}", NO_PERMISSION)
    first = tenant.collect(0)
    assert states(first, "named_locations") == ["not_permitted"]
    assert first.tables["named_locations"].gap is not None


def test_a_table_about_teams_is_not_applicable_where_there_are_none(tenant: Tenant) -> None:
    tenant.graph.says("/groups", rows())
    assert states(tenant.collect(0), "channels") == ["not_applicable"]


def test_a_snapshot_that_says_only_since_when_a_table_is_known_is_held_to_it(tmp_path: Path) -> None:
    folder = write_snapshot(
        tmp_path / "snapshot",
        {"users": [person("ann")], "teams": [team("g1")], "memberships": members("g1", ["ann"]), "secure_scores": []},
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["tables"]["secure_scores"]["read_at"] = "2026-09-29T08:00:00Z"
    manifest["tables"]["users"]["read_at"] = "2026-09-29T08:00:00Z"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    rules = (rule("SCORE", "secure_scores", "current_score > 0"), rule("ON", "users", "account_enabled"), CAPABLE)
    verdicts = judged(tmp_path, open_snapshot(folder), *rules)
    assert verdicts.outcome("SCORE") == ("unknown", "evidence_stale")
    assert verdicts.outcome("ON") == ("pass", None)  # Graph tracks accounts, so all changes since are in there
    assert verdicts.outcome("MFA") == ("unknown", "evidence_stale")


def test_age_is_measured_to_the_snapshot_and_not_to_the_day_of_checking(tenant: Tenant, tmp_path: Path) -> None:
    first = tenant.collect(0)
    write_documents(tmp_path / "policies" / "house.yaml", policy(LOCATED))
    later = run(tmp_path, "check", "--snapshot", first.path, "--as-of", "2027-10-01", "-f", "json")
    assert Verdicts(later).outcome("LOC") == ("pass", None)


# On the command line


def collect(tenant: Tenant, folder: Path, *options: str) -> tuple[int, str]:
    """Collect as a user does; the moment is now. Leaves out that our rules have no examples."""
    write_documents(folder / "policies" / "house.yaml", policy(LOCATED, CAPABLE))
    token = {"GOVCHECK_ACCESS_TOKEN": "a.b.c", "GOVCHECK_GRAPH_URL": tenant.graph.url, "GOVCHECK_PACE": "0"}
    ended = run(folder, "collect", "--incremental", *options, **token)
    return ended.code, ended.stderr.rpartition("2 warnings in 1 file\n")[2]


def age_all(folder: Path, hours: int) -> None:
    """Make what was collected so many hours older."""
    for file in (folder / "home" / "snapshots").glob("*/*/manifest.json"):
        manifest = json.loads(file.read_text())
        for moment in [manifest, *manifest["tables"].values()]:
            key = "taken_at" if "taken_at" in moment else "read_at"
            moment[key] = (datetime.fromisoformat(moment[key]) - timedelta(hours=hours)).isoformat()
            for feed in moment.get("feeds", ()):
                feed["read_at"] = moment[key]
        file.write_text(json.dumps(manifest))


def test_collect_tells_what_was_not_read_again_and_how_old_it_is(tenant: Tenant, tmp_path: Path) -> None:
    assert collect(tenant, tmp_path) == (0, "")
    age_all(tmp_path, 5)
    code, told = collect(tenant, tmp_path)
    assert (code, told) == (0, f"not read again: users (/{DETAILS}) is 5 hours old\n")


def test_collect_warns_of_what_could_not_be_read_again_and_counts_what_is_too_old_as_a_gap(
    tenant: Tenant, tmp_path: Path
) -> None:
    collect(tenant, tmp_path)
    age_all(tmp_path, 30)
    tenant.graph.says(f"/{DETAILS}", NO_PERMISSION)
    code, told = collect(tenant, tmp_path)
    assert code == 3
    assert told.startswith(f"not read: users.is_mfa_capable (evidence_stale): /{DETAILS} was read at ")
    assert "AuditLog.Read.All" in told


def test_collect_goes_on_with_a_reading_that_is_young_enough_and_says_so(tenant: Tenant, tmp_path: Path) -> None:
    collect(tenant, tmp_path)
    age_all(tmp_path, 5)
    tenant.graph.says(f"/{LOCATIONS}", Answer(status=400, body={"error": {"code": "BadRequest", "message": "No."}}))
    code, told = collect(tenant, tmp_path)
    assert code == 0
    assert f"warning: named_locations (/{LOCATIONS}) could not be read again, so what was read 5 hours ago" in told


def test_quiet_collect_says_nothing_of_gaps_and_exits_with_3_all_the_same(tenant: Tenant, tmp_path: Path) -> None:
    tenant.graph.says(f"/{LOCATIONS}", NO_PERMISSION)
    assert collect(tenant, tmp_path, "-q") == (3, "")
