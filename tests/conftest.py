"""Golden files: `pytest --update-golden` rewrites them, and a look at the diff accepts the change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the files in tests/golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with the golden file of that name."""

    def compare(name: str, written: bytes) -> None:
        if request.config.getoption("--update-golden"):
            GOLDEN.mkdir(exist_ok=True)
            (GOLDEN / name).write_bytes(written)
        expected = (GOLDEN / name).read_bytes()
        assert written.decode() == expected.decode()

    return compare
