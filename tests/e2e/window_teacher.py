"""A process that teaches through the program's own window, with keys, as a person would; prints what it does.

Usage: python -m tests.e2e.window_teacher HOME ANSWERS [EXPORT_FOLDER]

It gives so many answers, and goes on until another policy than the first is on the screen; 0 are none.

It opens the newest session if there is one, else it begins with the first task. The teacher is the oracle, who looks at
the pair that the window shows.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QKeyCombination, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from learning.messages import Phase, Snapshot
from ui.sides import ACTIONS

Kind = TypeVar("Kind", bound=QWidget)
LOOK_MS = 30
PATIENCE = 90.0
"""Seconds after which what is waited for will not come."""
MOST_ANSWERS = 48
"""A session's seed is drawn: here and there the first policy stays the best for longer than usual."""


def say(what: str, **fields: object) -> None:
    """One line for the test."""
    print(json.dumps({"what": what, **fields}), flush=True)


class Person:
    """Does one thing after another, as a generator that yields what it waits for."""

    def __init__(self) -> None:
        self._timer = QTimer(interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._course = self._live()
        self._wanted: Callable[[], bool] = self._has_window
        self._since = time.monotonic()
        self._timer.start()

    def _has_window(self) -> bool:
        windows = [widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "main-window"]
        return any(window.isVisible() for window in windows)

    def _look(self) -> None:
        if time.monotonic() - self._since > PATIENCE:
            say("stuck", waiting_for=self._wanted.__qualname__)
            os._exit(3)
        if self._wanted():
            self._since = time.monotonic()
            try:
                self._wanted = next(self._course)
            except StopIteration:
                self._timer.stop()
            except Exception as error:  # noqa: BLE001 - whatever it was, the test is told
                say("failed", error=repr(error))
                os._exit(4)

    def _live(self) -> Iterator[Callable[[], bool]]:
        raise NotImplementedError

    def _open(self, task: str = "") -> Iterator[Callable[[], bool]]:
        """Opens the newest session, or begins with the first task, or with one of this name."""
        from ui.main_window import MainWindow
        from ui.task_card import TaskCard

        self.window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        yield self.window.isActiveWindow
        yield lambda: self.window.focusWidget() is not None
        aim = self.window.focusWidget()
        if task and isinstance(aim, TaskCard):
            aim = find(self.window, TaskCard, f"task-card-{task}")
        QTest.keyClick(aim, Qt.Key.Key_Return)
        yield lambda: self.window.session is not None
        yield lambda: self.window.teach.shown_pair is not None


class Comparer(Person):
    """Answers pairs as the oracle does, undoes, and exports."""

    def __init__(self, answers: int, export_to: Path | None) -> None:
        self._answers = answers
        self._export_to = export_to
        super().__init__()

    def _live(self) -> Iterator[Callable[[], bool]]:
        from learning.teachers import make_teacher

        opened = time.monotonic()
        yield from self._open()
        window, teach, session = self.window, self.window.teach, self.window.session
        assert session is not None
        say("open", path=str(session.path), first_pair_s=time.monotonic() - opened, **facts(window))
        teacher = make_teacher("oracle", session.task, 0)
        given = 0
        while given < self._answers or (0 < given < MOST_ANSWERS and not another_policy(window)):
            yield lambda: teach.shown_pair is not None
            pair = teach.shown_pair
            assert pair is not None
            choice = teacher.answer(pair)
            press(window, teach, ACTIONS[choice])
            say("answered", pair=pair.id, kind=str(pair.kind), choice=str(choice))
            given += 1
            yield lambda old=pair.id: teach.shown_pair is None or teach.shown_pair.id != old  # type: ignore[misc]
            # nobody has to wait for practice; but what is learnt without waiting depends on how fast this machine is
            yield lambda: rests(window, given)  # noqa: B023 - asked before it changes
        yield lambda: rests(window, len(session.history(10**6)))
        say("taught", **facts(window))
        if given:
            name = text_of(window, "undo")
            press(window, teach, "undo")
            yield lambda: rests(window, given - 1)
            # the window looks at the trainer only so often
            says = f"{given - 1} label"
            yield lambda: teach.shown_pair is not None and text_of(window, "label-count").startswith(says)
            say("undone", name=name, **facts(window))
        if self._export_to is not None:
            press(window, teach, "export")
            yield lambda: find(window, QLineEdit, "export-folder") is not None
            folder = find(window, QLineEdit, "export-folder")
            begin = find(window, QPushButton, "export-begin")
            assert folder is not None and begin is not None
            folder.selectAll()
            QTest.keyClicks(folder, str(self._export_to))
            QTest.keyClick(begin, Qt.Key.Key_Return)
            yield lambda: (done := find(window, QPushButton, "export-done")) is not None and done.isVisible()
            say("exported", where=text_of(window, "export-where"))
        window.close()


def facts(window: QWidget) -> dict[str, object]:
    """What must survive closing."""
    session = window.session  # type: ignore[attr-defined]
    snapshot: Snapshot | None = session.snapshot()
    policy = snapshot.shown_policy if snapshot is not None else None
    weights = b"".join(weight.tobytes() for weight in policy.weights) if policy is not None else b""
    return {
        "answers": {record.pair_id: str(record.choice) for record in session.history(10**6)},
        "labels": snapshot.labels if snapshot is not None else None,
        "iteration": snapshot.iteration if snapshot is not None else None,
        "version": snapshot.shown_version if snapshot is not None else None,
        "policy": hashlib.sha256(weights).hexdigest(),
        "status": text_of(window, "status-line"),
    }


def another_policy(window: QWidget) -> bool:
    """Whether the policy on the screen is another than the first."""
    snapshot: Snapshot | None = window.session.snapshot()  # type: ignore[attr-defined]
    return snapshot is not None and snapshot.shown_version > 0


def rests(window: QWidget, labels: int) -> bool:
    """Whether everything was learnt from, and the trainer waits."""
    snapshot: Snapshot | None = window.session.snapshot()  # type: ignore[attr-defined]
    return (
        snapshot is not None
        and snapshot.phase is Phase.WAITING
        and snapshot.events_waiting == 0
        and snapshot.labels == labels
    )


def press(window: QWidget, target: QWidget, action: str) -> None:
    """Presses the first key of an action."""
    keys: str = window.shortcuts.keys(action)[0]  # type: ignore[attr-defined]
    combination = QKeyCombination.fromCombined(QKeySequence(keys)[0].toCombined())  # type: ignore[index]
    QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


def find(window: QWidget, kind: type[Kind], name: str) -> Kind | None:
    """A widget by its name."""
    found = window.findChild(kind, name)
    return found if isinstance(found, kind) else None


def text_of(window: QWidget, name: str) -> str:
    """What a label or button says."""
    widget = find(window, QLabel, name) or find(window, QPushButton, name)
    return widget.text() if widget is not None else ""


def main() -> None:
    """Compares."""
    home, answers, *folder = sys.argv[1:]
    run(home, lambda: Comparer(int(answers), Path(folder[0]) if folder else None))


def run(home: str, somebody: Callable[[], Person]) -> None:
    """Opens the window through the program's own `main()`, with somebody at it."""
    os.environ["BACKFLIP_HOME"] = home
    from app import cli, desktop
    from tests.e2e.small_lessons import SHORT, train_less

    train_less(SHORT)
    make = desktop.new_application
    person: list[Person] = []

    def with_a_person() -> QApplication:
        application = make()
        person.append(somebody())
        return application

    desktop.new_application = with_a_person
    cli.main([])


if __name__ == "__main__":
    main()
