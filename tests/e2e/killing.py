"""What tests and the benchmark of kills share: sessions whose processes are killed, and what must be left of them."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.session import DATABASE, Session
from app.store.models import StoredEvent, StoredReinforcement, StoredSteering
from learning.messages import Choice
from tests.e2e.command import TASK, command, environment
from tests.e2e.warm import Warm

LONGEST = 4.0
"""Seconds from the start of a process to its kill, at most; it is then still loading, or has just begun."""
LATER = 1.5
"""Seconds from the first label of a process to its kill, at most, where the kill is to come late."""
PATIENCE = 60.0
"""Seconds within which the first label must come."""
LOOK_SECONDS = 0.02
"""Seconds between two looks at what a process has done."""
MANY = 100_000
"""More labels than are ever given."""
IMPORTING, BEFORE_LABEL, TRAINING = "importing", "before its first label", "labelling and training"
"""Where a kill at a random instant fell."""
EVENTS = (StoredEvent, StoredReinforcement, StoredSteering)
"""The tables of what a teacher said; their rows are counted together and never change."""

Answers = dict[int, str | None]
"""Pair -> the choice in force, None for one that was taken back."""
Rows = dict[int, tuple[object, ...]]
"""The number of an event -> its table and its row."""


@dataclass(frozen=True, slots=True)
class Kill:
    """What one kill came to."""

    how: str
    """What was killed."""
    where: str
    """Where the kill fell."""
    acknowledged: int
    """Events of the teacher that had been acknowledged in the session so far."""
    gained: int
    """Those that the killed process acknowledged."""
    lost: int
    """Those that are not in the session afterwards, as they were."""
    problem: str = ""
    """Why the session could not be opened; empty if it could."""


class Victim(Protocol):
    """A session, with what is killed while it works on it."""

    warm: Warm
    home: Path

    @property
    def path(self) -> Path | None:
        """The session; None before there is one."""

    def kill(self, rng: random.Random, *, late: bool) -> Kill:
        """Starts a process, kills it at a random instant, and opens what it left."""


class TaughtVictim:
    """`backflip teach`, and then `backflip resume`, are killed."""

    def __init__(self, warm: Warm, folder: Path) -> None:
        self.warm, self.home, self._out = warm, folder / "home", folder / "out"
        self._acknowledged = committed(self._session / DATABASE)

    @property
    def _session(self) -> Path:
        return self._out / "session"

    @property
    def path(self) -> Path | None:
        return self._session if self._session.exists() else None

    def kill(self, rng: random.Random, *, late: bool) -> Kill:
        old = self.path
        arguments = ("resume", old) if old else ("teach", TASK, "--out", self._out)
        before = committed(self._session / DATABASE)
        process = subprocess.Popen(
            command(*arguments, "--labels", MANY, *(("--teacher", "oracle") if old else ())),
            env=environment(self.home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        seen: Rows = before

        def has_taught() -> bool:
            nonlocal seen
            seen = committed(self._session / DATABASE)
            return len(seen) > len(before)

        kill_at_random(process, rng, has_taught, late=late)
        told = process.communicate()[1]
        opened = "labels" in told  # the progress bar
        where = TRAINING if len(seen) > len(before) else BEFORE_LABEL if opened else IMPORTING
        if self.path is None:
            return Kill("teach", where, 0, 0, 0)
        return checked("resume" if old else "teach", where, self.path, before, seen)


class DeskVictim:
    """A process that labels through the desk, as the window does, is killed."""

    def __init__(self, warm: Warm, folder: Path) -> None:
        self.warm, self.home = warm, folder / "home"
        self.path: Path | None = None
        self._acknowledged: Answers = {}

    def kill(self, rng: random.Random, *, late: bool) -> Kill:
        if self.path is not None:
            self._acknowledged = answers_in(self.path)  # somebody else may have gone on
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.labelling_desk", str(self.home), str(rng.randrange(1000))],
            env=environment(self.home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        lines: list[str] = []
        reader = threading.Thread(target=lines.extend, args=(process.stdout,))
        reader.start()
        kill_at_random(process, rng, lambda: any(line.startswith("answered") for line in lines), late=late)
        reader.join()
        process.communicate()
        gained = self._listen([line for line in lines if line.endswith("\n")])
        where = TRAINING if gained else BEFORE_LABEL if lines else IMPORTING
        if self.path is None:
            return Kill("desk", where, 0, 0, 0)
        found = checked("desk", where, self.path, {}, {})
        if found.problem:
            return found
        different = changed(self._acknowledged, answers_in(self.path))
        # one event may have been committed, and its process killed before it could tell
        return Kill("desk", where, len(self._acknowledged), gained, max(0, len(different) - 1))

    def _listen(self, lines: list[str]) -> int:
        """Takes in what the process acknowledged; returns how many events that are."""
        for what, *words in (line.split(" ", 2) for line in lines):
            if what == "open":
                self.path = Path(" ".join(words).strip())
            else:
                self._acknowledged[int(words[0])] = None if what == "undone" else words[1].strip()
        return sum(not line.startswith("open") for line in lines)


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


def checked(how: str, where: str, path: Path, before: Rows, seen: Rows) -> Kill:
    """Opens what a killed process left, and compares with what it was seen to commit."""
    try:
        open_whole(path)
    except Exception as error:  # noqa: BLE001 - whatever it was, the kill is told of
        return Kill(how, where, len(seen), len(seen) - len(before), 0, repr(error))
    stored = committed(path / DATABASE)
    lost = sum(stored.get(number) != row for number, row in seen.items())
    return Kill(how, where, len(seen), len(seen) - len(before), lost)


def open_whole(path: Path) -> None:
    """Opens a session and reads all of it: events without a gap, every pair with its clips, what was taken in."""
    with Session(path) as session:
        events = session.events()
        assert [event.id for event in events] == list(range(1, len(events) + 1))
        for pair_id in session.journal.pair_ids():
            session.load_pair(pair_id)
        assert set(session.journal.taken()) <= {event.id for event in events}


def answers_in(path: Path) -> Answers:
    """The newest answer to each pair of a session."""
    rows = [row for table, *row in committed(path / DATABASE).values() if table == StoredEvent.__tablename__]
    return {int(str(pair)): Choice(str(choice)) if choice else None for _, pair, choice, *_ in rows}


def changed(before: Answers, after: Answers) -> set[int]:
    """The pairs whose answers differ."""
    return {pair for pair in before.keys() | after.keys() if before.get(pair) != after.get(pair)}


def committed(database: Path) -> Rows:
    """What has been committed so far, by whichever process; nothing where there is no database yet."""
    if not database.exists():
        return {}
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        rows = [
            (table.__tablename__, *row)
            for table in EVENTS
            for row in connection.execute(f"SELECT * FROM {table.__tablename__}")
        ]
    return {row[1]: row for row in sorted(rows, key=lambda row: row[1])}


def go_on(warm: Warm, home: Path, path: Path) -> None:
    """Has `backflip resume` take one more label from the oracle."""
    with Session(path) as session:
        in_force = sum(label.event.choice is not None for label in session.labels.in_force().values())
        labels = in_force + session.presses.count()
    done = warm.run(home, "resume", path, "--labels", labels + 1, "--teacher", "oracle")
    assert done.returncode == 0, done.stderr
    assert os.listdir(path / "checkpoints")


def replays_same(warm: Warm, home: Path, path: Path) -> bool:
    """Whether `backflip replay --check` comes to the same weights."""
    again = warm.run(home, "replay", path, "--check")
    return again.returncode == 0 and "same weights" in again.stdout
