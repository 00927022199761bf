"""Where the program says what went wrong: a log file that never keeps it from starting."""

import io
import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.paths import log_file
from sim.errors import printable

FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
SIZE = 1_000_000
"""Bytes after which the log starts afresh."""
OLD_LOGS = 3
TRACEBACK_INDENT = "    | "
OWN_PACKAGES = ("app", "ui", "learning", "sim")


class OneLineFormatter(logging.Formatter):
    """Keeps each record on lines that begin with what we say, whatever names and texts a stranger has chosen."""

    def __init__(self) -> None:
        """In our format."""
        super().__init__(FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        """The message on one line, with control characters as escapes."""
        return printable(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802  logging's name
        """A traceback, each line of it indented and escaped."""
        return "\n".join(TRACEBACK_INDENT + printable(line) for line in super().formatException(ei).splitlines())  # type: ignore[arg-type]


class OwnFileHandler(RotatingFileHandler):
    """A log file that is no link to another one: somebody else may have made the folder."""

    def __init__(self, path: Path, old: int) -> None:
        """Opens it; `old` logs are kept when it gets too long.

        Raises:
            OSError: it is a link, or cannot be written.
        """
        super().__init__(path, maxBytes=SIZE, backupCount=old, encoding="utf-8", errors="backslashreplace")
        self.setFormatter(OneLineFormatter())

    def _open(self) -> io.TextIOWrapper:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        return open(os.open(self.baseFilename, flags, 0o644), "a", encoding=self.encoding, errors=self.errors)


def start_log() -> Path | None:
    """Sends the program's messages to the log file.

    Returns:
        The file, or None if it cannot be written: then warnings go to stderr.
    """
    path = log_file()
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = OwnFileHandler(path, OLD_LOGS)
    except OSError:
        handler, written = logging.StreamHandler(sys.stderr), None
        handler.setFormatter(OneLineFormatter())
        handler.setLevel(logging.ERROR)
    else:
        written = path
    root = logging.getLogger()
    root.addHandler(handler)
    for package in OWN_PACKAGES:
        logging.getLogger(package).setLevel(logging.INFO)
    # a full disk must not print a traceback for every message
    logging.raiseExceptions = False
    return written


def session_log(path: Path) -> logging.Handler:
    """Sends the messages of `app` to a session's own log too, until the handler is given to `end_session_log`."""
    handler: logging.Handler
    try:
        handler = OwnFileHandler(path, old=1)
    except OSError:
        handler = logging.NullHandler()
    logging.getLogger("app").addHandler(handler)
    return handler


def end_session_log(handler: logging.Handler) -> None:
    """Stops a `session_log`."""
    logging.getLogger("app").removeHandler(handler)
    handler.close()
