"""How fast is the engine against SQL written by hand? `python benchmarks/evaluate.py [PEOPLE] [ROUNDS]`.

Each side runs in a process of its own, in turn, over the same Parquet files: forty rules, counts per Team and
department. Both give the same numbers of passing rows, which is checked, or the comparison would mean nothing.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent


def engine(snapshot: Path) -> dict[str, object]:
    """Evaluate through govcheck, up to the counts per unit that a report is made of."""
    from govcheck.engine.evaluate import evaluate
    from govcheck.engine.parameters import effective
    from govcheck.evidence import Evidence
    from govcheck.policy import load_policies
    from govcheck.snapshot import open_snapshot

    policies = load_policies([HERE / "rules.yaml"], lenient=True)
    taken = open_snapshot(snapshot)
    start = time.perf_counter()
    parameters = effective(policies.policies, None, {})
    done = evaluate(policies, policies.rules, taken, Evidence(), parameters, taken.taken_at, "en")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "passed": [done.counts[rule.id].total.get(1, 0) for rule in policies.rules]}


def by_hand(snapshot: Path) -> dict[str, object]:
    """Run the handwritten SQL."""
    import duckdb

    connection = duckdb.connect()
    start = time.perf_counter()
    connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    for file in snapshot.glob("*.parquet"):
        connection.execute(f"CREATE VIEW {file.stem} AS SELECT * FROM '{file}'")
    connection.execute((HERE / "handwritten.sql").read_text())
    connection.execute("SELECT * FROM per_team").fetchall()
    seconds = time.perf_counter() - start
    users = connection.execute("SELECT " + ", ".join(f"p{n}" for n in range(36)) + " FROM total").fetchone()
    teams = connection.execute(
        "SELECT " + ", ".join(f"count(*) FILTER (WHERE r{n})" for n in range(36, 40)) + " FROM per_owner"
    ).fetchone()
    return {"seconds": seconds, "passed": [*(users or ()), *(teams or ())]}


def measure(side: str, snapshot: Path) -> dict[str, object]:
    """One side in a process of its own, with its peak memory in MiB."""
    ran = subprocess.run([sys.executable, __file__, side, str(snapshot)], check=True, capture_output=True, text=True)
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


def main(people: int, rounds: int) -> None:
    """Compare, and print what was measured."""
    with tempfile.TemporaryDirectory() as temporary:
        snapshot = Path(temporary) / "snapshot"
        subprocess.run([sys.executable, str(HERE / "tenant.py"), str(people), str(snapshot)], check=True)
        pairs = [(measure("engine", snapshot), measure("by_hand", snapshot)) for _ in range(rounds)]
    for ours, theirs in pairs:
        assert ours["passed"] == theirs["passed"], "the two sides disagree"
    ratio = statistics.median(ours["seconds"] / theirs["seconds"] for ours, theirs in pairs)  # type: ignore[operator]
    for name, side in zip(("engine", "by hand"), zip(*pairs, strict=True), strict=True):
        seconds = [f"{run['seconds']:.2f}" for run in side]
        print(f"{name:8} {' '.join(seconds)} s, peak {max(run['mib'] for run in side):.0f} MiB")  # type: ignore[type-var]
    print(f"ratio    {ratio:.2f}  ({people:,} people, {platform.machine()}, Python {platform.python_version()})")


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] in ("engine", "by_hand"):
        outcome = {"engine": engine, "by_hand": by_hand}[sys.argv[1]](Path(sys.argv[2]))
        outcome["mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(outcome))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
