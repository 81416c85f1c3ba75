"""Words for people, in Dutch and English side by side: `locale/<room>.toml`.

An entry is `key = {en = "…", nl = "…"}`, or, where a number decides the form,
`key = {en = {one = "…", other = "…"}, nl = {one = "…", other = "…"}}` chosen by the parameter `count`.
Placeholders are those of `str.format`.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from govcheck.model import LANGS, Lang, Text

# Control characters, direction marks and overrides, line separators, invisible characters, lone surrogates.
_ACTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


@lru_cache
def _room(room: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("govcheck").joinpath("locale", f"{room}.toml").read_text("utf-8"))


def text(key: str, **params: object) -> Text:
    """The words under `room.key` in both languages, placeholders filled in; a `Text` fills in its own languages.

    Raises `KeyError` for an unknown key: words that are missing are a fault of ours.
    """
    room, _, name = key.partition(".")
    entry = _room(room)[name]
    return Text(**{lang: _form(entry[lang], params).format(**_spoken(params, lang)) for lang in LANGS})


def say(key: str, lang: Lang, **params: object) -> str:
    """The words under `room.key` in one language."""
    return text(key, **params).in_lang(lang)


def _spoken(params: dict[str, object], lang: Lang) -> dict[str, object]:
    return {name: value.in_lang(lang) if isinstance(value, Text) else value for name, value in params.items()}


def _form(entry: str | dict[str, str], params: dict[str, object]) -> str:
    if isinstance(entry, str):
        return entry
    return entry["one" if params["count"] == 1 else "other"]


def visible(text: str) -> str:
    """Write what would act instead of show (control characters, direction overrides) as an escape."""
    return _ACTIVE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
