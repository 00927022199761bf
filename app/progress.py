"""The progress of a run without a window, on stderr."""

import contextlib
import os
import shutil
import sys
import threading
import time
from typing import Protocol

from tqdm import tqdm

from learning.messages import Snapshot

WIDTH = 24
"""Characters of the bar in a file or pipe."""
DONE, LEFT = "#", "."
"""What the bar is made of."""
USUAL_COLUMNS = 80
"""Of a terminal that does not say how wide it is."""
ROWS = 20
"""Told to tqdm, which draws nothing on a terminal that has no rows by its own account."""
TTY_SECONDS = 0.2
"""Between two pictures of the bar on a terminal."""
LINE_SECONDS = 10.0
"""Between two lines in a file or pipe."""
THOUSAND = 1000


class Progress(Protocol):
    """Who is told how far teaching has come."""

    def show(self, snapshot: Snapshot, steps_per_second: float) -> None:
        """After each turn of the trainer."""
        ...

    def end(self) -> None:
        """Teaching is over, or was stopped."""
        ...


def columns() -> int:
    """How wide a line can be on the terminal that stderr is now, without going on in the next one."""
    told = []
    with contextlib.suppress(OSError, ValueError):
        told.append(os.get_terminal_size(sys.stderr.fileno()).columns)
    if os.environ.get("COLUMNS", "").isdecimal():
        told.append(shutil.get_terminal_size().columns)
    return max(1, min((each for each in told if each > 0), default=USUAL_COLUMNS) - 1)


class _Bar(tqdm):  # type: ignore[misc]
    """Tqdm without its thread, which is for loops that stand still."""

    monitor_interval = 0


_Bar.set_lock(threading.RLock())  # one thread draws: tqdm's own lock would take a semaphore of the system


class _Line:
    """One line that is drawn again and again, not too often: a bar with words before and after it."""

    bar_in_file = True
    """Whether lines in a file or pipe have a bar too."""

    def __init__(self) -> None:
        """Starts the clock; nothing is drawn yet."""
        self._on_terminal = sys.stderr.isatty()
        self._drawn_at = time.monotonic()
        self._last: tuple[float, str, str] | None = None
        self._bar: _Bar | None = None

    def draw(self, share: float, head: str, tail: str, now: float) -> None:
        """Draws it, unless it was drawn just now.

        Args:
            share: what is done, from 0 to 1.
            head: the most important words; those that a narrow terminal shows.
            tail: what comes after the bar.
            now: `time.monotonic()`.
        """
        self._last = min(share, 1.0), head, tail
        if now - self._drawn_at >= (TTY_SECONDS if self._on_terminal else LINE_SECONDS):
            self._drawn_at = now
            self._write(*self._last)

    def end(self) -> None:
        """Draws the last state and ends the line."""
        if self._last is not None:
            self._write(*self._last)
        self._last = None
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _write(self, share: float, head: str, tail: str) -> None:
        if not self._on_terminal:
            bar = f"[{DONE * round(share * WIDTH):{LEFT}<{WIDTH}}] " if self.bar_in_file else ""
            print(f"{bar}{head}{tail}", file=sys.stderr, flush=True)
            return
        wide, form = columns(), f"{head} [{{bar}}]{tail}"
        if self._bar is None:
            self._bar = _Bar(
                initial=share,
                total=1.0,
                ncols=wide,
                nrows=ROWS,
                bar_format=form,
                ascii=LEFT + DONE,
                file=sys.stderr,
                disable=False,
            )  # it draws itself
            return
        if wide != self._bar.ncols:
            self._bar.sp = _Bar.status_printer(sys.stderr)  # the old one wipes as far as the terminal was wide
        self._bar.ncols, self._bar.bar_format, self._bar.n = wide, form, share
        self._bar.refresh()


class ProgressBar(_Line):
    """Labels, time left, steps a second and learned reward, on one line."""

    def __init__(self, labels: int) -> None:
        """Starts the clock; `labels` is where the bar ends."""
        super().__init__()
        self._labels = labels
        self._began = self._drawn_at
        self._first: int | None = None

    def show(self, snapshot: Snapshot, steps_per_second: float) -> None:
        """Draws the bar, unless it was drawn just now."""
        if self._first is None:
            self._first = snapshot.labels
        now = time.monotonic()
        done = snapshot.labels - self._first
        left = "--:--"
        if done > 0:
            seconds = int((now - self._began) / done * max(self._labels - snapshot.labels, 0))
            left = f"{seconds // 60}:{seconds % 60:02d}"
        head = f"{snapshot.labels}/{self._labels} labels, {left} left"
        tail = f", {steps_per_second / THOUSAND:.1f} k steps/s, learned reward {snapshot.learned_reward:.2f}"
        self.draw(snapshot.labels / self._labels, head, tail, now)


class TimeBar(_Line):
    """The teacher's time, labels and learned reward, on one line."""

    def __init__(self, seconds: float) -> None:
        """`seconds` of the teacher's time is where the bar ends."""
        super().__init__()
        self._seconds = seconds

    def show(self, snapshot: Snapshot, seconds: float) -> None:
        """Draws the bar after `seconds` of the teacher's time, unless it was drawn just now."""
        head = f"{seconds / 60:.1f}/{self._seconds / 60:g} min, {snapshot.labels} labels"
        tail = f", {snapshot.presses} of them presses, learned reward {snapshot.learned_reward:.2f}"
        self.draw(seconds / self._seconds, head, tail, time.monotonic())


class Countdown(_Line):
    """How many of something are done, on one line."""

    bar_in_file = False

    def __init__(self, what: str) -> None:
        """`what` is counted, in the plural."""
        super().__init__()
        self._what = what

    def show(self, done: int, total: int) -> None:
        """Draws the line, unless it was drawn just now."""
        self.draw(done / max(total, 1), f"{done}/{total} {self._what}", "", time.monotonic())

    def end(self) -> None:
        """Ends the line; what was over sooner than a line was due says nothing in a file."""
        if not self._on_terminal:
            self._last = None
        super().end()
