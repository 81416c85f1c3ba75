"""Self-contained pages out of a template: no script, no request, one style sheet that the page vouches for by hash.

Tenant text is inert twice over: whatever a template prints goes through `visible`, then through escaping.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib import resources
from typing import Any

from govcheck.words import visible


def fill_page(template: str, styles: Sequence[str], words: Mapping[str, Any]) -> bytes:
    """Fill in a template. It finds the style sheets as `style` and their hash as `style_hash`, besides `words`.

    Both are paths of files in `report`.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, finalize=_inert, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style = "".join(map(_text, styles))
    style_hash = f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"
    written = environment.from_string(_text(template)).render(words, style=style, style_hash=style_hash)
    return (written.rstrip() + "\n").encode()


def _text(path: str) -> str:
    return resources.files("govcheck.report").joinpath(path).read_text("utf-8")


def _inert(value: object) -> object:
    """Escape what would act; markup comes from the template itself and stays."""
    return value if hasattr(value, "__html__") else visible(str(value))
