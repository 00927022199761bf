"""Threads that outlive their window by a moment."""

import logging

from PySide6.QtCore import QThread

log = logging.getLogger(__name__)

_lingering: set[QThread] = set()
"""A QThread must not be destroyed while it runs: one that did not end in time is kept here."""


def end_or_linger(thread: QThread, seconds: float) -> bool:
    """Waits for a thread that was told to end.

    Returns:
        Whether it ended in `seconds`. If not, it is kept alive until it does.
    """
    if thread.wait(round(max(seconds, 0.0) * 1000)):
        return True
    log.warning("the thread '%s' did not end within %.1f s", thread.objectName(), seconds)
    _lingering.add(thread)
    return False


def lingering() -> bool:
    """Whether a thread that was told to end has not yet."""
    _lingering.difference_update([thread for thread in _lingering if thread.isFinished()])
    return bool(_lingering)
