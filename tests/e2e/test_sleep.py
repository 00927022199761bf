"""A machine that sleeps and wakes, and whose clock jumps: no label is lost, no timer storms, learning goes on."""

import itertools
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.session import DATABASE
from tests.e2e.command import environment
from tests.e2e.killing import committed, open_whole
from tests.e2e.labelling_desk import LOOK_MS

ASLEEP = 4.0
"""Seconds of sleep."""
FIRST, MORE = 4, 6
"""Answers before the sleep, and after it."""
PATIENCE = 90.0
LOOK_SECONDS = 0.01


def wait_for(what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, f"not in {PATIENCE:.0f} s"
        time.sleep(LOOK_SECONDS)


def children(pid: int) -> list[str]:
    """Of all threads of a process."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted(child for each in lists for child in each.read_text(encoding="ascii").split())


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells of children")
def test_sleep_and_jumping_clocks(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.sleepy_desk", str(tmp_path), "3"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    lines: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lines.extend, args=(process.stdout,))
    reader.start()

    def events() -> int:
        return len(lines) - 1

    try:
        wait_for(lambda: events() >= FIRST, process)
        path = Path(lines[0].split(" ", 1)[1].strip())
        before = children(process.pid)
        os.killpg(process.pid, signal.SIGSTOP)
        asleep = events()
        time.sleep(ASLEEP)
        woken = time.monotonic()
        os.killpg(process.pid, signal.SIGCONT)
        wait_for(lambda: events() >= asleep + MORE, process)
        # a timer that made up for what it missed would have fired ASLEEP / LOOK_MS times at once
        assert time.monotonic() - woken >= (MORE - 2) * LOOK_MS / 1000.0, lines
        assert before and children(process.pid) == before, "the process that learns is still there"

        process.send_signal(signal.SIGUSR1)  # nobody answers for a while: the trainer rests, and a checkpoint is due
        wait_for(lambda: any((path / "checkpoints").glob("*.safetensors")), process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        reader.join()
        process.communicate()

    open_whole(path)
    stored = committed(path / DATABASE)
    assert len(stored) >= events() >= FIRST + MORE, "every label that was acknowledged is there"
    with closing(sqlite3.connect(path / DATABASE)) as connection:
        seconds = [row[0] for row in connection.execute("SELECT seconds FROM feedback_event WHERE choice IS NOT NULL")]
        written = [row[0] for row in connection.execute("SELECT created_at FROM feedback_event ORDER BY id")]
    assert all(0.0 <= each < ASLEEP + PATIENCE for each in seconds), seconds
    assert any(later < sooner for sooner, later in itertools.pairwise(written)), "the clock did jump"
