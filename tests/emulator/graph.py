"""Microsoft Graph without HTTP: who may ask, how often and how fast, and a log of everything that was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from emulator import faults
from emulator.buckets import Call, classify
from emulator.directory import Directory
from emulator.errors import GraphError, unauthorised
from emulator.latency import Latency
from emulator.messages import Request, Response, failure
from emulator.reader import Reader
from emulator.throttle import Gate
from emulator.tokens import TokenService

_WORDS_BY_STATUS = {
    401: ("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    429: ("TooManyRequests", "Please retry again later."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable."),
    504: ("GatewayTimeout", "The request timed out."),
}
_HTML = "<html><head><title>Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One request as it came in, the status it got, and when by the clock of the limits."""

    path: str
    query: Mapping[str, str]
    status: int
    in_batch: bool
    at: float
    bucket: str
    """The limit it counts against."""
    resource_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A tenant behind Graph's rules."""

    directory: Directory
    granted: frozenset[str]
    tokens: TokenService
    reader: Reader
    plan: faults.FaultPlan
    gate: Gate | None = None
    """Refuses what is over Graph's limits; None lets everything through."""
    latency: Latency | None = None
    """How long answers take; None is as fast as this machine."""
    log: list[Access] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request, *, in_batch: bool = False, at_once: bool = False) -> Response:
        """Answer a request, whatever is wrong with it, and log it.

        Where it answers `at_once`, whoever asked waits for as long as the response says.
        """
        asked = dict(parse_qsl(request.url.partition("?")[2], keep_blank_values=True))
        call = classify(request.path, asked)
        effect = self.plan.strike(request.path)
        try:
            response = self._admit(request, call, effect, at_once=at_once)
        except GraphError as error:
            response = failure(error, request.headers)
        access = Access(
            path=request.path,
            query=asked,
            status=response.status,
            in_batch=in_batch,
            at=self.gate.now() if self.gate else time.monotonic(),
            bucket=call.bucket,
            resource_units=call.units,
        )
        with self._lock:
            self.log.append(access)
        return response.with_headers({"x-ms-resource-unit": str(call.units)})

    def _admit(self, request: Request, call: Call, effect: faults.Effect | None, *, at_once: bool) -> Response:
        mishap = self.spoil(request.headers, effect)
        if mishap is not None:
            return mishap
        roles = self.tokens.roles(request.headers.get("authorization"))
        passing: AbstractContextManager[dict[str, str]] = self.gate.passing(call) if self.gate else nullcontext({})
        with passing as warning:
            try:
                response = self.reader.read(request, roles, effect)
            except GraphError as error:
                response = failure(error, request.headers)
            wait = self.latency.seconds(call.bucket, response.rows) if self.latency else 0
            if wait and not at_once:
                time.sleep(wait)
        return replace(response.with_headers(warning), wait=wait)

    def spoil(self, headers: Mapping[str, str], effect: faults.Effect | None) -> Response | None:
        """Answer in Graph's place, where what goes wrong is that Graph is not asked at all."""
        match effect:
            case faults.Refuse():
                return _refuse(effect, headers)
            case faults.Redirect():
                return Response(status=effect.status, body="", headers={"Location": effect.location})
            case faults.Expire():
                self.tokens.expire()
                expired = "Lifetime validation failed, the token is expired."
                return failure(unauthorised(expired, claims=effect.claims), headers)
            case _:
                return None


def _refuse(effect: faults.Refuse, asked: Mapping[str, str]) -> Response:
    headers = {} if effect.retry_after is None else {"Retry-After": str(effect.retry_after)}
    if effect.body == "html":
        return Response(status=effect.status, body=_HTML, headers=headers | {"Content-Type": "text/html"})
    if effect.body == "empty":
        return Response(status=effect.status, body="", headers=headers)
    code, message = _WORDS_BY_STATUS.get(effect.status, ("UnknownError", "An internal server error occurred."))
    error = GraphError(effect.status, effect.code or code, effect.message or message, headers=headers)
    return failure(error, asked)
