"""Signals that end the program: status 130, and never a traceback.

SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal is closed) are alike. What they do depends on what is going on:

- While the program starts, and after its work is done, it ends at once (`app.leaving`).
- While a command works, `KeyboardInterrupt` is raised (`Interruption`), and `app.cli` ends with one line.
- While a policy is taught, a flag is raised that is looked at between iterations (`StopFlag`), for a checkpoint.
"""

import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from app.leaving import NAMES, leave_at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALS = tuple(getattr(signal, name) for name in NAMES if hasattr(signal, name))
BY_TERMINAL = frozenset(SIGNALS) - {signal.SIGTERM}
"""Those that a terminal sends to all processes that were started from it."""
RETRY_SECONDS = 0.05
"""An exception that could not be raised, or was lost, is raised after so long."""
IMPORTING = "<frozen importlib._bootstrap"
"""The beginning of the file name of code that imports a module."""


def goes_on(session: Path) -> str:
    """Says how to go on with the session at a path."""
    return f"`backflip resume '{session}'` goes on."


class Interrupted(Exception):  # noqa: N818  no error: the user wanted it
    """The run was stopped by a signal, after a checkpoint."""


def heeded() -> tuple[signal.Signals, ...]:
    """The signals that end this program: all of `SIGNALS`, but SIGHUP only where `nohup` does not have it ignored."""
    return tuple(
        number
        for number in SIGNALS
        if number.name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN
    )  # fmt: skip


class Interruption:
    """A signal handler that raises `KeyboardInterrupt` once; the next signal ends the process at once.

    Python code that is called by an import, a destructor or a foreign library may lose an exception, or end with a
    traceback of its own. So nothing is raised while a module is imported, and what was lost is raised again.
    """

    def __init__(self) -> None:
        self._came = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Called by Python between two instructions of the main thread."""
        if self._came:
            leave_at_once()
        self._came = True
        self._raise(number, frame)

    def install(self) -> None:
        """Begins to handle signals."""
        for number in heeded():
            signal.signal(number, self)
        sys.unraisablehook = self._take_unraisable

    def _raise(self, _number: int, frame: FrameType | None) -> None:
        if _is_importing(frame):
            self._retry()
            return
        raise KeyboardInterrupt

    def _retry(self) -> None:
        if not hasattr(signal, "setitimer"):
            leave_at_once()
        signal.signal(signal.SIGALRM, self._raise)
        signal.setitimer(signal.ITIMER_REAL, RETRY_SECONDS)

    def _take_unraisable(self, lost: "sys.UnraisableHookArgs") -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            self._retry()
        else:
            sys.__unraisablehook__(lost)


class StopFlag:
    """Raised by a signal while it is used as a context manager; a second signal ends the program at once."""

    def __init__(self) -> None:
        self.raised = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "StopFlag":
        self._before = {number: signal.signal(number, self._raise) for number in heeded()}
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Gives the signals back to who handled them before, for work that can be broken off at any time."""
        before, self._before = self._before, {}
        for number, handler in before.items():
            signal.signal(number, handler)

    def _raise(self, number: int, _frame: FrameType | None) -> None:
        self.raised = True
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def interrupts_blocked() -> "Iterator[None]":
    """A process that is started now never sees Ctrl-C, or that the terminal is closed: its parent stops it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    import multiprocessing.resource_tracker

    # it starts with the first process, and then lets signals through again
    multiprocessing.resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, BY_TERMINAL)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a frame, or one that called it, imports a module."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(IMPORTING):
            return True
        frame = frame.f_back
    return False
