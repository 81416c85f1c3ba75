"""Run the emulator until interrupted: `cd tests && python -m emulator --people 250 --port 8080`."""

from __future__ import annotations

import argparse
import sys
import threading

from emulator.server import CLIENT_ID, CLIENT_SECRET, serve
from govcheck.demo import generate


def main() -> None:
    """Serve the demo tenant and say how to reach it."""
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--people", type=int, default=250)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--page-size", type=int)
    arguments = parser.parse_args()
    tenant = generate(people=arguments.people)
    with serve(tenant, port=arguments.port, page_size=arguments.page_size) as running:
        sys.stdout.write(
            f"export GOVCHECK_GRAPH_URL={running.url}\n"
            f"export GOVCHECK_ACCESS_TOKEN={running.token(lifetime=86_400)}\n"
            f"# or: AZURE_TENANT_ID={tenant.id} AZURE_CLIENT_ID={CLIENT_ID} AZURE_CLIENT_SECRET={CLIENT_SECRET}\n"
        )
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
