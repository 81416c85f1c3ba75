"""govcheck itself: `govcheck list runs --format json` and `govcheck list snapshots --format json`.

A report may not depend on what happens to be on a computer, so what govcheck keeps comes in as a file like all else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from govcheck.evidence.converters.model import Item, ObjectConverter, has_keys, listed, plain, sheet_of
from govcheck.evidence.sheet import Cell, Sheet


def _is_list_of_runs(value: object) -> bool:
    return has_keys(value, "id", "as_of", "path")


def _is_list_of_snapshots(value: object) -> bool:
    return has_keys(value, "taken_at", "path") and not _is_list_of_runs(value)


def _audits(value: object) -> Sheet:
    rows = ({"id": plain(item["id"]), "as_of": plain(item["as_of"])} for item in listed(value))
    return sheet_of(rows, ("id", "as_of"), ("path",))


def _kept(kind: str, moment: str) -> Callable[[object], Sheet]:
    def convert(value: object) -> Sheet:
        return sheet_of(_each(listed(value), kind, moment), ("kind", "id", "taken_at"), ("path",))

    return convert


def _each(items: list[Item], kind: str, moment: str) -> Iterator[dict[str, Cell]]:
    for item in items:
        taken_at = plain(item[moment])
        yield {"kind": kind, "id": plain(item.get("id")) or taken_at, "taken_at": taken_at}


CONVERTERS = (
    ObjectConverter(product="govcheck", table="audit_runs", fits=_is_list_of_runs, convert=_audits),
    ObjectConverter(
        product="govcheck", table="stored_snapshots", fits=_is_list_of_runs, convert=_kept("results", "as_of")
    ),
    ObjectConverter(
        product="govcheck", table="stored_snapshots", fits=_is_list_of_snapshots, convert=_kept("raw", "taken_at")
    ),
)
