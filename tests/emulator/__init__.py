"""A Microsoft Graph that runs here: what tests and trials of the collector talk to.

with serve(generate(people=250)) as graph:
    graph.url, graph.token(), graph.log

While it runs, `graph.edit` changes the tenant, `graph.clock` sets time forward, and delta reports what changed.
`serve` takes a plan of mishaps, Graph's limits (`Throttle`) and its latency (`Latency`), all off by default.
`emulator.scale.LazyTenant` is a tenant of any size; `emulator.mirror.Mirror` follows delta as a client should.
"""

from __future__ import annotations

from emulator.latency import Latency
from emulator.server import Running, serve
from emulator.throttle import Throttle

__all__ = ["Latency", "Running", "Throttle", "serve"]
