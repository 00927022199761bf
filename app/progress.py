"""The progress of a run without a window, on stderr."""

import sys
import time
from typing import Protocol

from learning.messages import Snapshot

WIDTH = 24
"""Characters of the bar."""
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


class _Line:
    """One line that is drawn again and again, not too often."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._drawn_at = time.monotonic()
        self._last = ""

    def draw(self, text: str, now: float) -> None:
        """Draws it, unless it was drawn just now."""
        self._last = text
        if now - self._drawn_at >= (TTY_SECONDS if self._on_terminal else LINE_SECONDS):
            self._drawn_at = now
            _write(self._on_terminal, text)

    def end(self) -> None:
        """Draws the last state and ends the line."""
        if self._last:
            _write(self._on_terminal, self._last)
        if self._on_terminal:
            sys.stderr.write("\n")


class ProgressBar(_Line):
    """Labels, steps a second, learned reward and time left, on one line."""

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
        self.draw(self._line(snapshot, steps_per_second, now), now)

    def _line(self, snapshot: Snapshot, steps_per_second: float, now: float) -> str:
        share = min(snapshot.labels / self._labels, 1.0)
        bar = "#" * round(share * WIDTH)
        done = snapshot.labels - (self._first or 0)
        left = "--:--"
        if done > 0:
            seconds = int((now - self._began) / done * max(self._labels - snapshot.labels, 0))
            left = f"{seconds // 60}:{seconds % 60:02d}"
        return (
            f"[{bar:.<{WIDTH}}] {snapshot.labels}/{self._labels} labels, {steps_per_second / THOUSAND:.1f} k steps/s, "
            f"learned reward {snapshot.learned_reward:.2f}, {left} left"
        )


class TimeBar(_Line):
    """The teacher's time, labels and learned reward, on one line."""

    def __init__(self, seconds: float) -> None:
        """`seconds` of the teacher's time is where the bar ends."""
        super().__init__()
        self._seconds = seconds

    def show(self, snapshot: Snapshot, seconds: float) -> None:
        """Draws the bar after `seconds` of the teacher's time, unless it was drawn just now."""
        bar = "#" * round(min(seconds / self._seconds, 1.0) * WIDTH)
        text = (
            f"[{bar:.<{WIDTH}}] {seconds / 60:.1f}/{self._seconds / 60:g} min, {snapshot.labels} labels, "
            f"{snapshot.presses} of them presses, learned reward {snapshot.learned_reward:.2f}"
        )
        self.draw(text, time.monotonic())


class Countdown:
    """How many of something are done, on one line."""

    def __init__(self, what: str) -> None:
        """`what` is counted, in the plural."""
        self._what = what
        self._on_terminal = sys.stderr.isatty()
        self._drawn_at = time.monotonic()

    def show(self, done: int, total: int) -> None:
        """Draws the line, unless it was drawn just now."""
        now = time.monotonic()
        if now - self._drawn_at >= (TTY_SECONDS if self._on_terminal else LINE_SECONDS):
            self._drawn_at = now
            _write(self._on_terminal, f"{done}/{total} {self._what}")

    def end(self) -> None:
        """Ends the line."""
        if self._on_terminal:
            sys.stderr.write("\n")


def _write(on_terminal: bool, line: str) -> None:
    sys.stderr.write(f"\r\x1b[K{line}" if on_terminal else f"{line}\n")
    sys.stderr.flush()
