"""Rings in what refers to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def cycles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Each ring once, as the names along it with the first one repeated at the end."""
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        place: dict[str, int] = {}
        waiting = [(start, 0)]
        while waiting:
            name, depth = waiting.pop()
            for left in path[depth:]:
                del place[left]
            del path[depth:]
            if name in place:
                yield [*path[place[name] :], name]
            elif name not in done:
                done.add(name)
                place[name] = depth
                path.append(name)
                waiting += [(following, depth + 1) for following in reversed(edges.get(name, ()))]
