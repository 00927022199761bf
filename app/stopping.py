"""Ctrl-C and its relatives, as a flag that is looked at between iterations."""

import signal
from pathlib import Path
from types import FrameType


def goes_on(session: Path) -> str:
    """Says how to go on with the session at a path."""
    return f"`backflip resume '{session}'` goes on."


class Interrupted(Exception):  # noqa: N818  no error: the user wanted it
    """The run was stopped by a signal, after a checkpoint."""


class StopFlag:
    """Raised by SIGINT or SIGTERM while it is used as a context manager; a second signal ends the program at once."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.raised = False

    def __enter__(self) -> "StopFlag":
        self._before = {number: signal.signal(number, self._raise) for number in self.SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _raise(self, number: int, _frame: FrameType | None) -> None:
        self.raised = True
        signal.signal(number, signal.SIG_DFL)
