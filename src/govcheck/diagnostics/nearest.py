"""The name somebody probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_LONGEST = 80
_CLOSE = 0.75
_APART = re.compile(r"[^a-z0-9]+")


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that is clearly closest to `name`; None when none is close or two are equally so.

    Case, hyphens and underscores are ignored, so `displayName` is close to `display_name`.
    """
    if len(name) > _LONGEST:
        return None
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(_fold(name))
    scored = []
    for candidate in dict.fromkeys(candidates):
        matcher.set_seq1(_fold(candidate))
        # Cheapest first: the quick ratios are upper bounds.
        if matcher.real_quick_ratio() >= _CLOSE <= matcher.quick_ratio() and matcher.ratio() >= _CLOSE:
            scored.append((matcher.ratio(), candidate))
    scored.sort(reverse=True)
    if not scored or (len(scored) > 1 and scored[0][0] == scored[1][0]):
        return None
    return scored[0][1]


def _fold(name: str) -> str:
    return _APART.sub("", name.lower())
