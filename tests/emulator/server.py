"""The emulator on a port of this machine: HTTP around `Graph` and the token endpoint."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from emulator import faults
from emulator.batch import answer_batch
from emulator.clock import Clock
from emulator.delta import Tracker
from emulator.directory import Directory, Hosted
from emulator.edits import Edit
from emulator.errors import GraphError, bad_request
from emulator.graph import Access, Graph, Request, Response, failure
from emulator.paging import Pager
from emulator.permissions import DEMO_ROLES
from emulator.routes import Router
from emulator.throttle import Throttle
from emulator.tokens import TokenService, discovery
from govcheck.demo import generate

_VERSION = "/v1.0"
_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_AGS = {"ServerInfo": {"DataCenter": "West Europe", "Slice": "E", "Ring": "5", "ScaleUnit": "001"}}
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
        return self.authority + _VERSION

    @property
    def log(self) -> list[Access]:
        """Every request so far, those inside batches too, in order of answering."""
        return self.graph.log

    def requests_per_bucket(self) -> Counter[str]:
        """Count the requests so far by the limit that they count against, refused ones too."""
        return Counter(access.bucket for access in self.log)

    def token(self, roles: Collection[str] | None = None, lifetime: float | None = None) -> str:
        """Issue a ready bearer token, with other permissions or another lifetime if asked."""
        return self.graph.tokens.issue(self.graph.granted if roles is None else roles, lifetime)


@contextmanager
def serve(
    tenant: Hosted | None = None,
    *,
    granted: Collection[str] = DEMO_ROLES,
    licences: Collection[str] | None = None,
    page_size: int | None = None,
    plan: Sequence[faults.Fault] = (),
    throttle: Throttle | None = None,
    token_lifetime: float = 3599,
    port: int = 0,
    certificate: Path | None = None,
) -> Iterator[Running]:
    """Run the emulator on loopback while the context lasts.

    `licences` are service plan names, by default those in the tenant's own `/subscribedSkus`; `throttle` puts Graph's
    limits in force; `certificate` is a PEM file with key and certificate, for clients that insist on https.
    """
    tenant = tenant or generate()
    owned = {plan["servicePlanName"] for sku in tenant.collections["/subscribedSkus"] for plan in sku["servicePlans"]}
    clock = Clock()
    pager = Pager(clock)
    directory = Directory(tenant)
    graph = Graph(
        directory=directory,
        granted=frozenset(granted),
        tokens=TokenService(
            tenant=tenant.id, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, lifetime=token_lifetime
        ),
        licences=frozenset(owned if licences is None else licences),
        pager=pager,
        plan=faults.FaultPlan(plan),
        router=Router(directory),
        tracker=Tracker(directory=directory, pager=pager, page_size=page_size),
        gate=throttle
        and Gate(throttle, users=len(directory.collections["/users"]), application=f"{CLIENT_ID}/{tenant.id}"),
        page_size=page_size,
    )
    server = _Server(("127.0.0.1", port), _Handler)
    server.graph = graph
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.authority = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Running(authority=server.authority, graph=graph, edit=Edit(directory), clock=clock)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    graph: Graph
    authority: str

    def handle_error(self, *_: Any) -> None:
        """Stay quiet about clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer Graph's GETs and the sign-in libraries' discovery."""
        if self.path.startswith(f"{_VERSION}/"):
            self._send(self.server.graph.answer(self._request()))
        elif self.path.endswith("/v2.0/.well-known/openid-configuration"):
            tenant = self.path.split("/")[1]
            self._send(Response(status=200, body=discovery(self.server.authority, tenant)))
        else:
            self._send(failure(bad_request("Resource not found for the segment."), self._headers()))

    def do_POST(self) -> None:
        """Answer `$batch` and the token endpoint."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == f"{_VERSION}/$batch":
            self._send(answer_batch(self.server.graph, body, self._headers(), self._base))
        elif self.path.endswith("/oauth2/v2.0/token"):
            self._send(self._token(dict(parse_qsl(body.decode()))))
        else:
            self._refuse_method()

    def _refuse_method(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        error = GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        self._send(failure(error, self._headers()))

    do_PUT = do_PATCH = do_DELETE = _refuse_method  # noqa: N815 (the names that http.server calls)

    @property
    def _base(self) -> str:
        return self.server.authority + _VERSION

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _request(self) -> Request:
        return Request(url=self.path.removeprefix(_VERSION), headers=self._headers(), base=self._base)

    def _token(self, form: dict[str, str]) -> Response:
        graph = self.server.graph
        try:
            return Response(status=200, body=graph.tokens.exchange(self.path.split("/")[1], form, graph.granted))
        except GraphError as error:
            return failure(error, self._headers())

    def _send(self, response: Response) -> None:
        if isinstance(response.effect, faults.Reset):
            self._reset()
            return
        if isinstance(response.effect, faults.Delay):
            time.sleep(response.effect.seconds)
        body = response.body if isinstance(response.body, str) else json.dumps(response.body, ensure_ascii=False)
        content = body.encode()
        headers = self._standard_headers() | dict(response.headers)
        if "gzip" in self.headers.get("Accept-Encoding", "") and content:
            content = gzip.compress(content, 1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if isinstance(response.effect, faults.Truncate):
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)

    def _standard_headers(self) -> dict[str, str]:
        request = str(uuid.uuid4())
        return {
            "Content-Type": _JSON,
            "request-id": request,
            "client-request-id": self.headers.get("client-request-id", request),
            "x-ms-ags-diagnostic": json.dumps(_AGS, separators=(",", ":")),
            "OData-Version": "4.0",
        }

    def _reset(self) -> None:
        """Close so that the client's system reports a reset and no orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def version_string(self) -> str:
        """Name no software, as Graph does."""
        return "Microsoft-Graph-Emulator"

    def log_message(self, *_: Any) -> None:
        """Leave the terminal to the tests; `Graph.log` knows."""
