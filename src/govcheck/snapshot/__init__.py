"""What was read from one tenant at one moment, as a folder of Parquet files and a manifest.

`manifest` is the contract of that folder, `folders` writes folders whole or not at all, `store` knows where
snapshots and runs are kept and for how long.
"""

from __future__ import annotations

from govcheck.snapshot.manifest import Snapshot, TableEntry, open_snapshot, write_manifest

__all__ = ["Snapshot", "TableEntry", "open_snapshot", "write_manifest"]
