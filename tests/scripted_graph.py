"""A web server on loopback that says what a test wants Graph to say, for tests of the client and the collector."""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from govcheck.graph.answers import Transport
from govcheck.graph.auth import AccessToken, Session
from govcheck.graph.client import open_client
from govcheck.graph.lanes import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. `missing_bytes` are promised by Content-Length and never sent."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    missing_bytes: int = 0

    def encoded(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    authorization: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
    batch: int | None = None
    """Which of the batches it came in."""


def rows(*values: Any, following: str | None = None) -> Answer:
    """A page of a collection."""
    return Answer(body={"value": list(values)} | ({"@odata.nextLink": following} if following else {}))


def refused(status: int, code: str, message: str, **headers: str) -> Answer:
    """An error in Graph's shape."""
    return Answer(status=status, body={"error": {"code": code, "message": message}}, headers=headers)


NO_PERMISSION = refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
NO_LICENCE = refused(
    403,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
)
EXPIRED = refused(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
NOT_FOUND = refused(404, "Request_ResourceNotFound", "Resource does not exist.")


class ScriptedGraph:
    """Answers each path, with or without its query, from a list; the last answer is repeated."""

    def __init__(self, **script: Answer | Sequence[Answer]) -> None:
        self.script: dict[str, list[Answer]] = {}
        self.requests: list[Request] = []
        """Every request, those inside batches too."""
        self.posts = 0
        self.posted: list[Answer] = []
        """What batches as a whole are answered with, until there are none left."""
        self.expired: set[str] = set()
        """Values of Authorization that are answered with 401."""
        for path, answers in script.items():
            self.says(f"/{path}", *([answers] if isinstance(answers, Answer) else answers))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/v1.0"

    def says(self, path: str, *answers: Answer) -> None:
        self.script[path] = list(answers)

    def asked(self, path: str) -> list[Request]:
        """The requests for a path, whatever their query."""
        return [request for request in self.requests if request.path.partition("?")[0] == path]

    def calls(self) -> int:
        """How often somebody called, whatever was in it."""
        return self.posts + sum(request.batch is None for request in self.requests)

    def answer_batch(self, body: Mapping[str, Any], authorization: str | None) -> Answer:
        """Answer a batch, the last request first."""
        self.posts += 1
        if self.posted:
            return self.posted.pop(0)
        assert len(body["requests"]) <= 20
        answers = []
        for inner in reversed(body["requests"]):
            request = Request(inner["url"], authorization, inner.get("headers", {}), self.posts)
            self.requests.append(request)
            answer = self.next_answer(request)
            answers.append(
                {"id": inner["id"], "status": answer.status, "headers": dict(answer.headers), "body": answer.body}
            )
        return Answer(body={"responses": answers})

    def next_answer(self, request: Request) -> Answer:
        if request.authorization in self.expired:
            return EXPIRED
        path = request.path
        answers = self.script.get(path) or self.script.get(path.partition("?")[0]) or [NOT_FOUND]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(graph: ScriptedGraph) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            request = Request(
                self.path.removeprefix("/v1.0"), self.headers.get("Authorization"), dict(self.headers.items())
            )
            graph.requests.append(request)
            self.reply(graph.next_answer(request))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.reply(graph.answer_batch(body, self.headers.get("Authorization")))

        def reply(self, answer: Answer) -> None:
            body = answer.encoded()
            self.send_response(answer.status)
            for name, value in ({"Content-Type": "application/json"} | dict(answer.headers)).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + answer.missing_bytes))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = answer.missing_bytes > 0

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


class Impatient:
    """A clock that jumps ahead when asked to sleep, and remembers for how long."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


class NumberedTokens:
    """Gives the same token until claims ask for a new one: token-1, token-2, …"""

    def __init__(self) -> None:
        self.number = 1
        self.claims: list[str] = []

    def token(self, claims: str | None = None) -> AccessToken:
        if claims is not None:
            self.claims.append(claims)
            self.number += 1
        return AccessToken(f"token-{self.number}", math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedSource:
    """The scripted Graph as a source that waits for nothing."""

    url: str
    tenant: str | None = "tenant-of-the-token"
    patience: Impatient = field(default_factory=Impatient)
    credential: NumberedTokens = field(default_factory=NumberedTokens)
    pace: float = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transport]:
        session = Session(
            graph_url=self.url,
            credential=self.credential,
            tenant=self.tenant,
            permissions=frozenset(),
            pace=self.pace,
        )
        async with open_client(session, self.patience.clock()) as client:
            yield client
