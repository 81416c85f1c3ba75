"""A Microsoft Graph that runs here: what tests and trials of the collector talk to.

with serve(generate(people=250)) as graph:
    graph.url, graph.token(), graph.log
"""

from __future__ import annotations

from emulator.server import Running, serve
from emulator.throttle import Throttle

__all__ = ["Running", "Throttle", "serve"]
