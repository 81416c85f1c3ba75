"""The emulator on a port of this machine."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from emulator import faults
from emulator.clock import Clock
from emulator.directory import Directory, Hosted
from emulator.edits import Edit
from emulator.graph import Access, Graph
from emulator.latency import Latency
from emulator.permissions import DEMO_ROLES
from emulator.reader import Reader
from emulator.reports import Download
from emulator.throttle import Gate, Throttle
from emulator.tokens import TokenService
from emulator.web import VERSION, ReportHost, Server
from govcheck.demo import generate

CLIENT_ID = "5f0c8f2e-0000-4000-8000-6f7663686563"
CLIENT_SECRET = "only-for-the-emulator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An emulator that answers, and what a test needs of it."""

    authority: str
    """Scheme and host: where Entra's token endpoint is."""
    graph: Graph
    edit: Edit
    """Changes the tenant while it is served."""
    clock: Clock
    """The time by which page and delta tokens age."""

    @property
    def url(self) -> str:
        """Where Graph's v1.0 is."""
        return self.authority + VERSION

    @property
    def log(self) -> list[Access]:
        """Every request so far, those inside batches too, in order of answering."""
        return self.graph.log

    @property
    def downloads(self) -> list[Download]:
        """Every usage report that was fetched so far, from the host that Graph named."""
        return self.graph.reader.reports.downloads

    def requests_per_bucket(self) -> Counter[str]:
        """Count the requests so far by the limit that they count against, refused ones too."""
        return Counter(access.bucket for access in self.log)

    def token(self, roles: Collection[str] | None = None, lifetime: float | None = None) -> str:
        """Issue a ready bearer token, with other permissions or another lifetime if asked."""
        return self.graph.tokens.issue(self.graph.granted if roles is None else roles, lifetime)


@contextmanager
def serve(  # noqa: PLR0913 (each turns one thing)
    tenant: Hosted | None = None,
    *,
    granted: Collection[str] = DEMO_ROLES,
    licences: Collection[str] | None = None,
    page_size: int | None = None,
    plan: Sequence[faults.Fault] = (),
    throttle: Throttle | None = None,
    latency: Latency | None = None,
    token_lifetime: float = 3599,
    port: int = 0,
    certificate: Path | None = None,
) -> Iterator[Running]:
    """Run the emulator on loopback while the context lasts.

    `licences` are service plan names, by default those in the tenant's own `/subscribedSkus`; `throttle` puts Graph's
    limits in force and `latency` lets answers take their time; `certificate` is a PEM file with key and certificate,
    for clients that insist on https.
    """
    tenant = tenant or generate()
    clock, directory = Clock(), Directory(tenant)
    users = len(directory.collections["/users"])
    graph = Graph(
        directory=directory,
        granted=frozenset(granted),
        tokens=TokenService(
            tenant=tenant.id, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, lifetime=token_lifetime
        ),
        reader=Reader.of(directory, clock, _owned(tenant) if licences is None else licences, page_size),
        plan=faults.FaultPlan(plan),
        gate=Gate(throttle, users=users, application=f"{CLIENT_ID}/{tenant.id}") if throttle else None,
        latency=latency,
    )
    with (
        Server(graph, port, certificate) as server,
        ReportHost(graph) as report_host,
        _listening(server),
        _listening(report_host),
    ):
        yield Running(authority=server.authority, graph=graph, edit=Edit(directory), clock=clock)


@contextmanager
def _listening(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def _owned(tenant: Hosted) -> Iterator[str]:
    """Give the service plans in the tenant's licences."""
    for sku in tenant.collections["/subscribedSkus"]:
        yield from (plan["servicePlanName"] for plan in sku["servicePlans"])
