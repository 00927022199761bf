"""`kill -9` at random instants of labelling and training: no acknowledged label is lost, every reopening works."""

import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from app.session import DATABASE, Session
from learning.messages import Choice
from tests.e2e.command import TASK, backflip, command, environment

KILLS = 20
LONGEST = 4.0
"""Seconds from the start of a process to its kill, at most."""
MANY = 100_000
"""More labels than are ever given."""

Answers = dict[int, str | None]
"""Pair -> the choice in force, None for one that was taken back."""


def test_killing_a_simulated_teacher(tmp_path: Path) -> None:
    rng = random.Random(11)
    home, path = tmp_path / "home", tmp_path / "out" / "session"
    acknowledged: Answers = {}
    gained = 0
    for _ in range(KILLS):
        arguments = ("resume", path) if path.exists() else ("teach", TASK, "--labels", MANY, "--out", tmp_path / "out")
        process = subprocess.Popen(
            command(*arguments), env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        until = time.monotonic() + rng.uniform(0.0, LONGEST)
        seen = acknowledged
        while time.monotonic() < until:
            assert process.poll() is None, process.communicate()[1]
            seen = committed(path / DATABASE) if (path / DATABASE).exists() else {}
        process.kill()
        process.communicate()
        gained += len(seen) > len(acknowledged)
        acknowledged = seen
        if path.exists():
            stored = check(path, acknowledged)
            # between the last look into the database and the kill there may have been more answers
            assert not changed(acknowledged, stored) & acknowledged.keys()
            acknowledged = stored
    assert gained >= 1, "no process lived long enough to teach"
    _goes_on_and_replays(home, path, len(acknowledged))


def test_killing_a_person_at_the_desk(tmp_path: Path) -> None:
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
        time.sleep(rng.uniform(0.3, LONGEST))
        assert process.poll() is None, process.communicate()[1]
        process.kill()
        process.wait()
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
