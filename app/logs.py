"""Where the program says what went wrong: a log file that never keeps it from starting."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.paths import log_file
from app.streams import SAFE

FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
SIZE = 1_000_000
"""Bytes after which the log starts afresh."""
OLD_LOGS = 3
OWN_PACKAGES = ("app", "ui", "learning", "sim")


def start_log() -> Path | None:
    """Sends the program's messages to the log file.

    Returns:
        The file, or None if it cannot be written: then warnings go to stderr.
    """
    path = log_file()
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=SIZE, backupCount=OLD_LOGS, encoding="utf-8", errors=SAFE)
    except OSError:
        handler, written = logging.StreamHandler(sys.stderr), None
        handler.setLevel(logging.ERROR)
    else:
        written = path
    handler.setFormatter(logging.Formatter(FORMAT))
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
        handler = RotatingFileHandler(path, maxBytes=SIZE, backupCount=1, encoding="utf-8", errors=SAFE)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.getLogger("app").addHandler(handler)
    return handler


def end_session_log(handler: logging.Handler) -> None:
    """Stops a `session_log`."""
    logging.getLogger("app").removeHandler(handler)
    handler.close()
