"""Patterns that a rule may use: checked before anything runs."""

from __future__ import annotations


def like_problem(pattern: str) -> str | None:
    """Why `pattern` cannot be a LIKE pattern: engines disagree on what a backslash means."""
    return "\\" if "\\" in pattern else None


def regex_problem(pattern: str) -> str | None:
    """Why RE2 refuses `pattern`, in RE2's own words."""
    import duckdb

    try:
        duckdb.connect().execute("SELECT regexp_matches('', ?)", [pattern])
    except duckdb.Error as refusal:
        # DuckDB puts the kind of its error before what RE2 says.
        return str(refusal).splitlines()[0].partition(": ")[2]
    return None
