"""Small policy files for tests, and what is said about them."""

from __future__ import annotations

from pathlib import Path

from govcheck.diagnostics import Diagnostic, GovcheckError
from govcheck.policy import PolicySet, load_policies

RULE = """\
  - id: {id}
    title: Everyone can use MFA
    severity: high
    check: users
    expect: {expect}
    message: "{{display_name}} has no usable MFA method"
    why: A password alone is not enough.
    fix: Register Microsoft Authenticator.
    examples:
      pass: [{{id: u1, is_mfa_capable: true}}]
      fail: [{{id: u2, is_mfa_capable: false}}]
"""
ROLES = "roles: {ciso: {}, board: {}, teamlead: {}, engineer: {}}\n"


def rule(name: str = "ACC-01", expect: str = "is_mfa_capable", more: str = "") -> str:
    """A rule that is right in every respect, with further lines."""
    return RULE.format(id=name, expect=expect) + more


def policy(name: str = "access", rules: str | None = None, more: str = "") -> str:
    """A policy document."""
    header = f'---\napiVersion: govcheck/v1\nkind: Policy\nid: {name}\ntitle: T\nowner: ciso\nversion: "1.0"\n'
    return f"{header}{more}rules:\n{rule(f'{name}-1') if rules is None else rules}"


def document(kind: str, body: str = "", name: str | None = None) -> str:
    """A document of any other kind."""
    return f"---\napiVersion: govcheck/v1\nkind: {kind}\nid: {name or kind.lower()}\n{body}"


def write(folder: Path, *documents: str, name: str = "set.yaml") -> Path:
    """A file with these documents."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(documents), "utf-8")
    return path


def load(*paths: Path, lenient: bool = False, packs: Path = Path("no packs")) -> PolicySet:
    """The set of some files, without the shipped packs."""
    return load_policies(paths, lenient=lenient, packs=packs)


def faults(*paths: Path, lenient: bool = False, packs: Path = Path("no packs")) -> tuple[Diagnostic, ...]:
    """What is wrong with some files, warnings included."""
    try:
        return load(*paths, lenient=lenient, packs=packs).diagnostics
    except GovcheckError as problem:
        return problem.diagnostics


def codes(*paths: Path, lenient: bool = False) -> list[str]:
    """The codes of what is wrong, in order of place."""
    return [fault.code for fault in faults(*paths, lenient=lenient)]
