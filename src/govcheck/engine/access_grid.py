"""The picture of how people can sign in, for a report: drawn where the snapshot holds all that it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govcheck.catalogue import MADE
from govcheck.engine.plan import Gaps
from govcheck.model import SignInGrid
from govcheck.snapshot import Snapshot

if TYPE_CHECKING:
    from govcheck.access import Directory


def sign_in_grid(made: Directory | None, snapshot: Snapshot, gaps: Gaps, smallest: int) -> SignInGrid | None:
    """The grid of all enabled accounts; None where any of it would be a guess.

    `made` is the model where the rules had it made already. Groups of fewer people than `smallest` are folded together.
    """
    if gaps.of(MADE, None) is not None:
        return None
    from govcheck.access import directory_of
    from govcheck.access.grid import grid_of
    from govcheck.access.holes import ground_of
    from govcheck.access.labels import labels_of
    from govcheck.access.persona_words import Naming

    naming = Naming(labels=labels_of(snapshot), smallest=smallest)
    return grid_of(ground_of(made or directory_of(snapshot)), naming)
