"""A copy of a collection, kept by delta as Microsoft tells clients to keep one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulator.probe import get
from emulator.server import Running

_DELTA = "@delta"


@dataclass(slots=True)
class Mirror:
    """Follows one delta query round after round and merges what comes, in whatever order and however often."""

    graph: Running
    link: str
    """Where the next round begins."""
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    """Ids by the object and the navigation property that leads to them."""

    def follow(self, between: Callable[[], None] = lambda: None) -> list[dict[str, Any]]:
        """Read one round, calling `between` after every page, and return its pages."""
        pages, following = [], self.link
        while following:
            page = get(self.graph, following).raise_for_status().json()
            pages.append(page)
            for row in page["value"]:
                self._merge(row)
            following = page.get("@odata.nextLink", "")
            self.link = page.get("@odata.deltaLink", self.link)
            between()
        return pages

    def _merge(self, row: dict[str, Any]) -> None:
        if "@removed" in row:
            self.objects.pop(row["id"], None)
            for key in [key for key in self.links if key[0] == row["id"]]:
                del self.links[key]
            return
        plain = {name: value for name, value in row.items() if not name.endswith(_DELTA)}
        self.objects[row["id"]] = self.objects.get(row["id"], {}) | plain
        for name in row.keys() - plain.keys():
            held = self.links.setdefault((row["id"], name.removesuffix(_DELTA)), {})
            for reference in row[name]:
                if "@removed" in reference:
                    held.pop(reference["id"], None)
                else:
                    held[reference["id"]] = None
