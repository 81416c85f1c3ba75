"""The columns, parameters and values that invented expressions and worlds are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PALETTE: Mapping[str, tuple[str, ...]] = {
    "users": (
        "id", "display_name", "department", "user_type", "account_enabled", "is_mfa_capable", "created_date_time",
        "employee_hire_date", "methods_registered", "assigned_licenses", "manager_id",
    ),
    "devices": ("id", "user_id", "os_version", "is_encrypted", "last_sync_date_time"),
    "teams": ("id", "display_name", "group_types", "created_date_time", "owner_count", "guest_count"),
    "memberships": ("group_id", "user_id", "role"),
    "subscribed_skus": ("id", "sku_part_number", "consumed_units", "prepaid_units_enabled"),
}  # fmt: skip
"""The columns that take part; the other tables and columns of the catalogue behave as one of these does."""

PARAMETERS: Mapping[str, Any] = {
    "half": 0.5,
    "two": 2,
    "name": "O'Brien",
    "yes": True,
    "since": "2025-12-31T12:00:00Z",
    "day": "2026-01-01",
    "names": ("Ana", "O'Brien", "guest"),
    "nobody": (),
    "numbers": (0.0, 1.0, 2.5),
    "mask": "%a_",
    "search": "^[a-z]+$",
}

COMMON = ("Ana", "O'Brien", "guest", "a")
"""Texts that turn up often, so that rows and expressions meet."""

TEXTS = (
    "", " ", "a", "A", "Ana", "ana ", "O'Brien", "guest", "Guest", "member", "owner", "é", "e\u0301", "É", "a%b",
    "a_b", "a\\b", "a\nb", "-- a", "/*a*/", ";", ":name", "{x}", "\uffff", "\U0001f600", "\u202ea", '"a"', "$a", "a\n",
)  # fmt: skip
MASKS = ("%", "_", "", "a%", "%b", "a_b", "%''%", "_%_", "G%t", ".", "%%", "[a]", "^a", "\U0001f600", "_\n_")
SEARCHES = (
    "a", "^a", "b$", "^$", "^[a-z]+$", "a.b", "(a|b)c?", "O''B", "[^a]", "é", r"\.", r"\\", r"^\w+$", r"\d", "a{2,3}",
    "(?i)guest", "^(Ana|guest)$", "%", "[$]$",
)  # fmt: skip
NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "0.5",
    "0.1",
    "7",
    "1e3",
    "1e308",
    "1e200",
    "1e-320",
    "5e-324",
    "9007199254740993",
    "0.30",
)
TIMES = ("2025-12-31", "2026-01-01", "2026-01-01T00:00:00Z", "2025-12-31T13:00:00+01:00", "2025-12-31T12:00:00.5Z")
