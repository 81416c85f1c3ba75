"""GitHub: issues and releases as the REST API gives them. Titles, texts and people stay out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from govcheck.evidence.converters.model import Item, ObjectConverter, escalated, has_keys, listed, plain, sheet_of
from govcheck.evidence.sheet import Cell, Sheet

_ISSUE = ("board", "item", "status", "created", "finished", "due", "escalated")
_RELEASE = ("repository", "tag", "published", "draft", "prerelease", "has_notes")
_PARTS = 5


def _issues(value: object) -> Sheet:
    return sheet_of(_each_issue(listed(value)), _ISSUE, ("user", "assignee", "assignees", "title", "body"))


def _each_issue(issues: Sequence[Item]) -> Iterator[dict[str, Cell]]:
    for issue in issues:
        if "pull_request" in issue:
            continue
        labels = [label.get("name") if isinstance(label, dict) else label for label in issue.get("labels") or ()]
        milestone = issue.get("milestone")
        yield {
            "board": _repository(issue),
            "item": str(plain(issue["number"])),
            "status": plain(issue["state"]),
            "created": plain(issue["created_at"]),
            "finished": plain(issue["closed_at"]),
            "due": plain(milestone.get("due_on")) if isinstance(milestone, dict) else None,
            "escalated": escalated(labels),
        }


def _releases(value: object) -> Sheet:
    return sheet_of(_each_release(listed(value)), _RELEASE, ("author", "body"))


def _each_release(releases: Sequence[Item]) -> Iterator[dict[str, Cell]]:
    for release in releases:
        yield {
            "repository": _repository(release),
            "tag": plain(release["tag_name"]),
            "published": plain(release["published_at"]),
            "draft": plain(release.get("draft")),
            "prerelease": plain(release.get("prerelease")),
            "has_notes": bool(str(release.get("body") or "").strip()),
        }


def _repository(item: Item) -> Cell:
    """`owner/name` from the address of an item on the web."""
    parts = str(item.get("html_url") or "").split("/")
    return "/".join(parts[3:5]) if len(parts) >= _PARTS and all(parts[3:5]) else None


CONVERTERS = (
    ObjectConverter(
        product="GitHub",
        table="work_items",
        fits=lambda value: has_keys(value, "number", "state", "created_at", "closed_at"),
        convert=_issues,
    ),
    ObjectConverter(
        product="GitHub",
        table="releases",
        fits=lambda value: has_keys(value, "tag_name", "published_at"),
        convert=_releases,
    ),
)
