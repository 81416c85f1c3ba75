"""The groups of applications that a policy may name, and what security defaults look at: dated lists, as data."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any


@lru_cache
def app_groups() -> Mapping[str, frozenset[str]]:
    """The appIds in each group, by the group's name; all in lower case."""
    return {name.lower(): _ids(group["applications"]) for name, group in _read("app_groups.yaml").items()}


@lru_cache
def groups_of(application: str) -> frozenset[str]:
    """Names of the groups that hold an application."""
    return frozenset(name for name, members in app_groups().items() if application in members)


@lru_cache
def default_roles() -> frozenset[str]:
    """Templates of the roles whose holders security defaults always ask for a second factor."""
    return _ids(_read("security_defaults.yaml")["roles"])


@lru_cache
def default_applications() -> frozenset[str]:
    """The appIds for which security defaults ask anybody for a second factor."""
    return _ids(_read("security_defaults.yaml")["applications"])


@lru_cache
def app_names() -> Mapping[str, str]:
    """Names of the applications in the groups, by appId in lower case."""
    listed = [*_read("app_groups.yaml").values(), _read("security_defaults.yaml")]
    return {str(id_).lower(): name for each in listed for id_, name in each["applications"].items()}


def spelled(name: str) -> str:
    """A group of applications as Graph spells it."""
    return next((group for group in _read("app_groups.yaml") if group.lower() == name), name)


@lru_cache
def _read(file: str) -> Mapping[str, Any]:
    from yaml import CSafeLoader, load

    text = resources.files("govcheck.access").joinpath(file).read_text("utf-8")
    found: Mapping[str, Any] = load(text, Loader=CSafeLoader)
    return found


def _ids(listed: Mapping[str, str]) -> frozenset[str]:
    return frozenset(str(each).lower() for each in listed)
