"""Measures the window while a simulated teacher answers in it: run by hand, prints one JSON object.

    python tools/under_xvfb.py python -m tests.benchmarks.window --labels 20 --every 3 [--ahead 4]

Waiting is measured from the key press to the moment at which both panes have painted the next pair. Frames are paints
of a pane with a pair on it. Training speed counts the iterations alone, with the window and then, from the same number
of answers, without it.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest

from app.desk import Studio
from app.desktop import WARM_UP_MS, new_application, share_cores
from app.session import NewSession, Session
from app.stopping import StopFlag
from app.teach import Lesson, run_teacher
from app.threads import lingering
from app.trainers import LearningTrainers, Trainer, load_learning
from learning.messages import Choice, Pair, Phase, Snapshot, TrainerState
from sim.registry import get_task
from sim.render import create_renderer
from sim.task import Task
from ui.main_window import MainWindow

TASK, SEED = "hopper-backflip", 100
LOOK_MS = 20
PULSE_MS = 10
"""A timer of the window that should come so often shows how long the window was held up."""
LONGEST_GAP = 1.0
"""Seconds: panes that were not painted for longer showed no pair."""
KEYS = {
    Choice.LEFT: Qt.Key.Key_Left,
    Choice.RIGHT: Qt.Key.Key_Right,
    Choice.EQUAL: Qt.Key.Key_Down,
    Choice.CANNOT_TELL: Qt.Key.Key_S,
}


class TimedTrainers(LearningTrainers):
    """Counts the steps of practice, and the seconds that they took."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self.steps, self.seconds = 0, 0.0

    @property
    def speed(self) -> float:
        """Control steps a second, while it practises."""
        return self.steps / self.seconds if self.seconds else 0.0

    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> Trainer:
        made: Any = super().fresh(task, config, SEED)
        step, before = made.step, 0

        def timed() -> Snapshot:
            nonlocal before
            began = time.perf_counter()
            snapshot: Snapshot = step()
            if snapshot.phase is Phase.PRACTISING:
                self.seconds += time.perf_counter() - began
                self.steps += snapshot.env_steps - before
                before = snapshot.env_steps
            return snapshot

        made.step = timed
        return made

    def restored(self, task: Task, state: TrainerState) -> Trainer:
        raise NotImplementedError("a benchmark begins anew")


class Watcher(QObject):
    """Answers, and notes when what is painted."""

    def __init__(self, window: MainWindow, labels: int, every: float) -> None:
        super().__init__()
        self.window, self.labels, self.every = window, labels, every
        self.opened = time.perf_counter()
        self.first_pair: float | None = None
        self.waits: list[tuple[str, float]] = []
        self.paints: list[tuple[float, bool]] = []
        self.pulses: list[float] = []
        self._teacher: Any = None
        self._pressed: float | None = None
        self._answer_at = 0.0
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._on_look)
        self._pulse = QTimer(self, interval=PULSE_MS)
        self._pulse.setTimerType(Qt.TimerType.PreciseTimer)
        self._pulse.timeout.connect(lambda: self.pulses.append(time.perf_counter()))
        window.teach.player.panes[0].installEventFilter(self)
        window.teach.player.shown.connect(self._on_shown)
        self._look.start()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Paint and self.first_pair is not None and self.window.session is not None:
            snapshot = self.window.session.snapshot()
            self.paints.append((time.perf_counter(), snapshot is not None and snapshot.phase is Phase.PRACTISING))
        return False

    def _on_shown(self, pair: Pair) -> None:
        now = time.perf_counter()
        if self.first_pair is None:
            self.first_pair = now - self.opened
            self._pulse.start()
        elif self._pressed is not None:
            self.waits.append((str(pair.kind), now - self._pressed))
        self._pressed = None
        self._answer_at = now + self.every

    def _on_look(self) -> None:
        window = self.window
        if window.session is None:
            QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Return)
            return
        pair = window.teach.shown_pair
        if pair is None or self._pressed is not None or time.perf_counter() < self._answer_at:
            return
        if len(self.waits) >= self.labels:
            self._look.stop()
            window.close()
            return
        if self._teacher is None:
            self._bring_teacher()
            return
        choice = self._teacher.answer(pair)
        self._pressed = time.perf_counter()
        QTest.keyClick(window.teach, KEYS[choice])

    def _bring_teacher(self) -> None:
        """Making one holds the window up for a moment, which is not the window's fault."""
        from learning.teachers import make_teacher

        self._teacher = make_teacher("oracle", get_task(TASK), SEED)
        self.pulses.clear()
        self.paints.clear()
        self._answer_at = time.perf_counter() + self.every


def measure(labels: int, every: float, config: dict[str, Any], *, alone_too: bool) -> dict[str, Any]:
    """Teaches in the window, then without it."""
    share_cores()
    application = new_application()
    trainers = TimedTrainers(config)
    studio = Studio(trainers)
    renderer = create_renderer()
    window = MainWindow(studio, renderer)
    window.show()
    window.activateWindow()
    watcher = Watcher(window, labels, every)
    warm_up = threading.Thread(target=load_learning, daemon=True)
    QTimer.singleShot(WARM_UP_MS, warm_up.start)
    application.exec()
    studio.close()
    renderer.close()
    while lingering():
        time.sleep(0.05)
    alone = TimedTrainers(config)
    if alone_too:
        teach_alone(labels, alone)
    waits = [seconds for _, seconds in watcher.waits]
    gaps = [(now - before, practising) for (before, _), (now, practising) in itertools.pairwise(watcher.paints)]
    frames = [gap for gap, _ in gaps if gap < LONGEST_GAP]
    busy = [gap for gap, practising in gaps if practising and gap < LONGEST_GAP]
    stalls = [after - before for before, after in itertools.pairwise(watcher.pulses)]
    return {
        "labels": labels,
        "every_s": every,
        "pairs_ahead": trainers.default_config()["pairs_ahead"],
        "first_pair_s": round(watcher.first_pair or float("nan"), 2),
        **{f"answer_to_pair_p{q}_ms": milliseconds(waits, q) for q in (50, 95, 100)},
        **{f"frame_p{q}_ms": milliseconds(frames, q) for q in (50, 95, 99)},
        **{f"busy_frame_p{q}_ms": milliseconds(busy, q) for q in (50, 95, 99)},
        "busy_frames": len(busy),
        "stall_p99_ms": milliseconds(stalls, 99),
        "longest_stall_ms": milliseconds(stalls, 100),
        "steps_per_s_window": round(trainers.speed),
        "steps_per_s_alone": round(alone.speed),
        "training_ratio": round(trainers.speed / alone.speed, 3) if alone_too else None,
        "slow_waits": [(kind, round(1000 * seconds)) for kind, seconds in watcher.waits if seconds > 0.2],
    }


def teach_alone(labels: int, trainers: TimedTrainers) -> None:
    """The same teaching without a window."""
    from learning.teachers import make_teacher

    with (
        tempfile.TemporaryDirectory() as folder,
        StopFlag() as stop,
        Session.create(Path(folder) / "session", NewSession(TASK, SEED, "oracle", labels)) as session,
    ):
        teacher = make_teacher("oracle", session.task, SEED)
        lesson = Lesson("oracle", labels, None, preview=False)
        run_teacher(session, lesson, teacher.answer, stop, trainers, lambda *_: None)


def milliseconds(seconds: list[float], percentile: float) -> float | None:
    return round(1000 * float(np.percentile(seconds, percentile)), 1) if seconds else None


@contextmanager
def own_home() -> Iterator[None]:
    """A temporary home."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["BACKFLIP_HOME"] = home
        yield


def main() -> None:
    """Measures once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--labels", type=int, default=20)
    parser.add_argument("--every", type=float, default=3.0, help="seconds from a pair to its answer")
    parser.add_argument("--ahead", type=int, help="open pairs")
    parser.add_argument("--switch", type=float, help="seconds after which Python changes threads")
    parser.add_argument("--window-only", action="store_true", help="leave out the speed without the window")
    asked = parser.parse_args()
    if asked.switch:
        sys.setswitchinterval(asked.switch)
    with own_home():
        config = {} if asked.ahead is None else {"pairs_ahead": asked.ahead}
        print(json.dumps(measure(asked.labels, asked.every, config, alone_too=not asked.window_only)), flush=True)


if __name__ == "__main__":
    main()
