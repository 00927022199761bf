"""What pictures really cost to draw on this machine, by their size, as it was measured lately."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from statistics import median, median_low

FIXED_SHARE = 0.45
"""Part of a trial picture's cost that does not depend on its size, until other sizes are measured."""
BUCKETS_AN_OCTAVE = 2
"""Sizes that differ by less than a factor of 2 ** (1 / this) in their pixels are measured together."""
REMEMBERED = 16
"""So many pictures of a size say what one costs:"""
LEAST = 4
"""no fewer than these, by their median, since a few are held up by other work,"""
REMEMBERED_SECONDS = 40.0
"""and by none that is older than this: the machine may have been busy then."""


class DrawingCosts:
    """Seconds a picture by its pixels. All methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Knows nothing yet, and takes every picture for free.

        Args:
            clock: seconds that never go back.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._trial: tuple[int, float] | None = None
        self._known: dict[int, deque[tuple[float, int, float]]] = {}

    def begin(self, pixels: int, seconds: float) -> None:
        """Takes over what trial pictures of a size cost."""
        with self._lock:
            self._trial = pixels, seconds

    def note(self, pixels: int, seconds: float) -> None:
        """Remembers what a picture cost."""
        bucket = round(math.log2(max(1, pixels)) * BUCKETS_AN_OCTAVE)
        with self._lock:
            known = self._known.setdefault(bucket, deque(maxlen=REMEMBERED))
            known.append((self._clock(), pixels, seconds))

    def seconds(self, pixels: int) -> float:
        """What a picture of so many pixels is likely to cost; 0 while nothing is known."""
        points = self._points()
        if not points:
            return 0.0
        if len(points) == 1:
            (known, cost), *_ = points
            return cost * (FIXED_SHARE + (1.0 - FIXED_SHARE) * pixels / known)
        # between two sizes on the line through both, beyond them on the line through the outermost ones
        inner = [number for number in range(1, len(points)) if pixels <= points[number][0]]
        low, high = (points[inner[0] - 1], points[inner[0]]) if inner else (points[0], points[-1])
        slope = max(0.0, (high[1] - low[1]) / (high[0] - low[0]))
        start = low if inner else high
        return max(0.0, start[1] + slope * (pixels - start[0]))

    def _points(self) -> list[tuple[int, float]]:
        """Sizes in pixels and what they cost in seconds, smallest first."""
        now = self._clock()
        with self._lock:
            found = [] if self._trial is None else [self._trial]
            for known in self._known.values():
                recent = [(pixels, cost) for at, pixels, cost in known if now - at <= REMEMBERED_SECONDS]
                if len(recent) >= LEAST:
                    costs = [cost for _, cost in recent]
                    found.append((median_low([pixels for pixels, _ in recent]), median(costs)))
        return sorted(dict(found).items())
