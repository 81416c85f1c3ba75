"""How fast does the collector bring users to Parquet? `python benchmarks/collect.py [USERS…]`.

Everybody reads the same pages of 999 users from a web server on loopback, in a process of its own on one core; the
server throttles nobody. Speed is counted in that core's own seconds, requests and imports included, so that whatever
else runs on the machine does not matter. Peers are what one writes first (httpx, `json.loads`, lists of dicts), and
the models of msgraph-sdk, which take so long that they read a small sample and are scaled up from there.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 999
SAMPLE = 200
SCATTER = 2_654_435_761
"""Odd, so that numbers stay different modulo a power of two, and in no order."""
ORGANIZATION = b'{"value": [{"id": "benchmark", "displayName": "Benchmark"}]}'
USER = (
    '{{"id":"{0:08x}-0000-4000-8000-000000000000","userPrincipalName":"person.{0}@contoso.example",'
    '"displayName":"Person Number {0}","mail":"person.{0}@contoso.example","accountEnabled":true,"userType":"Member",'
    '"department":"Department {1}","jobTitle":"Installation engineer","companyName":"Contoso",'
    '"officeLocation":"Utrecht","usageLocation":"NL","country":"Netherlands","employeeType":"Employee",'
    '"employeeHireDate":"2019-03-01T00:00:00Z","createdDateTime":"2019-02-14T09:30:00Z","externalUserState":null,'
    '"externalUserStateChangeDateTime":null,"onPremisesSyncEnabled":true,'
    '"assignedLicenses":[{{"disabledPlans":[],"skuId":"05e9a617-0261-4cee-bb44-138d3ef5d965"}}],'
    '"manager":{{"@odata.type":"#microsoft.graph.user","id":"{1:08x}-0000-4000-8000-000000000000"}}}}'
)


def page(first: int, users: int, link: str) -> bytes:
    """One page of users; `link` leads to the next."""
    last = min(first + PAGE, users)
    rows = ",".join(USER.format(number * SCATTER % 2**32, number % 500) for number in range(first, last))
    following = f'"@odata.nextLink":"{link}{last}",' if last < users else ""
    return f'{{{following}"value":[{rows}]}}'.encode()


def serve(users: int, port: Any) -> None:
    """Answer as Graph would, until killed."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            link = f"http://127.0.0.1:{server.server_port}/v1.0/users?$skiptoken="
            first = int(parse_qs(parts.query).get("$skiptoken", ["0"])[0])
            self.reply(200, page(first, users, link) if parts.path == "/v1.0/users" else ORGANIZATION)

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["requests"]
            body = {"@odata.count": users, "value": []}
            answers = [{"id": each["id"], "status": 200, "body": body} for each in asked]
            self.reply(200, json.dumps({"responses": answers}).encode())

        def reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.value = server.server_port
    server.serve_forever()


def collector(url: str, folder: Path) -> int:
    """Read through govcheck, all columns of `users` that come from `/users`."""
    from govcheck.catalogue import tables
    from govcheck.graph.auth import sign_in
    from govcheck.graph.collect import collect_snapshot

    source = sign_in({"GOVCHECK_ACCESS_TOKEN": "benchmark", "GOVCHECK_GRAPH_URL": url, "GOVCHECK_PACE": "0"})
    needs = {"users": list(tables()["users"].feeds[0].columns)}
    return collect_snapshot(source, needs=needs, place=lambda *_: folder / "snapshot").tables["users"].rows


def naive(url: str, folder: Path) -> int:
    """Read with httpx and `json.loads`, gather the rows, write them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [row for body in pages(url) for row in body["value"]]
    pq.write_table(pa.Table.from_pylist(rows), folder / "users.parquet", compression="zstd")
    return len(rows)


def models(url: str, folder: Path) -> int:
    """Make the SDK's models of a small sample; nothing is written, and importing them is not counted."""
    from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
    from msgraph.generated.models.user import User

    rows = next(pages(url))["value"][:SAMPLE]
    body = json.dumps(rows).encode()
    root = JsonParseNodeFactory().get_root_parse_node("application/json", body)
    before = time.process_time()
    found = root.get_collection_of_object_values(User)
    (folder / "seconds").write_text(str(time.process_time() - before))
    return len(found or ())


def pages(url: str) -> Iterator[Any]:
    """Follow the pages of users."""
    import httpx

    with httpx.Client() as client:
        following = f"{url}/users"
        while following:
            body = json.loads(client.get(following).content)
            yield body
            following = body.get("@odata.nextLink")


SIDES: dict[str, Callable[[str, Path], int]] = {"collector": collector, "naive": naive, "models": models}


def run(side: str, url: str) -> None:
    """One side in this process, on one core; prints what it took."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        before, started = time.process_time(), time.perf_counter()
        users = SIDES[side](url, Path(folder))
        cpu, seconds = time.process_time() - before, time.perf_counter() - started
        if side == "models":
            cpu = float((Path(folder) / "seconds").read_text())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = {"users": users, "seconds": seconds, "cpu": cpu, "mib": peak}
    print(json.dumps(measured))


def compare(users: int) -> None:
    """All sides over one tenant."""
    port = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(users, port), daemon=True)
    server.start()
    while not port.value:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{port.value}/v1.0"
    found = {}
    for side in SIDES:
        command = [sys.executable, __file__, "--side", side, url]
        found[side] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    server.kill()
    assert found["collector"]["users"] == found["naive"]["users"] == users, "somebody lost users"
    print(f"{users:,} users")
    ours = found["collector"]["users"] / found["collector"]["cpu"]
    for side, took in found.items():
        speed = took["users"] / took["cpu"]
        scaled = f", scaled from {took['users']} users: {users / speed:,.0f} s for all" if side == "models" else ""
        print(
            f"  {side:9} {speed:>9,.0f} users/s of one core ({took['cpu']:.1f} s; {took['seconds']:.1f} by the clock),"
            f" peak {took['mib']:,.0f} MiB, {ours / speed:.2f} times the collector's work{scaled}"
        )


def main(sizes: list[int]) -> None:
    """Compare at every size, and say where."""
    from importlib.metadata import version

    peers = ", ".join(f"{name} {version(name)}" for name in ("httpx", "pyarrow", "duckdb", "msgspec", "msgraph-sdk"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {peers}")
    for users in sizes:
        compare(users)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--side"]:
        run(sys.argv[2], sys.argv[3])
    else:
        main([int(size.replace(",", "")) for size in sys.argv[1:]] or [100_000, 1_000_000])
