"""The topics of `govcheck coverage`, as data: `topics.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from govcheck.model import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEvidence:
    """Which rows of an evidence table say how far a unit has come: `counted` of `of` people."""

    table: str
    counted: str
    of: str
    date: str | None = None
    within_days: int | None = None
    current: str | None = None
    """Column with the id of a document; only rows of the version that holds now count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One column of the matrix: a kind of document, or evidence."""

    id: str
    title: Text
    kind: str | None = None
    evidence: TopicEvidence | None = None
    work_modes: tuple[str, ...] = ()
    """Modes of work for which the topic applies; empty for all."""


@lru_cache
def topics() -> tuple[Topic, ...]:
    """Every topic, in the order of the columns."""
    from yaml import CSafeLoader, load

    text = resources.files("govcheck.catalogue").joinpath("topics.yaml").read_text("utf-8")
    return tuple(
        Topic(
            id=name,
            title=Text(**entry["title"]),
            kind=entry.get("kind"),
            evidence=TopicEvidence(**entry["evidence"]) if "evidence" in entry else None,
            work_modes=tuple(entry.get("work_modes", ())),
        )
        for name, entry in load(text, Loader=CSafeLoader).items()
    )
