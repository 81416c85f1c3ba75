"""The token endpoint of Entra ID: client credentials in, a token of Graph's shape out."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.errors import GraphError, unauthorised

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ERRORS = {
    "unknown_tenant": (400, "invalid_request", 90002, "Tenant '{}' not found."),
    "unknown_client": (
        400,
        "unauthorized_client",
        700016,
        "Application with identifier '{}' was not found in the directory.",
    ),
    "wrong_secret": (401, "invalid_client", 7000215, "Invalid client secret provided. Ensure it is the value."),
    "no_secret": (
        401,
        "invalid_client",
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    "wrong_grant": (400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '{}'."),
    "wrong_scope": (
        400,
        "invalid_scope",
        70011,
        "The provided request must include a 'scope' input parameter. The scope {} is not valid.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenService:
    """Issues tokens to one application of one tenant and checks them."""

    tenant: str
    client_id: str
    client_secret: str
    lifetime: float
    """Seconds a token holds."""
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _issued: list[str] = field(default_factory=list)
    _over: set[str] = field(default_factory=set)

    def issue(self, roles: Collection[str], lifetime: float | None = None) -> str:
        """Sign a token that carries these application permissions."""
        now = time.time()
        number = secrets.token_urlsafe(16)
        self._issued.append(number)
        claims = {
            "aud": "https://graph.microsoft.com",
            "iss": f"https://sts.windows.net/{self.tenant}/",
            "iat": int(now),
            "nbf": int(now),
            "exp": now + (self.lifetime if lifetime is None else lifetime),
            "app_displayname": "govcheck",
            "appid": self.client_id,
            "idtyp": "app",
            "oid": str(uuid.uuid5(uuid.NAMESPACE_URL, self.client_id)),
            "roles": sorted(roles),
            "tid": self.tenant,
            "uti": number,
            "ver": "1.0",
        }
        signed = f"{_encode({'typ': 'JWT', 'alg': 'HS256'})}.{_encode(claims)}"
        return f"{signed}.{self._sign(signed)}"

    def roles(self, authorization: str | None) -> frozenset[str]:
        """Read the permissions from an `Authorization` header. Raises a 401 for a token that does not hold."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise unauthorised("Access token is empty.")
        signed, _, signature = token.rpartition(".")
        if signed.count(".") != 1:
            raise unauthorised("CompactToken parsing failed with error code: 80049217")
        if not hmac.compare_digest(signature, self._sign(signed)):
            raise unauthorised("Access token validation failure. Invalid signature.")
        claims = _decode(signed.partition(".")[2])
        if claims["exp"] <= time.time() or claims["uti"] in self._over:
            raise unauthorised("Lifetime validation failed, the token is expired.")
        return frozenset(claims["roles"])

    def expire(self) -> None:
        """Let all tokens issued so far be over, whatever their lifetime."""
        self._over.update(self._issued)

    def exchange(self, tenant: str, form: Mapping[str, str], roles: Collection[str]) -> dict[str, Any]:
        """Answer a token request. Raises `TokenError` in Entra's words."""
        scope, secret = form.get("scope", ""), form.get("client_secret")
        assertion = form.get("client_assertion_type") == _ASSERTION and form.get("client_assertion")
        if tenant.lower() != self.tenant:
            raise TokenError("unknown_tenant", tenant)
        if form.get("grant_type") != "client_credentials":
            raise TokenError("wrong_grant", form.get("grant_type", ""))
        if form.get("client_id") != self.client_id:
            raise TokenError("unknown_client", form.get("client_id", ""))
        if not scope.endswith("/.default"):
            raise TokenError("wrong_scope", scope)
        if not secret and not assertion:
            raise TokenError("no_secret")
        if secret and secret != self.client_secret:
            raise TokenError("wrong_secret")
        seconds = max(1, round(self.lifetime))
        return {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": self.issue(roles),
        }

    def _sign(self, signed: str) -> str:
        return _base64(hmac.digest(self._key, signed.encode(), "sha256"))


class TokenError(GraphError):
    """A token request that Entra refuses."""

    def __init__(self, fault: str, value: str = "") -> None:
        status, name, number, message = _ERRORS[fault]
        super().__init__(status, name, f"AADSTS{number}: {message.format(value)}")
        self.number = number

    def body(self, inner: dict[str, str]) -> dict[str, Any]:
        """Write the error as the token endpoint does, which is not as Graph does."""
        trace = inner["request-id"]
        return {
            "error": self.code,
            "error_description": f"{self.message} Trace ID: {trace} Timestamp: {inner['date']}Z",
            "error_codes": [self.number],
            "timestamp": inner["date"].replace("T", " ") + "Z",
            "trace_id": trace,
            "correlation_id": inner["client-request-id"],
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }


def discovery(authority: str, tenant: str) -> dict[str, Any]:
    """Write the OpenID configuration, so that sign-in libraries find the token endpoint."""
    return {
        "token_endpoint": f"{authority}/{tenant}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": f"{authority}/{tenant}/discovery/v2.0/keys",
        "issuer": f"{authority}/{tenant}/v2.0",
        "authorization_endpoint": f"{authority}/{tenant}/oauth2/v2.0/authorize",
        "tenant_region_scope": "EU",
        "response_types_supported": ["code", "token"],
    }


def _encode(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _decode(part: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
