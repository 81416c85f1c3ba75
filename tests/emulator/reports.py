"""Usage reports: Graph only says where one can be fetched, for some minutes and without a token."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.directory import Directory
from emulator.errors import GraphError, bad_request
from emulator.messages import Response
from emulator.paging import Pager
from emulator.rows import Row

PERIODS = ("D7", "D30", "D90", "D180")
_LINK_LIFETIME = 300.0
_CONCEALED = frozenset(
    {"Team Name", "Team Id", "User Principal Name", "User Id", "Display Name", "Site URL", "Group Id"}
)
"""Columns that say who or which, by name or by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A report that was fetched, and whether a token came along that should not have."""

    report: str
    status: int
    with_token: bool


@dataclass(slots=True)
class Reports:
    """The reports of a tenant and the host where they are fetched."""

    directory: Directory
    pager: Pager
    host: str = ""
    """Scheme and authority; known when it listens."""
    downloads: list[Download] = field(default_factory=list)

    def redirect(self, report: str, period: str) -> Response:
        """Say where a report can be fetched. Raises Graph's 400 for a period that there is not."""
        if period not in PERIODS:
            raise bad_request(f"Invalid parameter: period '{period}'. Must be one of {', '.join(PERIODS)}.")
        token = self.pager.write("report", report, period)
        location = {"Location": f"{self.host}{report}?sig={token}", "Content-Type": "text/plain"}
        return Response(status=302, body="", headers=location)

    def download(self, report: str, token: str, authorization: str | None) -> Response:
        """Give a report to whoever has the link. A token is refused: it is for Graph and nobody else."""
        response = self._fetch(report, token, authorization)
        self.downloads.append(Download(report=report, status=response.status, with_token=bool(authorization)))
        return response

    def _fetch(self, report: str, token: str, authorization: str | None) -> Response:
        sealed = self.pager.read("report", report, token)
        if authorization:
            return _refused(400, "InvalidAuthenticationInfo")
        if sealed is None or sealed.age > _LINK_LIFETIME:
            return _refused(403, "AuthenticationFailed")
        rows = self.directory.reports[report]
        concealed = self.directory.singletons.get("/admin/reportSettings", {}).get("displayConcealedNames", False)
        days = int(sealed.content.removeprefix("D"))
        text = write_csv(({**row, "Report Period": days} for row in rows), concealed=concealed)
        return Response(status=200, body=text, headers={"Content-Type": "application/octet-stream"})


def find_report(directory: Directory, path: str) -> str | None:
    """Find the report that a path such as `/reports/getX(period='D30')` asks for."""
    bare = path.partition("(")[0].lower()
    return next((report for report in directory.reports if report.lower() == bare), None)


def period_of(path: str) -> str:
    """Read the period in a path. Raises Graph's 400 where it is no call with a period."""
    argument = path.partition("(")[2].removesuffix(")")
    name, _, value = argument.partition("=")
    if name.strip().lower() != "period":
        raise GraphError(400, "BadRequest", "Resource not found for the segment.")
    return value.strip().strip("'")


def write_csv(rows: Iterable[Row], *, concealed: bool) -> str:
    """Write rows as CSV with a byte order mark; concealed, every name and id is a hash of itself."""
    text = io.StringIO()
    text.write("\ufeff")
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, row.keys())
            writer.writeheader()
        writer.writerow(_conceal(row) if concealed else row)
    return text.getvalue()


def _conceal(row: Row) -> Mapping[str, Any]:
    return {title: _hash(value) if title in _CONCEALED else value for title, value in row.items()}


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:32].upper()


def _refused(status: int, code: str) -> Response:
    body = f'\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
    return Response(status=status, body=body, headers={"Content-Type": "application/xml"})
