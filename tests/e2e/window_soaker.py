"""A process in which somebody uses the program's own window for hours; every minute it appends a row to a CSV file.

Usage: python -m tests.e2e.window_soaker HOME CSV SECONDS
"""

import csv
import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from app.bench.window import resident_mib
from tests.e2e.window_teacher import Person, find, press, run, say
from ui.sides import ACTIONS

ROW_SECONDS = 60.0
"""Seconds from row to row."""
LOOK_SECONDS = 1.5
"""Seconds for which the teacher looks at a pair."""
ANSWERS = 8
"""Answers from one visit of another screen to the next."""
PRESSES = 6
"""Presses at each visit of the Watch screen."""
PRESS_SECONDS = 1.0
STAY_SECONDS = 4.0
"""Seconds for which the teacher stays on the Meter screen, or in a dialog."""
PRESS_EVERY, METER_EVERY, DIALOG_EVERY, EXPORT_EVERY, REOPEN_EVERY = 2, 3, 4, 7, 5
"""One in so many rounds has presses, the Meter screen, the dialogs, an export, and Home with the session reopened."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is noted every minute."""

    run: str
    """When the process began: rows of one process belong together."""
    minutes: float
    """Since then."""
    window_mib: float
    """Resident memory of the window's process."""
    trainer_mib: float
    """Resident memory of its children."""
    files: int
    """Open file descriptors of the window's process."""
    trainer_files: int
    threads: int
    qt_objects: int
    """Below the main window."""
    widgets: int
    top_level: int
    python_objects: int
    """That the garbage collector knows."""
    labels: int
    """Of the open session, presses included."""
    session_mib: float
    """All files of the session, exports included."""
    reopened: int
    exported: int


class Soaker(Person):
    """Answers, undoes, peeks, presses, looks at all screens and dialogs, exports, and reopens the session."""

    def __init__(self, csv_path: Path, seconds: float) -> None:
        self._csv = csv_path
        self._run = time.strftime("%Y-%m-%d %H:%M:%S")
        self._began = time.monotonic()
        self._until = self._began + seconds
        self._reopened = self._exported = 0
        self._rows = QTimer(interval=round(1000 * ROW_SECONDS))
        self._rows.timeout.connect(self._note)
        self._rows.start()
        super().__init__()

    def _live(self) -> Iterator[Callable[[], bool]]:
        from learning.teachers import make_teacher

        yield from self._open()
        window, teach = self.window, self.window.teach
        assert window.session is not None
        self._teacher = make_teacher("oracle", window.session.task, 0)
        number = 0
        while time.monotonic() < self._until:
            number += 1
            yield from self._compare()
            if number % PRESS_EVERY == 0:
                yield from self._watch(number)
            if number % METER_EVERY == 0:
                yield from self._key(teach, "meter")
                yield after(STAY_SECONDS)
                yield from self._back()
            if number % DIALOG_EVERY == 0:
                yield from self._dialogs()
            if number % EXPORT_EVERY == 0:
                yield from self._export()
            if number % REOPEN_EVERY == 0:
                yield from self._key(window, "back")
                yield lambda: window.session is None
                yield after(STAY_SECONDS)
                yield from self._open()
                self._reopened += 1
        self._note()
        window.close()

    def _compare(self) -> Iterator[Callable[[], bool]]:
        teach = self.window.teach
        for _ in range(ANSWERS):
            yield lambda: teach.shown_pair is not None
            yield after(LOOK_SECONDS)
            yield lambda: teach.shown_pair is not None
            pair = teach.shown_pair
            assert pair is not None
            yield from self._key(teach, ACTIONS[self._teacher.answer(pair)])
            yield lambda old=pair.id: teach.shown_pair is None or teach.shown_pair.id != old  # type: ignore[misc]
        yield from self._key(teach, "undo")
        yield from self._key(teach, "peek")
        yield after(LOOK_SECONDS)
        yield from self._key(teach, "peek")

    def _watch(self, number: int) -> Iterator[Callable[[], bool]]:
        from ui.dialogs.reaction import ReactionSheet

        window = self.window
        yield from self._key(window.teach, "watch")
        yield lambda: window.watch.live.state == "playing"
        yield from self._key(window.watch, "judge")
        if window.findChild(ReactionSheet) is not None:
            skip = find(window, QPushButton, "reaction-close")
            assert skip is not None
            skip.click()
            yield lambda: window.findChild(ReactionSheet) is None
        for turn in range(PRESSES):
            yield after(PRESS_SECONDS)
            yield from self._key(window.watch, "reward" if (turn + number) % 2 else "punish")
        yield from self._key(window.watch, "undo_press")
        yield from self._key(window.watch, "judge")
        yield from self._back()

    def _dialogs(self) -> Iterator[Callable[[], bool]]:
        from ui.dialogs.sheet import Sheet

        window = self.window
        yield from self._key(window, "help")
        yield after(LOOK_SECONDS)
        yield from self._key(window, "help")
        yield from self._key(window, "settings")
        yield after(LOOK_SECONDS)
        for sheet in window.findChildren(Sheet):
            sheet.close()
        yield after(LOOK_SECONDS)

    def _export(self) -> Iterator[Callable[[], bool]]:
        window = self.window
        yield from self._key(window.teach, "export")
        yield lambda: find(window, QLineEdit, "export-folder") is not None
        folder, begin = find(window, QLineEdit, "export-folder"), find(window, QPushButton, "export-begin")
        assert folder is not None and begin is not None
        folder.setText(str(self._csv.parent / "bundle"))
        begin.click()
        yield lambda: (done := find(window, QPushButton, "export-done")) is not None and done.isVisible()
        done = find(window, QPushButton, "export-done")
        assert done is not None
        done.click()
        self._exported += 1

    def _back(self) -> Iterator[Callable[[], bool]]:
        yield from self._key(self.window, "back")
        yield lambda: self.window.teach.shown_pair is not None and self.window.teach.isVisible()

    def _key(self, target: QWidget, action: str) -> Iterator[Callable[[], bool]]:
        """Presses a key once the window gets it: a dialog that closes gives the keys back a moment later."""
        yield self.window.isActiveWindow
        press(self.window, target, action)

    def _note(self) -> None:
        session = self.window.session if hasattr(self, "window") else None
        if session is None:  # it is being reopened
            QTimer.singleShot(round(1000 * STAY_SECONDS), self._note)
            return
        children = [child.pid for child in multiprocessing.active_children() if child.pid is not None]
        size = sum(file.stat().st_size for file in session.path.rglob("*") if file.is_file())
        row = Row(
            run=self._run,
            minutes=round((time.monotonic() - self._began) / 60.0, 2),
            window_mib=round(resident_mib(), 1),
            trainer_mib=round(sum(map(resident_mib, children)), 1),
            files=len(os.listdir("/proc/self/fd")),
            trainer_files=sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in children),
            threads=len(os.listdir("/proc/self/task")),
            qt_objects=len(self.window.findChildren(QObject)),
            widgets=len(QApplication.allWidgets()),
            top_level=len(QApplication.topLevelWidgets()),
            python_objects=len(gc.get_objects()),
            labels=len(session.history(10**6)) + session.pressing.count,
            session_mib=round(size / 2**20, 2),
            reopened=self._reopened,
            exported=self._exported,
        )
        new = not self._csv.exists()
        with self._csv.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(Row)])
            if new:
                writer.writeheader()
            writer.writerow(asdict(row))
        say("row", **asdict(row))


def after(seconds: float) -> Callable[[], bool]:
    """Waits for so long."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until


if __name__ == "__main__":
    home_asked, csv_asked, seconds_asked = sys.argv[1:]
    run(home_asked, lambda: Soaker(Path(csv_asked), float(seconds_asked)))
