"""The project's pages in Markdown, taken apart: fences, links, anchors and the commands they name.

What a page shows is tried out, in one empty folder per page:

- a fence that begins with a comment that is a path (`# policies/teams.yaml`) is written there;
- in a `console` fence each `$ govcheck …` runs, prints what follows it (a line `…` stands for any lines) and exits
  with 0, or with what stands below `$ echo $?`;
- a `python` fence runs, and prints what the `text` fence behind it holds.

Other `yaml` fences must be valid by themselves. Everywhere, commands and options that are named must exist.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from govcheck.cli import cli

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted({*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("*/README.md")})

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"# ([\w./-]+\.\w+)\n")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_COMMAND = re.compile(r"(?:^|[\s;&|(])govcheck ([a-z-][^;&|#>)]*)")


@dataclass(frozen=True)
class Fence:
    """A fenced block; `name` is the path in its first line, where it has one."""

    language: str
    body: str
    name: str | None


@dataclass(frozen=True)
class Step:
    """A command of a console with the output and the exit code that the page promises."""

    command: str
    output: tuple[str, ...]
    code: int


def in_dutch(page: Path) -> bool:
    return page.parent.name == "nl" or page.name.endswith(".nl.md")


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def fences(text: str) -> list[Fence]:
    return [
        Fence(language, body, name[1] if (name := _NAME.match(body)) else None)
        for language, body in _FENCE.findall(text)
    ]


def prose(text: str) -> str:
    return _FENCE.sub("", text)


def steps(console: str) -> list[Step]:
    found: list[Step] = []
    for block in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, *output = block.rstrip("\n").split("\n")
        if command == "echo $?":
            found[-1] = Step(found[-1].command, found[-1].output, int(output[0]))
        else:
            found.append(Step(command, tuple(line.rstrip() for line in output), 0))
    return found


def unmatched(expected: tuple[str, ...], written: list[str]) -> str | None:
    """The first promised line that was not written; a line `…` lets any lines pass."""
    at, skipping = 0, False
    for line in expected:
        if line == "…":
            skipping = True
            continue
        while skipping and at < len(written) and written[at] != line:
            at += 1
        if at >= len(written) or written[at] != line:
            return line
        at, skipping = at + 1, False
    return None if skipping or at == len(written) or not expected else written[at]


def anchors(text: str) -> set[str]:
    """Anchors of headings as GitHub makes them."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(prose(text)):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def links(text: str) -> list[str]:
    """Targets of links to our own pages and files."""
    targets = _LINK.findall(_CODE.sub("", prose(text)))
    return [target for target in targets if not target.startswith(("http:", "https:", "mailto:"))]


def commands(text: str) -> Iterator[str]:
    """Everything after `govcheck` in the command lines of a text in Markdown."""
    for code in _CODE.findall(prose(text)):
        if code.startswith("govcheck "):
            yield code.removeprefix("govcheck ")
    for fence in fences(text):
        for line in fence.body.split("\n"):
            if fence.language in ("console", "sh", "yaml") and not line.strip().startswith("#"):
                yield from (found.strip() for found in _COMMAND.findall(line))


def stranger(line: str) -> str | None:
    """The first word of a command line that is no command of ours, or no option of its command."""
    command: click.Command = cli
    for word in shlex.split(line):
        name = word.partition("=")[0]
        options = {opt for parameter in command.params for opt in parameter.opts} | {"-h", "--help"}
        if name.startswith("-"):
            if name not in options:
                return word
        elif isinstance(command, click.Group):
            if word.startswith("["):
                return None
            if word not in command.commands:
                # `list rules|tables` names several commands at once.
                return None if set(word.split("|")) <= set(command.commands) else word
            command = command.commands[word]
    return None
