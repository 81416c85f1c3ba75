"""The command line against the emulator: patience takes no time here, and tokens can be renewed."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

from emulator import Running, serve
from emulator.faults import Fault
from emulator.permissions import DEMO_ROLES
from govcheck.catalogue import Table, tables
from govcheck.demo import Tenant
from govcheck.graph.answers import Transport
from govcheck.graph.auth import AccessToken, Session
from govcheck.graph.client import open_client
from scripted_graph import Impatient
from tenants import Ended, policy, rule, run, write_documents

TAKEN_AT = datetime(2026, 10, 1, 8, tzinfo=UTC)
EVERYTHING = DEMO_ROLES | {"SharePointTenantSettings.Read.All", "ReportSettings.Read.All"}
BOUGHT = ("AAD_PREMIUM", "AAD_PREMIUM_P2", "INTUNE_A", "Entra_Identity_Governance", "THREAT_INTELLIGENCE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulated:
    """The emulator as a source; a new token comes whenever claims ask for one."""

    graph: Running
    patience: Impatient = field(default_factory=Impatient)

    @property
    def tenant(self) -> str:
        """Id of the tenant."""
        return self.graph.graph.tokens.tenant

    def token(self, claims: str | None = None) -> AccessToken:
        """Sign in."""
        del claims
        return AccessToken(self.graph.token(), math.inf)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transport]:
        """Open a connection that waits for nothing."""
        session = Session(
            graph_url=self.graph.url, credential=self, tenant=self.tenant, permissions=frozenset(), pace=0
        )
        async with open_client(session, self.patience.clock()) as client:
            yield client


@contextmanager
def serve_everything(tenant: Tenant, plan: Sequence[Fault] = (), *, page_size: int | None = None) -> Iterator[Running]:
    """A tenant that bought and granted all that govcheck reads, and conceals no names."""
    with serve(tenant, granted=EVERYTHING, licences=BOUGHT, plan=plan, page_size=page_size) as graph:
        graph.edit.change("/admin/reportSettings", {"displayConcealedNames": False})
        yield graph


def check(folder: Path, source: Emulated, *arguments: str | Path, hour: int = 0) -> Ended:
    """Run `check` against the emulator, so many hours after `TAKEN_AT`, with rules that read from every feed."""
    taken_at = TAKEN_AT + timedelta(hours=hour)
    asking = write_documents(folder / "everything.yaml", policy(*_rules(), name="everything"))
    with patch("govcheck.cli.snapshots.open_source", lambda *_: (source, taken_at)):
        return run(folder, "check", asking, "-f", "json", *arguments)


def read_tables() -> dict[str, Table]:
    """The tables that rules can read from Graph; what it has in its test version alone is not among them."""
    return {
        name: table
        for name, table in sorted(tables().items())
        if table.feeds and not table.hidden and not any(feed.path.startswith("/beta/") for feed in table.feeds)
    }


def _rules() -> Iterator[dict[str, Any]]:
    for number, (name, table) in enumerate(read_tables().items(), start=1):
        yield rule(f"ALL-{number:03}", name, " AND ".join(f"{column} IS NULL" for column in _columns(table)))


def _columns(table: Table) -> list[str]:
    """Some columns of every feed, and the key of a table whose feeds fill no others."""
    some = (name for feed in table.feeds for name in islice(feed.columns, 4))
    return [name for name in some if name in table.columns] or [*table.key]


def report(ended: Ended) -> bytes:
    """What a run reports, apart from its id."""
    return ended.stdout.replace(ended.json["run"]["id"].encode(), b"run")
