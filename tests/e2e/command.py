"""Runs `backflip` as a user would: a process of its own, with a home of its own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

TASK = "hopper-backflip"
SECONDS = 400
"""A command that takes longer hangs."""


def command(*arguments: object) -> list[str]:
    """The command line, through the console script's own `main()`."""
    return [sys.executable, "-m", "app.cli", *map(str, arguments)]


def small_command(*arguments: object) -> list[str]:
    """The same, where new sessions train with less (`tests.e2e.small_lessons`)."""
    return [sys.executable, "-m", "tests.e2e.small_lessons", *map(str, arguments)]


def environment(home: Path, **changes: str | None) -> dict[str, str]:
    """This process's environment with an isolated home; a variable that is None is taken out."""
    variables = {**os.environ, "BACKFLIP_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", **changes}
    return {name: value for name, value in variables.items() if value is not None}


def backflip(home: Path, *arguments: object, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return _run(command(*arguments), environment(home, **changes))


def small_backflip(home: Path, *arguments: object, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; what it teaches anew trains with less."""
    return _run(small_command(*arguments), environment(home, **changes))


def _run(line: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, env=variables, capture_output=True, text=True, timeout=SECONDS, check=False)


def hear(
    home: Path,
    module: str,
    *arguments: object,
    enough: Callable[[list[dict[str, Any]]], bool],
    patience: float,
    kills: bool = True,
) -> list[dict[str, Any]]:
    """Runs a module that prints JSON objects, a line each, until it has said enough; returns what it said.

    Args:
        home: of the process.
        module: is run with `arguments`.
        arguments: of it.
        enough: whether what it said so far is; it must come to that.
        patience: seconds after which it is killed in any case.
        kills: as soon as it has said enough; else it ends by itself.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    timer = threading.Timer(patience, process.kill)
    timer.start()
    said: list[dict[str, Any]] = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(json.loads(line))
        if kills and enough(said):
            process.kill()
            break
    timer.cancel()
    _, errors = process.communicate()
    assert enough(said), (said, errors)
    return said


def assert_one_clear_line(done: subprocess.CompletedProcess[str], *words: str, status: int = 2) -> None:
    """One line on stderr that holds all `words`, no traceback, the exit status of a mistake."""
    assert done.returncode == status, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("backflip: ") and "Traceback" not in done.stderr + done.stdout
    for word in words:
        assert word in lines[0], f"'{word}' is not in: {lines[0]}"
