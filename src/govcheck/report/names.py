"""How much a report says about people: everything, pseudonyms, or only counts.

Pseudonyms are keyed: whoever lacks the key cannot compute them from a list of names, and whoever keeps the
key can follow a finding from run to run.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from govcheck.catalogue import Table, tables
from govcheck.model import Finding, Owner, Person, Report, Subject, Value

NamesMode = Literal["shown", "pseudonymous", "counts"]
_DIGITS = 12


def with_names(report: Report, mode: NamesMode, key: bytes) -> Report:
    """Hide people in a report as `mode` asks; `shown` changes nothing.

    `pseudonymous` replaces whatever names a person: ids and labels of subjects, personal columns of evidence
    and messages, and who must act. `counts` drops the findings and keeps the numbers. Names of units and of
    things that are not about people stay, and so do fingerprints: a baseline needs them, but they are no
    secret, since somebody who knows a subject's id can compute its fingerprint and recognise it.

    Raises `ValueError` for pseudonyms with a key under 16 bytes.
    """
    match mode:
        case "shown":
            return report
        case "counts":
            return replace(report, findings=())
        case "pseudonymous":
            mask = _Mask(key=key)
            return replace(report, findings=tuple(mask.finding(finding) for finding in report.findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mask:
    key: bytes

    def __post_init__(self) -> None:
        if len(self.key) < 16:  # noqa: PLR2004 - the shortest key that cannot be guessed
            raise ValueError("the key for pseudonyms needs at least 16 bytes")

    def pseudonym(self, identity: str) -> str:
        digest = hmac.new(self.key, identity.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"p-{digest.hexdigest()[:_DIGITS]}"

    def finding(self, finding: Finding) -> Finding:
        table = tables().get(finding.subject.kind)
        subject = self._subject(finding.subject, table)
        return replace(
            finding,
            subject=subject,
            evidence=self._values(finding.evidence, table, subject),
            values=self._values(finding.values, table, subject),
            owner=self._owner(finding.owner),
        )

    def _subject(self, subject: Subject, table: Table | None) -> Subject:
        if table is None or not _about_people(table):
            return subject
        pseudonym = self.pseudonym(subject.id)
        return replace(subject, id=pseudonym, label=pseudonym)

    def _values(self, values: Mapping[str, Value], table: Table | None, subject: Subject) -> dict[str, Value]:
        """Replace personal columns; relation calls are numbers and truths about others, and stay."""
        personal = {column.name for column in table.columns.values() if column.personal} if table else set()
        label = table.label if table and _about_people(table) else None
        masked: dict[str, Value] = {}
        for name, value in values.items():
            if name == label:
                masked[name] = subject.label
            else:
                masked[name] = self._value(value) if name in personal else value
        return masked

    def _value(self, value: Value) -> Value:
        match value:
            case None:
                return None
            case tuple():
                return tuple(self.pseudonym(item) for item in value)
            case _:
                return self.pseudonym(str(value))

    def _owner(self, owner: Owner) -> Owner:
        people = tuple(self._person(person) for person in owner.people)
        return replace(owner, people=people)

    def _person(self, person: Person) -> Person:
        pseudonym = self.pseudonym(person.id)
        return Person(id=pseudonym, name=pseudonym, upn=pseudonym)


def _about_people(table: Table) -> bool:
    return (table.people and not table.evidence) or table.names_people
