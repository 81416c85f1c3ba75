"""The header that every document carries, and the small values that all kinds share."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from govcheck.model import Text
from govcheck.policy.documents import Document
from govcheck.policy.types import Header, ParameterValue
from govcheck.source import Node

_PERIOD = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_HOURS = {"weeks": 168.0, "days": 24.0, "hours": 1.0, "minutes": 1 / 60, "seconds": 1 / 3600}


def read_header(document: Document) -> Header:
    """The header of a document; what its schema finds fault with is left out."""
    node = document.node
    days = node.get("review_every_days")
    return Header(
        kind=document.kind,
        id=document.id,
        path=document.file.shown,
        span=document.place,
        title=read_words(node.get("title")),
        owner=read_text(node.get("owner")),
        approved_by=read_text(node.get("approved_by")),
        version=read_text(node.get("version")),
        effective=read_date(node.get("effective")),
        reviewed=read_date(node.get("reviewed")),
        review_every_days=int(days.value) if days is not None and isinstance(days.value, int | float) else None,
        unit=read_text(node.get("unit")),
    )


def read_text(node: Node | None) -> str | None:
    """The text of a node, if it is one."""
    return node.value if node is not None and isinstance(node.value, str) else None


def read_texts(node: Node | None) -> tuple[str, ...]:
    """The texts of a list; none where there is no list."""
    return tuple(item.value for item in node.children() if isinstance(item.value, str)) if node else ()


def read_words(node: Node | None) -> Text | None:
    """Text for people. A text without a language counts for both."""
    if node is None:
        return None
    if isinstance(node.value, str):
        return Text(nl=node.value, en=node.value)
    return Text(nl=read_text(node.get("nl")), en=read_text(node.get("en")))


def read_date(node: Node | None) -> datetime | None:
    """A date as the moment it begins in UTC; None for what is no date."""
    return parse_date(read_text(node) or "")


def parse_date(text: str) -> datetime | None:
    """A date as the moment it begins in UTC; None for what is no date."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def read_hours(node: Node | None) -> float:
    """An ISO 8601 duration in hours."""
    return parse_hours(read_text(node) or "")


def parse_hours(text: str) -> float:
    """An ISO 8601 duration in hours; 0 for what is none."""
    found = _PERIOD.fullmatch(text)
    parts = found.groupdict(default="0") if found else {}
    return sum(int(number) * _HOURS[unit] for unit, number in parts.items())


def read_value(node: Node) -> ParameterValue | None:
    """A parameter's value; None for a list that mixes texts and numbers."""
    if isinstance(node.value, str | bool | int | float):
        return node.value
    items = [item.value for item in node.children()]
    texts = tuple(item for item in items if isinstance(item, str))
    numbers = tuple(float(item) for item in items if isinstance(item, int | float))
    if len(texts) == len(items):
        return texts
    return numbers if len(numbers) == len(items) else None
