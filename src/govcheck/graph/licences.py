"""What the tenant has bought, looked up where Graph says that it did not."""

from __future__ import annotations

import asyncio

import msgspec

from govcheck.graph.answers import NOT_JSON, OK, Transport
from govcheck.graph.faults import FeedFault

_IN_FORCE = frozenset({"Enabled", "Warning"})


class _Plan(msgspec.Struct):
    name: str | None = msgspec.field(name="servicePlanName", default=None)
    status: str | None = msgspec.field(name="provisioningStatus", default=None)


class _Sku(msgspec.Struct):
    state: str | None = msgspec.field(name="capabilityStatus", default=None)
    plans: list[_Plan] = msgspec.field(name="servicePlans", default_factory=list)


class _Skus(msgspec.Struct):
    value: list[_Sku]


class Licences:
    """The service plans of a tenant, asked for once and only when somebody wants to know."""

    def __init__(self, transport: Transport) -> None:
        """Ask nothing yet."""
        self._transport = transport
        self._asking = asyncio.Lock()
        self._asked = False
        self._held: frozenset[str] = frozenset()

    async def holds(self, plan: str | None) -> bool:
        """Whether the tenant certainly has a plan; plans have variants, so to lack this one says nothing."""
        async with self._asking:
            if not self._asked:
                self._held, self._asked = await self._ask(), True
        return plan in self._held

    async def _ask(self) -> frozenset[str]:
        try:
            page = await self._transport.get("/subscribedSkus", bucket="directory")
            skus = msgspec.json.decode(page.body, type=_Skus).value if page.status == OK else []
        except (FeedFault, *NOT_JSON):
            return frozenset()
        plans = [plan for sku in skus if sku.state in _IN_FORCE for plan in sku.plans]
        return frozenset(plan.name for plan in plans if plan.name is not None and plan.status != "Disabled")
