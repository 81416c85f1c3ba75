"""The packs and schemas that ship with govcheck.

They stand at the top of a source tree; a wheel carries them inside the package. Both are found here.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """The shipped folder `policies` or `schemas`, in a wheel, an editable install or a checkout."""
    inside = _PACKAGE / folder
    return inside if inside.is_dir() else _PACKAGE.parents[1] / folder
