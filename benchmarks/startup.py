"""How long do the everyday commands take, against Python itself? `python benchmarks/startup.py [ROUNDS]`.

Every command runs as a whole process, in turn with `python -c pass`; the ratio is the median over the pairs.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

COMMANDS = {
    "govcheck --help": (["--help"], 0),
    "govcheck validate (shipped packs)": (["validate", "-q"], 0),
    "govcheck test (shipped packs)": (["test", "-q"], 0),
    "govcheck check --tenant demo": (["check", "--tenant", "demo", "-q"], 1),
}


def seconds(command: list[str], expected: int, home: str) -> float:
    """Wall time of one process, which must end with the expected code."""
    environment = os.environ | {"GOVCHECK_HOME": home}
    start = time.perf_counter()
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, cwd=home, check=False)
    took = time.perf_counter() - start
    assert ended.returncode == expected, (command, ended.returncode)
    return took


def main(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        for name, (arguments, expected) in COMMANDS.items():
            pairs = [
                (
                    seconds([sys.executable, "-m", "govcheck", *arguments], expected, home),
                    seconds([sys.executable, "-c", "pass"], 0, home),
                )
                for _ in range(rounds)
            ]
            ratio = statistics.median(ours / bare for ours, bare in pairs)
            ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
            print(f"{name:36} {ours:6.3f} s   python -c pass {bare:6.3f} s   ratio {ratio:6.1f}")
    print(f"{platform.machine()}, Python {platform.python_version()}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
