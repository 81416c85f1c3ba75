"""The real collector, through the command line, against the emulator: what arrives is what the tenant holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from emulated import serve_everything
from emulator import Running, Throttle, serve
from emulator.faults import DuplicateRow, EmptyPage, Fault, ForeignNextLink, Refuse, Reset, Truncate
from govcheck.catalogue import tables
from govcheck.demo import Tenant, generate
from govcheck.graph.auth import sign_in
from govcheck.graph.collect import collect_snapshot

CLEAN, GAPS, NO_CONNECTION = 0, 3, 4


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return generate(people=60)


@pytest.fixture(scope="module")
def undisturbed(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with serve(tenant) as graph:
        status, tables = collect(graph, tmp_path_factory.mktemp("undisturbed"))
    assert status == GAPS
    return tables


def collect(graph: Running, folder: Path) -> tuple[int, dict[str, Any]]:
    """Run `govcheck collect`: its exit code and the rows of every table."""
    environment = os.environ | {
        "GOVCHECK_GRAPH_URL": graph.url,
        "GOVCHECK_ACCESS_TOKEN": graph.token(),
        "GOVCHECK_HOME": str(folder / "home"),
        "GOVCHECK_PACE": "0",
    }
    command = [sys.executable, "-m", "govcheck", "collect", "-q", "-o", str(folder / "snapshot")]
    run = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if not (folder / "snapshot" / "manifest.json").exists():
        return run.returncode, {}
    manifest = json.loads((folder / "snapshot" / "manifest.json").read_text("utf-8"))
    return run.returncode, {
        name: [row for file in entry["files"] for row in pq.read_table(folder / "snapshot" / file).to_pylist()]
        for name, entry in manifest["tables"].items()
    }


def test_what_is_collected_over_http_is_what_the_tenant_holds(tenant: Tenant, undisturbed: dict[str, Any]) -> None:
    assert sorted(row["id"] for row in undisturbed["users"]) == sorted(
        user["id"] for user in tenant.collections["/users"]
    )
    assert len(undisturbed["devices"]) == len(tenant.collections["/deviceManagement/managedDevices"])
    for group in {row["group_id"] for row in undisturbed["memberships"]}:
        collected = {row["user_id"] for row in undisturbed["memberships"] if row["group_id"] == group}
        assert collected == {*tenant.transitive_members(group), *tenant.owners[group]}


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param([Fault(path="/users", effect=Refuse(status=429, retry_after="1"), times=2)], id="throttled"),
        pytest.param([Fault(path="/users", effect=Refuse(status=502, body="html"))], id="gateway"),
        pytest.param([Fault(path="/groups", effect=Truncate())], id="truncated"),
        pytest.param([Fault(path="/servicePrincipals", effect=Reset())], id="reset"),
        pytest.param([Fault(path="/users", effect=EmptyPage(), skip=1)], id="empty page"),
        pytest.param([Fault(path="/users", effect=DuplicateRow(), skip=1)], id="duplicate row"),
        pytest.param([Fault(path="/groups/.*/members", effect=Refuse(status=503, retry_after="1"))], id="in a batch"),
    ],
)
def test_a_mishap_on_the_way_changes_nothing_about_what_arrives(
    tenant: Tenant, undisturbed: dict[str, Any], tmp_path: Path, plan: Sequence[Fault]
) -> None:
    with serve(tenant, page_size=20, plan=plan) as graph:
        status, tables = collect(graph, tmp_path)
    assert status == GAPS
    assert tables == undisturbed


def test_graphs_limits_cost_time_and_no_rows(tenant: Tenant, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    with serve(tenant, page_size=4, throttle=Throttle(speed=10)) as graph:
        status, tables = collect(graph, tmp_path)
        refused = {access.bucket for access in graph.log if access.status == 429}
    assert status == GAPS
    assert "reports" in refused
    assert tables == undisturbed


def test_with_every_permission_granted_and_every_licence_bought_nothing_is_missing(
    tenant: Tenant, tmp_path: Path
) -> None:
    with serve_everything(tenant) as graph:
        status, tables = collect(graph, tmp_path)
    assert status == CLEAN
    assert len(tables["sharepoint_settings"]) == len(tables["report_settings"]) == 1


def test_every_table_of_the_catalogue_is_answered_where_everything_is_granted_and_bought(
    tenant: Tenant, tmp_path: Path
) -> None:
    needs = {name: set(table.columns) for name, table in tables().items() if table.feeds and not table.beta}
    with serve_everything(tenant) as graph:
        session = sign_in(
            {"GOVCHECK_GRAPH_URL": graph.url, "GOVCHECK_ACCESS_TOKEN": graph.token(), "GOVCHECK_PACE": "0"}
        )
        snapshot = collect_snapshot(session, needs=needs, place=lambda *_: tmp_path / "snapshot")
        assert not any(download.with_token for download in graph.downloads)
    missing = {name: entry.gap or entry.column_gaps for name, entry in snapshot.tables.items()}
    assert {name: gap for name, gap in missing.items() if gap} == {}
    assert [name for name, entry in snapshot.tables.items() if not entry.rows] == []


def test_a_next_link_to_another_host_is_not_followed_with_the_token(tenant: Tenant, tmp_path: Path) -> None:
    plan = [Fault(path="/users", effect=ForeignNextLink(), times=99)]
    with serve(tenant, page_size=20, plan=plan) as graph:
        status, tables = collect(graph, tmp_path)
    assert status in (GAPS, NO_CONNECTION)
    assert not tables.get("users")


def test_only_declared_properties_are_asked_for_and_only_by_get(tenant: Tenant, tmp_path: Path) -> None:
    with serve(tenant) as graph:
        collect(graph, tmp_path)
        asked = {entry.path: entry.query.get("$select", "") for entry in graph.log}
    assert "userPrincipalName" in asked["/users"].split(",")
    assert "mobilePhone" not in asked["/users"].split(",")
