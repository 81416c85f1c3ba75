"""Trello: the JSON of a board. Names of cards, their texts, comments and people stay out.

A board's export holds its last actions only. When a card moved is taken from those; of a card that is older than
the oldest action nothing is known, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from govcheck.evidence.converters.model import Item, ObjectConverter, escalated, listed, plain, sheet_of
from govcheck.evidence.headings import folded
from govcheck.evidence.sheet import Cell, Sheet

_COLUMNS = ("board", "item", "status", "created", "started", "finished", "due", "escalated")
_DROPPED = ("members", "idMembers", "idMemberCreator", "desc", "comments")
_DONE = ("done", "klaar", "gereed", "afgerond", "opgeleverd", "completed", "closed")
_HEX_DIGITS = 8


def _fits(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), list) for key in ("cards", "lists", "actions"))


def _convert(value: Mapping[str, Any]) -> Sheet:
    return sheet_of(_rows(value), _COLUMNS, _DROPPED)


def _rows(board: Mapping[str, Any]) -> Iterator[dict[str, Cell]]:
    names = {str(entry.get("id")): str(entry.get("name") or "") for entry in listed(board["lists"])}
    moves = _moves(listed(board["actions"]))
    oldest = min((move[0] for moved in moves.values() for move in moved), default="")
    for card in listed(board["cards"]):
        if card.get("closed") is True:
            continue
        status = names.get(str(card.get("idList")), "")
        created = _born(card)
        known = created is not None and created.isoformat() >= oldest[:19]
        moved = moves.get(str(card.get("id")), []) if known else []
        done = folded(status) in _DONE
        labels = [label.get("name") for label in listed(card.get("labels") or [])]
        yield {
            "board": plain(board.get("shortLink")) or plain(board.get("id")),
            "item": plain(card.get("shortLink")) or plain(card.get("id")),
            "status": status,
            "created": created,
            "started": moved[0][0] if moved else None,
            "finished": moved[-1][0] if moved and done else None,
            "due": plain(card.get("due")),
            "escalated": escalated(labels),
        }


def _moves(actions: Sequence[Item]) -> dict[str, list[tuple[str, str]]]:
    """Card to when it went to which list, the earliest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for action in actions:
        data = action.get("data")
        after = data.get("listAfter") if isinstance(data, dict) else None
        card = data.get("card") if isinstance(data, dict) else None
        if isinstance(after, dict) and isinstance(card, dict):
            moment = (str(action.get("date") or ""), str(after.get("id") or ""))
            found.setdefault(str(card.get("id")), []).append(moment)
    return {card: sorted(moments) for card, moments in found.items()}


def _born(card: Item) -> datetime | None:
    """A card's id begins with the second in which it was made."""
    try:
        seconds = int(str(card.get("id") or "")[:_HEX_DIGITS], 16)
    except ValueError:
        return None
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


CONVERTERS = (ObjectConverter(product="Trello", table="work_items", fits=_fits, convert=_convert),)
