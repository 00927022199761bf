"""What anyone may read of a running trainer, at any time: newest wins."""

import threading
import time
from collections import deque
from dataclasses import replace

from app.store.journal import metric_row, remeasured
from learning.messages import MeterPoint, Pair, Snapshot
from ui.ports import MetricRow, Resumed, WorkerStatus

RING = 4096
"""Points of the plots kept in memory."""
RATE_SECONDS = 3.0
"""Steps a second are averaged over this."""


class Board:
    """One slot for each thing, under one lock. The trainer's thread writes, every thread may read."""

    def __init__(self, metrics: list[MetricRow], curve: list[MeterPoint]) -> None:
        """`metrics` are the points of the plots so far, oldest first, and `curve` those of the meter."""
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._offered: tuple[Pair, ...] = ()
        self._ring = deque(metrics, maxlen=RING)
        self._curve = {point.version: point for point in curve}
        self._rates: deque[tuple[float, int]] = deque()
        self._status = WorkerStatus.STARTING
        self.waits_for_database = False
        """Whether the trainer's thread has waited for a while for another program that holds the database."""
        self.resumed: Resumed | None = None
        """From where the session goes on; None while there is nothing to say of it."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest snapshot; None before the first."""
        with self._lock:
            return self._snapshot

    @property
    def offered(self) -> tuple[Pair, ...]:
        """The pairs that the trainer waits for, oldest first, answered or not; their clips are on the disk."""
        with self._lock:
            return self._offered

    @property
    def metrics(self) -> list[MetricRow]:
        """The newest points of the plots, oldest first."""
        with self._lock:
            return list(self._ring)

    @property
    def curve(self) -> list[MeterPoint]:
        """Every policy that had a trial, oldest first."""
        with self._lock:
            return list(self._curve.values())

    @property
    def status(self) -> WorkerStatus:
        """What the trainer's thread is doing."""
        with self._lock:
            return self._status

    @property
    def steps_per_second(self) -> float:
        """Control steps a second, over the last few seconds; 0 while nothing moves."""
        with self._lock:
            if len(self._rates) < 2 or time.monotonic() - self._rates[-1][0] > RATE_SECONDS:
                return 0.0
            (began, first), (ended, last) = self._rates[0], self._rates[-1]
        return (last - first) / (ended - began) if ended > began else 0.0

    def put_status(self, status: WorkerStatus) -> bool:
        """Sets the status; returns whether it is another one."""
        with self._lock:
            changed = status is not self._status
            self._status = status
        return changed

    def put_pairs(self, pairs: tuple[Pair, ...]) -> bool:
        """Sets the open pairs; returns whether they are others."""
        with self._lock:
            changed = [pair.id for pair in pairs] != [pair.id for pair in self._offered]
            self._offered = pairs
        return changed

    def put_snapshot(self, snapshot: Snapshot, *, moved: bool, metric: bool) -> None:
        """Sets the newest snapshot; `moved` counts it for the speed, `metric` makes it a point of the plots."""
        now = time.monotonic()
        with self._lock:
            self._snapshot = snapshot
            for point in snapshot.points:
                old = self._curve.get(point.version)
                self._curve[point.version] = point if old is None else remeasured(old, point)
            for version, attempts in snapshot.earlier_attempts:
                if version in self._curve:
                    self._curve[version] = replace(self._curve[version], attempts=attempts)
            if metric:
                self._ring.append(metric_row(snapshot))
            if moved:
                self._rates.append((now, snapshot.env_steps))
                while now - self._rates[0][0] > RATE_SECONDS:
                    self._rates.popleft()

    def restart_speed(self) -> None:
        """Forgets the speed: the steps count from an older state again."""
        with self._lock:
            self._rates.clear()
