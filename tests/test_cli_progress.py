"""How far the reading is: drawn on a terminal, told where asked, never on stdout."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from govcheck.cli.progress import Progress
from govcheck.model import Lang
from tenants import run

ESC = "\x1b"


class Time:
    """A clock that a test winds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def shown(written: str) -> list[str]:
    """The lines that a terminal shows at the end, of writing that goes up and wipes."""
    lines: list[str] = []
    for part in re.split(f"({ESC}\\[\\d+F{ESC}\\[J)", written):
        if part.startswith(ESC):
            del lines[-int(part[2 : part.index("F")]) :]
        else:
            lines += part.splitlines()
    return lines


def drawn(*, live: bool, verbose: bool = False, lang: Lang = "en") -> tuple[Progress, io.StringIO, Time]:
    stream, time = io.StringIO(), Time()
    return Progress(stream, lang, live=live, verbose=verbose, now=time), stream, time


def test_a_terminal_shows_a_line_per_table_with_rows_and_pages() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        progress("users", 999, 1)
        time.now += 1
        progress("users", 1200, 2)
        time.now += 1
        progress("teams", 1, 1)
        assert shown(stream.getvalue()) == ["read users: 1200 rows, 2 pages", "read teams: 1 row, 1 page"]


def test_what_was_drawn_is_gone_when_the_reading_is_done() -> None:
    progress, stream, _ = drawn(live=True)
    with progress:
        progress("users", 999, 1)
    assert shown(stream.getvalue()) == []


def test_what_was_drawn_is_gone_when_the_reading_breaks() -> None:
    progress, stream, _ = drawn(live=True)
    with suppress(ConnectionError), progress:
        progress("users", 999, 1)
        raise ConnectionError
    assert shown(stream.getvalue()) == []


def test_a_line_of_somebody_else_stays_above_what_is_drawn() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        progress("users", 999, 1)
        progress.make_way()
        stream.write("note\n")
        time.now += 1
        progress("users", 1200, 2)
        assert shown(stream.getvalue()) == ["note", "read users: 1200 rows, 2 pages"]
    assert shown(stream.getvalue()) == ["note"]


def test_a_terminal_is_not_drawn_on_for_every_answer() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        for at in range(100):
            time.now += 0.001
            progress("users", at, at)
    assert stream.getvalue().count("users") == 1


def test_two_feeds_of_one_table_do_not_count_each_others_rows() -> None:
    progress, stream, _ = drawn(live=False, verbose=True)
    with progress:
        progress("users", 999, 1)
        progress("users", 500, 1)
        progress("users", 1200, 2)
    assert stream.getvalue() == "read users: 1200 rows, 3 pages\n"


def test_elsewhere_nothing_is_written() -> None:
    progress, stream, time = drawn(live=False)
    with progress:
        progress("users", 999, 1)
        time.now += 100
        progress("users", 1998, 2)
    assert stream.getvalue() == ""


def test_elsewhere_verbose_tells_now_and_again_and_at_the_end() -> None:
    progress, stream, time = drawn(live=False, verbose=True, lang="nl")
    with progress:
        progress("users", 1, 1)
        time.now += 11
        progress("users", 2, 2)
        time.now += 1
        progress("users", 3, 3)
    assert stream.getvalue().splitlines() == [
        "gelezen users: 2 rijen, 2 pagina's",
        "gelezen users: 3 rijen, 3 pagina's",
    ]


def test_where_graph_counts_the_end_is_shown_and_how_long_it_takes_at_this_pace() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        progress.expect("users", rows=5_000)
        time.now += 10
        progress("users", 1_000, 1)
        assert shown(stream.getvalue()) == ["read users: 1000 of 5000 rows, 1 page, about 40 seconds left"]
        time.now += 10
        progress("users", 4_000, 4)
        assert shown(stream.getvalue()) == ["read users: 4000 of 5000 rows, 2 pages, about 5 seconds left"]
        time.now += 1
        progress("users", 5_001, 5)
        assert shown(stream.getvalue()) == ["read users: 5001 rows, 3 pages"]


def test_what_is_read_team_by_team_takes_as_long_as_there_are_teams() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        progress.expect("channels", requests=400)
        time.now += 1
        progress("channels", 3, 1)
        assert shown(stream.getvalue()) == ["read channels: 3 rows, 1 page, about 7 minutes left"]


def test_what_nobody_counts_has_no_end_in_sight() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        time.now += 10
        progress("devices", 999, 1)
        assert shown(stream.getvalue()) == ["read devices: 999 rows, 1 page"]


def test_a_table_that_is_only_expected_is_no_line_yet() -> None:
    progress, stream, time = drawn(live=True, verbose=True)
    with progress:
        progress.expect("users", rows=10)
        time.now += 1
        progress("teams", 1, 1)
        assert shown(stream.getvalue()) == ["read teams: 1 row, 1 page"]
    assert shown(stream.getvalue()) == ["read teams: 1 row, 1 page"]


def test_a_terminal_counts_down_what_graph_makes_us_wait() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        progress("users", 999, 1)
        time.now += 1
        progress.rest({"reports": 120.0, "directory": 12.4})
        assert shown(stream.getvalue()) == [
            "read users: 999 rows, 1 page",
            "waiting for Microsoft Graph (directory): 12 seconds",
            "waiting for Microsoft Graph (reports): 2 minutes",
        ]
        time.now += 1
        progress.rest({"directory": 0.2})
        assert shown(stream.getvalue())[1:] == ["waiting for Microsoft Graph (directory): 1 second"]
        time.now += 1
        progress.rest({})
        assert shown(stream.getvalue()) == ["read users: 999 rows, 1 page"]


def test_where_nothing_is_waited_for_nothing_is_drawn_again() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        progress("users", 999, 1)
        written = stream.getvalue()
        time.now += 60
        progress.rest({})
        assert stream.getvalue() == written


@pytest.mark.parametrize(
    ("verbose", "told"), [(False, ""), (True, "wachten op Microsoft Graph (reports): 30 seconden\n")]
)
def test_elsewhere_only_verbose_says_what_is_waited_for_and_not_every_second(*, verbose: bool, told: str) -> None:
    progress, stream, time = drawn(live=False, verbose=verbose, lang="nl")
    with progress:
        time.now += 11
        progress.rest({"reports": 30.0})
        time.now += 1
        progress.rest({"reports": 29.0})
        assert stream.getvalue() == told


def test_a_terminal_that_is_low_shows_the_last_tables_only() -> None:
    progress, stream, time = drawn(live=True)
    with progress:
        for at in range(60):
            time.now += 1
            progress(f"table_{at}", 1, 1)
        assert len(shown(stream.getvalue())) == 23


# The whole program


def collect(folder: Path, *options: str, term: str = "xterm-256color") -> tuple[bytes, str]:
    """Collect the demo with stderr on a terminal and stdout in a pipe: what came on each."""
    ours, theirs = pty.openpty()
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("GOVCHECK_")}
    surroundings |= {"GOVCHECK_HOME": str(folder / "home"), "TERM": term, "GOVCHECK_LANG": "en"}
    command = [sys.executable, "-m", "govcheck", "collect", "--tenant", "demo", "--select", "ACC-02", *options]
    with subprocess.Popen(  # noqa: S603
        command, cwd=folder, env=surroundings, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        written = b""
        while part := _read(ours):
            written += part
        data = process.stdout.read() if process.stdout else b""
    os.close(ours)
    return data, written.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_on_a_terminal_the_reading_is_drawn_on_stderr_and_wiped(tmp_path: Path) -> None:
    data, written = collect(tmp_path)
    assert "read organization: 1 row, 1 page" in written
    assert shown(written) == []
    assert data.count(b"\n") == 1
    assert b"read " not in data


def test_verbose_leaves_what_was_read_on_a_terminal(tmp_path: Path) -> None:
    _, written = collect(tmp_path, "-v")
    assert any(line.startswith("read users: ") for line in shown(written))


def test_quiet_draws_nothing(tmp_path: Path) -> None:
    assert collect(tmp_path, "-q")[1] == ""


def test_a_terminal_that_cannot_draw_is_not_drawn_on(tmp_path: Path) -> None:
    assert collect(tmp_path, term="dumb")[1] == ""


def test_in_a_pipe_only_verbose_tells(tmp_path: Path) -> None:
    silent = run(tmp_path, "check", "--tenant", "demo", "--select", "COM-12", "-f", "json")
    verbose = run(tmp_path, "check", "--tenant", "demo", "--select", "COM-12", "-f", "json", "-v")
    assert "read users" not in silent.stderr
    assert "read users" in verbose.stderr
    assert ESC not in verbose.stderr
    assert b"read users" not in verbose.stdout


def test_quiet_wins_over_verbose(tmp_path: Path) -> None:
    assert run(tmp_path, "check", "--tenant", "demo", "--select", "COM-12", "-q", "-v").stderr == ""
