"""Small invented tenants: a snapshot from plain rows, documents from plain values, and the command line on top.

Nothing here knows what the product makes of them: a snapshot is written by its published format,
documents as YAML, and the program is started the way its console script starts it.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import yaml
from pyarrow import parquet

from govcheck.catalogue import Column, Table, tables
from govcheck.cli import main

TENANT = "7e4a0000-0000-4000-8000-000000000001"
TENANT_NAME = "De Linde"
TAKEN_AT = "2026-10-01T08:00:00Z"
GROUND = ("users", "teams", "memberships")
"""Tables that say who belongs where: written empty when a test says nothing of them."""

Row = Mapping[str, object]
Rows = Mapping[str, Sequence[Row]]
Document = dict[str, Any]

_ARROW: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
    "time": pa.timestamp("us"),
    "list": pa.list_(pa.string()),
    "json": pa.string(),
}


def write_snapshot(
    folder: Path,
    rows: Rows,
    *,
    gaps: Mapping[str, str] | None = None,
    taken_at: str = TAKEN_AT,
    tenant: str = TENANT,
) -> Path:
    """Write a snapshot: every table with all its columns, null where a row leaves one out.

    `gaps` maps `table` or `table.column` to the reason it is missing; a table that nobody names is not collected.
    """
    folder.mkdir(parents=True)
    missing = dict(gaps or {})
    whole = {name: reason for name, reason in missing.items() if "." not in name}
    organization: list[Row] = [{"id": tenant, "display_name": TENANT_NAME}]
    held: dict[str, Sequence[Row]] = {"organization": organization} | dict.fromkeys(GROUND, ()) | dict(rows)
    entries = {name: _missing_table(reason) for name, reason in whole.items()}
    for name, found in held.items():
        if name not in whole:
            lost = {key.partition(".")[2]: why for key, why in missing.items() if key.startswith(f"{name}.")}
            entries[name] = _write_table(folder, tables()[name], found, lost)
    manifest = {
        "schema": "govcheck.snapshot/v1",
        "tenant": {"id": tenant, "name": TENANT_NAME},
        "taken_at": taken_at,
        "govcheck_version": "0.1.0",
        "tables": entries,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def _missing_table(reason: str) -> dict[str, Any]:
    gap = {"reason": reason, "detail": "made up"}
    return {"rows": 0, "columns": {}, "files": {}, "requests": 1, "gap": gap, "column_gaps": {}}


def _write_table(folder: Path, table: Table, rows: Sequence[Row], lost: Mapping[str, str]) -> dict[str, Any]:
    columns = {name: column for name, column in table.columns.items() if column.computed is None}
    unknown = {name for row in rows for name in row} - set(columns)
    assert not unknown, f"{table.name} has no column {unknown}"
    kept = [column for name, column in columns.items() if name not in lost]
    arrays = [pa.array([_cell(row.get(column.name), column) for row in rows], _ARROW[column.type]) for column in kept]
    file = folder / f"{table.name}.parquet"
    parquet.write_table(pa.table(arrays, names=[column.name for column in kept]), file, compression="zstd")
    return {
        "rows": len(rows),
        "columns": {column.name: column.type for column in kept},
        "files": {file.name: sha256(file.read_bytes()).hexdigest()},
        "requests": 1,
        "gap": None,
        "column_gaps": {name: {"reason": reason, "detail": "made up"} for name, reason in lost.items()},
    }


def _cell(value: object, column: Column) -> object:
    if value is None:
        return None
    if column.type == "time":
        return datetime.fromisoformat(str(value)).astimezone(UTC).replace(tzinfo=None)
    return json.dumps(value, separators=(",", ":")) if column.type == "json" else value


def person(user: str, **columns: object) -> dict[str, object]:
    """An enabled member; `columns` say what else is so."""
    return {
        "id": user,
        "display_name": user.capitalize(),
        "user_principal_name": f"{user}@delinde.example",
        "account_enabled": True,
        "user_type": "Member",
        **columns,
    }


def team(group: str, **columns: object) -> dict[str, object]:
    """A group that is a Team."""
    return {"id": group, "display_name": group.capitalize(), **columns}


def members(group: str, users: Iterable[str], role: str = "member") -> list[Row]:
    """Rows of `memberships` for people in one group."""
    return [{"group_id": group, "user_id": user, "role": role} for user in users]


def document(kind: str, name: str, **body: object) -> Document:
    """A document of any kind with the header that validation wants."""
    return {"apiVersion": "govcheck/v1", "kind": kind, "id": name, **body}


def policy(*rules: Document, name: str = "house", **header: object) -> Document:
    """A policy of `rules`, owned by the CISO."""
    head = {"title": f"Policy {name}", "owner": "ciso", "version": "1.0", "effective": "2026-01-01", **header}
    return document("Policy", name, **head, rules=list(rules))


def rule(name: str, check: str, expect: str, **more: object) -> Document:
    """A rule of severity high; `more` adds to it or replaces."""
    words = {"title": f"Title of {name}", "message": f"Message of {name}", "why": "Because.", "fix": "Mend it."}
    return {"id": name, "severity": "high", "check": check, "expect": expect, **words, **more}


def write_documents(file: Path, *documents: Document) -> Path:
    """Write documents into one YAML file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    written = yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False, explicit_start=True)
    file.write_text(written, "utf-8")
    return file


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it wrote."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """What went to stdout, as text."""
        return self.stdout.decode()

    @property
    def json(self) -> Any:
        """What went to stdout, as JSON."""
        assert self.stdout, self.stderr
        return json.loads(self.stdout)


def run(folder: Path, *arguments: str | Path, **environment: str) -> Ended:
    """Start the program in `folder`, with its home there too and nothing else of the outside environment."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("GOVCHECK_", "AZURE_", "LC_"))}
    for name in ("LANG", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        ours.pop(name, None)
    ours |= {"GOVCHECK_HOME": str(folder / "home")} | environment
    out, err = io.BytesIO(), io.BytesIO()
    stdout, stderr = (io.TextIOWrapper(raw, "utf-8", newline="", write_through=True) for raw in (out, err))
    code: object = None
    with patch.dict(os.environ, ours, clear=True), chdir(folder), redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
    for stream in (stdout, stderr):
        stream.flush()
    assert isinstance(code, int), f"ended with {code!r}"
    return Ended(code, out.getvalue(), err.getvalue().decode())


def check(folder: Path, *arguments: str | Path, **environment: str) -> Ended:
    """Run `check` on `folder/snapshot` and the documents in `folder/policies`."""
    return run(folder, "check", "--snapshot", "snapshot", *arguments, **environment)


class Verdicts:
    """A JSON report, to be asked by id."""

    def __init__(self, ended: Ended) -> None:
        self.ended = ended
        self.report: dict[str, Any] = ended.json

    def rule(self, name: str) -> dict[str, Any]:
        """The verdict of a rule."""
        return next(found for found in self.report["rules"] if found["id"] == name)

    def outcome(self, name: str) -> tuple[str, str | None]:
        """Outcome and reason of a rule."""
        return self.rule(name)["outcome"], self.rule(name)["reason"]

    def counts(self, name: str, unit: str | None = None) -> tuple[int, int, int, int]:
        """Rows that pass, fail, are unknown and are waived: over the whole tenant, or in one unit."""
        found = self.rule(name)["subjects"] if unit is None else self.verdict(name, unit)
        return found["pass"], found["fail"], found["unknown"], found["waived"]

    def verdict(self, name: str, unit: str) -> dict[str, Any]:
        """What a rule says of a unit."""
        found: dict[str, Any] = next(row for row in self.rule(name)["units"] if row["unit"] == unit)
        return found

    def units_of(self, name: str) -> dict[str, str]:
        """Unit id to outcome, for every unit that a rule speaks of."""
        return {row["unit"]: row["outcome"] for row in self.rule(name)["units"]}

    def unit(self, name: str) -> dict[str, Any]:
        """A unit of the report."""
        return next(found for found in self.report["units"] if found["id"] == name)

    def findings(self, name: str) -> list[dict[str, Any]]:
        """The findings of a rule, in the order of the report."""
        return [found for found in self.report["findings"] if found["rule"] == name]

    def finding(self, name: str, subject: str) -> dict[str, Any]:
        """The finding of a rule about one subject."""
        return next(found for found in self.findings(name) if found["subject"]["id"] == subject)

    def subjects(self, name: str) -> list[tuple[str, str]]:
        """Subject id and outcome of every finding of a rule."""
        return [(found["subject"]["id"], found["outcome"]) for found in self.findings(name)]


def judge(
    folder: Path,
    documents: Sequence[Document],
    rows: Rows,
    *arguments: str | Path,
    gaps: Mapping[str, str] | None = None,
) -> Verdicts:
    """Write everything below `folder`, check it, and give the verdicts."""
    write_documents(folder / "policies" / "house.yaml", *documents)
    write_snapshot(folder / "snapshot", rows, gaps=gaps)
    return Verdicts(check(folder, "--format", "json", *arguments))
