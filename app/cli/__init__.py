"""`backflip`, the console script: what it does before it loads anything, and what it does at the very end.

Signals and missing streams are taken care of first: what takes time to import is imported afterwards.
"""

from __future__ import annotations

import os
import sys

from app.leaving import INTERRUPTED, STOPPED, leave_at_once, leave_on_signals

TYPE_CHECKING = False  # importing `typing` would take too long
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

UNEXPECTED, MISTAKE = 1, 2
"""Exit statuses: an error of ours (or a replay that parts), a mistake of the user. See `INTERRUPTED` too."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script."""
    leave_on_signals()
    import atexit

    from app.stopping import Interruption
    from app.streams import make_safe, open_missing

    open_missing()
    make_safe()
    status = [UNEXPECTED]
    if arguments is None:
        # registered first and so called last, when threads, files and processes have ended: what Python, torch and Qt
        # do after that takes time and can fail
        atexit.register(lambda: os._exit(status[0]))
    try:
        Interruption().install()
        status[0] = run(sys.argv[1:] if arguments is None else list(arguments))
        leave_on_signals()
    except KeyboardInterrupt:
        leave_at_once()
    status[0] = _flush(status[0])
    sys.exit(status[0])


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; returns the exit status. Prints one line for whatever goes wrong."""
    import logging

    from app.cli.parser import parse
    from app.logs import start_log
    from app.stopping import Interrupted
    from sim.errors import UserError

    written = None
    try:
        command = parse(arguments)
        written = start_log()
        return command()
    except UserError as error:
        _complain(str(error))
        return MISTAKE
    except (KeyboardInterrupt, Interrupted) as error:
        _complain(str(error) or STOPPED)
        return INTERRUPTED
    except BrokenPipeError:
        return UNEXPECTED
    except Exception as error:
        logging.getLogger(__name__).exception("unexpected")
        where = f"; the details are in '{written}'" if written else ""
        _complain(f"Something went wrong on our side ({type(error).__name__}: {one_line(str(error))}){where}.")
        return UNEXPECTED


def one_line(text: str) -> str:
    """The text with each stretch of white space as one space."""
    return " ".join(text.split())


def _flush(status: int) -> int:
    """Writes what is buffered; returns the exit status, which is not 0 if the output is not whole."""
    from app.streams import OutputError, flush_output

    try:
        flush_output()
    except OutputError as error:
        if not status:
            _complain(str(error))
        return status or MISTAKE
    except BrokenPipeError:
        return status or UNEXPECTED
    return status


def _complain(sentence: str) -> None:
    print(f"backflip: {one_line(sentence)}", file=sys.stderr)
