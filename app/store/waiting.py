"""Beginning a transaction while another program may hold the database: who waits, for how long, and who is told."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path

from app.output import notice

BUSY_SECONDS = 5.0
"""SQLite itself waits so long for whoever holds a database, where nobody asks for something else."""
PATIENT_SECONDS = 60.0
"""Whoever need not answer a person meanwhile waits so long for another program."""
TOLD_AFTER_SECONDS = 3.0
"""Waiting for longer than this is told."""
SLICE_SECONDS = 0.2
"""SQLite waits for no longer at once, so that signals are heard meanwhile."""
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""What SQLite answers while somebody else holds the database."""
PRIMARY = 0xFF
"""The part of SQLite's extended result code that is the result code."""

_seconds: ContextVar[float] = ContextVar("_seconds", default=PATIENT_SECONDS)
_told: ContextVar[Callable[[bool], None] | None] = ContextVar("_told", default=None)

_enough: ContextVar[Callable[[], bool] | None] = ContextVar("_enough", default=None)


@contextlib.contextmanager
def waiting_unless(enough: Callable[[], bool]) -> Iterator[None]:
    """Has this thread wait no longer once `enough` is true: it is asked to end, say."""
    token = _enough.set(enough)
    try:
        yield
    finally:
        _enough.reset(token)


@contextlib.contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Has this thread wait no longer than `seconds` for the database meanwhile."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


@contextlib.contextmanager
def telling(told: Callable[[bool], None]) -> Iterator[None]:
    """Has `told` called on this thread when it has waited for a while, and when that is over."""
    token = _told.set(told)
    try:
        yield
    finally:
        _told.reset(token)


def is_held(error: BaseException | None) -> bool:
    """Whether an error of SQLite's says that somebody else holds the database."""
    return result_code(error) in LOCKED


def result_code(error: BaseException | None) -> int | None:
    """SQLite's result code of an error, without what extends it; None if it is no error of SQLite's."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & PRIMARY if isinstance(code, int) else None


def set_patience(connection: sqlite3.Connection) -> None:
    """Has SQLite itself wait as long as this thread would, and no longer than BUSY_SECONDS."""
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * min(_seconds.get(), BUSY_SECONDS))}")


def begin_reading(connection: sqlite3.Connection) -> None:
    """Begins a transaction that only reads; who writes does not hold it up."""
    set_patience(connection)
    connection.execute("BEGIN")


def begin_writing(connection: sqlite3.Connection, path: Path) -> None:
    """Begins a transaction that may write, as soon as nobody else writes.

    Raises:
        sqlite3.OperationalError: somebody else does, for longer than this thread waits; `is_held` knows it.
    """
    began = time.monotonic()
    bound = _seconds.get()
    told = False
    try:
        while True:
            left = max(0.0, began + bound - time.monotonic())
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * min(left, SLICE_SECONDS))}")
            try:
                connection.execute("BEGIN IMMEDIATE")
                set_patience(connection)
                return
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - began
                enough = _enough.get()
                if not is_held(error) or waited >= bound or (enough is not None and enough()):
                    raise
            if not told and waited >= TOLD_AFTER_SECONDS:
                told = True
                _tell(path, bound)
    finally:
        if told:
            _tell_end()


def _tell(path: Path, bound: float) -> None:
    notice(f"Another program holds the database '{path}': waiting for it, up to {bound:.0f} s.")
    listener = _told.get()
    if listener is not None:
        listener(True)


def _tell_end() -> None:
    listener = _told.get()
    if listener is not None:
        listener(False)
