"""What tests ask of the emulator, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

from emulator.server import Running


def get(graph: Running, path: str, *, headers: Mapping[str, str] = {}, token: str | None = None) -> httpx.Response:
    """Ask for a path below the version, or a whole URL, with a token that has every granted permission."""
    url = path if path.startswith("http") else graph.url + path
    bearer = {"Authorization": f"Bearer {graph.token() if token is None else token}"}
    return _client().get(url, headers={**bearer, **headers})


@cache
def _client() -> httpx.Client:
    """One client for all tests: to make one takes longer than most answers."""
    return httpx.Client(timeout=10)


def error(response: httpx.Response) -> str:
    """Read the code of an error."""
    code: str = response.json()["error"]["code"]
    return code


def pages(graph: Running, path: str) -> list[dict[str, Any]]:
    """Follow nextLinks to the end."""
    found, following = [], path
    while following:
        found.append(get(graph, following).raise_for_status().json())
        following = found[-1].get("@odata.nextLink", "")
    return found


def rows(graph: Running, path: str, headers: Mapping[str, str] = {}) -> list[dict[str, Any]]:
    """Ask for a collection's first page of rows."""
    found: list[dict[str, Any]] = get(graph, path, headers=headers).raise_for_status().json()["value"]
    return found
