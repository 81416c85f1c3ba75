"""HTTP around `Graph` and the token endpoint."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from emulator import faults
from emulator.batch import answer_batch
from emulator.errors import GraphError, bad_request
from emulator.graph import Graph
from emulator.messages import Request, Response, failure
from emulator.reports import Reports
from emulator.tokens import discovery

VERSION = "/v1.0"
_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_AGS = {"ServerInfo": {"DataCenter": "West Europe", "Slice": "E", "Ring": "5", "ScaleUnit": "001"}}


class Server(ThreadingHTTPServer):
    """Listens for Graph's clients."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, graph: Graph, port: int, certificate: Path | None) -> None:
        """Listen on `port`, or on one that is free where it is 0; with a certificate over TLS."""
        super().__init__(("127.0.0.1", port), Handler)
        self.graph = graph
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.authority = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """Stay quiet about clients that hang up."""


class _Connection(BaseHTTPRequestHandler):
    """One connection, on which things can go wrong."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def transmit(self, response: Response, headers: Mapping[str, str], content: bytes) -> None:
        """Send a response, or what becomes of it."""
        if isinstance(response.effect, faults.Reset):
            self._reset()
            return
        if isinstance(response.effect, faults.Delay):
            time.sleep(response.effect.seconds)
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if isinstance(response.effect, faults.Truncate):
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)

    def _reset(self) -> None:
        """Close so that the client's system reports a reset and no orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Leave the terminal to the tests; `Graph.log` and `Reports.downloads` know."""


class Handler(_Connection):
    """Answers one connection with Graph."""

    server: Server

    def do_GET(self) -> None:
        """Answer Graph's GETs and the sign-in libraries' discovery."""
        if self.path.startswith(f"{VERSION}/"):
            self._send(self.server.graph.answer(self._request()))
        elif self.path.endswith("/v2.0/.well-known/openid-configuration"):
            tenant = self.path.split("/")[1]
            self._send(Response(status=200, body=discovery(self.server.authority, tenant)))
        else:
            self._send(failure(bad_request("Resource not found for the segment."), self._headers()))

    def do_POST(self) -> None:
        """Answer `$batch` and the token endpoint."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == f"{VERSION}/$batch":
            answer = answer_batch(self.server.graph, body, self._headers(), self._base)
            time.sleep(answer.wait)
            self._send(answer)
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
        return self.server.authority + VERSION

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _request(self) -> Request:
        return Request(url=self.path.removeprefix(VERSION), headers=self._headers(), base=self._base)

    def _token(self, form: dict[str, str]) -> Response:
        graph = self.server.graph
        try:
            return Response(status=200, body=graph.tokens.exchange(self.path.split("/")[1], form, graph.granted))
        except GraphError as error:
            return failure(error, self._headers())

    def _send(self, response: Response) -> None:
        content = response.content
        headers = self._standard_headers() | dict(response.headers)
        if "gzip" in self.headers.get("Accept-Encoding", "") and content:
            content = gzip.compress(content, 1)
            headers["Content-Encoding"] = "gzip"
        self.transmit(response, headers, content)

    def _standard_headers(self) -> dict[str, str]:
        request = str(uuid.uuid4())
        return {
            "Content-Type": _JSON,
            "request-id": request,
            "client-request-id": self.headers.get("client-request-id", request),
            "x-ms-ags-diagnostic": json.dumps(_AGS, separators=(",", ":")),
            "OData-Version": "4.0",
        }

    def version_string(self) -> str:
        """Name no software, as Graph does."""
        return "Microsoft-Graph-Emulator"


class ReportHost(ThreadingHTTPServer):
    """Another host than Graph, where usage reports are fetched."""

    daemon_threads = True

    def __init__(self, graph: Graph) -> None:
        """Listen on a free port and tell the reports where."""
        super().__init__(("127.0.0.1", 0), _ReportHandler)
        self.graph = graph
        self.reports: Reports = graph.reader.reports
        self.reports.host = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """Stay quiet about clients that hang up."""


class _ReportHandler(_Connection):
    server: ReportHost

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        token = dict(parse_qsl(query)).get("sig", "")
        graph = self.server.graph
        effect = graph.plan.strike(faults.DOWNLOAD + path)
        response = self.server.reports.download(path, token, self.headers.get("Authorization"))
        response = graph.spoil(dict(self.headers), effect) or replace(response, effect=effect)
        self.transmit(response, response.headers, response.content)
