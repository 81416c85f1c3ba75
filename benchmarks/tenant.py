"""A made-up tenant of any size as a snapshot: `python benchmarks/tenant.py 1000000 FOLDER`.

The rows come from DuckDB rather than from the demo generator, so that a million people take seconds: people, 1.2
devices and about 6 memberships each, a Team per 20 people, shares of missing MFA and stale devices as tenants have.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import duckdb

TAKEN_AT = "2026-10-01T00:00:00Z"

COLUMNS = {
    "users": {
        "id": "text",
        "user_principal_name": "text",
        "display_name": "text",
        "department": "text",
        "account_enabled": "bool",
        "user_type": "text",
        "is_mfa_registered": "bool",
        "is_mfa_capable": "bool",
        "methods_registered": "list",
        "created_date_time": "time",
        "last_updated_date_time": "time",
        "manager_id": "text",
        "office_location": "text",
    },
    "devices": {
        "id": "text",
        "user_id": "text",
        "device_name": "text",
        "operating_system": "text",
        "compliance_state": "text",
        "last_sync_date_time": "time",
    },
    "teams": {"id": "text", "display_name": "text"},
    "memberships": {"group_id": "text", "user_id": "text", "role": "text"},
    "organization": {"id": "text", "display_name": "text"},
}


def guid(seed: str) -> str:
    """SQL for an id that looks like Graph's."""
    digest = f"md5({seed})"
    cuts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return "(" + "||'-'||".join(f"substr({digest},{start},{length})" for start, length in cuts) + ")"


def share(salt: str) -> str:
    """SQL for an evenly spread number from 0 up to 1, the same in every run."""
    return f"(hash(i::VARCHAR||'{salt}') % 1000000 / 1000000.0)"


def queries(people: int) -> dict[str, str]:
    """SQL for every table."""
    teams = max(people // 20, 10)
    methods = {"microsoftAuthenticatorPush": 0.7, "fido2": 0.15, "mobilePhone": 0.3, "windowsHelloForBusiness": 0.4}
    listed = ", ".join(f"CASE WHEN {share(name)} < {part} THEN '{name}' END" for name, part in methods.items())
    return {
        "users": f"""
            SELECT {guid("'u'||i")} AS id, 'user'||i||'@contoso.example' AS user_principal_name,
                   'User '||i AS display_name, 'D'||(hash(i::VARCHAR||'d') % 40) AS department,
                   {share("en")} < 0.93 AS account_enabled,
                   CASE WHEN {share("ut")} < 0.12 THEN 'Guest' ELSE 'Member' END AS user_type,
                   {share("mr")} < 0.94 AS is_mfa_registered, {share("mc")} < 0.90 AS is_mfa_capable,
                   list_filter([{listed}], lambda x: x IS NOT NULL)::VARCHAR[] AS methods_registered,
                   TIMESTAMP '2026-09-30' - to_days(({share("cr")} * 3000)::INT) AS created_date_time,
                   CASE WHEN {share("ls")} < 0.95
                        THEN TIMESTAMP '2026-10-01' - to_hours((pow({share("lt")}, 3) * 9000)::INT)
                   END AS last_updated_date_time,
                   CASE WHEN {share("mg")} < 0.92
                        THEN {guid(f"'u'||(hash(i::VARCHAR||'mm') % {people})")} END AS manager_id,
                   CASE WHEN {share("of")} < 0.9 THEN 'Office'||(hash(i::VARCHAR||'o') % 200) END AS office_location
            FROM range({people}) t(i)""",
        "devices": f"""
            SELECT {guid("'d'||i")} AS id, {guid(f"'u'||(hash(i::VARCHAR||'ow') % {people})")} AS user_id,
                   'PC-'||i AS device_name,
                   CASE WHEN {share("os")} < 0.6 THEN 'Windows' WHEN {share("os")} < 0.85 THEN 'iOS'
                        ELSE 'Android' END AS operating_system,
                   CASE WHEN {share("co")} < 0.85 THEN 'compliant' ELSE 'noncompliant' END AS compliance_state,
                   TIMESTAMP '2026-10-01' - to_hours((pow({share("sy")}, 2) * 4000)::INT) AS last_sync_date_time
            FROM range({people * 6 // 5}) t(i)""",
        "teams": f"""SELECT {guid("'t'||i")} AS id, 'Team '||i AS display_name FROM range({teams}) t(i)""",
        "memberships": f"""
            SELECT {guid("'t'||team")} AS group_id, {guid("'u'||person")} AS user_id,
                   CASE WHEN chance < 0.015 THEN 'owner' ELSE 'member' END AS role
            FROM (SELECT team, person, min(chance) AS chance FROM (
                SELECT (pow({share("tt")}, 1.3) * {teams})::BIGINT % {teams} AS team,
                       hash(i::VARCHAR||'tu') % {people} AS person, {share("rl")} AS chance
                FROM range({6 * people}) t(i)) GROUP BY team, person) ORDER BY team""",
        "organization": f"""SELECT {guid("'tenant'")} AS id, 'Contoso' AS display_name""",
    }


def write(people: int, folder: Path) -> None:
    """Write the snapshot of a tenant with this many people."""
    folder.mkdir(parents=True)
    connection = duckdb.connect()
    tables = {}
    for name, query in queries(people).items():
        file = folder / f"{name}.parquet"
        rows = connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)").fetchone()
        tables[name] = {
            "rows": rows[0] if rows else 0,
            "columns": COLUMNS[name],
            "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()},
            "requests": 0,
            "gap": None,
            "column_gaps": {},
        }
    manifest = {
        "schema": "govcheck.snapshot/v1",
        "tenant": {"id": "benchmark", "name": "Contoso"},
        "taken_at": TAKEN_AT,
        "govcheck_version": "benchmark",
        "tables": tables,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2))


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
