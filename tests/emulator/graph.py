"""Microsoft Graph without HTTP: a request in, a response out."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from emulator import faults, permissions
from emulator.buckets import Call, classify
from emulator.delta import Ask, Tracker, check_selection
from emulator.directory import Directory
from emulator.errors import GraphError, bad_request, missing_licence, missing_permission
from emulator.odata import Options, parse_options, require_consistency, split_query
from emulator.paging import Pager, Place
from emulator.routes import Kind, Router, Target
from emulator.rows import Row
from emulator.shape import project, show_licences, spoil, withhold
from emulator.throttle import Gate
from emulator.tokens import TokenService
from emulator.vocabulary import Vocabulary, vocabulary

_WORDS_BY_STATUS = {
    401: ("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    429: ("TooManyRequests", "Please retry again later."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable."),
    504: ("GatewayTimeout", "The request timed out."),
}
_HTML = "<html><head><title>Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A GET below the version; header names in lower case."""

    url: str
    """Path and query, such as `/users?$top=5`."""
    headers: Mapping[str, str]
    base: str
    """What nextLinks begin with: scheme, host and version."""

    @property
    def eventual(self) -> bool:
        """Whether the request accepts an index that may lag behind."""
        return self.headers.get("consistencylevel", "").lower() == "eventual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer; a body that is text goes out as it is, anything else as JSON."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    effect: faults.Effect | None = None
    """What is yet to go wrong with the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One request as it came in, the status it got, and when on the monotonic clock."""

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
    """A tenant behind Graph's rules; only the log grows."""

    directory: Directory
    granted: frozenset[str]
    tokens: TokenService
    licences: frozenset[str]
    """Service plans the tenant has."""
    pager: Pager
    plan: faults.FaultPlan
    router: Router
    tracker: Tracker
    gate: Gate | None = None
    """Refuses what is over Graph's limits; None lets everything through."""
    page_size: int | None = None
    """Largest page, whatever a request asks for; None leaves it to Graph's own limits."""
    log: list[Access] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request, *, in_batch: bool = False) -> Response:
        """Answer a request, whatever is wrong with it, and log it."""
        path, _, query = request.url.partition("?")
        path = unquote(path).rstrip("/")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        call = classify(path, asked)
        effect = self.plan.strike(path)
        try:
            response = self._admit(request, path, query, call, effect)
        except GraphError as error:
            response = failure(error, request.headers)
        access = Access(
            path=path,
            query=asked,
            status=response.status,
            in_batch=in_batch,
            at=time.monotonic(),
            bucket=call.bucket,
            resource_units=call.units,
        )
        with self._lock:
            self.log.append(access)
        return replace(response, headers={"x-ms-resource-unit": str(call.units)} | dict(response.headers))

    def _admit(self, request: Request, path: str, query: str, call: Call, effect: faults.Effect | None) -> Response:
        if isinstance(effect, faults.Refuse):
            return _refuse(effect, request)
        roles = self.tokens.roles(request.headers.get("authorization"))
        if self.gate is None:
            return self._respond(request, path, query, roles, effect)
        with self.gate.passing(call) as warning:
            try:
                response = self._respond(request, path, query, roles, effect)
            except GraphError as error:
                response = failure(error, request.headers)
        return replace(response, headers={**response.headers, **warning})

    def _respond(
        self, request: Request, path: str, query: str, roles: frozenset[str], effect: faults.Effect | None
    ) -> Response:
        target = self.router.find(path)
        self._authorise(target, roles)
        asked: Mapping[str, str] = split_query(query)
        if target.tracked:
            return Response(status=200, body=self._changes(target, asked, request, effect), effect=effect)
        if "deltatoken" in asked:
            raise bad_request("Unrecognized query argument specified: '$deltatoken'.", "Request_BadRequest")
        place = Place(path.lower(), asked, 0)
        if "skiptoken" in asked:
            place = self.pager.open(asked["skiptoken"], path.lower())
        single = target.rows is None
        options = parse_options(place.query, _names(target), directory=target.kind.directory, single=single)
        if single:
            return Response(status=200, body=self._resource(target, options, request), effect=effect)
        if target.counts:
            return self._count(target, options, request)
        if target.kind.directory:
            require_consistency(options, eventual=request.eventual)
        body = self._page(target, options, place, request, roles, effect)
        return Response(status=200, body=body, effect=effect)

    def _authorise(self, target: Target, roles: frozenset[str]) -> None:
        needed = permissions.needed(target.template)
        if not roles & set(needed):
            raise missing_permission(target.kind.workload, needed)
        if target.kind.licence and target.kind.licence not in self.licences:
            raise missing_licence(target.kind.workload)

    def _resource(self, target: Target, options: Options, request: Request) -> dict[str, Any]:
        item = show_licences(target.item or {}, self.licences)
        context = f"{request.base}/$metadata#{target.path.strip('/')}/$entity"
        return {"@odata.context": context, **project(item, target, options, self.router)}

    def _count(self, target: Target, options: Options, request: Request) -> Response:
        if target.kind.directory and not request.eventual:
            raise bad_request("$count is not currently supported.", "Request_BadRequest")
        number = sum(map(options.wants, target.rows or ()))
        return Response(status=200, body=str(number), headers={"Content-Type": "text/plain"})

    def _page(
        self,
        target: Target,
        options: Options,
        place: Place,
        request: Request,
        roles: frozenset[str],
        effect: faults.Effect | None,
    ) -> dict[str, Any]:
        size = _page_size(target.kind, options.top, self.page_size)
        if isinstance(effect, faults.EmptyPage):
            size = 0
        rows: Sequence[Row | None] = target.rows or ()
        if options.order:
            rows = options.sort(row for row in rows if row is not None)
        window, following = _window(rows, options, place.offset, size)
        window = [show_licences(row, self.licences) for row in window]
        if target.kind.type == "directoryObject" and not roles & set(permissions.needed("/users")):
            window = [withhold(row) for row in window]
        chosen = f"({','.join(options.select)})" if options.select else ""
        body: dict[str, Any] = {"@odata.context": f"{request.base}/$metadata#{target.path.strip('/')}{chosen}"}
        if options.count and place.offset == 0:
            body["@odata.count"] = sum(map(options.wants, rows))
        if following is not None:
            body["@odata.nextLink"] = self._next_link(place, following, request, effect)
        shaped = [project(row, target, options, self.router) for row in window]
        return body | {"value": spoil(shaped, effect)}

    def _changes(
        self, target: Target, asked: Mapping[str, str], request: Request, effect: faults.Effect | None
    ) -> dict[str, Any]:
        replay = isinstance(effect, faults.Replay)
        current = self.tracker.resume(target.path, asked, base=request.base, replay=replay)
        options = parse_options(
            {name: value for name, value in current.query.items() if name == "select"},
            _names(target),
            directory=True,
            single=False,
        )
        check_selection(options)
        ask = Ask(
            path=target.path,
            base=request.base,
            options=options,
            default=target.kind.default,
            minimal="return=minimal" in request.headers.get("prefer", "").lower(),
            effect=effect,
        )
        body = self.tracker.page(ask, current)
        return body | {"value": spoil(body["value"], effect)}

    def _next_link(self, place: Place, offset: int, request: Request, effect: faults.Effect | None) -> str:
        token = self.pager.seal(Place(place.path, place.query, offset))
        query = {f"${name}": value for name, value in place.query.items()} | {"$skiptoken": token}
        base = f"{effect.host}/v1.0" if isinstance(effect, faults.ForeignNextLink) else request.base
        encoded = urlencode(query, quote_via=quote, safe="$,()'/:=*")
        return f"{base}{request.url.partition('?')[0]}?{encoded}"


def failure(error: GraphError, headers: Mapping[str, str]) -> Response:
    """Turn an error into the response that carries it."""
    request = str(uuid.uuid4())
    inner = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request,
        "client-request-id": headers.get("client-request-id", request),
    }
    return Response(status=error.status, body=error.body(inner), headers=error.headers)


def _refuse(effect: faults.Refuse, request: Request) -> Response:
    headers = {} if effect.retry_after is None else {"Retry-After": effect.retry_after}
    if effect.body == "html":
        return Response(status=effect.status, body=_HTML, headers=headers | {"Content-Type": "text/html"})
    if effect.body == "empty":
        return Response(status=effect.status, body="", headers=headers)
    code, message = _WORDS_BY_STATUS.get(effect.status, ("UnknownError", "An internal server error occurred."))
    error = GraphError(effect.status, effect.code or code, effect.message or message, headers=headers)
    return failure(error, request.headers)


def _names(target: Target) -> Vocabulary:
    rows = target.rows or [target.item]
    return vocabulary(target.kind.type, (row for row in rows if row is not None))


def _window(rows: Sequence[Row | None], options: Options, start: int, size: int) -> tuple[list[Row], int | None]:
    """Take up to `size` wanted rows from place `start` on, and find the place of the next one after those."""
    found: list[Row] = []
    for place in range(start, len(rows)):
        row = rows[place]
        if row is not None and options.wants(row):
            if len(found) == size:
                return found, place
            found.append(row)
    return found, None


def _page_size(kind: Kind, top: int | None, limit: int | None) -> int:
    if top is not None and not 1 <= top <= kind.most:
        raise bad_request(
            f"Invalid page size specified: '{top}'. Must be between 1 and {kind.most} inclusive.",
            "Request_BadRequest",
        )
    size = top or kind.page
    return min(size, limit) if limit else size
