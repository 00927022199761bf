"""Runs `backflip` as a user would: a process of its own, with a home of its own."""

import os
import subprocess
import sys
from pathlib import Path

TASK = "hopper-backflip"
SECONDS = 400
"""A command that takes longer hangs."""


def command(*arguments: object) -> list[str]:
    """The command line, through the console script's own `main()`."""
    return [sys.executable, "-m", "app.cli", *map(str, arguments)]


def environment(home: Path, **changes: str | None) -> dict[str, str]:
    """This process's environment with an isolated home; a variable that is None is taken out."""
    variables = {**os.environ, "BACKFLIP_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", **changes}
    return {name: value for name, value in variables.items() if value is not None}


def backflip(home: Path, *arguments: object, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(home, **changes),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def assert_one_clear_line(done: subprocess.CompletedProcess[str], *words: str, status: int = 2) -> None:
    """One line on stderr that holds all `words`, no traceback, the exit status of a mistake."""
    assert done.returncode == status, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("backflip: ") and "Traceback" not in done.stderr + done.stdout
    for word in words:
        assert word in lines[0], f"'{word}' is not in: {lines[0]}"
