"""Policies and a snapshot in, a report out: evaluated in DuckDB, forty rules a scan.

`evaluate` judges and counts, `reporting` turns that into the report, `gate` into an exit code; `examples` runs
the rows inside policies through the same code.
"""
