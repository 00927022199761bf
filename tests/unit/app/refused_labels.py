"""A process that answers while the disk fills inside a commit, or while the folder loses its write permission.

Usage: python -m tests.unit.app.refused_labels SESSION room|permission

It prints a JSON object for each attempt. The session must have enough pairs.
"""

import contextlib
import json
import os
import resource
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np

from app.errors import StorageError
from app.session import DATABASE, Session
from learning.messages import Choice, TrainerState

ROOM, PERMISSION = "room", "permission"
STEP, MOST_ROOM = 1500, 30_000
"""Bytes: what is left on the disk grows by one from attempt to attempt, up to the other."""
NOTHING_MORE = 0


@contextmanager
def room_for(path: Path, size: int) -> Iterator[None]:
    """Meanwhile no file can grow beyond the size of the write-ahead log and `size` bytes more.

    The log grows by some pages at each commit, so that the disk is full in the middle of one.
    """
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = path / f"{DATABASE}-wal"
    grown = log.stat().st_size if log.exists() else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (grown + size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def no_permission(path: Path) -> Iterator[None]:
    """Meanwhile nothing in the folder can be written."""
    modes = {each: stat.S_IMODE(each.stat().st_mode) for each in (path, *path.rglob("*"))}
    for each, mode in modes.items():
        each.chmod(mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        yield
    finally:
        for each, mode in modes.items():
            with contextlib.suppress(FileNotFoundError):
                each.chmod(mode)


def attempt(what: str, act: Callable[[], object]) -> None:
    """Does something, and tells how that went."""
    try:
        act()
        told = ""
    except StorageError as error:
        told = str(error)
    print(json.dumps({"what": what, "told": told}), flush=True)


def main() -> None:
    """Answers one pair after the other, each once in trouble and, if it was refused, once more without."""
    path, trouble = Path(sys.argv[1]), sys.argv[2]
    state = TrainerState({"weights": np.zeros(10_000)}, {"iteration": 1, "taken_ids": []})
    with Session(path) as session:

        def in_trouble(size: int) -> AbstractContextManager[None]:
            return room_for(path, size) if trouble == ROOM else no_permission(path)

        for pair, size in enumerate(range(NOTHING_MORE, MOST_ROOM, STEP)):

            def answer(pair: int = pair) -> None:
                session.labels.append(pair, Choice.LEFT, 1.0, teacher="person", peeking=False)

            with in_trouble(size):
                if trouble == PERMISSION and pair % 2:
                    session._durable.dispose()  # the next connection opens its files anew
                attempt("answer", answer)
                attempt("checkpoint", lambda: session.checkpoints.save(state, 1, 1))
            count = len(session.labels.events())
            print(json.dumps({"what": "count", "count": count}), flush=True)
            if count == pair:
                attempt("again", answer)
    if trouble == PERMISSION:
        with no_permission(path):
            attempt("open", lambda: Session(path).close())
    os._exit(0)


if __name__ == "__main__":
    main()
