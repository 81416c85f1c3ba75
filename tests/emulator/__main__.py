"""Run the emulator until interrupted: `cd tests && python -m emulator --people 250 --port 8080`."""

from __future__ import annotations

import argparse
import sys
import threading

from emulator import Latency, Throttle, serve
from emulator.scale import LazyTenant
from emulator.server import CLIENT_ID, CLIENT_SECRET
from govcheck.demo import generate


def main() -> None:
    """Serve the demo tenant and say how to reach it."""
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--people", type=int, default=250)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--page-size", type=int)
    parser.add_argument("--lazy", action="store_true", help="copies of the demo organisation, made when asked for")
    parser.add_argument("--speed", type=float, help="Graph's limits and latency, so many times faster")
    arguments = parser.parse_args()
    tenant = LazyTenant(arguments.people) if arguments.lazy else generate(people=arguments.people)
    with serve(
        tenant,
        port=arguments.port,
        page_size=arguments.page_size,
        throttle=Throttle(speed=arguments.speed) if arguments.speed else None,
        latency=Latency(speed=arguments.speed) if arguments.speed else None,
    ) as running:
        sys.stdout.write(
            f"export GOVCHECK_GRAPH_URL={running.url}\n"
            f"export GOVCHECK_ACCESS_TOKEN={running.token(lifetime=86_400)}\n"
            f"# or: AZURE_TENANT_ID={tenant.id} AZURE_CLIENT_ID={CLIENT_ID} AZURE_CLIENT_SECRET={CLIENT_SECRET}\n"
        )
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
