"""Makes the catalogue in which Python's gettext finds click's words in Dutch, from `locale/click.toml`."""
# ruff: noqa: INP001 - a script, no package

from __future__ import annotations

import struct
import tomllib
from pathlib import Path
from typing import Any

LOCALE = Path(__file__).parents[1] / "src" / "govcheck" / "locale"
CATALOGUE = LOCALE / "nl" / "LC_MESSAGES" / "messages.mo"

_HEAD = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
_MAGIC, _HEADER = 0x950412DE, struct.Struct("<7I")
_ENTRY = struct.Struct("<2I")


def catalogue() -> bytes:
    """The words as an MO file: two tables of lengths and offsets, in order of the originals, and then the texts."""
    words = tomllib.loads((LOCALE / "click.toml").read_text("utf-8")).values()
    pairs = sorted([(b"", _HEAD.encode()), *((_forms(entry["en"]), _forms(entry["nl"])) for entry in words)])
    texts = b""
    tables: list[list[bytes]] = [[], []]
    start = _HEADER.size + 2 * len(pairs) * _ENTRY.size
    for pair in pairs:
        for table, text in zip(tables, pair, strict=True):
            table.append(_ENTRY.pack(len(text), start + len(texts)))
            texts += text + b"\0"
    second = _HEADER.size + len(pairs) * _ENTRY.size
    head = _HEADER.pack(_MAGIC, 0, len(pairs), _HEADER.size, second, 0, 0)
    return head + b"".join(tables[0] + tables[1]) + texts


def _forms(words: Any) -> bytes:
    """One text, or the forms for one and for several with a zero between them."""
    return (words if isinstance(words, str) else f"{words['one']}\0{words['other']}").encode()


if __name__ == "__main__":
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(catalogue())
