"""Evidence: files with counts per unit and with exported settings, the privacy gate before everything else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from govcheck.diagnostics import Diagnostic, GovcheckError
from govcheck.evidence.headings import aliases, folded
from govcheck.evidence.refusal import Refusal
from govcheck.evidence.rows import Intake, Row
from govcheck.evidence.table import FileEvidence, read_rows
from govcheck.model import ORGANISATION
from govcheck.policy.types import MIN_GROUP, EvidenceFile, PolicySet

__all__ = ["Evidence", "FileEvidence", "Row", "read_evidence", "survey_evidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the declared files hold. A file that is not there is absent; one that nobody needs is not opened."""

    read: tuple[FileEvidence, ...] = ()
    absent: tuple[EvidenceFile, ...] = ()
    unopened: tuple[EvidenceFile, ...] = ()
    min_group: int = MIN_GROUP


def read_evidence(policies: PolicySet, needed: Collection[str] | None = None) -> Evidence:
    """Read the files behind the tables in `needed` (None: all). Rows about too few people are set apart.

    Raises `GovcheckError` with every file that is refused.
    """
    intake = Intake(min_group=policies.min_group, units=_unit_names(policies))
    read: list[FileEvidence] = []
    absent: list[EvidenceFile] = []
    unopened: list[EvidenceFile] = []
    faults: list[Diagnostic] = []
    for file in policies.evidence:
        if needed is not None and file.table.name not in needed:
            unopened.append(file)
        elif not file.path.is_file():
            absent.append(file)
        else:
            try:
                read.append(read_rows(file, intake))
            except Refusal as refusal:
                faults.append(refusal.diagnostic(file))
    if faults:
        raise GovcheckError(*faults)
    return Evidence(read=tuple(read), absent=tuple(absent), unopened=tuple(unopened), min_group=policies.min_group)


def survey_evidence(policies: PolicySet) -> Evidence:
    """Which files are there, without opening any."""
    there = [file.path.is_file() for file in policies.evidence]
    return Evidence(
        absent=tuple(file for file, is_there in zip(policies.evidence, there, strict=True) if not is_there),
        unopened=tuple(file for file, is_there in zip(policies.evidence, there, strict=True) if is_there),
    )


def _unit_names(policies: PolicySet) -> dict[str, str]:
    """What a file may call a unit, folded: its id, its name, its department or its group."""
    names = {folded(name): ORGANISATION for name in (ORGANISATION, *aliases()[ORGANISATION])}
    units = policies.organisation.units if policies.organisation else ()
    for unit in units:
        for name in (unit.group, unit.department, unit.name):
            if name:
                names.setdefault(folded(name), unit.id)
    return names | {folded(unit.id): unit.id for unit in units}
