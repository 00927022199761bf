"""The teacher of `bench window`: looks at the window, answers by key presses, and notes when what is painted."""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.bench.window import LOOK_MS, MEMORY_MINUTES, PATIENCE, PULSE_MS, SEED, resident_mib
from app.trainer_process import ProcessTrainers
from learning.messages import Choice, Pair, Phase, Snapshot
from sim.registry import get_task
from ui.main_window import MainWindow
from ui.ports import SessionPort

KEYS = {
    Choice.LEFT: Qt.Key.Key_Left,
    Choice.RIGHT: Qt.Key.Key_Right,
    Choice.EQUAL: Qt.Key.Key_Down,
    Choice.CANNOT_TELL: Qt.Key.Key_S,
}
TELLING = ("learned-reward", "leash", "step-count")
"""Parts of the Teach screen that look different after an answer was learnt from."""


class Watcher(QObject):
    """Answers, and notes when what is painted."""

    def __init__(
        self,
        window: MainWindow,
        processes: ProcessTrainers,
        task_name: str,
        labels: int,
        every: float,
        minutes: float,
    ) -> None:
        """Begins at once.

        Args:
            window: just shown.
            processes: that the trainer is in.
            task_name: what is taught.
            labels: answers, at least.
            every: seconds from a pair on the screen to its answer.
            minutes: how long the window stays open, at least.
        """
        super().__init__()
        self.window, self.processes, self.labels, self.every = window, processes, labels, every
        self.first_paint: float | None = None
        """Wall clock, seconds."""
        self.first_pair: float | None = None
        self.waits: list[float] = []
        self.presses: list[float] = []
        """`time.perf_counter()` of each answer,"""
        self.painted: list[float] = []
        """and of the paint of the Teach screen after it had looked at a snapshot that counts it."""
        self.stuck = False
        """Whether it was closed since nothing more came."""
        self.paints: list[tuple[float, bool]] = []
        self.pulses: list[float] = []
        self.memory: dict[str, float] = {}
        self.trainer_memory: dict[str, float] = {}
        self._task_name = task_name
        self._began = time.perf_counter()
        self._seconds = 60.0 * minutes
        self._teacher: Any = None
        self._session: SessionPort | None = None
        self._snapshot: Callable[[], Snapshot | None] = lambda: None
        self._looked = 0
        """Labels in the newest snapshot that the Teach screen has looked at."""
        self._moved = self._began
        self._pressed: float | None = None
        self._answer_at = 0.0
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._on_look)
        self._pulse = QTimer(self, interval=PULSE_MS)
        self._pulse.setTimerType(Qt.TimerType.PreciseTimer)
        self._pulse.timeout.connect(lambda: self.pulses.append(time.perf_counter()))
        window.installEventFilter(self)
        window.teach.player.panes[0].installEventFilter(self)
        self._telling = [part for name in TELLING if (part := window.teach.findChild(QWidget, name)) is not None]
        for part in self._telling:
            part.installEventFilter(self)
        window.teach.player.shown.connect(self._on_shown)
        self._look.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Notes paints."""
        if event.type() is QEvent.Type.Paint:
            if watched is self.window:
                self.first_paint = self.first_paint or time.time()
            elif watched in self._telling:
                self.painted += [time.perf_counter()] * (self._looked - len(self.painted))
            elif self.first_pair is not None:
                snapshot = self._snapshot()
                self.paints.append((time.perf_counter(), snapshot is not None and snapshot.phase is Phase.PRACTISING))
        return False

    def _on_shown(self, _pair: Pair) -> None:
        now = time.perf_counter()
        if self.first_pair is None:
            self.first_pair = time.time()
            self._pulse.start()
        elif self._pressed is not None:
            self.waits.append(now - self._pressed)
        self._pressed = None
        self._moved = now
        self._answer_at = now + self.every

    def _on_look(self) -> None:
        self._note_memory()
        window, now = self.window, time.perf_counter()
        if window.session is None:
            card = window.home.findChild(QWidget, f"task-card-{self._task_name}")
            QTest.keyClick(card or window, Qt.Key.Key_Return)
        elif self._session is not window.session:
            self._look_over_the_shoulder(window.session)
        if now - self._moved > PATIENCE:
            self.stuck = len(self.waits) < self.labels
            self._close()
            return
        if len(self.waits) >= self.labels and now - self._began >= self._seconds:
            if self._all_learned():
                self._close()
            return
        pair = window.teach.shown_pair
        if pair is None or self._pressed is not None or now < self._answer_at:
            return
        if self._teacher is None:
            self._bring_teacher()
            return
        choice = self._teacher.answer(pair)
        self._pressed = time.perf_counter()
        self.presses.append(self._pressed)
        QTest.keyClick(window.teach, KEYS[choice])

    def _look_over_the_shoulder(self, session: SessionPort) -> None:
        """Notes which snapshots the Teach screen looks at."""
        look = self._snapshot = session.snapshot

        def looked() -> Snapshot | None:
            snapshot = look()
            if snapshot is not None:
                self._looked = snapshot.labels
            return snapshot

        session.snapshot = looked  # type: ignore[method-assign]
        self._session = session

    def _all_learned(self) -> bool:
        """Whether every answer was learnt from, and the screen shows it."""
        snapshot = self._snapshot()
        rests = snapshot is not None and snapshot.phase is Phase.WAITING
        return rests and len(self.painted) >= len(self.presses)

    def _close(self) -> None:
        self._look.stop()
        self._pulse.stop()  # closing is another matter: it writes a checkpoint, and there is nothing left to press
        self.window.close()

    def _bring_teacher(self) -> None:
        """Making one holds the window up for a moment, which is not the window's fault."""
        from learning.teachers import make_teacher

        self._teacher = make_teacher("oracle", get_task(self._task_name), SEED)
        self.pulses.clear()
        self.paints.clear()
        self._answer_at = time.perf_counter() + self.every

    def _note_memory(self) -> None:
        minutes = (time.perf_counter() - self._began) / 60.0
        for mark in MEMORY_MINUTES:
            if minutes >= mark and str(mark) not in self.memory:
                self.memory[str(mark)] = round(resident_mib(), 1)
                self.trainer_memory[str(mark)] = round(sum(map(resident_mib, self.processes.pids)), 1)
