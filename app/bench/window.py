"""Measures the window while a simulated teacher answers in it, by key presses, and the same teaching without a window.

Waiting is measured from the key press to the moment at which both panes have painted the next pair. Frames are paints
of a pane with a pair on it. Training speed counts the iterations alone, with the window, and before and after that
without it, from the same number of answers. The window runs in a process of its own, so that its start is a start.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.bench.scratch import teach_in_scratch
from app.doctor import display
from app.errors import UsageError
from app.plain_json import to_json
from app.trainer_process import ProcessTrainers
from app.trainers import LearningTrainers, Trainer, Trainers
from learning.messages import Phase, Snapshot, TrainerState
from sim.errors import UserError
from sim.registry import get_task
from sim.task import Task

if TYPE_CHECKING:
    from app.bench.window_watcher import Watcher
    from ui.main_window import MainWindow

SEED = 100
LOOK_MS = 50
PULSE_MS = 20
"""A timer of the window that should come so often shows how long the window was held up."""
LONGEST_GAP = 1.0
"""Seconds: panes that were not painted for longer showed no pair."""
MEMORY_MINUTES = (1, 10, 30, 60)
PATIENCE = 120.0
"""Seconds after which a window that shows no pair will not."""
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class WindowReport:
    """What was measured; the fields of `--json`. Times are of the window's process."""

    task: str
    labels: int
    start_s: float
    """From the start of the process to the first painted window."""
    first_pair_s: float
    """From the first painted window to a pair on both panes; Home is left by a key as soon as it can be."""
    answer_to_pair_p50_ms: float | None
    answer_to_pair_p95_ms: float | None
    frame_p50_ms: float | None
    frame_p95_ms: float | None
    frame_p99_ms: float | None
    training_frame_p99_ms: float | None
    """The same while it practises."""
    longest_stall_ms: float | None
    """The longest time for which the window's thread did nothing, beyond what was asked for."""
    steps_per_s_window: float
    steps_per_s_alone: float
    training_ratio: float
    label_to_learned_p50_s: float | None
    label_to_learned_p95_s: float | None
    """From the key press to the first snapshot that counts the answer: practice that earlier answers paid for comes
    first, and one iteration with the new reward."""
    label_to_screen_p50_s: float | None
    label_to_screen_p95_s: float | None
    """From the key press to the paint of the Teach screen that shows that snapshot."""
    memory_mib: dict[str, float]
    """Of the window's process, by minutes of running."""
    trainer_memory_mib: dict[str, float]
    """Of the trainer's."""


class WindowError(UserError):
    """The window did not show what is measured."""


def bench_window(task_name: str, labels: int, every: float, minutes: float) -> WindowReport:
    """Teaches without a window, in one, and without it again.

    Args:
        task_name: what is taught.
        labels: answers, at least.
        every: seconds from a pair on the screen to its answer.
        minutes: how long the window stays open, at least.

    Raises:
        UsageError: there is no display.
        WindowError: the window showed no pair.
    """
    get_task(task_name)
    found = display()
    if not found.good:
        raise UsageError(f"No window can be opened, {found.found}: `bench window` needs a display.")
    alone = TimedTrainers(LearningTrainers())
    # before and after: a machine that others use too is not equally fast from minute to minute
    teach_in_scratch(task_name, SEED, labels, alone, lambda *_: None)
    seen = watch_window(task_name, labels, every, minutes)
    teach_in_scratch(task_name, SEED, labels, alone, lambda *_: None)
    ratio = seen["steps_per_s_window"] / alone.speed if alone.speed else float("nan")
    return WindowReport(
        task=task_name, steps_per_s_alone=round(alone.speed), training_ratio=round(ratio, 3), **seen
    )  # fmt: skip


def watch_window(task_name: str, labels: int, every: float, minutes: float) -> dict[str, Any]:
    """Teaches in a window, in a process of its own with a home of its own.

    Args:
        task_name: what is taught.
        labels: answers, at least.
        every: seconds from a pair on the screen to its answer.
        minutes: how long the window stays open, at least.

    Returns:
        The fields of `WindowReport` that the window's process knows.

    Raises:
        WindowError: the window showed no pair.
    """
    with tempfile.TemporaryDirectory(prefix="backflip-bench-", ignore_cleanup_errors=True) as home:
        variables = {**os.environ, "BACKFLIP_HOME": home}
        asked = [task_name, str(labels), str(every), str(minutes), str(time.time())]
        # in a session of its own: Ctrl-C is for this process, which then ends that one
        done = subprocess.run(
            [sys.executable, "-m", "app.bench.window", *asked], env=variables, stdout=subprocess.PIPE, text=True,
            check=True, start_new_session=True,
        )  # fmt: skip
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if not seen:
        raise WindowError(f"The window showed no new pair of '{task_name}' in {PATIENCE:.0f} s: see `backflip doctor`.")
    return seen


def as_markdown(report: WindowReport) -> str:
    """One row a figure."""
    rows = [f"| {name} | {value} |" for name, value in asdict(report).items()]
    return "\n".join(["| measured | |", "|---|---|", *rows]) + "\n"


class TimedTrainers:
    """Counts the steps of practice of the trainers that `inner` makes, and the seconds that they took."""

    def __init__(self, inner: Trainers) -> None:
        self._inner = inner
        self.steps, self.seconds = 0, 0.0
        self.learned: list[float] = []
        """`time.perf_counter()` of the first snapshot that counts one label, two labels, and so on."""

    @property
    def speed(self) -> float:
        """Control steps a second, while it practises."""
        return self.steps / self.seconds if self.seconds else 0.0

    def default_config(self, task: Task | None = None) -> dict[str, Any]:
        """The inner trainers'."""
        return self._inner.default_config(task)

    def refusal(self, config: dict[str, Any]) -> str | None:
        """The inner trainers'."""
        return self._inner.refusal(config)

    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> Trainer:  # noqa: ARG002 - its own
        """A trainer that is timed."""
        made = self._inner.fresh(task, config, SEED)  # the same seed with the window and without
        step, before = made.step, 0

        def timed() -> Snapshot:
            nonlocal before
            began = time.perf_counter()
            snapshot: Snapshot = step()
            self.learned += [time.perf_counter()] * (snapshot.labels - len(self.learned))
            if snapshot.phase is Phase.PRACTISING:
                self.seconds += time.perf_counter() - began
                self.steps += snapshot.env_steps - before
                before = snapshot.env_steps
            return snapshot

        made.step = timed  # type: ignore[method-assign]
        return made

    def restored(self, task: Task, state: TrainerState) -> Trainer:
        """Never asked for."""
        raise NotImplementedError("a benchmark begins anew")


def show_window(task_name: str, labels: int, every: float, minutes: float, process_began: float) -> dict[str, Any]:
    """Teaches in the window, as it opens for everyone; runs in a process of its own. Empty if it showed no pair."""
    from app.desktop import open_window

    processes = ProcessTrainers(LearningTrainers())
    timed = TimedTrainers(processes)
    watchers: list[Watcher] = []

    def watch(window: "MainWindow") -> None:
        from app.bench.window_watcher import Watcher

        window.activateWindow()
        watchers.append(Watcher(window, processes, task_name, labels, every, minutes))

    open_window(processes, timed, watch)
    watcher = watchers[0]
    if watcher.stuck:
        return {}
    gaps = [(now - before, training) for (before, _), (now, training) in itertools.pairwise(watcher.paints)]
    frames = [gap for gap, _ in gaps if gap < LONGEST_GAP]
    busy = [gap for gap, training in gaps if training and gap < LONGEST_GAP]
    stalls = [after - before - PULSE_MS / 1000 for before, after in itertools.pairwise(watcher.pulses)]
    learned = [after - pressed for pressed, after in zip(watcher.presses, timed.learned, strict=False)]
    painted = [after - pressed for pressed, after in zip(watcher.presses, watcher.painted, strict=False)]
    nan = float("nan")
    return {
        "labels": len(watcher.waits),
        "start_s": round((watcher.first_paint or nan) - process_began, 2),
        "first_pair_s": round((watcher.first_pair or nan) - (watcher.first_paint or nan), 2),
        "answer_to_pair_p50_ms": milliseconds(watcher.waits, 50),
        "answer_to_pair_p95_ms": milliseconds(watcher.waits, 95),
        "frame_p50_ms": milliseconds(frames, 50),
        "frame_p95_ms": milliseconds(frames, 95),
        "frame_p99_ms": milliseconds(frames, 99),
        "training_frame_p99_ms": milliseconds(busy, 99),
        "longest_stall_ms": milliseconds(stalls, 100),
        "steps_per_s_window": round(timed.speed),
        "label_to_learned_p50_s": seconds(learned, 50),
        "label_to_learned_p95_s": seconds(learned, 95),
        "label_to_screen_p50_s": seconds(painted, 50),
        "label_to_screen_p95_s": seconds(painted, 95),
        "memory_mib": watcher.memory,
        "trainer_memory_mib": watcher.trainer_memory,
    }


def seconds(found: list[float], percentile: float) -> float | None:
    """A percentile of seconds; None of nothing."""
    return round(float(np.percentile(found, percentile)), 3) if found else None


def milliseconds(found: list[float], percentile: float) -> float | None:
    """A percentile of seconds, in milliseconds; None of nothing."""
    return round(1000 * float(np.percentile(found, percentile)), 1) if found else None


def resident_mib(process: int | str = "self") -> float:
    """Memory of a process, by its number, that is in the machine's own; 0 where the system does not say."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0.0
    return int(pages) * PAGE / 2**20


if __name__ == "__main__":
    task_asked, labels_asked, every_asked, minutes_asked, began = sys.argv[1:]
    found = show_window(task_asked, int(labels_asked), float(every_asked), float(minutes_asked), float(began))
    print(to_json(found), flush=True)
    from app.desktop import leave_if_stuck

    leave_if_stuck(0)
