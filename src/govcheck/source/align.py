"""Where each character of a decoded YAML scalar stands in the text it was written as."""

from __future__ import annotations

import re

Place = tuple[int, int]
"""Start and end of a character in the scalar as written."""

_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"
_BREAKS = re.compile(_BREAK)
_RUNS = re.compile("(?P<blank>[ \t\n\r\x85\u2028\u2029]*)(?P<visible>[^ \t\n\r\x85\u2028\u2029]*)")
_FOLD = rf"(?P<fold>[ \t]*(?:{_BREAK})(?:[ \t]|{_BREAK})*)"
_CHARACTER = r"(?P<character>[\s\S])"
_ESCAPED_BREAK = rf"(?P<joined>\\(?:{_BREAK})(?:[ \t]|{_BREAK})*)"
_ESCAPE = r"(?P<escape>\\(?:x..|u....|U........|[\s\S]))"
_DOUBLE = re.compile(f"{_ESCAPED_BREAK}|{_ESCAPE}|{_FOLD}|{_CHARACTER}")
_SINGLE = re.compile(f"(?P<escape>'')|{_FOLD}|{_CHARACTER}")
_PLAIN = re.compile(f"{_FOLD}|{_CHARACTER}")


def align(written: str, decoded: str, style: str | None) -> list[Place]:
    """The place in `written` of each character of `decoded`; empty where the two do not fit."""
    if style in ("|", ">"):
        places = _align_block(written, decoded)
    elif style == '"':
        places = _align_flow(written, _DOUBLE, quotes=1)
    elif style == "'":
        places = _align_flow(written, _SINGLE, quotes=1)
    else:
        places = _align_flow(written, _PLAIN, quotes=0)
    return places if len(places) == len(decoded) else []


def _align_flow(written: str, pattern: re.Pattern[str], quotes: int) -> list[Place]:
    places: list[Place] = []
    for match in pattern.finditer(written, quotes, len(written) - quotes):
        start, end = match.span()
        if match.lastgroup == "fold":
            places += _folded(written, start, end)
        elif match.lastgroup == "joined":
            # A break behind a backslash vanishes; empty lines below it stay.
            places += [found.span() for found in _BREAKS.finditer(written, start, end)][1:]
        else:
            places.append((start, end))
    return places


def _folded(written: str, start: int, end: int) -> list[Place]:
    """One break reads as a space; a break and empty lines read as those empty lines."""
    breaks = [found.span() for found in _BREAKS.finditer(written, start, end)]
    if written[breaks[0][0]] in "\u2028\u2029":
        return breaks
    return breaks[1:] or breaks


def _align_block(written: str, decoded: str) -> list[Place]:
    """Match the visible characters one to one, and the blanks between them by their line breaks."""
    header = _BREAKS.search(written)
    if header is None:
        return []
    places: list[Place] = []
    runs = _RUNS.finditer(written, header.end())
    for meant, found in zip(_RUNS.finditer(decoded), runs, strict=False):
        if meant["visible"] != found["visible"]:
            return []
        places += _align_blanks(written, *found.span("blank"), meant["blank"])
        places += _stretch(found.start("visible"), len(found["visible"]))
    return places


def _align_blanks(written: str, start: int, end: int, run: str) -> list[Place]:
    """Places for decoded blanks that were written between `start` and `end`, indentation included."""
    breaks = [found.span() for found in _BREAKS.finditer(written, start, end)]
    lines = _BREAKS.split(run)
    if len(lines) == 1 and breaks and run:
        # A folded break reads as a space; blanks that ended its line come before it.
        return [*_stretch(start, len(run) - 1), breaks[0]]
    count = len(lines) - 1
    # Folding swallows the first break of several; at the end of the scalar the last ones are cut.
    kept = breaks[:count] if end == len(written) else breaks[len(breaks) - count :]
    places = _stretch(start, len(lines[0])) if count else []
    for place, following, line in zip(kept, [*kept[1:], (end, end)], lines[1:], strict=False):
        places += [place, *_stretch(following[0] - len(line), len(line))]
    return places if count else _stretch(end - len(run), len(run))


def _stretch(start: int, length: int) -> list[Place]:
    return [(place, place + 1) for place in range(start, start + length)]
