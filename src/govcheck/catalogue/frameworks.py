"""The norms that rules refer to as `framework@version:id`, as data: `frameworks.yaml`, in our own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from govcheck.model import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A norm in one version, with the requirements that shipped rules refer to."""

    id: str
    """As references write it: `iso27001@2022`."""
    title: Text
    note: Text | None
    """What a reader must know about the status of this version."""
    requirements: Mapping[str, Text]
    """Requirement id to what it asks, in our own words."""
    follows: str | None = None
    """The framework whose requirements are its own too, under ids without the prefix `without`."""
    without: str = ""


@lru_cache
def frameworks() -> Mapping[str, Framework]:
    """Every framework by its id with version, in the order of the file."""
    from yaml import CSafeLoader, load

    text = resources.files("govcheck.catalogue").joinpath("frameworks.yaml").read_text("utf-8")
    found: dict[str, Framework] = {}
    for name, entry in load(text, Loader=CSafeLoader).items():
        leader = entry.get("follows", {})
        followed = found[leader["framework"]].requirements if leader else {}
        own = {str(id_): Text(**words) for id_, words in entry.get("requirements", {}).items()}
        found[name] = Framework(
            id=name,
            title=Text(**entry["title"]),
            note=Text(**entry["note"]) if "note" in entry else None,
            requirements={id_.removeprefix(leader.get("without", "")): words for id_, words in followed.items()} | own,
            follows=leader.get("framework"),
            without=leader.get("without", ""),
        )
    return found


def named(name: str) -> tuple[str, ...]:
    """The frameworks that a reader means: `iso27001@2022` itself, or every version of `iso27001`."""
    wanted = name.casefold()
    return tuple(id_ for id_ in frameworks() if wanted in (id_.casefold(), id_.partition("@")[0].casefold()))


def with_followers(references: Iterable[str]) -> tuple[str, ...]:
    """The references, and for each those to the frameworks that follow its own."""
    found = list(references)
    for framework in frameworks().values():
        for reference in tuple(found) if framework.follows is not None else ():
            leader, requirement = split(reference)
            if leader == framework.follows:
                found.append(f"{framework.id}:{requirement.removeprefix(framework.without)}")
    return tuple(dict.fromkeys(found))


def split(reference: str) -> tuple[str, str]:
    """A reference as framework with version, and requirement."""
    framework, _, requirement = reference.partition(":")
    return framework, requirement
