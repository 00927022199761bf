"""`kill -9` at random instants of labelling and training: no acknowledged label is lost, every reopening works."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from app.session import DATABASE, Session
from learning.messages import Choice
from tests.e2e.command import TASK, backflip, environment, small_command

KILLS = 20
LONGEST = 4.0
"""Seconds from the start of a process to its kill, at most; it is then still loading, or has just begun."""
LATE_EVERY = 4
"""One in so many is killed only after its first label, however slow the machine is,"""
LATER = 1.5
"""and so many seconds after that at most."""
PATIENCE = 60.0
"""Seconds within which the first label must come."""
LOOK_SECONDS = 0.02
"""Between two looks at what a process has done."""
MANY = 100_000
"""More labels than are ever given."""

Answers = dict[int, str | None]
"""Pair -> the choice in force, None for one that was taken back."""


def test_nothing_is_lost_at_any_instant(tmp_path: Path) -> None:
    """Side by side: most of the time is waiting for processes to start, and an instant comes as it may."""
    with ThreadPoolExecutor() as both:
        runs = [both.submit(kill, tmp_path / kill.__name__) for kill in (kill_a_simulated_teacher, kill_a_person)]
    for run in runs:
        run.result()


def kill_a_simulated_teacher(tmp_path: Path) -> None:
    """Kills `backflip teach` and `backflip resume`."""
    rng = random.Random(11)
    home, path = tmp_path / "home", tmp_path / "out" / "session"
    acknowledged: Answers = {}
    gained = 0
    for number in range(KILLS):
        arguments = ("resume", path) if path.exists() else ("teach", TASK, "--labels", MANY, "--out", tmp_path / "out")
        process = subprocess.Popen(
            small_command(*arguments),
            env=environment(home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        seen = acknowledged
        first = len(acknowledged)

        def has_taught(first: int = first) -> bool:
            nonlocal seen
            seen = committed(path / DATABASE) if (path / DATABASE).exists() else {}
            return len(seen) > first

        kill_at_random(process, rng, has_taught, late=number % LATE_EVERY == 0)
        process.communicate()
        gained += len(seen) > first
        if path.exists():
            stored = check(path, seen)
            # between the last look into the database and the kill there may have been more answers
            assert not changed(seen, stored) & seen.keys()
            acknowledged = stored
    assert gained >= KILLS // LATE_EVERY
    _goes_on_and_replays(home, path, len(acknowledged))


def kill_a_person(tmp_path: Path) -> None:
    """Kills a process that labels through the desk, as the window does."""
    rng = random.Random(12)
    home = tmp_path / "home"
    acknowledged: Answers = {}
    given = 0
    path: Path | None = None
    for number in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.labelling_desk", str(home), str(number)],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        lines: list[str] = []
        reader = threading.Thread(target=lines.extend, args=(process.stdout,))
        reader.start()

        def has_answered(lines: list[str] = lines) -> bool:
            return any(line.startswith("answered") for line in lines)

        kill_at_random(process, rng, has_answered, late=number % LATE_EVERY == 0)
        reader.join()
        process.communicate()
        for what, *words in (line.split(" ", 2) for line in lines if line.endswith("\n")):
            if what == "open":
                path = Path(" ".join(words).strip())
            elif what == "undone":
                acknowledged[int(words[0])] = None
            else:
                acknowledged[int(words[0])] = words[1].strip()
                given += 1
        if path is not None:
            stored = check(path, acknowledged)
            # one event may have been committed, and its process killed before it could tell
            assert len(changed(acknowledged, stored)) <= 1, (acknowledged, stored)
            acknowledged = stored
    assert path is not None and given >= KILLS, f"only {given} answers were given"
    in_force = sum(choice is not None for choice in acknowledged.values())
    _goes_on_and_replays(home, path, in_force)


def kill_at_random(process: subprocess.Popen[str], rng: random.Random, begun: Callable[[], bool], late: bool) -> None:
    """Kills the process at a random instant: of its start, or, if `late`, soon after it has `begun` to label."""
    until = time.monotonic() + rng.uniform(0.0, LONGEST)
    if late:
        deadline = time.monotonic() + PATIENCE
        while not begun():
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline, f"no label in {PATIENCE:.0f} s"
            time.sleep(LOOK_SECONDS)
        until = time.monotonic() + rng.uniform(0.0, LATER)
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[1]
        begun()
        time.sleep(LOOK_SECONDS)
    process.kill()
    process.wait()


def check(path: Path, acknowledged: Answers) -> Answers:
    """Opens what the killed process left, with all that was acknowledged; returns what is in force."""
    with Session(path) as session:
        events = session.labels.events()
        assert [event.id for event in events] == list(range(1, len(events) + 1))
        stored = {pair: label.event.choice for pair, label in session.labels.in_force().items()}
        assert acknowledged.keys() <= stored.keys()
        for pair_id in session.journal.pair_ids():
            session.load_pair(pair_id)
        assert set(session.journal.taken()) <= {event.id for event in events}
    return dict(stored)


def changed(before: Answers, after: Answers) -> set[int]:
    """The pairs whose answers differ."""
    return {pair for pair in before.keys() | after.keys() if before.get(pair) != after.get(pair)}


def committed(database: Path) -> Answers:
    """What another process has committed so far."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT pair_id, choice FROM feedback_event ORDER BY id").fetchall()
    return {pair: Choice(choice) if choice else None for pair, choice in rows}


def _goes_on_and_replays(home: Path, path: Path, labels: int) -> None:
    done = backflip(home, "resume", path, "--labels", labels + 1, "--teacher", "oracle")
    assert done.returncode == 0, done.stderr
    again = backflip(home, "replay", path, "--check")
    assert again.returncode == 0, again.stderr
    assert "same weights" in again.stdout
    assert os.listdir(path / "checkpoints")
