"""The audit log: one line for every run that reads a tenant or a snapshot, appended to `audit.jsonl` in GOVCHECK_HOME.

A line says who ran what, on which policies, what was read and where the results went. It holds no secret, and no
name out of the tenant's data.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govcheck.cli.snapshots import Origin, Voice, home_folder, say_not_kept

if TYPE_CHECKING:
    from govcheck.evidence import Evidence, FileEvidence
    from govcheck.policy.types import PolicySet, Rule
    from govcheck.snapshot import Snapshot

FILE = "audit.jsonl"

_PIPELINES: Mapping[str, tuple[str, ...]] = {
    "GITHUB_ACTIONS": ("GITHUB_ACTOR",),
    "GITLAB_CI": ("GITLAB_USER_LOGIN",),
    "TF_BUILD": ("BUILD_REQUESTEDFOREMAIL", "BUILD_REQUESTEDFOR"),
    "JENKINS_URL": ("BUILD_USER_ID",),
}
"""The variable by which a pipeline makes itself known, and those in which it says for whom it runs."""


@dataclass(slots=True)
class Audit:
    """What is to be told of one run, filled in as it goes on."""

    snapshot: Snapshot | None = None
    evidence: Evidence | None = None
    run: str | None = None
    outputs: list[dict[str, str | None]] = field(default_factory=list)

    def wrote(self, format_: str, file: Path | None, names: str | None = None) -> None:
        """Note an output; `file` None is stdout, `names` how people appear in it."""
        self.outputs.append({"format": format_, "to": "stdout" if file is None else str(file), "names": names})


@contextmanager
def audited(
    command: str, origin: Origin, policies: PolicySet | None, rules: Iterable[Rule], voice: Voice
) -> Iterator[Audit]:
    """Write the line of what happens in the block, however it ends. Where that is impossible, warn and go on."""
    audit = Audit()
    started = datetime.now(UTC)
    finished = False
    try:
        yield audit
        finished = True
    finally:
        line = {
            "at": started.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "who": identity(os.environ),
            "command": command,
            "finished": finished,
            "source": origin.kind,
            "policies": policies.digest if policies is not None else None,
            "packs": sorted({rule.policy for rule in rules}),
            **_read(audit.snapshot),
            "evidence": [{"table": each.file.table.name, "file": each.file.shown} for each in _files(audit.evidence)],
            "run": audit.run,
            "outputs": audit.outputs,
        }
        file = home_folder() / FILE
        try:
            _append(file, json.dumps(line))
        except OSError:
            say_not_kept(voice, "cli.audit-not-kept", file=file)


def identity(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Whoever runs this: the person for whom a pipeline runs, else the user of this computer."""
    for pipeline, names in _PIPELINES.items():
        if environment.get(pipeline):
            return {"via": pipeline.lower(), "name": next(filter(None, map(environment.get, names)), None)}
    try:
        return {"via": "system", "name": getpass.getuser()}
    except (OSError, KeyError, ImportError):  # a container may run under a number that has no name
        return {"via": "system", "name": None}


def _read(snapshot: Snapshot | None) -> dict[str, Any]:
    if snapshot is None:
        return {"tenant": None, "taken_at": None, "read": {}}
    return {
        "tenant": snapshot.tenant,
        "taken_at": snapshot.taken_at.isoformat().replace("+00:00", "Z"),
        "read": {name: {"rows": entry.rows, "requests": entry.requests} for name, entry in snapshot.tables.items()},
    }


def _files(evidence: Evidence | None) -> tuple[FileEvidence, ...]:
    return evidence.read if evidence is not None else ()


def _append(file: Path, line: str) -> None:
    """Add a line in one write, so that runs beside this one cannot end up inside it."""
    from govcheck.snapshot.folders import private_folder

    private_folder(file.parent)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode("ascii"))
    finally:
        os.close(handle)
