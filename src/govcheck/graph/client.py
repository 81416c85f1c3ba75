"""The client of Microsoft Graph: the SDK's adapter and middleware, our patience, and bytes out.

The SDK signs and sends; its models and its retries stay unused. Its retry handler gives up on a Retry-After of
three minutes or more, never repeats a 500, a 502, a broken connection or half a page, and lets every waiting
request find out by itself that Graph wants rest; nor does it look inside a `$batch`. Here tenacity repeats, each
request of a batch by itself, and one lane per limit rests as a whole.
"""

from __future__ import annotations

import email.utils
import math
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_http.middleware.options import RedirectHandlerOption, ResponseHandlerOption, RetryHandlerOption
from msgraph_core import BaseGraphRequestAdapter, GraphClientFactory
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from govcheck.graph.answers import (
    FORBIDDEN,
    NO_HEADERS,
    NOT_JSON,
    OK,
    Envelope,
    Page,
    Transport,
    graph_says,
    lacks_licence,
)
from govcheck.graph.batch import Delivery, Letter, Mailbox
from govcheck.graph.faults import FeedFault, SignInError, UnreachableError, missing, problem
from govcheck.graph.lanes import LIMITS, UNPUBLISHED, Clock, Lane, resource_units
from govcheck.graph.tokens import Tokens
from govcheck.model import Reason

if TYPE_CHECKING:
    from govcheck.graph.auth import Session

_PATIENCE = httpx.Timeout(100, connect=30)
_BETA = "/beta/"
_LONGEST_REST = 3600.0
_UNAUTHORIZED = 401
_TOO_MANY = 429
_BUSY = frozenset({_TOO_MANY, 503, 504})
_BROKEN = frozenset({500, 502})

_backing_off = wait_exponential_jitter(initial=1, max=60, jitter=1)
_ATTEMPTS_BUSY = 20
_ATTEMPTS_BROKEN = 5
_ATTEMPTS_UNREACHED = 3
_ATTEMPTS_LICENCE = 3  # a licensed tenant is refused for want of a licence now and then


class _Again(Exception):  # noqa: N818 — a reason to repeat
    """The answer was no answer yet; `page` is what came, where anything came.

    After `attempts` that ended in this way a request is given up, however often it failed in others. `wait` says for
    how many seconds; None means growing pauses. Where the lane rests as a whole it is 0.
    """

    def __init__(self, attempts: int, detail: str, page: Page | None = None, *, wait: float | None = None) -> None:
        super().__init__(detail)
        self.attempts = attempts
        self.page = page
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A GET of an absolute URL on our own origin."""

    target: str
    bucket: str
    headers: Mapping[str, str]
    together: bool


class _Allowance:
    """Counts how often one request failed, each way by itself: a busy Graph uses up no patience with a broken one."""

    def __init__(self) -> None:
        self._failed: Counter[int | None] = Counter()

    def __call__(self, state: RetryCallState) -> bool:
        fault = _again(state)
        way = fault.page.status if fault.page is not None else None
        self._failed[way] += 1
        return self._failed[way] >= fault.attempts


class _BearerTokens(AccessTokenProvider):
    """Gives the SDK our token, for our own Graph and nobody else."""

    def __init__(self, tokens: Tokens, origin: tuple[str, str, int | None]) -> None:
        self._tokens = tokens
        self._origin = origin

    async def get_authorization_token(self, uri: str, additional_authentication_context: Mapping[str, Any] = {}) -> str:
        if _origin(httpx.URL(uri)) != self._origin:
            raise FeedFault(missing(Reason.ERROR, "no-token", host=httpx.URL(uri).host))
        return await self._tokens.current(additional_authentication_context.get("claims"))

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator([self._origin[1]])


@asynccontextmanager
async def open_client(
    session: Session, clock: Clock | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[GraphClient]:
    """Open a client for the length of one collection; with a `transport` of its own it opens no connections."""
    plain = httpx.AsyncClient(http2=True, timeout=_PATIENCE, transport=transport)
    # Kept so that they can be closed: the transport that the SDK puts around them does not do it.
    transports = [plain._transport, *filter(None, plain._mounts.values())]  # noqa: SLF001
    options = {
        RetryHandlerOption.get_key(): RetryHandlerOption(should_retry=False),
        RedirectHandlerOption.get_key(): RedirectHandlerOption(should_redirect=False),
    }
    tokens = Tokens(session.credential)
    signing = BaseBearerTokenAuthenticationProvider(_BearerTokens(tokens, _origin(httpx.URL(session.graph_url))))
    http = GraphClientFactory.create_with_default_middleware(client=plain, options=options)
    adapter = BaseGraphRequestAdapter(signing, http_client=http)
    client = GraphClient(adapter, tokens, session.graph_url, session.pace, clock or Clock())
    try:
        yield client
    finally:
        await client.close()
        for each in transports:
            await each.aclose()


class GraphClient(Transport):
    """Answers GET requests with whatever Graph says in the end. Speaks to one origin only."""

    def __init__(self, adapter: BaseGraphRequestAdapter, tokens: Tokens, url: str, pace: float, clock: Clock) -> None:
        """Speak through `adapter` to the Graph at `url`."""
        self._adapter = adapter
        self._tokens = tokens
        self._url = url
        self._clock = clock
        self._pace = pace
        self._lanes: dict[str, Lane] = {}
        self._mailboxes: dict[str, Mailbox] = {}
        self._reached = False

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        """Answer a path below the version, or an absolute URL on the same origin.

        Gives a page of any status once repeating does not help; a page of status 200 is always JSON. Raises
        `FeedFault` where no usable answer comes, `SignInError` where Graph does not know us, and
        `UnreachableError` where it never answered at all.
        """
        call = _Call(target=self._resolve(url), bucket=bucket, headers=headers, together=together)
        token = self._tokens.generation
        page = await self._insist(call)
        if page.status == _UNAUTHORIZED:
            await self._tokens.renew(token)
            page = await self._insist(call)
        if page.status == _UNAUTHORIZED:
            raise SignInError(problem("unauthorized", detail=graph_says(page)))
        return page

    async def download(self, address: str) -> Page:
        """Answer an address elsewhere, with a client that knows no token. Raises `FeedFault`."""
        async with httpx.AsyncClient(timeout=_PATIENCE) as client:
            try:
                answer = await client.get(address)
            except httpx.HTTPError as fault:
                raise FeedFault(missing(Reason.ERROR, "broken", said=type(fault).__name__)) from fault
        return Page(status=answer.status_code, body=answer.content, headers=answer.headers)

    def resting(self) -> Mapping[str, float]:
        """The lanes that rest since Graph asked for it, with how many seconds more."""
        return {bucket: left for bucket, lane in self._lanes.items() if (left := lane.rest_left()) > 0}

    async def close(self) -> None:
        """Give up the batches that nobody waits for any more."""
        for mailbox in self._mailboxes.values():
            await mailbox.close()

    def _resolve(self, url: str) -> str:
        """The absolute URL, on our own origin: a next page elsewhere would carry our token away."""
        try:
            target = httpx.URL(self._base(url) + url if url.startswith("/") else url)
        except httpx.InvalidURL as fault:
            raise FeedFault(missing(Reason.ERROR, "bad-next-page", said=fault)) from fault
        if _origin(target) != _origin(httpx.URL(self._url)):
            place = f"{target.scheme}://{target.netloc.decode('ascii', 'replace')}"
            raise FeedFault(missing(Reason.ERROR, "other-host", place=place))
        return str(target)

    def _base(self, path: str) -> str:
        """What goes before a path: the version, unless the path names its own."""
        return self._url.rpartition("/")[0] if path.startswith(_BETA) else self._url

    async def _insist(self, call: _Call) -> Page:
        retrying = AsyncRetrying(
            sleep=self._clock.sleep,
            wait=_wait,
            stop=_Allowance(),
            retry=retry_if_exception_type(_Again),
            retry_error_callback=self._last_answer,
        )
        return await retrying(self._once, call)

    async def _once(self, call: _Call) -> Page:
        lane = self._lane(call.bucket)
        try:
            found = await (self._send_together(call) if self._fits_in_batch(call) else self._send_alone(call, lane))
        except httpx.HTTPError as fault:
            attempts = _ATTEMPTS_BROKEN if self._reached else _ATTEMPTS_UNREACHED
            raise _Again(attempts, f"{type(fault).__name__} {fault}".strip()) from fault
        self._reached = True
        if found.page.status == _TOO_MANY:
            lane.refused(found.sent, _rest(found.page), _units(call))
            raise _Again(_ATTEMPTS_BUSY, graph_says(found.page), found.page, wait=0)
        lane.answered(_units(call))
        _repeat_unless_final(found.page)
        return found.page

    def _lane(self, bucket: str) -> Lane:
        if bucket not in self._lanes:
            self._lanes[bucket] = Lane(LIMITS.get(bucket, UNPUBLISHED), self._pace, self._clock)
        return self._lanes[bucket]

    def _fits_in_batch(self, call: _Call) -> bool:
        return call.together and call.target.startswith(f"{self._url}/")

    async def _send_alone(self, call: _Call, lane: Lane) -> Delivery:
        async with lane.turn(_units(call)) as sent:
            return Delivery(await self._send(Method.GET, call.target, call.headers), sent)

    async def _send_together(self, call: _Call) -> Delivery:
        if call.bucket not in self._mailboxes:
            self._mailboxes[call.bucket] = Mailbox(self._post_batch, self._lane(call.bucket))
        letter = Letter(url=call.target.removeprefix(self._url), headers=call.headers, units=_units(call))
        return await self._mailboxes[call.bucket].send(letter)

    async def _post_batch(self, body: bytes) -> Page:
        return await self._send(Method.POST, f"{self._url}/$batch", NO_HEADERS, body)

    async def _send(self, method: Method, target: str, headers: Mapping[str, str], body: bytes | None = None) -> Page:
        request = RequestInformation()
        request.http_method = method
        request.url = target
        request.headers.try_add("Accept", "application/json")
        for name, value in headers.items():
            request.headers.try_add(name, value)
        if body is not None:
            request.set_stream_content(body, "application/json")
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        response = await self._adapter.send_primitive_async(request, "bytes", {})
        return Page(status=response.status_code, body=response.content, headers=response.headers)

    def _last_answer(self, state: RetryCallState) -> Page:
        fault = _again(state)
        if fault.page is not None and fault.page.status != OK:
            return fault.page
        if not self._reached:
            host = httpx.URL(self._url).host
            raise UnreachableError(problem("unreachable", host=host, detail=str(fault))) from fault
        raise FeedFault(missing(Reason.ERROR, "no-answer", attempts=fault.attempts, said=fault)) from fault


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds to wait that a Retry-After header asks for: whole, decimal, or up to an HTTP date.

    None where it is absent or says nothing usable.
    """
    given = headers.get("Retry-After", "").strip()
    try:
        seconds = float(given)
    except ValueError:
        seconds = _seconds_until(given, headers.get("Date", ""))
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _seconds_until(moment: str, now: str) -> float:
    """From one HTTP date to another; from our own clock where the server shows none."""
    try:
        then = email.utils.parsedate_to_datetime(moment)
        since = email.utils.parsedate_to_datetime(now) if now else datetime.now(UTC)
        return (then - since).total_seconds()
    except (ValueError, TypeError):
        return math.nan


def _rest(page: Page) -> float | None:
    """For how long Graph asks to stay away. Raises `FeedFault` where nobody would wait for that."""
    seconds = retry_after(page.headers)
    if seconds is not None and seconds > _LONGEST_REST:
        raise FeedFault(missing(Reason.ERROR, "busy", seconds=seconds))
    return seconds


def _repeat_unless_final(page: Page) -> None:
    if page.status in _BUSY:
        raise _Again(_ATTEMPTS_BUSY, graph_says(page), page, wait=_rest(page))
    if page.status in _BROKEN:
        raise _Again(_ATTEMPTS_BROKEN, graph_says(page), page)
    if page.status == FORBIDDEN and lacks_licence(page):
        raise _Again(_ATTEMPTS_LICENCE, graph_says(page), page)
    if page.status == OK:
        try:
            msgspec.json.decode(page.body, type=Envelope)
        except NOT_JSON as fault:
            raise _Again(_ATTEMPTS_BROKEN, str(fault), page) from fault


def _units(call: _Call) -> int:
    return resource_units(call.target) if call.bucket == "directory" else 1


def _again(state: RetryCallState) -> _Again:
    fault = state.outcome.exception() if state.outcome is not None else None
    if not isinstance(fault, _Again):
        raise TypeError(f"{fault!r} is no reason to repeat")
    return fault


def _wait(state: RetryCallState) -> float:
    asked = _again(state).wait
    return _backing_off(state) if asked is None else asked


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = url.port or {"https": 443, "http": 80}.get(url.scheme)
    return url.scheme, url.host, port
