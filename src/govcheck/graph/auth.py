"""Who we are to Microsoft Graph: settings in, a session with a first access token out."""

from __future__ import annotations

import base64
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlsplit

import msgspec

from govcheck.diagnostics import GovcheckError
from govcheck.graph.faults import SignInError, UnreachableError, problem
from govcheck.model import Text
from govcheck.words import text

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from govcheck.graph.answers import Transport

CloudName = Literal["global", "us_gov", "us_dod", "china"]
Prompt = Callable[[Text], None]
"""Shows a person where to sign in, and with which code."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PACE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """One of Microsoft's separate clouds."""

    graph: str
    authority: str


CLOUDS: Mapping[CloudName, Cloud] = {
    "global": Cloud(graph="https://graph.microsoft.com", authority="https://login.microsoftonline.com"),
    "us_gov": Cloud(graph="https://graph.microsoft.us", authority="https://login.microsoftonline.us"),
    "us_dod": Cloud(graph="https://dod-graph.microsoft.us", authority="https://login.microsoftonline.us"),
    "china": Cloud(graph="https://microsoftgraph.chinacloudapi.cn", authority="https://login.chinacloudapi.cn"),
}


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token, and when it ends in seconds since 1970."""

    value: str
    expires_on: float


class Credential(Protocol):
    """Gives access tokens. May block, so it is called outside the event loop."""

    def token(self, claims: str | None = None) -> AccessToken:
        """Give a token; with `claims` a new one that meets them, never one that was given before."""
        ...


@dataclass(frozen=True, slots=True)
class ReadyToken:
    """A bearer token that somebody else obtained; there is no other."""

    value: str

    def token(self, claims: str | None = None) -> AccessToken:
        """Give the token."""
        del claims
        return AccessToken(self.value, math.inf)


@dataclass(frozen=True, slots=True)
class AzureCredential:
    """One of azure-identity's credentials, for one scope of the sign-in service at `authority`."""

    credential: TokenCredential
    scope: str
    authority: str

    def token(self, claims: str | None = None) -> AccessToken:
        """Ask azure-identity, which keeps tokens until they are nearly over; `claims` make it ask anew."""
        from azure.core.exceptions import AzureError, ServiceRequestError

        try:
            found = self.credential.get_token(self.scope, claims=claims)
        except (AzureError, ValueError) as fault:
            if isinstance(fault.__cause__, ServiceRequestError):
                raise UnreachableError(
                    problem("unreachable", host=self.authority, detail=_first_line(fault))
                ) from fault
            raise SignInError(problem("sign-in-failed", detail=_first_line(fault))) from fault
        return AccessToken(found.token, found.expires_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A tenant we may read. `permissions` are those in the token; empty where the token does not say."""

    graph_url: str
    credential: Credential
    tenant: str | None
    permissions: frozenset[str]
    pace: float = _DEFAULT_PACE

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transport]:
        """Open a connection to Graph for the length of one collection."""
        from govcheck.graph.client import open_client

        async with open_client(self) as client:
            yield client


def sign_in(settings: Mapping[str, str], *, cloud: CloudName = "global", prompt: Prompt | None = None) -> Session:
    """Get a first access token with what `settings` hold, and read from it who we are.

    In this order: `GOVCHECK_ACCESS_TOKEN`; `AZURE_TENANT_ID` and `AZURE_CLIENT_ID` with `AZURE_CLIENT_SECRET`,
    `AZURE_CLIENT_CERTIFICATE_PATH` or `AZURE_FEDERATED_TOKEN_FILE`; a device code shown by `prompt`.
    Raises `SignInError` or `UnreachableError` (exit 4), and `GovcheckError` (exit 2) for a bad URL or pace.
    """
    graph_url = _graph_url(settings, cloud)
    pace = _pace(settings)
    credential = _credential(settings, cloud, prompt)
    claims = token_claims(credential.token().value)
    return Session(
        graph_url=graph_url,
        credential=credential,
        tenant=claims.get("tid") or settings.get("AZURE_TENANT_ID"),
        permissions=frozenset([*claims.get("roles", ()), *claims.get("scp", "").split()]),
        pace=pace,
    )


def token_claims(token: str) -> dict[str, Any]:
    """What a JSON web token says of itself, unverified; nothing where it is no such token."""
    try:
        payload = token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, msgspec.DecodeError):
        return {}
    return claims if isinstance(claims, dict) else {}


def newer_than_now() -> str:
    """Claims that only a token issued from now on can meet."""
    return f'{{"access_token":{{"nbf":{{"essential":true,"value":"{int(time.time())}"}}}}}}'


def _graph_url(settings: Mapping[str, str], cloud: CloudName) -> str:
    url = settings.get("GOVCHECK_GRAPH_URL") or f"{CLOUDS[cloud].graph}/v1.0"
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # half an IPv6 address, or a port that is no number
        known = False
    if not known:
        raise GovcheckError(problem("bad-graph-url", url=url))
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise GovcheckError(problem("plain-http", url=url))
    return url.rstrip("/")


def _pace(settings: Mapping[str, str]) -> float:
    given = settings.get("GOVCHECK_PACE") or str(_DEFAULT_PACE)
    try:
        pace = float(given)
    except ValueError:
        pace = math.nan
    if not 0 <= pace <= 1:
        raise GovcheckError(problem("bad-pace", value=given))
    return pace


def _credential(settings: Mapping[str, str], cloud: CloudName, prompt: Prompt | None) -> Credential:
    if ready := settings.get("GOVCHECK_ACCESS_TOKEN", "").strip():
        if not (ready.isascii() and ready.isprintable()):
            raise SignInError(problem("bad-access-token"))
        return ReadyToken(ready)
    authority = settings.get("AZURE_AUTHORITY_HOST") or CLOUDS[cloud].authority
    try:
        found = _azure_credential(settings, authority, prompt)
    except (ValueError, OSError) as fault:
        raise SignInError(problem("sign-in-failed", detail=_first_line(fault))) from fault
    if found is None:
        raise SignInError(problem("no-credentials"))
    return AzureCredential(found, f"{CLOUDS[cloud].graph}/.default", authority)


def _azure_credential(settings: Mapping[str, str], authority: str, prompt: Prompt | None) -> TokenCredential | None:
    from azure import identity

    tenant, client = settings.get("AZURE_TENANT_ID", ""), settings.get("AZURE_CLIENT_ID", "")
    application: dict[str, Any] = {
        "tenant_id": tenant,
        "client_id": client,
        "authority": authority,
        # Entra ID can vouch for Microsoft's own sign-in hosts only.
        "disable_instance_discovery": authority not in {known.authority for known in CLOUDS.values()},
    }
    if tenant and client:
        if secret := settings.get("AZURE_CLIENT_SECRET"):
            return identity.ClientSecretCredential(**application, client_secret=secret)
        if certificate := settings.get("AZURE_CLIENT_CERTIFICATE_PATH"):
            password = settings.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
            return identity.CertificateCredential(**application, certificate_path=certificate, password=password)
        if token_file := settings.get("AZURE_FEDERATED_TOKEN_FILE"):
            return identity.WorkloadIdentityCredential(**application, token_file_path=token_file)
    if prompt is None:
        return None
    person = {name: value for name, value in application.items() if value}
    return identity.DeviceCodeCredential(
        **person,
        prompt_callback=lambda url, code, _: prompt(text("graph.device-code", url=url, code=code)),
    )


def _first_line(fault: Exception) -> str:
    """The first line of a message from azure-identity: the rest is trace ids."""
    return str(fault).strip().partition("\n")[0]
