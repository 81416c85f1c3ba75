"""Decoding of feeds whose objects are of many kinds, and of which it matters to whom they are assigned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import pyarrow as pa

from govcheck.catalogue import ASSIGNED, Column, Feed
from govcheck.graph.answers import NOT_JSON
from govcheck.graph.columns import Decoder, RowDecoder, row_schema
from govcheck.graph.feeds import ODATA_TYPE
from govcheck.snapshot.arrow import ARROW_TYPES

_ASSIGNMENTS = Column(name="assignments", type="json", path="assignments")


class _Target(msgspec.Struct):
    type: str = msgspec.field(name="@odata.type")
    group: str | None = msgspec.field(name="groupId", default=None)


class _Assignment(msgspec.Struct):
    target: _Target


def decoder_of(feed: Feed, columns: Sequence[Column]) -> Decoder:
    """The decoder that a feed's rows need."""
    return AssignedDecoder(feed, columns) if feed.only or feed.assigned else RowDecoder(columns)


class AssignedDecoder:
    """Decodes the objects of one kind, and makes columns of to whom they are assigned.

    Where assignments did not come along, or cannot be understood, that is a fault of those columns: no profile must
    seem to be nobody's.
    """

    def __init__(self, feed: Feed, columns: Sequence[Column]) -> None:
        """Decode `columns`, of which some may be those in `ASSIGNED`."""
        self.columns = tuple(columns)
        self._ending = (feed.only or "").lower()
        self._made = [column.name for column in columns if column.path is None]
        read = {column.name: column for column in columns if column.path is not None}
        read |= {ODATA_TYPE.name: ODATA_TYPE} | ({_ASSIGNMENTS.name: _ASSIGNMENTS} if self._made else {})
        self._inside = RowDecoder(list(read.values()))

    @property
    def faults(self) -> Counter[str]:
        """Values per column that were not of the documented type."""
        return self._inside.faults

    @faults.setter
    def faults(self, faults: Counter[str]) -> None:
        self._inside.faults = faults

    def decode(self, rows: bytes) -> pa.Table:
        """Decode one JSON array of objects. Raises `ValueError` where it is no well-formed JSON array."""
        found = self._inside.decode(rows)
        kinds = [(kind or "").lower().endswith(self._ending) for kind in found[ODATA_TYPE.name].to_pylist()]
        found = found.filter(pa.array(kinds, pa.bool_()))
        texts = found[_ASSIGNMENTS.name].to_pylist() if self._made else []
        made = [self._assigned(text) for text in texts]
        arrays = [
            found[column.name]
            if column.path is not None
            else pa.array([row.get(column.name) for row in made], ARROW_TYPES[column.type])
            for column in self.columns
        ]
        return pa.table(arrays, schema=row_schema(self.columns))

    def _assigned(self, text: str | None) -> Mapping[str, object]:
        try:
            targets = [each.target for each in msgspec.json.decode(text or "", type=list[_Assignment])]
        except NOT_JSON:
            self.faults.update(self._made)
            return {}
        kinds = {target.type.rpartition(".")[2] for target in targets}
        values = (
            _groups(targets, "groupAssignmentTarget"),
            _groups(targets, "exclusionGroupAssignmentTarget"),
            "allLicensedUsersAssignmentTarget" in kinds,
            "allDevicesAssignmentTarget" in kinds,
        )
        return dict(zip(ASSIGNED, values, strict=True))


def _groups(targets: Sequence[_Target], kind: str) -> list[str]:
    return sorted({target.group for target in targets if target.group and target.type.rpartition(".")[2] == kind})
