"""Query options: what a request asks of a collection, checked the way Graph checks it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from emulator.errors import GraphError, bad_request, unsupported_query
from emulator.filters import Filter, parse_filter
from emulator.vocabulary import Vocabulary

_KNOWN = ("select", "expand", "filter", "count", "top", "orderby", "search", "skiptoken", "deltatoken", "format")
_SINGLE_USER_ONLY = frozenset(
    {
        "aboutMe", "birthday", "hireDate", "interests", "mailboxSettings", "mySite", "pastProjects",
        "preferredName", "responsibilities", "schools", "skills",
    }
)  # fmt: skip
_EXPANSION = re.compile(r"\s*(\w+)\s*(?:\((.*)\))?\s*")
_COMMA_OUTSIDE = re.compile(r",(?![^(]*\))")
_SEARCH_TERM = re.compile(r'"(\w+):([^"]*)"')
_ADVANCED_QUERIES = "Refer to https://aka.ms/graph-docs/advanced-queries for more information"


@dataclass(frozen=True, slots=True)
class Expansion:
    """A navigation property to follow and what to take from its target."""

    name: str
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    """Links to follow from there on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The query options of one request, names as the metadata spells them."""

    select: tuple[str, ...] = ()
    expand: tuple[Expansion, ...] = ()
    filter: Filter | None = None
    count: bool = False
    top: int | None = None
    order: tuple[tuple[str, bool], ...] = ()
    """Property and whether it descends."""
    search: str | None = None
    skiptoken: str | None = None

    def wants(self, row: Mapping[str, Any] | None) -> bool:
        """Whether a row is there and is what `$filter` and `$search` ask for."""
        return (
            row is not None
            and (self.filter is None or self.filter.test(row))
            and (self.search is None or _matches(self.search, row))
        )

    def sort(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Put rows in the order of `$orderby`."""
        ordered = list(rows)
        for key, descends in reversed(self.order):
            ordered.sort(key=lambda row: str(row.get(key) or "").lower(), reverse=descends)
        return ordered


def split_query(query: str) -> dict[str, str]:
    """Read the query options by lower-case name without `$`; other parameters are left alone."""
    options = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        bare = name.lower().removeprefix("$")
        if bare in _KNOWN:
            options[bare] = value
        elif name.startswith("$"):
            if bare == "skip":
                raise unsupported_query("'$skip' is not supported by the service.")
            raise bad_request(f"Unrecognized query argument specified: '{name}'.", "Request_BadRequest")
    return options


def parse_options(query: Mapping[str, str], names: Vocabulary, *, directory: bool, single: bool) -> Options:
    """Check the options against the vocabulary of the collection's type. Raises Graph's 400 or 501."""
    return Options(
        select=_select(query.get("select"), names, single=single),
        expand=tuple(_expansions(query.get("expand"), names)),
        filter=parse_filter(query["filter"], names, directory=directory) if "filter" in query else None,
        count=query.get("count", "").lower() == "true",
        top=_top(query["top"]) if "top" in query else None,
        order=tuple(_order(query.get("orderby"), names)),
        search=query.get("search"),
        skiptoken=query.get("skiptoken"),
    )


def require_consistency(options: Options, *, eventual: bool) -> None:
    """Refuse advanced queries on directory objects without their header and `$count=true`."""
    if options.search and not eventual:
        raise unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special request header: "
            "'ConsistencyLevel: eventual'"
        )
    if options.count and not eventual:
        raise bad_request("$count is not currently supported.", "Request_BadRequest")
    advanced = eventual and options.count
    if options.filter and options.order and not advanced:
        raise unsupported_query("Sorting not supported for current query.")
    if options.filter and options.filter.advanced and not advanced:
        operator = min(options.filter.advanced)
        raise unsupported_query(
            f"Operator '{operator}' is not supported because the required parameters might be missing. "
            f"Try adding $count=true query parameter and ConsistencyLevel:eventual header. {_ADVANCED_QUERIES}"
        )


def _unknown(name: str, names: Vocabulary) -> GraphError:
    return bad_request(
        f"Parsing OData Select and Expand failed: Could not find a property named '{name}' "
        f"on type 'microsoft.graph.{names.type}'."
    )


def _select(text: str | None, names: Vocabulary, *, single: bool) -> tuple[str, ...]:
    chosen = []
    for name in (text or "").split(","):
        if not name.strip():
            continue
        found = names.find(name.strip())
        if found is None:
            raise _unknown(name.strip(), names)
        if names.type == "user" and not single and found[0] in _SINGLE_USER_ONLY:
            raise GraphError(501, "NotImplemented", "This operation target is not yet supported.")
        chosen.append(found[0])
    return tuple(chosen)


def _expansions(text: str | None, names: Vocabulary) -> Iterator[Expansion]:
    for part in _COMMA_OUTSIDE.split(text or ""):
        if not part.strip():
            continue
        match = _EXPANSION.fullmatch(part)
        if match is None:
            raise bad_request(f"Parsing OData Select and Expand failed: Term '{part}' is not valid.")
        found = names.find(match[1])
        if found is None or not (found[1].link or not found[1].type):
            raise _unknown(match[1], names)
        inner = split_query((match[2] or "").replace(";", "&"))
        inside = names.within(found[1])
        yield Expansion(found[0], _spelled(inner.get("select", ""), inside), _spelled(inner.get("expand", ""), inside))


def _spelled(text: str, names: Vocabulary) -> tuple[str, ...]:
    """Read names as the metadata spells them; of directory objects one may name what only some have."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(found[0] if (found := names.find(part)) else part for part in parts)


def _top(text: str) -> int:
    if not text.isdigit():
        raise bad_request(f"Invalid value '{text}' for $top query option found.", "Request_BadRequest")
    return int(text)


def _order(text: str | None, names: Vocabulary) -> list[tuple[str, bool]]:
    order = []
    for clause in (text or "").split(","):
        if clause.strip():
            name, _, direction = clause.strip().partition(" ")
            found = names.find(name)
            if found is None:
                raise _unknown(name, names)
            order.append((found[0], direction.strip().lower() == "desc"))
    return order


def _matches(search: str, row: Mapping[str, Any]) -> bool:
    """Whether a row has, for `"property:text"` terms joined by OR and AND, words that start with the text."""
    return any(all(_has_word(row, *term) for term in _SEARCH_TERM.findall(branch)) for branch in search.split(" OR "))


def _has_word(row: Mapping[str, Any], name: str, text: str) -> bool:
    words = re.split(r"\W+", str(row.get(name) or "").lower())
    return any(word.startswith(text.lower()) for word in words)
