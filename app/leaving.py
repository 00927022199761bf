"""Ending the process at once on a signal, from the first instant on: imports nothing that takes time."""

# `signal` makes enumerations of it, which takes as long as all else until then
import _signal  # type: ignore[import-not-found]
import os

INTERRUPTED = 130
"""Exit status after a signal that ends the program, as shells have it after Ctrl-C."""
STOPPED = "Stopped."
NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that end the program."""
STDERR = 2


def leave_at_once(_number: int = 0, _frame: object = None) -> None:
    """Ends the process in one line. A signal handler for times at which there is nothing to save."""
    try:  # noqa: SIM105  contextlib would have to be loaded
        os.write(STDERR, f"backflip: {STOPPED}\n".encode())
    except OSError:
        pass  # the terminal is gone
    os._exit(INTERRUPTED)


def leave_on_signals() -> None:
    """Has all signals of `NAMES` that are not ignored, as `nohup` ignores SIGHUP, end the process at once."""
    for name in NAMES:
        number = getattr(_signal, name, None)
        if number is not None and (name != "SIGHUP" or _signal.getsignal(number) != _signal.SIG_IGN):
            _signal.signal(number, leave_at_once)
