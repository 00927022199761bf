"""Opens the window, and closes everything behind it."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from app.doctor import display
from app.errors import UsageError
from app.garbage import collect_due, collected_here
from app.leaving import INTERRUPTED, leave_on_signals
from app.paths import APP
from app.stopping import StopFlag
from app.trainer_process import ProcessTrainers
from app.trainers import LearningTrainers, Trainers
from sim.cores import usable_cores

if TYPE_CHECKING:
    from PySide6.QtCore import QMessageLogContext, QtMsgType
    from PySide6.QtWidgets import QApplication

    from ui.main_window import MainWindow

log = logging.getLogger(__name__)

WITHOUT = "`backflip teach` and the other commands work without one"
SIGNAL_MS = 250
"""Python looks at Ctrl-C only while it runs: wake it this often. Garbage is collected then, too."""
LAST_WAIT = 2.0
"""Seconds that a thread gets to end its iteration after the window is closed."""
DRAWING_THREADS = "LP_NUM_THREADS"
"""Mesa's variable: how many threads its software OpenGL draws with; it takes as many as there are cores by itself."""
NO_WINDOW = 2
"""Exit status when no window can be opened."""


def run_desktop() -> int:
    """Shows the window until it is closed.

    Raises:
        UsageError: there is no display, or Qt cannot be loaded.
    """
    leave_on_signals()  # nothing is open yet, and Qt would tell of an exception with a traceback
    found = display()
    if not found.good:
        raise UsageError(f"No window can be opened, {found.found}: {WITHOUT}.")
    status = open_window(ProcessTrainers(LearningTrainers()))
    leave_if_stuck(status)
    return status


def open_window(
    processes: ProcessTrainers,
    trainers: Trainers | None = None,
    on_shown: Callable[["MainWindow"], object] = lambda _: None,
) -> int:
    """Shows the window until it is closed, and closes everything behind it.

    Args:
        processes: has trainers in processes; ended here.
        trainers: what the window teaches with, if not with `processes` alone.
        on_shown: called with the window as soon as it is shown; what it returns is kept until the window is closed.

    Returns:
        The exit status; `INTERRUPTED` after a signal, which closes the window as its user would.

    Raises:
        UsageError: Qt cannot be loaded.
    """
    share_cores()
    warm_up = threading.Thread(target=processes.warm_up, name="warm-up", daemon=True)
    warm_up.start()
    application = new_application()
    # only now: a machine that can open no window has said so by now
    from PySide6.QtCore import QTimer

    from app.studio import Studio
    from app.threads import lingering
    from sim.render import create_renderer
    from ui.main_window import MainWindow

    stop = StopFlag()
    awake = QTimer(interval=SIGNAL_MS)
    awake.timeout.connect(collect_due)
    awake.timeout.connect(lambda: application.quit() if stop.raised else None)
    awake.start()

    with collected_here():
        studio = Studio(trainers or processes)
        renderer = create_renderer()
        window = MainWindow(studio, renderer)
        window.show()
        window.activateWindow()  # keys are for it at once, also where no window manager sees to that
        kept = on_shown(window)
        with stop:
            status = int(application.exec())
            del kept

            studio.close()
            renderer.close()
            warm_up.join()
            processes.close()
            until = time.monotonic() + LAST_WAIT
            while lingering() and time.monotonic() < until:
                time.sleep(0.02)
    return INTERRUPTED if stop.raised else status


def leave_if_stuck(status: int) -> None:
    """Ends this process at once if a thread has not ended with the window: Qt would abort."""
    from app.threads import lingering

    if lingering():
        log.warning("leaving with a thread still running; every label is stored")
        logging.shutdown()
        os._exit(status)


def share_cores() -> None:
    """Leaves half of the cores to training where OpenGL draws in software, unless the environment says otherwise."""
    os.environ.setdefault(DRAWING_THREADS, str(max(1, usable_cores() // 2)))


def new_application() -> "QApplication":
    """Qt's application, with its messages in our log.

    Raises:
        UsageError: Qt cannot be loaded.
    """
    try:
        from PySide6.QtCore import qInstallMessageHandler
        from PySide6.QtWidgets import QApplication
    except ImportError as error:
        raise UsageError(f"No window can be opened ({error}): {WITHOUT}; `backflip doctor` tells more.") from error
    handler = MessageHandler()
    qInstallMessageHandler(handler)
    application = QApplication(sys.argv[:1])
    handler.started = True
    application.setApplicationName(APP)
    application.setApplicationDisplayName(APP.capitalize())
    sys.excepthook = _log_exception
    return application


class MessageHandler:
    """Sends Qt's messages to the log. What keeps it from starting becomes one line: Qt itself would abort."""

    def __init__(self) -> None:
        self.started = False
        self._last = ""

    def __call__(self, kind: "QtMsgType", _context: "QMessageLogContext", message: str) -> None:
        """Called by Qt with each of its messages."""
        text = " ".join(message.split())
        if kind.name == "QtFatalMsg":
            log.critical("Qt: %s", text)
            if not self.started:
                print(f"backflip: No window can be opened ({self._last or text}): {WITHOUT}.", file=sys.stderr)
                os._exit(NO_WINDOW)
        elif kind.name in ("QtWarningMsg", "QtCriticalMsg"):
            log.warning("Qt: %s", text)
            self._last = self._last or text.rstrip(".")
        else:
            log.debug("Qt: %s", text)


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.error("unexpected", exc_info=(kind, error, trace))
    print(f"backflip: Something went wrong on our side ({kind.__name__}: {error}); the log has it.", file=sys.stderr)
