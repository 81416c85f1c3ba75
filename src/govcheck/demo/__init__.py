"""The embedded demo: a seeded, invented Dutch organisation as raw Graph JSON, at any size."""

from __future__ import annotations

from govcheck.demo.tenant import Tenant, generate

__all__ = ["Tenant", "generate"]
