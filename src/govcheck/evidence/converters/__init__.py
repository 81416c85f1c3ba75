"""Exports that people really have, each known by its headings or keys."""

from govcheck.evidence.converters import asana, github, gitlab, jira, own, powershell, scuba, slack, trello, zoom
from govcheck.evidence.converters.model import GridConverter, ObjectConverter, picked

__all__ = ["CONVERTERS", "GridConverter", "ObjectConverter", "picked"]

CONVERTERS: tuple[GridConverter | ObjectConverter, ...] = (
    *slack.CONVERTERS,
    *zoom.CONVERTERS,
    *jira.CONVERTERS,
    *asana.CONVERTERS,
    *gitlab.CONVERTERS,
    *github.CONVERTERS,
    *trello.CONVERTERS,
    *scuba.CONVERTERS,
    *powershell.CONVERTERS,
    *own.CONVERTERS,
)
