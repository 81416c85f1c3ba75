"""What declarations become: the tables of one run, for tests to look into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from govcheck.engine.evaluate import evaluate
from govcheck.engine.parameters import effective
from govcheck.evidence import read_evidence
from govcheck.expr.times import parse_time
from govcheck.model import Lang
from govcheck.policy import load_policies
from govcheck.snapshot import open_snapshot
from tenants import Document, Rows, members, person, policy, rule, team, write_documents, write_snapshot

PEOPLE: Rows = {
    "users": [person("ann", department="Operations"), person("bob"), person("cleo")],
    "teams": [team("g-support"), team("g-field"), team("g-new")],
    "memberships": [*members("g-support", ["ann", "bob"]), *members("g-field", ["cleo"])],
}
"""Two declared teams of which one is in Operations, and one that nobody declared."""

UNITS: list[dict[str, Any]] = [
    {"id": "operations", "kind": "department", "department": "Operations"},
    {
        "id": "support",
        "name": "Support",
        "kind": "team",
        "parent": "operations",
        "group": "g-support",
        "work_mode": "hybrid",
        "countries": ["NL", "BE"],
        "time_zones": ["Europe/Amsterdam"],
    },
    {"id": "field", "kind": "team", "group": "g-field"},
]
ORGANISATION: Document = {
    "apiVersion": "govcheck/v1",
    "kind": "Organisation",
    "id": "org",
    "roles": {"lead": {"holders": ["user:ann"]}, "ciso": {}},
    "units": UNITS,
}


class Tables:
    """The tables of one run over a few documents and people."""

    def __init__(self, folder: Path, *documents: Document, rows: Rows = PEOPLE, lang: Lang = "en", **more: Any) -> None:
        """Write, load and evaluate; `more` goes to the snapshot."""
        file = write_documents(folder / "set.yaml", policy(rule("R", "users", "TRUE")), ORGANISATION, *documents)
        snapshot = open_snapshot(write_snapshot(folder / "snapshot", rows, **more))
        policies = load_policies([file], lenient=True)
        as_of = parse_time("2026-10-01T08:00:00Z")
        assert as_of is not None
        parameters = effective(policies.policies, policies.organisation, {})
        self.evaluation = evaluate(policies, policies.rules, snapshot, read_evidence(policies), parameters, as_of, lang)

    def rows(self, table: str, *columns: str) -> Sequence[tuple[Any, ...]]:
        """Some columns of a table, in order of their values."""
        listed = ", ".join(f'"{column}"' for column in columns)
        return self.evaluation.connection.execute(f"SELECT {listed} FROM {table} ORDER BY ALL").fetchall()
