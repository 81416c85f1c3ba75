"""Does the collector keep its memory to itself? `python benchmarks/soak.py [SECONDS] [PEOPLE]`.

One process collects a tenant again and again, by what has changed since the time before, while people, managers and
members change in between. Another does what one writes first: httpx, `json.loads` and lists of dicts, everything anew
each round. Both are asked for their memory after every round; the emulator has a process of its own. It fails where
the last rounds take a twentieth more memory than those in the middle.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
TABLES = ("users", "groups", "teams", "memberships", "service_principals", "applications", "devices")
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
EDITS = 100
FLAT = 1.05


def memory() -> float:
    """Mebibytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def report(rounds: int, rows: int, began: float) -> None:
    """Tell the one who asked, and wait for the next time."""
    print(json.dumps({"round": rounds, "rows": rows, "mib": memory(), "cpu": time.process_time() - began}), flush=True)


def collector(url: str, token: str, folder: Path) -> None:
    """Collect each time somebody asks, a day later than the time before."""
    from govcheck.catalogue import tables
    from govcheck.graph.auth import sign_in
    from govcheck.graph.collect import collect_snapshot

    source = sign_in({"GOVCHECK_ACCESS_TOKEN": token, "GOVCHECK_GRAPH_URL": url, "GOVCHECK_PACE": "0"})
    needs = {name: [column for feed in tables()[name].feeds for column in feed.columns] for name in TABLES}
    needs["memberships"] = ["role"]
    previous = None
    for rounds, _ in enumerate(sys.stdin):
        began = time.process_time()
        place, moment = folder / str(rounds), BEGIN + timedelta(days=rounds)
        taken = collect_snapshot(
            source, needs=needs, place=lambda *_, here=place: here, taken_at=moment, previous=previous, follow=True
        )
        if previous is not None:
            shutil.rmtree(previous.path)
        previous = taken
        report(rounds, sum(entry.rows for entry in taken.tables.values()), began)


def naive(url: str, token: str, folder: Path) -> None:
    """Read everything each time somebody asks, members team by team, and write it."""
    import httpx
    import pyarrow as pa
    import pyarrow.parquet as pq

    def pages(client: httpx.Client, path: str) -> list[Any]:
        found, following = [], url + path
        while following:
            body = json.loads(client.get(following).content)
            found += body["value"]
            following = body.get("@odata.nextLink")
        return found

    top = "?$top=999"
    paths = (f"/users{top}&$expand=manager($select=id)", f"/servicePrincipals{top}", f"/applications{top}", "/devices")
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        for rounds, _ in enumerate(sys.stdin):
            began, rows = time.process_time(), 0
            groups = pages(client, f"/groups{top}")
            teams = [group["id"] for group in groups if "Team" in group["resourceProvisioningOptions"]]
            tables = [groups, *(pages(client, path) for path in paths)]
            tables.append([row for team in teams for row in pages(client, f"/groups/{team}/members{top}&$select=id")])
            for number, table in enumerate(tables):
                pq.write_table(pa.Table.from_pylist([{"row": json.dumps(row)} for row in table]), folder / f"{number}")
                rows += len(table)
            report(rounds, rows, began)


SIDES = {"collector": collector, "naive": naive}


def change(running: Any, chance: Random) -> None:
    """Let the tenant live for a day."""
    directory, edit = running.graph.directory, running.edit
    users, groups = directory.collections["/users"], list(directory.members)[:500]
    for _ in range(EDITS):
        person = users[chance.randrange(1, len(users))]
        if person is None:
            continue
        match chance.randrange(4):
            case 0:
                edit.update("/users", person["id"], {"department": f"Department {chance.randrange(50)}"})
            case 1:
                edit.update("/users", person["id"], {"accountEnabled": chance.random() < 0.9})
            case 2:
                edit.set_manager(person["id"], users[0]["id"])
            case _:
                edit.add_member(chance.choice(groups), person["id"])


def soak(seconds: float, people: int) -> bool:
    """Let both sides collect in turn for so long; tells whether ours stays as it is."""
    sys.path.insert(0, str(ROOT / "tests"))
    from emulator import serve
    from emulator.scale import LazyTenant

    chance = Random(1)  # noqa: S311 (chance, no secret)
    took: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as scratch, serve(LazyTenant(people)) as running:
        sides = {}
        for side in SIDES:
            folder = Path(scratch) / side
            folder.mkdir()
            command = [sys.executable, __file__, "--side", side, running.url, running.token(lifetime=86_400), folder]
            sides[side] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for side, process in sides.items():
                before = len(running.log)
                process.stdin.write("\n")
                process.stdin.flush()
                took[side].append(json.loads(process.stdout.readline()) | {"requests": len(running.log) - before})
            change(running, chance)
            running.log.clear()
        for process in sides.values():
            process.stdin.close()
            process.wait()
    return judge(took)


def judge(took: dict[str, list[dict[str, float]]]) -> bool:
    """Say what every side took, and whether ours is flat."""
    growth = {}
    for side, rounds in took.items():
        third = len(rounds) // 3
        mib, rows = [each["mib"] for each in rounds], rounds[-1]["rows"]
        middle, last = statistics.median(mib[third:-third]), statistics.median(mib[-third:])
        growth[side] = last / middle
        requests, cpu = (statistics.median(each[what] for each in rounds[1:]) for what in ("requests", "cpu"))
        print(
            f"{side:9} {len(rounds)} rounds of {rows:,.0f} rows; MiB first {mib[0]:.0f}, middle {middle:.0f}, "
            f"last {last:.0f} (ratio {growth[side]:.3f}), peak {max(mib):.0f}; "
            f"a round after the first: {requests:,.0f} requests, {cpu:.2f} s of one core"
        )
    return growth["collector"] <= FLAT


def main(seconds: float = 180, people: float = 5_000) -> int:
    load, _, _ = os.getloadavg()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}")
    return 0 if soak(seconds, int(people)) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--side"]:
        SIDES[sys.argv[2]](sys.argv[3], sys.argv[4], Path(sys.argv[5]))
    else:
        sys.exit(main(*map(float, sys.argv[1:])))
