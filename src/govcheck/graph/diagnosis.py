"""Whether a tenant can be read, found out by reading one row of everything the same way a collection does."""

from __future__ import annotations

import asyncio
import email.utils
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import pyarrow.parquet as pq

from govcheck.catalogue import MissingColumn
from govcheck.graph.answers import NO_HEADERS, OK, Observer, Page, Source, Transport
from govcheck.graph.auth import Session, token_claims
from govcheck.graph.collect import collect_snapshot
from govcheck.graph.faults import missing
from govcheck.graph.plan import Needs
from govcheck.model import Reason
from govcheck.snapshot import Snapshot

CredentialKind = Literal["access_token", "client_secret", "certificate", "workload_identity", "device_code"]

_TOP = re.compile(r"\$top=\d+")
_ID = re.compile("/[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/")
_BEYOND_THE_PAGE = ("@odata.nextLink", "@odata.deltaLink", "@odata.count")
_SKUS = "subscribed_skus"
_SKU_COLUMNS = ("capability_status", "service_plans")
_IN_FORCE = frozenset({"Enabled", "Warning"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who we are to Graph, as the token says, or else the settings."""

    credential: CredentialKind | None
    """None where there is nothing to sign in with."""
    application: str | None
    application_name: str | None = None
    tenant: str | None
    person: bool = False
    """A person signed in, so the permissions are delegated ones."""
    expires: datetime | None = None
    permissions: frozenset[str] = frozenset()
    """Empty where the token does not say, or where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What reading one row of everything showed. The gaps of `snapshot` are those of a whole collection."""

    snapshot: Snapshot
    clock_skew: float | None
    """Seconds that Graph's clock is ahead of ours; None where Graph did not say the time."""
    service_plans: frozenset[str] | MissingColumn
    """Names of the service plans that the tenant's subscriptions hold, or why they are not known."""


def identify(settings: Mapping[str, str], session: Session | None) -> Identity:
    """Say who we are; without a session, for want of a token, as far as the settings tell."""
    credential = _credential_kind(settings)
    if session is None:
        client, tenant = settings.get("AZURE_CLIENT_ID"), settings.get("AZURE_TENANT_ID")
        return Identity(credential=credential, application=client or None, tenant=tenant or None)
    credential = credential or "device_code"
    token = session.credential.token()
    claims = token_claims(token.value)
    return Identity(
        credential=credential,
        application=_text(claims, "appid") or _text(claims, "azp") or settings.get("AZURE_CLIENT_ID"),
        application_name=_text(claims, "app_displayname"),
        tenant=session.tenant,
        person="scp" in claims,
        expires=_moment(claims.get("exp"), token.expires_on),
        permissions=session.permissions,
    )


def take_sample(source: Source, needs: Needs, folder: Path, observe: Observer, *, allow_beta: bool = False) -> Sample:
    """Read one row of every feed that `needs` asks for, and the licences, into a new folder below `folder`.

    Raises `SignInError` and `UnreachableError` (exit 4).
    """
    sampler = _Sampler(source)
    skus = {*needs.get(_SKUS, ()), *_SKU_COLUMNS}
    snapshot = collect_snapshot(
        sampler,
        needs={**needs, _SKUS: skus},
        place=lambda *_: folder / "sample",
        observe=observe,
        allow_beta=allow_beta,
    )
    return Sample(snapshot=snapshot, clock_skew=sampler.clock_skew, service_plans=_service_plans(snapshot))


class _ServicePlan(msgspec.Struct):
    name: str = msgspec.field(name="servicePlanName")
    status: str | None = msgspec.field(name="provisioningStatus", default=None)


@dataclass(slots=True)
class _Sampler:
    """A source of which every collection holds one page, and a large one a single row."""

    source: Source
    clock_skew: float | None = field(default=None, init=False)

    @property
    def tenant(self) -> str | None:
        """Id of the tenant."""
        return self.source.tenant

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Transport]:
        """Open the source."""
        async with self.source.open() as transport:
            yield _FirstPages(self, transport)


@dataclass(frozen=True, slots=True)
class _FirstPages(Transport):
    sampler: _Sampler
    transport: Transport
    alike: dict[str, asyncio.Task[Page]] = field(default_factory=dict)
    """What was asked of one object among many, by the path without its id."""

    async def get(
        self, url: str, *, bucket: str, headers: Mapping[str, str] = NO_HEADERS, together: bool = False
    ) -> Page:
        """Answer with the first page as if it were the only one, and of objects alike with that of the first."""
        url = _TOP.sub("$top=1", url)
        shape = _ID.sub("/{id}/", url)
        if shape == url:
            return await self._first_page(url, bucket, headers, together=together)
        if shape not in self.alike:
            first = self._first_page(url, bucket, headers, together=together)
            self.alike[shape] = asyncio.ensure_future(first)
            return await self.alike[shape]
        page = await self.alike[shape]
        return page if page.status == OK else await self._first_page(url, bucket, headers, together=together)

    async def _first_page(self, url: str, bucket: str, headers: Mapping[str, str], *, together: bool) -> Page:
        page = await self.transport.get(url, bucket=bucket, headers=headers, together=together)
        if self.sampler.clock_skew is None:
            self.sampler.clock_skew = _clock_skew(page.headers, datetime.now(UTC))
        return _without_next(page) if page.status == OK else page

    async def download(self, address: str) -> Page:
        """Answer as the source does; a report comes in one piece."""
        return await self.transport.download(address)

    def resting(self) -> Mapping[str, float]:
        """What the source rests for."""
        return self.transport.resting()


def _without_next(page: Page) -> Page:
    body = msgspec.json.decode(page.body)
    if not isinstance(body, dict):
        return page
    shown = {name: value for name, value in body.items() if name not in _BEYOND_THE_PAGE}
    return Page(status=page.status, body=msgspec.json.encode(shown), headers=page.headers)


def _clock_skew(headers: Mapping[str, str], now: datetime) -> float | None:
    try:
        return (email.utils.parsedate_to_datetime(headers["Date"]) - now).total_seconds()
    except (KeyError, ValueError, TypeError):
        return None


def _service_plans(snapshot: Snapshot) -> frozenset[str] | MissingColumn:
    entry = snapshot.tables[_SKUS]
    gap = entry.gap or next(iter(entry.column_gaps.values()), None)
    if gap is not None:
        return gap
    rows = [row for name in entry.files for row in pq.read_table(snapshot.path / name).to_pylist()]
    held = [row["service_plans"] for row in rows if row["capability_status"] in _IN_FORCE]
    try:
        plans = [plan for text in held if text for plan in msgspec.json.decode(text, type=list[_ServicePlan])]
    except msgspec.ValidationError as fault:
        return missing(Reason.ERROR, "unknown-shape", path="/subscribedSkus", said=fault)
    return frozenset(plan.name for plan in plans if plan.status != "Disabled")


def _credential_kind(settings: Mapping[str, str]) -> CredentialKind | None:
    """Which of the credentials in the settings `sign_in` uses, in its order; None leaves it to the person."""
    if settings.get("GOVCHECK_ACCESS_TOKEN", "").strip():
        return "access_token"
    if settings.get("AZURE_TENANT_ID") and settings.get("AZURE_CLIENT_ID"):
        if settings.get("AZURE_CLIENT_SECRET"):
            return "client_secret"
        if settings.get("AZURE_CLIENT_CERTIFICATE_PATH"):
            return "certificate"
        if settings.get("AZURE_FEDERATED_TOKEN_FILE"):
            return "workload_identity"
    return None


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def _moment(claimed: object, known: float) -> datetime | None:
    """When the token ends: as it says itself, else as whoever issued it said."""
    for seconds in (claimed, known):
        try:
            return datetime.fromtimestamp(float(seconds), UTC)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError, OSError):
            continue
    return None
