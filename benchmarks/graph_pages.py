"""How fast is the emulator itself? `python benchmarks/graph_pages.py [PEOPLE] [PAGES]`.

The emulator runs in a process of its own; the client only fetches, so what it measures is an upper bound for anything
that also has to read what it gets.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
USERS = "id,userPrincipalName,displayName,mail,accountEnabled,userType,department,jobTitle,companyName,createdDateTime"
WALKS = {
    "users": f"/users?$select={USERS}&$expand=manager($select=id)&$top=999",
    "registration": "/reports/authenticationMethods/userRegistrationDetails?$top=999",
    "devices": "/deviceManagement/managedDevices?$select=id,userId,complianceState,isEncrypted,lastSyncDateTime",
    "groups": "/groups?$select=id,displayName,visibility,createdDateTime&$top=999",
    "users/delta": "/users/delta?$select=displayName,accountEnabled,manager",
    "groups/delta": "/groups/delta?$select=displayName,members",
}


def walk(client: httpx.Client, url: str, path: str, pages: int) -> Iterator[int]:
    """Fetch pages and give the number of bytes of each, unpacked."""
    following = url + path
    for _ in range(pages):
        body = client.get(following).raise_for_status().content
        yield len(body)
        # The link stands before the rows, so that a page need not be read to find it.
        head = json.loads(body[: body.index(b'"value":')].rstrip(b", ") + b"}")
        if "@odata.nextLink" not in head:
            return
        following = head["@odata.nextLink"]


def batches(client: httpx.Client, url: str, groups: list[str]) -> int:
    """Ask for the members of twenty groups at a time; give how many groups that were."""
    for start in range(0, len(groups), 20):
        steps = [
            {"id": str(number), "method": "GET", "url": f"/groups/{group}/members?$select=id"}
            for number, group in enumerate(groups[start : start + 20])
        ]
        client.post(f"{url}/$batch", json={"requests": steps}).raise_for_status()
    return len(groups)


def memory(pid: int) -> float:
    """Megabytes that a process has in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(people: int = 500_000, pages: int = 100) -> None:
    command = [sys.executable, "-m", "emulator", "--lazy", "--people", str(people)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url, token = (server.stdout.readline().split("=", 1)[1].strip() for _ in range(2))
        for encoding in ("gzip", "identity"):
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": encoding}
            with httpx.Client(headers=headers, timeout=60) as client:
                for name, path in WALKS.items():
                    list(walk(client, url, path, 2))
                    start = time.perf_counter()
                    sizes = list(walk(client, url, path, pages))
                    seconds = (time.perf_counter() - start) / len(sizes)
                    print(f"{encoding:8} {name:13} {1 / seconds:6.0f} pages/s  {sum(sizes) / len(sizes) / 1e3:5.0f} kB")
                found = client.get(f"{url}/groups?$select=id&$top=999").json()["value"]
                start = time.perf_counter()
                number = batches(client, url, [row["id"] for row in found])
                print(f"{encoding:8} members       {number / (time.perf_counter() - start):6.0f} groups/s, in batches")
        print(f"the emulator takes {memory(server.pid):.0f} MB")
        server.terminate()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
