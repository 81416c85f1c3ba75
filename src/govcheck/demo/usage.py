"""Reports on what people do, counted: usage reports, of which a row is one line of CSV, and phishing exercises."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from govcheck.demo.basis import Resource, ago, chance, stamp
from govcheck.demo.people import Person
from govcheck.demo.teams import LAB, Group, group_id

_SILENT = group_id(LAB)


def count_team_activity(groups: Iterable[Group], seed: int) -> list[Resource]:
    """Write `getTeamsTeamActivityDetail`, by column title; a team that nobody used has no last date and no counts."""
    rng = chance(seed, "team-activity")
    rows = []
    for group in groups:
        if "Team" not in group.resource["resourceProvisioningOptions"]:
            continue
        busy = 0 if group.resource["id"] == _SILENT else len(group.members)
        posts = rng.randint(0, 4 * busy)
        rows.append(
            {
                "Report Refresh Date": f"{ago(2):%Y-%m-%d}",
                "Team Name": group.resource["displayName"],
                "Team Id": group.resource["id"],
                "Team Type": group.resource["visibility"],
                "Last Activity Date": f"{ago(rng.uniform(2, 12)):%Y-%m-%d}" if busy else "",
                "Report Period": 30,
                "Active Users": rng.randint(busy // 2, busy),
                "Active Channels": min(busy, rng.randint(1, 5)),
                "Guests": rng.randint(0, 2) if busy else 0,
                "Reactions": rng.randint(0, 9 * busy),
                "Meetings Organized": rng.randint(0, 2 + busy) if busy else 0,
                "Post Messages": posts,
                "Reply Messages": rng.randint(0, 3 * posts),
                "Channel Messages": posts + rng.randint(0, busy),
                "Urgent Messages": rng.randint(0, 1) if busy else 0,
                "Mentions": rng.randint(0, 3 * busy),
                "Active Shared Channels": 0,
                "Active External Users": 0,
            }
        )
    return rows


def write_report(rows: Sequence[Resource], days: int) -> str:
    """Write a report as the CSV file that Graph points to, byte order mark included."""
    file = io.StringIO()
    file.write("\ufeff")
    if rows:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "Report Period": days} for row in rows)
    return file.getvalue()


def count_exercises(staff: Iterable[Person], seed: int) -> list[Resource]:
    """Write how many phishing exercises reached each employee, and how many he or she fell for."""
    rng = chance(seed, "exercises")
    rows: list[Resource] = []
    for person in staff:
        number = rng.choices((0, 1, 2, 3), (6, 14, 30, 50))[0]
        clicked = rng.choices((0, 1), (85, 15))[0] if number else 0
        rows.append(
            {
                "attackSimulationUser": {"displayName": person.name, "email": person.mail, "userId": person.id},
                "clickCount": clicked,
                "compromisedCount": clicked and rng.randint(0, 1),
                "latestSimulationDateTime": stamp(ago(rng.uniform(3, 80))) if number else None,
                "simulationCount": number,
            }
        )
    return rows
